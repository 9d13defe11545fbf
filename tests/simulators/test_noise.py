"""Noise is in what is measured, not in what happens."""

from statistics import pstdev

import pytest

from simulators.battery import SimulatedBattery
from simulators.load import Constant
from simulators.noise import NoisyBattery


def noisy(**options: float) -> NoisyBattery:
    noise = {"cell_noise": 0.0, "current_noise": 0.0} | options
    return NoisyBattery(4, 100.0, load=Constant(-10.0), seed=3, **noise)


def test_every_measurement_has_its_noise_and_the_truth_has_none() -> None:
    battery = noisy(cell_noise=0.001, current_noise=0.1)
    quiet = SimulatedBattery(4, 100.0, load=Constant(-10.0), seed=3)
    currents, cells, packs = [], [], []
    for _ in range(2000):
        battery.advance(1.0)
        quiet.advance(1.0)
        currents.append(battery.current - quiet.current)
        cells.append(battery.sensed_cell_voltages[2] - quiet.sensed_cell_voltages[2])
        packs.append(battery.terminal_voltage - quiet.terminal_voltage)
    assert pstdev(currents) == pytest.approx(0.1, rel=0.1)
    assert pstdev(cells) == pytest.approx(0.001, rel=0.1)
    assert pstdev(packs) == pytest.approx(0.002, rel=0.1)
    assert battery.cell_voltages == quiet.cell_voltages
    assert battery.charge_out == quiet.charge_out


def test_what_is_measured_at_one_moment_stays_the_same() -> None:
    battery = noisy(cell_noise=0.001, current_noise=0.1)
    battery.advance(1.0)
    assert battery.sensed_cell_voltages == battery.sensed_cell_voltages
    assert battery.terminal_voltage == pytest.approx(sum(battery.sensed_cell_voltages))


def test_a_broken_sense_wire_shows_nothing_and_no_noise() -> None:
    battery = noisy(cell_noise=0.001)
    battery.open_wire(2)
    battery.advance(1.0)
    assert battery.sensed_cell_voltages[1] == 0.0
