"""The cells of all members together, and what else belongs to a place: temperatures, alarms."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import isfinite
from typing import NamedTuple

from ..alarms import Alarm
from ..cell import CellVoltages
from ..reading import Reading, Temperature
from .given import Given, finite, known
from .members import PackReading

type Names = tuple[str, ...]
type Labels = int | Names
"""How many cells a member has, or what they are called inside it."""


class Cells(NamedTuple):
    """Of all members, in their order."""

    voltages: CellVoltages | None = None
    names: Names = ()
    balancing: tuple[int, ...] | None = None
    in_series: tuple[int | None, ...] = ()
    """How many cells each member has in series; `None` where nobody knows."""


class Alarms(NamedTuple):
    """What members complain of, and who does."""

    all: frozenset[Alarm] | None = None
    members: Mapping[str, Names] = {}


NO_ALARMS = Alarms(frozenset())


def cells_of(given: Sequence[Given]) -> Cells:
    """Put all cells together. A missing member leaves `None` for each of its cells, as far as known."""
    voltages: list[float | None] = []
    labels: list[tuple[str, Labels]] = []
    in_series: list[int | None] = []
    balancing: list[int] = []
    balances = False
    for one in given:
        count, own_labels, own_series = _shape(one)
        bled = one.reading.balancing_cells
        if bled is not None:
            balances = True
            offset = len(voltages)
            balancing += [offset + number for number in bled]
        voltages += one.reading.cell_voltages or (None,) * count
        labels.append((one.member.name, own_labels))
        in_series.append(own_series)
    # Of a battery whose cells nobody read there are none.
    whole = None if voltages.count(None) == len(voltages) else tuple(finite(voltages))
    return Cells(
        whole,
        () if whole is None else _names(tuple(labels)),
        tuple(balancing) if balances else None,
        tuple(in_series),
    )


def temperatures_of(given: Iterable[Given]) -> tuple[Temperature, ...] | None:
    """Return those of all sensors of all members, with their places."""
    each = [one.reading.temperatures for one in given if one.reading.temperatures is not None]
    if not each:
        return None
    sensors = tuple(chain.from_iterable(each))
    if isfinite(sum([value or 0.0 for value, _ in sensors])):
        return sensors
    return tuple(Temperature(known(value), place) for value, place in sensors)


def alarms_of(given: Iterable[Given]) -> Alarms:
    """Return what any member complains of, and which do."""
    told = [(one.member.name, one.reading) for one in given if one.reading.alarms is not None]
    raised: dict[Alarm, list[str]] = {}
    for name, reading in told:
        for alarm in reading.alarms or ():
            raised.setdefault(alarm, []).extend(_raised_by(name, reading, alarm))
    if not raised:
        return NO_ALARMS if told else Alarms()
    return Alarms(frozenset(raised), {alarm: tuple(names) for alarm, names in sorted(raised.items())})


def _raised_by(name: str, reading: Reading, alarm: Alarm) -> Iterable[str]:
    inside = reading.alarm_members.get(alarm) if isinstance(reading, PackReading) else None
    return [f"{name} / {inner}" for inner in inside] if inside else [name]


def _shape(given: Given) -> tuple[int, Labels, int | None]:
    """Return how many cells a member has, what they are called inside it, and how many are in series."""
    state = given.member.state
    # How many cells a member has does not change: where it is missing, its newest reading still tells.
    newest = given.reading if state is None or state.reading is None else state.reading
    count = len(newest.cell_voltages) if newest.cell_voltages else _remembered(given)
    if not isinstance(newest, PackReading):
        return count, count, count or None
    names = newest.cell_names if len(newest.cell_names) == count else count
    return count, names, newest.cells_in_series or count or None


def _remembered(given: Given) -> int:
    state = given.member.state
    had = 0 if state is None else state.estimators.limits.had.cells
    # A device may tell which cells it bleeds where it did not tell their voltages.
    return max(had, *given.reading.balancing_cells or (0,))


@lru_cache(maxsize=64)
def _names(labels: tuple[tuple[str, Labels], ...]) -> Names:
    """Return what all cells are called. They stay the same from sample to sample."""
    return tuple(f"{member} / {label}" for member, own in labels for label in _each(own))


def _each(labels: Labels) -> Iterable[str]:
    return labels if isinstance(labels, tuple) else [f"cell {number}" for number in range(1, labels + 1)]
