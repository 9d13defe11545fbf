"""What the action `push_reading` takes, and what it refuses by the name of the field."""

from dataclasses import fields
from typing import Any

import pytest
import voluptuous as vol

from custom_components.battmon.actions_push import CHECKS, FIELDS, says_something
from custom_components.battmon.model.reading import Reading

SCHEMA = vol.Schema(vol.All(FIELDS, says_something))
NAN, INF = float("nan"), float("inf")


def test_every_field_of_a_reading_has_a_check_and_no_other() -> None:
    assert list(CHECKS) == [field.name for field in fields(Reading)]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("voltage", NAN, "nan is no number"),
        ("voltage", INF, "inf is no number"),
        ("voltage", "12.5", "'12.5' is no number"),
        ("voltage", True, "True is no number"),
        ("voltage", [12.5], "[12.5] is no number"),
        ("voltage", -1, "-1 does not lie between 0 and 1000 V"),
        ("voltage", 1001, "1001 does not lie between 0 and 1000 V"),
        ("current", -INF, "-inf is no number"),
        ("current", 5001, "5001 does not lie between -5000 and 5000 A"),
        ("state_of_charge", 100.1, "100.1 does not lie between 0 and 100 %"),
        ("state_of_charge", 255, "255 does not lie between 0 and 100 %"),
        ("full_capacity", -1, "-1 does not lie between 0 and 10000 Ah"),
        ("cycle_count", 1.5, "1.5 is no whole number"),
        ("cycle_count", -1, "-1 does not lie between 0 and 1e+06"),
        ("cell_voltages", 3.3, "3.3 is no list"),
        ("cell_voltages", [], "0 values, and not between 1 and 400"),
        ("cell_voltages", [3.3] * 401, "401 values, and not between 1 and 400"),
        ("cell_voltages", [3.3, 33], "number 2: 33 does not lie between 0 and 5 V"),
        ("cell_voltages", [3.3, NAN], "number 2: nan is no number"),
        ("temperatures", [121], "number 1: 121 does not lie between -40 and 120 °C"),
        ("temperatures", [{"value": 20, "place": "moon"}], "number 1: 'moon' is no place"),
        ("temperatures", [{"value": 20, "place": ["cell"]}], "number 1: ['cell'] is no place"),
        ("temperatures", [{"value": 20, "unit": "K"}], "number 1: {'value': 20, 'unit': 'K'} has more than"),
        ("temperatures", [{"value": "warm"}], "number 1: 'warm' is no number"),
        ("temperatures", ["warm"], "number 1: 'warm' is no number"),
        ("balancing_cells", [0], "number 1: 0 does not lie between 1 and 400"),
        ("balancing_cells", [None], "number 1 is not there"),
        ("charging_enabled", 1, "1 is neither true nor false"),
        ("charging_enabled", "on", "'on' is neither true nor false"),
        ("alarms", ["on_fire"], "number 1: 'on_fire' is no alarm"),
        ("alarms", [["short_circuit"]], "number 1: ['short_circuit'] is no alarm"),
        ("alarms", "short_circuit", "'short_circuit' is no list"),
        ("alarms", [None], "number 1: None is no alarm"),
        ("time_to_empty", -1, "-1 does not lie between 0 and"),
        ("protection_counts", [1], "[1] does not name alarms"),
        ("protection_counts", {"on_fire": 1}, "'on_fire' is no alarm"),
        ("protection_counts", {"restarts": 1.5}, "1.5 is no whole number"),
    ],
)
def test_what_is_out_of_sense_is_refused_by_name(field: str, value: Any, message: str) -> None:
    with pytest.raises(vol.Invalid) as refused:
        SCHEMA({field: value, "humidity": 40})
    assert message in str(refused.value)
    assert f"'{field}'" in str(refused.value)


def test_a_field_that_no_reading_has_is_refused() -> None:
    with pytest.raises(vol.Invalid, match="volts"):
        SCHEMA({"voltage": 12, "volts": 12})


@pytest.mark.parametrize("data", [{}, {"voltage": None}, dict.fromkeys(CHECKS)])
def test_a_reading_says_something(data: dict[str, Any]) -> None:
    with pytest.raises(vol.Invalid, match="at least one of: voltage"):
        SCHEMA(data)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"cell_voltages": [3.3, 3.3], "balancing_cells": [3]}, "balancing_cells"),
        ({"remaining_capacity": 111, "full_capacity": 100}, "remaining_capacity"),
    ],
)
def test_a_reading_does_not_contradict_itself(data: dict[str, Any], field: str) -> None:
    with pytest.raises(vol.Invalid) as refused:
        SCHEMA(data)
    assert f"'{field}'" in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        {"voltage": 0},
        {"alarms": []},
        {"charging_enabled": False},
        {"cell_voltages": [3.3, 3.3], "balancing_cells": [2]},
        {"cell_voltages": [3.3], "balancing_cells": []},
        {"remaining_capacity": 102, "full_capacity": 100},
        {"protection_counts": {"restarts": None, "short_circuit": 0}},
    ],
)
def test_little_is_enough(data: dict[str, Any]) -> None:
    assert SCHEMA(data).keys() == data.keys()
