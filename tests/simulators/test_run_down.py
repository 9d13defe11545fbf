"""A load that runs a battery down and charges it again."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from simulators.battery import SimulatedBattery
from simulators.run_down import TURN, RunDown

LOWEST, HIGHEST = 10.0, 30.0
DISCHARGE, CHARGE = 9.0, 3.0


@pytest.fixture
def battery() -> SimulatedBattery:
    return SimulatedBattery(4, 1.0, state_of_charge=20.0, spread=0.0)


@pytest.fixture
def load(battery: SimulatedBattery) -> RunDown:
    load = RunDown(battery, DISCHARGE, CHARGE, LOWEST, HIGHEST)
    battery.load = load
    return load


@dataclass
class Gauge:
    """Says what it is told to say."""

    state_of_charge: float


def turns(battery: SimulatedBattery, count: int) -> list[float]:
    """Let time pass until the current has changed its sign so often; return the states of charge then."""
    found: list[float] = []
    before = battery.current
    while len(found) < count:
        battery.advance(0.5)
        if battery.current * before < 0:
            found.append(battery.state_of_charge)
        before = battery.current or before
    return found


def test_nothing_flows_before_it_begins(battery: SimulatedBattery, load: RunDown) -> None:
    battery.advance(600)
    assert battery.current == 0
    assert battery.state_of_charge == pytest.approx(20.0)


def test_it_turns_at_both_ends_again_and_again(battery: SimulatedBattery, load: RunDown) -> None:
    load.begin()
    found = turns(battery, 20)
    assert found[::2] == pytest.approx([LOWEST] * 10, abs=1.0)
    assert found[1::2] == pytest.approx([HIGHEST] * 10, abs=1.0)


def test_it_discharges_and_charges_with_the_currents_named(battery: SimulatedBattery, load: RunDown) -> None:
    load.begin()
    battery.advance(2 * TURN)
    assert battery.current == -DISCHARGE
    turns(battery, 1)
    battery.advance(TURN)
    assert battery.current == CHARGE


def test_a_battery_below_its_lowest_is_charged_first(battery: SimulatedBattery, load: RunDown) -> None:
    battery.set_state_of_charge(LOWEST / 2)
    load.begin()
    battery.advance(2 * TURN)
    assert battery.current == CHARGE


def test_the_current_turns_without_a_step(battery: SimulatedBattery, load: RunDown) -> None:
    load.begin()
    currents = []
    for _ in range(3000):
        battery.advance(0.1)
        currents.append(battery.current)
    most = max(abs(after - before) for before, after in pairwise(currents))
    assert min(currents) == -DISCHARGE
    assert max(currents) == CHARGE
    # A little more than 0.1 s of the way, for steps of time are not exact.
    assert most < 0.25 / TURN * (DISCHARGE + CHARGE)


def test_it_goes_by_the_gauge_that_it_is_given(battery: SimulatedBattery) -> None:
    gauge = Gauge(20.0)
    battery.load = load = RunDown(gauge, DISCHARGE, CHARGE, LOWEST, HIGHEST)
    load.begin()
    battery.advance(10)
    assert battery.current < 0
    gauge.state_of_charge = LOWEST
    battery.advance(10)
    assert battery.current > 0
    gauge.state_of_charge = (LOWEST + HIGHEST) / 2
    battery.advance(10)
    assert battery.current > 0
    gauge.state_of_charge = HIGHEST
    battery.advance(10)
    assert battery.current < 0


def test_it_waits_while_its_battery_may_not_be_charged(battery: SimulatedBattery, load: RunDown) -> None:
    battery.set_state_of_charge(LOWEST)
    battery.charge_allowed = False
    load.begin()
    battery.advance(600)
    assert battery.current == 0
    battery.charge_allowed = True
    battery.advance(10)
    assert battery.current == CHARGE
