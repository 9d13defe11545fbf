"""Resets: the level becomes what one sample says (reference, 8). And drills."""

import pytest

from custom_components.battmon.model.failsafe.drill import end_drill, start_drill, tick_drill
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.judging import judge, reset
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side

from .watching import (
    BEGAN,
    CRITICAL,
    FELL,
    LOW,
    NONE,
    ROSE,
    UNHEALTHY,
    Watched,
    every,
    settings,
    span,
    vehicle,
    view,
)

VOLTAGE = {Kind.LOW_VOLTAGE: (11.5, 10.1)}
CAPACITY = {Kind.LOW_CAPACITY: (1.0, 0.5)}


@pytest.mark.parametrize(
    ("percent", "level"), [(100, NONE), (20, NONE), (15, LOW), (10, LOW), (9.9, CRITICAL), (0, CRITICAL)]
)
def test_after_a_reset_the_capacity_that_was_said_counts_at_once(percent: float, level: Level) -> None:
    battery = Watched(vehicle(CAPACITY), full_capacity=5.0)
    battery.see_all([0, 1], remaining_capacity=0.4)
    assert battery.level is CRITICAL
    assert battery.reset(2, remaining_capacity=percent * 0.05) is level
    assert battery.failsafe.timers == ()


def test_a_reset_may_raise_without_a_second_sample() -> None:
    battery = Watched(vehicle(CAPACITY), full_capacity=5.0)
    battery.see(0, remaining_capacity=5.0)
    assert battery.reset(1, remaining_capacity=0.6) is LOW
    assert [(e.change, e.kind) for e in battery.events] == [(ROSE, "low_capacity")]


def test_a_reset_lets_a_vehicle_fall() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4)
    battery.see_all([0, 1], voltage=10.0)
    battery.see_all([2, 3000], voltage=13.0)
    assert battery.level is CRITICAL
    assert battery.reset(3001, voltage=13.0) is NONE
    assert battery.events[-1].change is FELL
    assert battery.failsafe == Failsafe()


def test_what_is_there_still_stays_without_a_new_delay() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    before = battery.events[:]
    assert battery.reset(12, voltage=11.4) is LOW
    assert battery.events == before


def test_a_reset_does_not_wait_for_the_margin() -> None:
    battery = Watched(settings(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    assert battery.reset(12, voltage=11.5) is NONE


def test_a_condition_that_ended_and_came_back_takes_its_delay_after_a_reset() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    battery.see(12, voltage=13.0)
    battery.see(13, voltage=11.4)
    assert battery.reset(14, voltage=11.4) is NONE
    assert [timer.elapsed for timer in battery.failsafe.timers] == [0.0]


def test_a_reset_may_start_a_timer_and_asks_to_be_read() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4)
    assert battery.reset(0, voltage=10.0) is NONE
    assert battery.failsafe.read_within == 0.0
    assert battery.see(1, voltage=10.0) is NONE, "nobody knows how long ago the reset was"
    assert battery.see(2, voltage=10.0) is CRITICAL


def test_a_timer_that_runs_goes_on() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 9.0), voltage=11.4)
    battery.reset(9, voltage=11.4)
    battery.see(10, voltage=11.4)
    assert battery.see(11, voltage=11.4) is LOW


def test_what_is_not_known_is_forgotten() -> None:
    battery = Watched(vehicle(CAPACITY))
    battery.see_all([0, 1], remaining_capacity=0.4)
    assert battery.reset(2) is NONE
    battery.see(3, remaining_capacity=0.4)
    assert battery.failsafe.timers
    assert battery.reset(4) is NONE, "a timer of what is not known raises nothing"


def test_without_a_sample_only_the_silence_is_left() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4)
    battery.see_all([0, 1], voltage=10.0)
    battery.lose(10)
    after = reset(battery.failsafe, None, span(None), battery.settings)
    assert after.level is UNHEALTHY
    assert [reason.kind for reason in after.reasons] == [Kind.SILENCE]
    assert (after.timers, after.read_within) == ((), None)


# Drills.


