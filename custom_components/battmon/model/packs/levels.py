"""What the levels of members mean for the virtual battery (rules 1)."""

from collections.abc import Iterable, Iterator, Sequence

from ..failsafe.drill import end_drill
from ..failsafe.failsafe import Failsafe
from ..failsafe.levels import Kind, Level, Side
from .given import Given
from .limits import limits_in_parallel
from .members import MemberLevel, Why

NOT_THERE = frozenset({Why.STALE, Why.NOT_SEEN, Why.DISABLED, Why.REMOVED})
"""Members that nobody judges. One that does not answer has a level of its own for that; one whose Bluetooth
is released keeps its level, and that it is not there is the person's wish."""
GONE = frozenset({Why.DISABLED, Why.REMOVED})
"""Members whose levels are history."""


def levels(given: Iterable[Given], most: Level = Level.CRITICAL) -> tuple[MemberLevel, ...]:
    """Return the members' levels, none above `most`, and those that are not there to have any."""
    return tuple([level for one in given if _matters(one) for level in _levels(one, most)])


def most_in_parallel(given: Sequence[Given], current: float | None) -> Level:
    """Return the level that those of members in parallel count for at most.

    `current` of all of them, in A. Where the others carry what flows, losing one makes the bank only low.
    """
    levels_of = [_failsafe(one).level for one in given]
    if Level.CRITICAL not in levels_of:
        return Level.CRITICAL
    others = [
        one
        for one, level in zip(given, levels_of, strict=True)
        if one.why is None and level is not Level.CRITICAL
    ]
    limit = limits_in_parallel(others).discharge_current
    if current is None or limit is None or limit <= 0.0 or limit < -current:
        return Level.CRITICAL
    return Level.LOW


def _matters(given: Given) -> bool:
    state = given.member.state
    return given.why is not None or (state is not None and state.failsafe.level is not Level.NONE)


def _levels(given: Given, most: Level) -> Iterator[MemberLevel]:
    name = given.member.name
    if given.why in NOT_THERE and not _is_looked_for(given):
        yield MemberLevel(name, Level.UNHEALTHY, Side.FAULT, Kind.MEMBER_LOST)
    if given.why in GONE:
        return
    failsafe = _failsafe(given)
    discharge, charge = min(failsafe.discharge_level, most), min(failsafe.charge_level, most)
    if discharge is charge:
        if discharge:
            yield MemberLevel(name, discharge, Side.BOTH)
    else:
        sides = ((discharge, Side.DISCHARGE), (charge, Side.CHARGE))
        yield from (MemberLevel(name, level, side) for level, side in sides if level)
    level = min(failsafe.level, most)
    if level > max(discharge, charge):
        yield MemberLevel(name, level, Side.FAULT)


def _failsafe(given: Given) -> Failsafe:
    """Return what a member is judged by; a test of its automations is none of the others' business."""
    state = given.member.state
    if state is None:
        return Failsafe()
    return state.failsafe if state.failsafe.drill is None else end_drill(state.failsafe)


def _is_looked_for(given: Given) -> bool:
    """Whether it has its time to be seen again; its own monitor ends that."""
    state = given.member.state
    return given.why not in GONE and state is not None and state.resumed_at is not None
