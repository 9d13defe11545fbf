"""What is looked at before batteries are joined: what must not be, and what a person should know."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from ..chemistry import Chemistry
from .settings import Arrangement

UNLIKE_CAPACITY = 0.1
"""Members in series further apart than this share of the largest: the smallest decides what all give."""
APART = 0.05
"""V a cell between members in parallel: beyond it they would equalise with a rush (rules 6)."""
APART_BY_CHEMISTRY = {Chemistry.SODIUM_ION: 0.04, Chemistry.LTO: 0.015, Chemistry.LIPO: 0.01}
APART_WITHOUT_CELLS = 0.015
"""The same as a share of the highest voltage, where nobody knows the number of cells: 50 mV of 3.3 V."""

type Takes = Mapping[str, Collection[str]]
"""Battery key to the keys of those that it is made of."""


class Difference(StrEnum):
    """What members do not have in common."""

    CELLS = "cells"
    CHEMISTRY = "chemistry"
    VOLTAGE = "voltage"
    CAPACITY = "capacity"


class Facts(NamedTuple):
    """What is known of a battery before it is joined with others. Every fact may be unknown."""

    name: str
    cells: int | None = None
    """In series."""
    chemistry: Chemistry | None = None
    voltage: float | None = None
    """V, now."""
    capacity: float | None = None
    """Ah when full."""


def differences(arrangement: Arrangement, members: Sequence[Facts]) -> tuple[Difference, ...]:
    """Return in what members differ that should be alike where they are joined in this way."""
    return tuple(kind for kind, differs in _RULES[arrangement].items() if differs(members))


def cells_together(arrangement: Arrangement, members: Sequence[Facts]) -> int | None:
    """Return how many cells in series members have together; `None` where they do not agree or not tell."""
    known = [member.cells for member in members]
    if arrangement is Arrangement.SERIES:
        return sum(cells for cells in known if cells) if all(known) and known else None
    return _common(known)


def chemistry_together(members: Sequence[Facts]) -> Chemistry | None:
    """Return the chemistry of members; `None` where they do not agree or not tell."""
    return _common([member.chemistry for member in members])


def closes_a_circle(takes: Takes, whole: str, part: str) -> bool:
    """Whether `whole`, made of `part` among others, would be a part of itself."""
    return whole == part or whole in below(takes, part)


def counted_twice(takes: Takes, members: Sequence[str]) -> str | None:
    """Return a battery that would count twice: as a part of two members, or as a member and a part of one."""
    parts = [{key, *below(takes, key)} for key in members]
    twice = [one & other for one, other in combinations(parts, 2)]
    return next((min(both) for both in twice if both), None)


def below(takes: Takes, key: str) -> frozenset[str]:
    """Return all that a battery is made of, at any depth."""
    found = set[str]()
    waiting = list(takes.get(key, ()))
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting += takes.get(part, ())
    return frozenset(found)


def _common[T](values: Sequence[T | None]) -> T | None:
    known = {value for value in values if value is not None}
    return known.pop() if len(known) == 1 else None


def _known(values: Iterator[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _cells_differ(members: Sequence[Facts]) -> bool:
    return len({member.cells for member in members} - {None}) > 1


def _chemistries_differ(members: Sequence[Facts]) -> bool:
    return len({member.chemistry for member in members} - {None}) > 1


def _voltages_are_apart(members: Sequence[Facts]) -> bool:
    voltages = _known(member.voltage for member in members)
    if not voltages:
        return False
    cells = _known(member.cells for member in members)
    allowed = APART_WITHOUT_CELLS * max(voltages)
    if cells:
        allowed = min(cells) * min(_apart(member.chemistry) for member in members)
    return max(voltages) - min(voltages) > allowed


def _apart(chemistry: Chemistry | None) -> float:
    return APART if chemistry is None else APART_BY_CHEMISTRY.get(chemistry, APART)


def _capacities_differ(members: Sequence[Facts]) -> bool:
    capacities = _known(member.capacity for member in members)
    return bool(capacities) and max(capacities) - min(capacities) > UNLIKE_CAPACITY * max(capacities)


_ALWAYS: Mapping[Difference, Callable[[Sequence[Facts]], bool]] = {
    Difference.CELLS: _cells_differ,
    Difference.CHEMISTRY: _chemistries_differ,
}
_AT_ONE_VOLTAGE = {**_ALWAYS, Difference.VOLTAGE: _voltages_are_apart}
_RULES = {
    Arrangement.SERIES: {**_ALWAYS, Difference.CAPACITY: _capacities_differ},
    Arrangement.PARALLEL: _AT_ONE_VOLTAGE,
    Arrangement.MERGED: _AT_ONE_VOLTAGE,
}
