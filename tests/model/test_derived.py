"""What can be worked out of what a battery offers."""

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.derived import derived
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.levels import Kind

from .folding import Limits, settings

PLAIN = BatterySettings()
BY_CURRENT = {"charge"}
BY_BOTH = {"charge", "energy", "internal_resistance", "resting_voltage"}
BY_CAPACITY = {"charge_current_limit", "discharge_current_limit", "full_capacity"}
BY_COUNTING = {"counted_charge", "state_of_charge", "remaining_capacity", "state_of_health", "time_left"}


@pytest.mark.parametrize(
    ("offered", "found"),
    [
        (set(), set()),
        ({"voltage"}, set()),
        ({"current"}, BY_CURRENT),
        ({"voltage", "current"}, BY_BOTH),
        ({"full_capacity"}, BY_CAPACITY),
        ({"current", "full_capacity"}, BY_CURRENT | BY_CAPACITY | BY_COUNTING),
        ({"current", "remaining_capacity"}, BY_CURRENT | {"time_left"}),
        ({"remaining_capacity"}, set()),
    ],
)
def test_what_follows_from_what_is_offered(offered: set[str], found: set[str]) -> None:
    assert derived(frozenset(offered), settings(battery=PLAIN)) == offered | found


def test_a_capacity_that_a_person_names_is_one_too() -> None:
    its = settings(battery=BatterySettings(capacity=100.0))
    assert derived(frozenset({"current"}), its) == {"current"} | BY_CURRENT | BY_CAPACITY | BY_COUNTING


def test_a_current_without_a_sign_counts_no_charge() -> None:
    its = settings(battery=BatterySettings(capacity=100.0, current_is_unsigned=True))
    assert derived(frozenset({"current"}), its) == {"current"} | BY_CURRENT | BY_CAPACITY


@pytest.mark.parametrize(
    ("thresholds", "offered"),
    [
        ({}, False),
        ({Kind.LOW_STATE_OF_CHARGE: (20.0, None)}, True),
        ({Kind.LOW_CAPACITY: (20.0, None)}, True),
        ({Kind.LOW_CAPACITY: (None, 10.0)}, False),
        ({Kind.LOW_VOLTAGE: (12.0, 11.0)}, False),
    ],
)
def test_the_time_to_low_needs_a_low_threshold_of_charge(thresholds: Limits, offered: bool) -> None:
    its = settings(thresholds, PLAIN)
    assert ("time_to_low" in derived(frozenset({"current", "full_capacity"}), its)) is offered
    assert "time_to_low" not in derived(frozenset({"voltage"}), its)


@pytest.mark.parametrize(
    ("offered", "found"),
    [
        ({"voltage"}, {"charge_voltage_limit"}),
        ({"current", "full_capacity"}, {"charge_voltage_limit", "days_since_full"}),
    ],
)
def test_a_chemistry_tells_the_charge_voltage_and_when_a_battery_is_full(
    offered: set[str], found: set[str]
) -> None:
    known = settings(battery=BatterySettings(chemistry=Chemistry.LIFEPO4))
    plain = derived(frozenset(offered), settings(battery=PLAIN))
    assert derived(frozenset(offered), known) - plain == found
