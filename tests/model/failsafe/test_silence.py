"""A battery that does not answer."""

import pytest

from custom_components.battmon.model.failsafe.levels import Kind, Side
from custom_components.battmon.model.failsafe.silence import judge_silence

from .watching import (
    BEGAN,
    CRITICAL,
    ENDED,
    FELL,
    LOW,
    NONE,
    ROSE,
    UNHEALTHY,
    Limits,
    Watched,
    every,
    settings,
    vehicle,
)

LIMITS = {
    Kind.LOW_VOLTAGE: (11.5, 10.1),
    Kind.HIGH_VOLTAGE: (14.4, None),
    Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0),
}


def watched() -> Watched:
    return Watched(settings(LIMITS), cells_expected=4)


def test_silence_is_unhealthy_and_a_fault_of_no_side() -> None:
    battery = watched()
    battery.see(0, voltage=13.0)
    assert battery.lose(10) is UNHEALTHY
    assert battery.levels == (UNHEALTHY, NONE, NONE)
    assert [(r.kind, r.side) for r in battery.failsafe.reasons] == [(Kind.SILENCE, Side.FAULT)]


def test_a_sample_that_fails_means_nothing_before_the_battery_had_its_time() -> None:
    battery = watched()
    battery.see(0, voltage=11.0)
    before = battery.failsafe
    assert judge_silence(before, battery.settings, lost=False, state_of_charge=1.0) is before


def test_silence_goes_on_without_news() -> None:
    battery = watched()
    battery.lose(10)
    before = battery.failsafe
    battery.lose(20, state_of_charge=1.0)
    assert battery.failsafe is before
    assert len(battery.events) == 1


def test_the_first_good_sample_ends_it() -> None:
    battery = watched()
    battery.lose(10)
    assert battery.see(11, voltage=13.0) is NONE
    assert [(e.change, e.kind) for e in battery.events] == [(ROSE, "silence"), (FELL, "silence")]


def test_in_vehicle_use_it_is_held_and_silent_again_is_news() -> None:
    battery = Watched(vehicle(LIMITS))
    battery.lose(10)
    assert battery.see_all([11, 2000], voltage=13.0) is UNHEALTHY
    assert battery.lose(2010) is UNHEALTHY
    assert [e.change for e in battery.events] == [ROSE, BEGAN]


def test_losing_health_is_news_at_any_held_level() -> None:
    battery = watched()
    battery.see_all([0, 1], voltage=10.0)
    assert battery.lose(10) is CRITICAL
    assert (BEGAN, "silence") in [(e.change, e.kind) for e in battery.events]
    battery.see(11, voltage=10.0)
    assert battery.events[-1][1:3] == (ENDED, "silence")


@pytest.mark.parametrize(
    "sample",
    [
        {"voltage": 11.4},
        {"voltage": 10.0},
        {"voltage": 0.5},
        {"voltage": 13.0, "state_of_charge": 19.0},
    ],
)
def test_a_battery_that_falls_silent_while_its_low_timer_runs_is_low(sample: dict[str, float]) -> None:
    battery = watched()
    battery.see(0, **sample)
    assert battery.failsafe.timers
    assert battery.lose(10) is LOW
    assert battery.levels == (LOW, LOW, NONE)
    assert set(battery.kinds) == {Kind.SILENCE_WHILE_LOW, Kind.SILENCE}


def test_a_battery_that_falls_silent_while_it_is_low_says_so() -> None:
    battery = watched()
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    assert battery.lose(20) is LOW
    assert Kind.SILENCE_WHILE_LOW in battery.kinds


def test_a_battery_that_falls_silent_while_its_high_timer_runs_is_only_unhealthy() -> None:
    battery = watched()
    battery.see(0, voltage=14.5)
    assert battery.failsafe.timers
    assert battery.lose(10) is UNHEALTHY


@pytest.mark.parametrize(
    ("charge", "level"),
    [(24.9, LOW), (25.0, UNHEALTHY), (None, UNHEALTHY), (127.0, UNHEALTHY), (-1.0, UNHEALTHY), (0.0, LOW)],
)
def test_a_battery_whose_last_state_of_charge_is_within_5_points_of_low_is_low(
    charge: float | None, level: int
) -> None:
    battery = watched()
    battery.see(0, voltage=13.0, state_of_charge=charge)
    battery.failsafe = battery.failsafe._replace(timers=())
    assert battery.lose(10, state_of_charge=charge) is level


@pytest.mark.parametrize("limits", [{}, {Kind.LOW_STATE_OF_CHARGE: (0.0, None)}])
def test_without_a_threshold_the_state_of_charge_says_nothing(
    limits: Limits,
) -> None:
    battery = Watched(settings(limits))
    assert battery.lose(10, state_of_charge=1.0) is UNHEALTHY


def test_low_by_silence_clears_like_any_low_from_the_first_good_sample_on() -> None:
    battery = watched()
    battery.see(0, voltage=11.4)
    battery.lose(10)
    assert battery.see_all(every(1.0, 20.0, 79.0), voltage=13.0) is LOW
    assert battery.kinds == [Kind.SILENCE_WHILE_LOW], "it is healthy again"
    assert battery.see(80, voltage=13.0) is NONE


def test_silence_asks_for_no_suspicious_reads_of_its_own() -> None:
    battery = watched()
    battery.lose(10)
    assert battery.failsafe.read_within is None