def drilled(level: Level = LOW, side: Side = Side.DISCHARGE, seconds: float = 60.0) -> Watched:
    battery = Watched(settings(VOLTAGE), cells_expected=4, voltage=13.0)
    battery.see(0)
    battery.note(0, start_drill(battery.failsafe, level, side, seconds))
    return battery


@pytest.mark.parametrize(
    ("side", "levels"),
    [
        (Side.DISCHARGE, (CRITICAL, CRITICAL, NONE)),
        (Side.CHARGE, (CRITICAL, NONE, CRITICAL)),
        (Side.BOTH, (CRITICAL, CRITICAL, CRITICAL)),
        (Side.FAULT, (CRITICAL, NONE, NONE)),
    ],
)
def test_a_drill_raises_the_level_of_its_side_and_is_marked(side: Side, levels: tuple[Level, ...]) -> None:
    battery = drilled(CRITICAL, side)
    assert battery.levels == levels
    assert [reason.test for reason in battery.failsafe.reasons] == [True]
    assert [(e.change, e.kind) for e in battery.events] == [(ROSE, "drill")]


def test_a_drill_ends_after_its_time() -> None:
    battery = drilled(seconds=60.0)
    assert battery.see_all(every(1.0, 1.0, 59.0)) is LOW
    assert battery.see(60) is NONE
    assert battery.events[-1].change is FELL


def test_a_drill_ends_in_a_gap_and_without_samples() -> None:
    battery = drilled(seconds=7000.0)
    assert battery.see(7200) is NONE
    battery = drilled(seconds=60.0)
    battery.note(30, tick_drill(battery.failsafe, 30.0))
    assert battery.level is LOW
    battery.note(60, tick_drill(battery.failsafe, 30.0))
    assert battery.level is NONE


def test_a_drill_is_ended_by_hand_or_by_a_reset() -> None:
    battery = drilled()
    assert end_drill(battery.failsafe) == Failsafe()
    assert battery.reset(1) is NONE
    assert reset(drilled().failsafe, None, span(None), battery.settings) == Failsafe()


def test_without_a_drill_there_is_nothing_to_end() -> None:
    failsafe = Failsafe()
    assert end_drill(failsafe) is failsafe
    assert tick_drill(failsafe, 60.0) is failsafe


def test_a_drill_in_vehicle_use_is_not_held() -> None:
    battery = Watched(vehicle(VOLTAGE), cells_expected=4, voltage=13.0)
    battery.note(0, start_drill(battery.failsafe, CRITICAL, Side.BOTH, 10.0))
    battery.see(1)
    assert battery.see(20) is NONE


def test_a_real_reason_outlasts_a_drill() -> None:
    battery = drilled(CRITICAL, seconds=15.0)
    battery.see_all(every(1.0, 1.0, 12.0), voltage=11.4)
    assert [(reason.kind, reason.test) for reason in battery.failsafe.reasons] == [
        (Kind.DRILL, True),
        (Kind.LOW_VOLTAGE, False),
    ]
    assert battery.see_all(every(1.0, 13.0, 16.0), voltage=11.4) is LOW


def test_another_drill_takes_the_place_of_the_first() -> None:
    battery = drilled(CRITICAL)
    battery.note(1, start_drill(battery.failsafe, LOW, Side.DISCHARGE, 60.0))
    assert (battery.level, len(battery.failsafe.reasons)) == (LOW, 1)
    assert battery.events[-1].change is FELL
    battery.note(2, start_drill(battery.failsafe, LOW, Side.DISCHARGE, 60.0))
    assert battery.events[-1][:3] == (2, BEGAN, "drill")
    battery.note(3, start_drill(battery.failsafe, LOW, Side.FAULT, 60.0))
    assert battery.levels == (LOW, NONE, NONE)
    assert battery.events[-1].change is FELL


def test_a_drill_does_not_hide_suspicion() -> None:
    battery = drilled()
    after = judge(battery.failsafe, view(voltage=10.0, cells_expected=4), span(), battery.settings)
    assert after.read_within == 0.0
    assert end_drill(after).read_within == 0.0
