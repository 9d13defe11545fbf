"""All cells of a battery, virtual or not, as plain values: for the action `get_cells`."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from ..cell import cell_figures
from ..reading import Reading
from ..state import BatteryState
from .members import PackReading

BETWEEN = " / "
"""Parts a member's name from what is inside it."""


class Named(NamedTuple):
    """A cell by its name."""

    number: int
    """From 1, over all members."""
    name: str
    voltage: float | None

    @property
    def member(self) -> str | None:
        """The battery that it is in, through all virtual ones; `None` where there is only one."""
        return self.name.rpartition(BETWEEN)[0] or None


def to_microvolt(voltage: float | None) -> float | None:
    """Return a derived voltage without the digits that only floating point has put behind it."""
    return None if voltage is None else round(voltage, 6)


def cell_table(state: BatteryState) -> list[dict[str, Any]]:
    """Return a row for each cell: whose it is, its voltage and its deviation from the mean of all, in V."""
    reading = state.reading
    if reading is None:
        return []
    bled, mean = reading.balancing_cells, state.mean_cell_voltage
    return [
        {
            "member": cell.member,
            "number": cell.number,
            "name": cell.name,
            "voltage": cell.voltage,
            "deviation": to_microvolt(None if cell.voltage is None or mean is None else cell.voltage - mean),
            "balancing": None if bled is None else cell.number in bled,
        }
        for cell in _named(reading)
    ]


def cell_figures_of_members(reading: Reading) -> list[dict[str, Any]]:
    """Return a row for each member: its lowest, highest and mean cell, and its imbalance, in V.

    Cells count from 1 in each member.
    """
    return [
        _figures(member, [cell.voltage for cell in cells])
        for member, cells in groupby(_named(reading), lambda cell: cell.member)
    ]


def _figures(member: str | None, voltages: Iterable[float | None]) -> dict[str, Any]:
    each = tuple(voltages)
    lowest, highest, mean, imbalance = cell_figures(each)
    return {
        "name": member,
        "cells": len(each),
        "lowest": lowest and lowest.voltage,
        "lowest_cell": lowest and lowest.number,
        "highest": highest and highest.voltage,
        "highest_cell": highest and highest.number,
        "mean": to_microvolt(mean),
        "imbalance": to_microvolt(imbalance),
    }


def _named(reading: Reading) -> Iterator[Named]:
    names = reading.cell_names if isinstance(reading, PackReading) else ()
    for number, voltage in enumerate(reading.cell_voltages or (), 1):
        name = names[number - 1] if number <= len(names) else f"cell {number}"
        yield Named(number, name, voltage)
