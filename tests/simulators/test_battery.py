"""The physical battery."""

from dataclasses import replace
from itertools import pairwise

import pytest

from simulators.battery import FixedBattery, SimulatedBattery
from simulators.chemistry import CHEMISTRIES, LEAD_ACID, LIFEPO4, Chemistry
from simulators.load import Constant, Cycle, household

# Nominal and full-charge voltage of a cell, and the voltage where it counts as empty, by common data sheets.
DATA_SHEETS = {
    "lifepo4": (3.2, 3.45, 2.8),
    "li_ion": (3.6, 4.20, 3.0),
    "lipo": (3.7, 4.20, 3.3),
    "lead_acid": (2.0, 2.15, 1.95),
    "lto": (2.3, 2.70, 1.8),
    "sodium_ion": (3.1, 3.95, 2.0),
}


@pytest.mark.parametrize("chemistry", CHEMISTRIES.values(), ids=list(CHEMISTRIES))
def test_curves_rise_from_empty_to_full(chemistry: Chemistry) -> None:
    voltages = [chemistry.open_circuit_voltage(percent / 100) for percent in range(-10, 115)]
    assert all(low < high or low == high == 0 for low, high in pairwise(voltages))


@pytest.mark.parametrize("chemistry", CHEMISTRIES.values(), ids=list(CHEMISTRIES))
def test_curves_fit_data_sheets(chemistry: Chemistry) -> None:
    nominal, full, empty = DATA_SHEETS[chemistry.name]
    assert chemistry.open_circuit_voltage(0.5) == pytest.approx(nominal, abs=0.15)
    assert chemistry.open_circuit_voltage(1.0) == pytest.approx(full, abs=0.06)
    assert chemistry.open_circuit_voltage(0.02) < empty + 0.2


def test_a_lifepo4_plateau_is_flat() -> None:
    assert LIFEPO4.open_circuit_voltage(0.9) - LIFEPO4.open_circuit_voltage(0.3) < 0.1


def test_charge_put_in_is_charge_that_is_there() -> None:
    battery = SimulatedBattery(4, 4.0, state_of_charge=20.0, load=Constant(2.0), spread=0)
    battery.advance(3600)
    assert battery.charge_in == pytest.approx(2.0)
    assert battery.remaining_capacity == pytest.approx(0.8 + 2.0 * LIFEPO4.charge_efficiency)


def test_charge_taken_out_is_charge_that_is_gone() -> None:
    battery = SimulatedBattery(4, 4.0, state_of_charge=80.0, load=Constant(-2.0), spread=0)
    battery.advance(1800)
    assert battery.charge_out == pytest.approx(1.0)
    assert battery.remaining_capacity == pytest.approx(2.2)
    assert battery.energy_out == pytest.approx(13.1, abs=0.3)


def test_lead_acid_loses_an_eighth_of_its_charge() -> None:
    battery = SimulatedBattery(
        6, 4.0, chemistry=LEAD_ACID, state_of_charge=20.0, load=Constant(1.0), spread=0
    )
    battery.advance(3600)
    assert battery.remaining_capacity == pytest.approx(0.8 + 0.88)


@pytest.mark.parametrize("step", [0.05, 0.7, 13.0, 300.0])
def test_the_size_of_the_steps_does_not_matter(step: float) -> None:
    battery, reference = (SimulatedBattery(4, 3.0, load=household(3.0, 13.8)) for _ in range(2))
    for _ in range(round(300 / step)):
        battery.advance(step)
    reference.advance(battery.time)
    assert battery.cell_voltages == pytest.approx(reference.cell_voltages, abs=1e-4)
    assert battery.charge_out == pytest.approx(reference.charge_out)
    assert battery.cells[0].temperature == pytest.approx(reference.cells[0].temperature, abs=1e-3)


def test_a_step_of_current_shows_the_series_resistance_at_once() -> None:
    battery = SimulatedBattery(16, 4.0)
    rest = battery.terminal_voltage
    battery.load = Constant(-4.0)
    assert (rest - battery.terminal_voltage) / 4.0 == pytest.approx(battery.resistance)
    assert battery.resistance == pytest.approx(16 * 0.01, rel=0.1)


def test_the_resistance_grows_with_the_time_it_is_seen_over() -> None:
    battery = SimulatedBattery(4, 4.0, spread=0, chemistry=replace(LIFEPO4, hysteresis=0.0))
    rest = battery.terminal_voltage
    battery.load = Constant(-4.0)
    battery.advance(30)
    settled = sum(LIFEPO4.open_circuit_voltage(cell.charge / cell.capacity) for cell in battery.cells)
    assert rest - settled < 0.01
    assert (settled - battery.terminal_voltage) / 4.0 == pytest.approx(battery.resistance_after(30), rel=0.01)


def test_the_voltage_relaxes_for_tens_of_minutes_after_a_load() -> None:
    battery = SimulatedBattery(4, 4.0, load=Constant(-4.0), spread=0)
    battery.advance(600)
    battery.load = Constant(0.0)
    voltages = [battery.terminal_voltage]
    for _ in range(3):
        battery.advance(600)
        voltages.append(battery.terminal_voltage)
    rises = [later - earlier for earlier, later in pairwise(voltages)]
    assert rises[0] > 2 * rises[1] > 0.002
    assert rises[2] > 0.001


