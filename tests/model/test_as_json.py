"""Readings and identities as plain JSON."""

import json
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.as_json import as_json
from custom_components.battmon.model.reading import Identity, Place, Reading, Temperature

from .strategies import identities, readings

# As the design states them, in its order.
READING = [
    "voltage", "current", "state_of_charge", "state_of_health", "remaining_capacity", "full_capacity",
    "design_capacity", "cycle_count", "cell_voltages", "temperatures", "balancing_cells",
    "balancing_enabled", "charging_enabled", "discharging_enabled", "alarms", "charge_voltage_limit",
    "charge_current_limit", "discharge_current_limit", "time_to_empty", "time_to_full", "humidity",
    "balance_current", "protection_counts",
]  # fmt: skip
IDENTITY = [
    "manufacturer", "model", "serial_number", "firmware", "hardware", "chemistry", "manufactured",
]  # fmt: skip


@pytest.mark.parametrize(("record", "names"), [(Reading(), READING), (Identity(), IDENTITY)])
def test_every_field_is_there_and_null_when_unknown(record: Reading | Identity, names: list[str]) -> None:
    assert as_json(record) == dict.fromkeys(names)
    assert list(as_json(record)) == names


def test_a_reading_as_json() -> None:
    reading = Reading(
        voltage=13.3,
        cycle_count=231,
        cell_voltages=(3.3, None, 0.0),
        temperatures=(Temperature(22.5, Place.MOSFET), Temperature(None, Place.UNKNOWN)),
        balancing_cells=(),
        charging_enabled=False,
        alarms=frozenset({Alarm.SHORT_CIRCUIT, Alarm.CELL_OVERVOLTAGE}),
        protection_counts={Alarm.SHORT_CIRCUIT: 2, "restarts": 1},
    )
    assert {name: value for name, value in as_json(reading).items() if value is not None} == {
        "voltage": 13.3,
        "cycle_count": 231,
        "cell_voltages": [3.3, None, 0.0],
        "temperatures": [{"value": 22.5, "place": "mosfet"}, {"value": None, "place": "unknown"}],
        "balancing_cells": [],
        "charging_enabled": False,
        "alarms": ["cell_overvoltage", "short_circuit"],
        "protection_counts": {"short_circuit": 2, "restarts": 1},
    }


def test_an_identity_as_json() -> None:
    identity = Identity(serial_number="0042", manufactured=date(2022, 3, 8))
    assert as_json(identity)["serial_number"] == "0042"
    assert as_json(identity)["manufactured"] == "2022-03-08"


def test_names_of_enumerations_become_bare_text() -> None:
    shown = as_json(Reading(alarms=frozenset(Alarm), protection_counts=dict.fromkeys(Alarm, 0)))
    assert {type(name) for name in (*shown["alarms"], *shown["protection_counts"])} == {str}


@given(readings)
def test_any_reading_is_json_and_back(reading: Reading) -> None:
    plain = as_json(reading)
    assert json.loads(json.dumps(plain)) == plain
    assert list(plain) == [field.name for field in fields(Reading)]


@given(identities)
def test_any_identity_is_json_and_back(identity: Identity) -> None:
    plain = as_json(identity)
    assert json.loads(json.dumps(plain)) == plain
