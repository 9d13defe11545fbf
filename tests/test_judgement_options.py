"""What is read from an entry's options about judgement and estimation, damaged ones too."""

import logging
from typing import Any

import pytest

from custom_components.battmon.judgement_options import (
    NUMBERS,
    THRESHOLDS,
    armed_entity,
    battery_settings,
    failsafe_settings,
    thresholds_in,
)
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.quantities import QUANTITIES
from custom_components.battmon.model.failsafe.settings import FailsafeSettings, Thresholds, Use

SETTINGS: dict[str, Any] = {
    "use": "vehicle",
    "low_voltage_delay": 30,
    "critical_voltage_delay": 5.0,
    "use_resting_voltage": True,
    "chemistry": "lto",
    "cells": 8,
    "ready_voltage": 25.5,
    "ready_capacity": 40,
    "ready_state_of_charge": 60,
}
BATTERY: dict[str, Any] = {
    "chemistry": "lto",
    "cells": 8,
    "capacity": 100,
    "ignore_device_state_of_charge": True,
    "charge_current_cap": 70,
    "discharge_current_cap": 90,
}


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was said in the log."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_without_options_nothing_is_set() -> None:
    assert failsafe_settings({}) == FailsafeSettings()
    assert battery_settings({}, dead_band=0.0) == BatterySettings()
    assert armed_entity({}) is None


def test_every_setting_is_read(caplog: pytest.LogCaptureFixture) -> None:
    assert failsafe_settings(SETTINGS) == FailsafeSettings(
        use=Use.VEHICLE,
        low_voltage_delay=30.0,
        critical_voltage_delay=5.0,
        use_resting_voltage=True,
        chemistry=Chemistry.LTO,
        cells=8,
        ready_voltage=25.5,
        ready_capacity=40.0,
        ready_state_of_charge=60.0,
    )
    assert battery_settings(BATTERY, dead_band=0.2) == BatterySettings(
        chemistry=Chemistry.LTO,
        cells=8,
        capacity=100.0,
        ignore_device_state_of_charge=True,
        device_dead_band=0.2,
        charge_current_cap=70.0,
        discharge_current_cap=90.0,
    )
    assert complaints(caplog) == []


def test_options_of_other_forms_mean_nothing_here(caplog: pytest.LogCaptureFixture) -> None:
    assert failsafe_settings({"interval": 2.0, "allow_charging": True}) == FailsafeSettings()
    assert complaints(caplog) == []


@pytest.mark.parametrize("kind", THRESHOLDS)
def test_every_kind_has_both_of_its_thresholds_read(kind: Kind) -> None:
    both = failsafe_settings({kind.value: 4, f"{kind}_critical": 3.5}).thresholds
    assert both == {kind: Thresholds(4.0, 3.5)}
    assert thresholds_in({kind.value: 4}) == {kind: Thresholds(low=4.0)}
    assert thresholds_in({f"{kind}_critical": 3.5}) == {kind: Thresholds(critical=3.5)}


def test_forms_and_failsafe_know_the_same_thresholds_in_the_same_order_and_units() -> None:
    assert list(THRESHOLDS) == list(QUANTITIES)
    for kind, quantity in QUANTITIES.items():
        numbers = THRESHOLDS[kind]
        assert (numbers.unit, numbers.zero_is_off) == (quantity.unit, quantity.zero_is_off)


TEMPERATURES = {
    Kind.CHARGE_COLD,
    Kind.CHARGE_HOT,
    Kind.DISCHARGE_COLD,
    Kind.DISCHARGE_HOT,
    Kind.MOSFET_HOT,
}


@pytest.mark.parametrize("kind", THRESHOLDS)
@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_zero_is_a_threshold_for_temperatures_and_off_for_all_else(kind: Kind, zero: float) -> None:
    expected = {kind: Thresholds(0.0, 0.0)} if kind in TEMPERATURES else {}
    assert thresholds_in({kind.value: zero, f"{kind}_critical": zero}) == expected


@pytest.mark.parametrize("option", ["ready_voltage", "ready_capacity", "ready_state_of_charge"])
def test_zero_asks_for_nothing_to_be_ready(option: str) -> None:
    assert failsafe_settings({option: 0}) == FailsafeSettings()


