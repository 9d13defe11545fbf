"""What the levels of members mean for the virtual battery (rules 1)."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.failsafe.drill import start_drill
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.packs.members import Member, MemberLevel, Why

from .builders import PARALLEL, SERIES, battery, changed, together

NONE, UNHEALTHY, LOW, CRITICAL = Level
DISCHARGE, CHARGE, BOTH, FAULT = Side
A = battery("A")


def judged(level: Level, discharge: Level = NONE, charge: Level = NONE, **values: Any) -> Member:
    """Return a member named B with these levels."""
    return battery("B", failsafe=Failsafe(level, discharge, charge), **values)


def at_level(name: str, level: Level, side: Side) -> MemberLevel:
    return MemberLevel(name, level, side)


def lost(name: str) -> MemberLevel:
    return MemberLevel(name, UNHEALTHY, FAULT, Kind.MEMBER_LOST)


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ((NONE, NONE, NONE), []),
        ((LOW, LOW, NONE), [(LOW, DISCHARGE)]),
        ((LOW, NONE, LOW), [(LOW, CHARGE)]),
        ((LOW, LOW, LOW), [(LOW, BOTH)]),
        ((CRITICAL, CRITICAL, LOW), [(CRITICAL, DISCHARGE), (LOW, CHARGE)]),
        ((UNHEALTHY, NONE, NONE), [(UNHEALTHY, FAULT)]),
        ((CRITICAL, LOW, LOW), [(LOW, BOTH), (CRITICAL, FAULT)]),
    ],
)
def test_a_members_levels_are_told_with_their_sides(
    levels: tuple[Level, Level, Level], told: list[tuple[Level, Side]]
) -> None:
    found = together(SERIES, A, judged(*levels))
    assert found.levels == tuple(at_level("B", level, side) for level, side in told)
    assert found.contributions[1].level is levels[0]


@pytest.mark.parametrize("absent", [Why.DISABLED, Why.REMOVED])
def test_a_member_that_was_taken_away_is_missing_and_its_level_is_history(absent: Why) -> None:
    gone = judged(CRITICAL, CRITICAL)._replace(absent=absent)
    assert together(SERIES, A, gone).levels == (lost("B"),)


def test_a_member_that_was_never_heard_of_is_missing() -> None:
    assert together(PARALLEL, A, A._replace(key="b", name="B", state=None)).levels == (lost("B"),)


def test_a_stale_member_is_missing_and_its_level_stands() -> None:
    stale = judged(LOW, LOW)._replace(stale_after=-1.0)
    assert together(SERIES, A, stale).levels == (lost("B"), at_level("B", LOW, DISCHARGE))


def test_a_member_that_is_lost_has_its_own_level_for_that() -> None:
    silent = changed(judged(UNHEALTHY), healthy=False)
    assert together(SERIES, A, silent).levels == (at_level("B", UNHEALTHY, FAULT),)


def test_a_member_whose_bluetooth_is_released_is_not_missing() -> None:
    paused = changed(judged(NONE), healthy=False, paused=True)
    assert together(SERIES, A, paused).levels == ()


def test_a_member_that_is_looked_for_is_not_missing_yet() -> None:
    resumed = changed(judged(NONE), healthy=False, resumed_at=object())
    assert together(SERIES, A, resumed).levels == ()


def test_a_test_of_a_members_automations_is_none_of_the_others_business() -> None:
    drilled = battery("B", failsafe=start_drill(Failsafe(), CRITICAL, DISCHARGE, 60.0))
    found = together(SERIES, A, drilled)
    assert found.levels == ()
    assert found.contributions[1].level is CRITICAL


def test_a_string_is_as_low_as_its_lowest_member() -> None:
    assert together(SERIES, A, judged(CRITICAL, CRITICAL)).levels == (at_level("B", CRITICAL, DISCHARGE),)


def test_a_critical_member_makes_a_bank_low_while_the_others_carry_the_current() -> None:
    found = together(PARALLEL, A, judged(CRITICAL, CRITICAL, LOW))
    assert found.levels == (at_level("B", LOW, BOTH),)
    assert found.contributions[1].level is CRITICAL


def test_the_others_carry_a_current_together() -> None:
    one, other = battery("A", current=-90.0), battery("C", current=-90.0)
    critical = judged(CRITICAL, CRITICAL, current=-15.0)
    assert together(PARALLEL, one, other, critical).levels == (at_level("B", LOW, DISCHARGE),)
    assert together(PARALLEL, one, critical).levels == (at_level("B", CRITICAL, DISCHARGE),)


def test_by_option_the_highest_level_counts_as_it_is() -> None:
    found = together(PARALLEL, A, judged(CRITICAL, CRITICAL), strict=True)
    assert found.levels == (at_level("B", CRITICAL, DISCHARGE),)


def test_a_bank_of_critical_members_is_critical() -> None:
    one = battery("A", failsafe=Failsafe(CRITICAL, CRITICAL, NONE))
    levels = together(PARALLEL, one, judged(CRITICAL, CRITICAL)).levels
    assert {level.level for level in levels} == {CRITICAL}


@pytest.mark.parametrize(
    "other",
    [
        battery("A", discharging_enabled=False),
        battery("A", limits=Limits(14.4, 50.0, 0.0)),
        battery("A", limits=Limits()),
        battery("A", current=None),
        changed(A, healthy=False),
        battery("A", current=-95.0),
    ],
    ids=["may not discharge", "limit 0", "limit unknown", "current unknown", "lost", "current beyond limit"],
)
def test_a_bank_is_critical_where_it_is_not_certain_that_the_others_carry_it(other: Member) -> None:
    levels = together(PARALLEL, other, judged(CRITICAL, CRITICAL)).levels
    assert at_level("B", CRITICAL, DISCHARGE) in levels


def test_a_member_that_may_give_nothing_carries_nothing_though_nothing_flows() -> None:
    blocked = battery("A", current=10.0, limits=Limits(14.4, 50.0, 0.0))
    found = together(PARALLEL, blocked, judged(CRITICAL, CRITICAL))
    assert found.current == 0.0
    assert found.levels == (at_level("B", CRITICAL, DISCHARGE),)


def test_a_lost_member_takes_no_share_of_what_the_others_carry() -> None:
    """Of 100 and 300 Ah the larger takes three quarters: with 90 A it carries 120 A."""
    large = battery("C", capacity=300.0, current=-70.0, limits=Limits(14.4, 50.0, 90.0))
    gone = battery("D")._replace(state=None)
    critical = judged(CRITICAL, CRITICAL, current=-70.0)
    found = together(PARALLEL, A, large, gone, critical, partial_sums=True)
    assert found.current == -150.0
    assert at_level("B", CRITICAL, DISCHARGE) in found.levels


def test_a_bank_that_is_charged_needs_nobody_to_carry_anything() -> None:
    found = together(PARALLEL, battery("A", current=90.0), judged(CRITICAL, CRITICAL, current=90.0))
    assert found.levels == (at_level("B", LOW, DISCHARGE),)


def test_levels_are_live() -> None:
    member = judged(LOW, LOW)
    assert together(SERIES, member).levels
    assert member.state is not None
    assert not together(SERIES, member._replace(state=replace(member.state, failsafe=Failsafe()))).levels