def test_the_resting_voltage_remembers_the_way_it_came() -> None:
    emptied = SimulatedBattery(1, 4.0, state_of_charge=60.0, load=Constant(-4.0), spread=0)
    filled = SimulatedBattery(1, 4.0, state_of_charge=40.0, load=Constant(4.0), spread=0)
    emptied.advance(360)
    filled.advance(360)
    for battery in (emptied, filled):
        battery.set_state_of_charge(50.0)
        battery.load = Constant(0.0)
        battery.advance(2 * 3600)
    difference = filled.terminal_voltage - emptied.terminal_voltage
    assert difference == pytest.approx(2 * LIFEPO4.hysteresis, rel=0.1)


def test_cells_warm_up_under_load_and_cool_down_again() -> None:
    battery = SimulatedBattery(4, 3.0, load=Constant(-9.0), ambient=20.0)
    battery.advance(300)
    warm = battery.temperatures(3)
    assert 20.5 < warm[1] < 30
    assert warm[0] > 30
    battery.load = Constant(0.0)
    battery.advance(7200)
    assert battery.temperatures(3) == pytest.approx((20.0, 20.0, 20.0), abs=0.1)


@pytest.mark.parametrize("sensors", [0, 1, 2, 4])
def test_there_are_as_many_temperatures_as_sensors(sensors: int) -> None:
    assert len(SimulatedBattery(4).temperatures(sensors)) == sensors


def test_a_charger_holds_its_voltage_and_the_current_tapers() -> None:
    battery = SimulatedBattery(
        4, 4.0, state_of_charge=95.0, load=Constant(2.0, charge_voltage=13.8), spread=0
    )
    currents = []
    for _ in range(6):
        battery.advance(600)
        currents.append(battery.current)
        assert battery.terminal_voltage <= 13.8 + 1e-6
    assert currents == sorted(currents, reverse=True)
    assert currents[-1] < 0.1
    assert battery.state_of_charge < 101


def test_mosfets_stop_one_direction_only() -> None:
    battery = SimulatedBattery(4, 4.0, load=Cycle(((10.0, -2.0), (10.0, 1.0))))
    battery.discharge_allowed = False
    assert battery.current == 0
    battery.advance(12)
    assert battery.current == 1.0
    battery.discharge_allowed, battery.charge_allowed = True, False
    assert battery.current == 0
    battery.advance(9)
    assert battery.current == -2.0


def test_bleeding_takes_charge_out_of_that_cell_alone() -> None:
    battery = SimulatedBattery(4, 4.0, spread=0)
    before = battery.cells[2].charge
    battery.bleed([3])
    battery.advance(3600)
    charges = [cell.charge for cell in battery.cells]
    assert before - charges[2] == pytest.approx(3.29 / 33, rel=0.02)
    assert charges[0] == charges[1] == charges[3] == before
    assert battery.charge_out == 0


def test_a_leak_is_seen_by_no_current_sensor() -> None:
    battery = SimulatedBattery(2, 4.0, spread=0)
    battery.cells[1].leak = 0.05
    battery.advance(3600)
    assert battery.cells[0].charge - battery.cells[1].charge == pytest.approx(0.05)
    assert battery.current == 0


def test_a_broken_sense_wire_reads_zero_and_leaves_the_string_whole() -> None:
    battery = SimulatedBattery(4)
    whole = battery.terminal_voltage
    battery.open_wire(3)
    assert battery.sensed_cell_voltages[2] == 0
    assert battery.cell_voltages[2] > 3
    assert battery.terminal_voltage == whole
    battery.open_wire(3, broken=False)
    assert battery.sensed_cell_voltages == battery.cell_voltages


def test_the_state_of_charge_of_a_string_is_that_of_its_weakest_cells() -> None:
    battery = SimulatedBattery(2, 100.0, spread=0)
    battery.cells[0].charge, battery.cells[1].charge = 50.0, 60.0
    assert battery.remaining_capacity == 50
    assert battery.full_capacity == 90


def test_the_seed_decides_the_spread() -> None:
    first, same, other = (SimulatedBattery(4, seed=seed).cell_voltages for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_nothing_happens_to_a_frozen_battery() -> None:
    battery = SimulatedBattery(4, load=Constant(-4.0))
    battery.frozen = True
    before = battery.cell_voltages
    battery.advance(3600)
    assert battery.cell_voltages == before


def test_a_cycle_repeats() -> None:
    cycle = Cycle(((10.0, -2.0), (5.0, 0.0), (20.0, 1.0)))
    assert [cycle.current(time) for time in (0, 9.9, 10, 15, 34.9, 35, 50)] == [-2, -2, 0, 1, 1, -2, 1]
    assert cycle.until_change(12) == 3
    assert cycle.until_change(35) == 10


@pytest.mark.parametrize("seed", range(5))
def test_a_household_gets_a_tenth_more_than_it_uses(seed: int) -> None:
    steps = household(4.0, 55.2, seed).steps
    used = -sum(duration * current for duration, current in steps if current < 0)
    given = sum(duration * current for duration, current in steps if current > 0)
    assert given == pytest.approx(1.1 * used, rel=0.01)
    assert 300 < household(4.0, 55.2, seed).duration < 420


def test_a_fixed_battery_obeys_the_mosfets() -> None:
    battery = FixedBattery((3.3, 3.3), demand=-1.5)
    battery.discharge_allowed = False
    assert battery.current == 0
    assert battery.terminal_voltage == pytest.approx(6.6)