@pytest.mark.parametrize("option", ["capacity", "charge_current_cap", "discharge_current_cap"])
def test_zero_says_nothing_about_a_battery(option: str) -> None:
    assert battery_settings({option: 0}, dead_band=0.0) == BatterySettings()


def test_a_delay_of_zero_is_a_delay() -> None:
    assert failsafe_settings({"low_voltage_delay": 0}).low_voltage_delay == 0.0
    lead = failsafe_settings({"chemistry": "lead_acid", "critical_voltage_delay": 0})
    assert lead.critical_voltage_delay == 0.0


@pytest.mark.parametrize("chemistry", Chemistry)
def test_only_lead_acid_is_given_time_to_crank_an_engine(chemistry: Chemistry) -> None:
    delay = failsafe_settings({"chemistry": chemistry.value}).critical_voltage_delay
    assert delay == (15.0 if chemistry is Chemistry.LEAD_ACID else 0.0)


@pytest.mark.parametrize("value", ["12", "", True, [12], {}, float("nan"), float("inf"), -41, 1e9, 10**400])
@pytest.mark.parametrize("option", NUMBERS)
def test_a_damaged_number_is_left_out_with_one_line(
    caplog: pytest.LogCaptureFixture, option: str, value: object
) -> None:
    options = {"use": "vehicle", "capacity": 100, "low_cell": 3.0} | {option: value}
    sound = {key: good for key, good in options.items() if key != option}
    assert failsafe_settings(options) == failsafe_settings(sound)
    assert battery_settings(options, dead_band=0.0) == battery_settings(sound, dead_band=0.0)
    assert complaints(caplog) == [
        f"The option {option} cannot be understood and is left out: {value!r}",
    ]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("use", "submarine"),
        ("use", 1),
        ("use", []),
        ("chemistry", "plutonium"),
        ("chemistry", 4),
        ("chemistry", {}),
        ("cells", 4.5),
        ("cells", 0),
        ("use_resting_voltage", "yes"),
        ("use_resting_voltage", 1),
        ("ignore_device_state_of_charge", 0),
    ],
)
def test_a_damaged_option_is_left_out_with_one_line(
    caplog: pytest.LogCaptureFixture, option: str, value: object
) -> None:
    assert failsafe_settings({option: value, "low_cell": 3.0}) == failsafe_settings({"low_cell": 3.0})
    assert battery_settings({option: value}, dead_band=0.2) == BatterySettings(device_dead_band=0.2)
    assert len(complaints(caplog)) == 1
    assert option in caplog.text


def test_a_damaged_threshold_leaves_the_other_one() -> None:
    assert thresholds_in({"low_voltage": "x", "low_voltage_critical": 11.2}) == {
        Kind.LOW_VOLTAGE: Thresholds(critical=11.2)
    }


def test_nothing_instead_of_a_value_is_off() -> None:
    options = dict.fromkeys([*NUMBERS, *SETTINGS, *BATTERY])
    assert failsafe_settings(options) == FailsafeSettings()
    assert battery_settings(options, dead_band=0.0) == BatterySettings()


def test_a_whole_number_of_cells_may_have_come_with_a_point() -> None:
    assert repr(battery_settings({"cells": 16.0}, dead_band=0.0).cells) == "16"


def test_only_a_vehicle_is_armed() -> None:
    assert armed_entity({"use": "vehicle", "armed_entity": "input_boolean.armed"}) == "input_boolean.armed"
    assert armed_entity({"use": "stationary", "armed_entity": "input_boolean.armed"}) is None
    assert armed_entity({"armed_entity": "input_boolean.armed"}) is None
    assert armed_entity({"use": "vehicle"}) is None


@pytest.mark.parametrize("value", ["armed", 5, ["input_boolean.armed"], ""])
def test_what_is_no_entity_arms_nothing(caplog: pytest.LogCaptureFixture, value: object) -> None:
    assert armed_entity({"use": "vehicle", "armed_entity": value}) is None
    assert len(complaints(caplog)) == 1
