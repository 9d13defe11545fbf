"""All cells of a battery as plain values."""

import json
from dataclasses import replace

import pytest

from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.packs.cell_table import cell_figures_of_members, cell_table
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

from .builders import PARALLEL, SERIES, battery, nested, reading, together


def state_of(said: Reading) -> BatteryState:
    return BatteryState(reading=said, cells=cell_figures(said.cell_voltages))


def test_a_cell_is_told_with_its_member_and_its_deviation_from_all_others() -> None:
    one = battery("Pack A", cell_voltages=(3.30, 3.32), balancing_cells=(2,))
    other = battery("Pack B", cell_voltages=(3.34, 3.36), balancing_cells=())
    table = cell_table(state_of(together(SERIES, one, other)))
    assert [row["name"] for row in table] == [
        "Pack A / cell 1", "Pack A / cell 2", "Pack B / cell 1", "Pack B / cell 2",
    ]  # fmt: skip
    assert table[1] == {
        "member": "Pack A",
        "number": 2,
        "name": "Pack A / cell 2",
        "voltage": 3.32,
        "deviation": -0.01,
        "balancing": True,
    }
    assert [row["balancing"] for row in table] == [False, True, False, False]


def test_a_cell_of_a_nested_battery_is_told_through_all_of_them() -> None:
    string = together(SERIES, battery("Battery 1"), battery("Battery 2"))
    bank = together(PARALLEL, nested("String A", string), battery("Spare"))
    table = cell_table(state_of(bank))
    assert (table[6]["member"], table[6]["name"]) == ("String A / Battery 2", "String A / Battery 2 / cell 3")
    figures = cell_figures_of_members(bank)
    assert [member["name"] for member in figures] == ["String A / Battery 1", "String A / Battery 2", "Spare"]


def test_a_battery_by_itself_has_cells_without_a_member() -> None:
    table = cell_table(state_of(reading(cell_voltages=(3.3, 3.4))))
    assert [(row["member"], row["number"], row["name"]) for row in table] == [
        (None, 1, "cell 1"),
        (None, 2, "cell 2"),
    ]
    assert table[0]["balancing"] is None


def test_a_cell_that_was_not_read_stays_in_its_place() -> None:
    table = cell_table(state_of(reading(cell_voltages=(None, 3.4))))
    assert (table[0]["voltage"], table[0]["deviation"]) == (None, None)
    assert (table[1]["voltage"], table[1]["deviation"]) == (3.4, 0.0)


@pytest.mark.parametrize("state", [BatteryState(), state_of(reading(cell_voltages=None))])
def test_without_cells_the_table_is_empty(state: BatteryState) -> None:
    assert cell_table(state) == []


def test_names_that_are_too_few_are_counted_on() -> None:
    pack = replace(together(SERIES, battery("A")), cell_names=("A / cell 1",))
    assert [row["name"] for row in cell_table(state_of(pack))] == ["A / cell 1", "cell 2", "cell 3", "cell 4"]


def test_each_member_has_its_figures() -> None:
    one = battery("Pack A", cell_voltages=(3.30, 3.32, None))
    other = battery("Pack B", cell_voltages=(None,))
    assert cell_figures_of_members(together(SERIES, one, other)) == [
        {
            "name": "Pack A",
            "cells": 3,
            "lowest": 3.30,
            "lowest_cell": 1,
            "highest": 3.32,
            "highest_cell": 2,
            "mean": pytest.approx(3.31),
            "imbalance": 0.02,
        },
        {
            "name": "Pack B",
            "cells": 1,
            "lowest": None,
            "lowest_cell": None,
            "highest": None,
            "highest_cell": None,
            "mean": None,
            "imbalance": None,
        },
    ]


def test_all_of_it_is_plain_json() -> None:
    bank = together(SERIES, battery("A"), battery("B", balancing_cells=(1,)))
    told = [cell_table(state_of(bank)), cell_figures_of_members(bank)]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
