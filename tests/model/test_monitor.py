"""The fold: what a sample, or the lack of one, makes of a battery's state."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.cell import Cell, cell_figures
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.readiness import NotReadyKind
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.monitor import Settings, Step, pause, resume, step
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

from .folding import START, at
from .strategies import readings

SETTINGS = Settings(unhealthy_after=6.0)
READY = Transition(Change.READY_CHANGED)
REGAINED = Transition(Change.HEALTH_REGAINED)
LOST = Transition(Change.HEALTH_LOST)
PAUSED = Transition(Change.PAUSED)
RESUMED = Transition(Change.RESUMED)
SILENT = Transition(Change.LEVEL_ROSE, Kind.SILENCE)
HEARD = Transition(Change.LEVEL_FELL, Kind.SILENCE)
OF_THE_FAILSAFE = {Change.LEVEL_ROSE, Change.LEVEL_FELL, Change.REASON_BEGAN, Change.REASON_ENDED}
UNKNOWN = Reading()


def fold(state: BatteryState, reading: Reading | None, seconds: float) -> Step:
    return step(state, reading, at(seconds), SETTINGS)


def healthy(reading: Reading = UNKNOWN) -> BatteryState:
    return fold(BatteryState(), reading, 0.0).state


# Health.


def test_a_battery_that_was_never_read_is_not_healthy() -> None:
    state = BatteryState()
    assert (state.healthy, state.last_healthy_at, state.reading) == (False, None, None)
    assert [reason.kind for reason in state.not_ready] == [NotReadyKind.UNHEALTHY]
    assert fold(state, None, 1e6) == Step(state, ())


def test_the_first_reading_makes_it_healthy() -> None:
    state, transitions = fold(BatteryState(), UNKNOWN, 0.0)
    assert (state.healthy, state.sampled_at, state.last_healthy_at) == (True, at(0.0), at(0.0))
    assert transitions == (REGAINED, READY)


@pytest.mark.parametrize(("seconds", "still"), [(0.0, True), (5.999, True), (6.0, False), (100.0, False)])
def test_health_is_lost_when_the_last_sample_is_too_old(seconds: float, still: bool) -> None:
    before = healthy(Reading(voltage=13.0))
    state, transitions = fold(before, None, seconds)
    assert state.healthy is still
    assert transitions == (() if still else (LOST, SILENT, READY))
    assert (state.reading, state.sampled_at, state.last_healthy_at) == (before.reading, at(0.0), at(0.0))


def test_health_is_lost_once_and_regained_once() -> None:
    state, _ = fold(healthy(), None, 6.0)
    assert fold(state, None, 7.0) == Step(state, ())
    state, transitions = fold(state, UNKNOWN, 8.0)
    assert (state.healthy, state.last_healthy_at) == (True, at(8.0))
    assert transitions == (REGAINED, HEARD, READY)
    assert fold(state, UNKNOWN, 9.0).transitions == ()


# Pauses.


def resumed(seconds: float) -> BatteryState:
    """Return a battery that was read in second 0, paused in between, and is looked for again."""
    return resume(pause(healthy(Reading(voltage=13.0)), SETTINGS).state, at(seconds), SETTINGS).state


def test_a_paused_battery_is_not_healthy_and_what_was_known_is_kept() -> None:
    before = healthy(Reading(voltage=13.0))
    state, transitions = pause(before, SETTINGS)
    assert (state.paused, state.healthy, transitions) == (True, False, (PAUSED, READY))
    assert (state.reading, state.sampled_at, state.last_healthy_at) == (before.reading, at(0.0), at(0.0))


def test_a_pause_that_is_prolonged_is_no_news() -> None:
    state = pause(healthy(), SETTINGS).state
    assert pause(state, SETTINGS) == Step(state, ())
    assert pause(state, SETTINGS).state is state


@pytest.mark.parametrize("seconds", [1.0, 6.0, 1e6])
@pytest.mark.parametrize("reading", [None, Reading(voltage=12.0)])
def test_nothing_is_judged_and_nothing_counts_in_a_pause(reading: Reading | None, seconds: float) -> None:
    state = pause(healthy(Reading(voltage=13.0)), SETTINGS).state
    assert fold(state, reading, seconds) == Step(state, ())


def test_a_battery_that_was_never_read_may_be_paused_and_resumed() -> None:
    state, transitions = pause(BatteryState(), SETTINGS)
    assert (state.paused, transitions) == (True, (PAUSED,))
    state = resume(state, at(5.0), SETTINGS).state
    assert (state.paused, state.healthy, state.watched_since) == (False, False, at(5.0))


def test_after_a_pause_nothing_is_shown_before_it_was_read() -> None:
    state, transitions = resume(pause(healthy(Reading(voltage=13.0)), SETTINGS).state, at(100.0), SETTINGS)
    assert (state.paused, state.healthy, transitions) == (False, False, ())


def test_it_is_seen_again_after_a_pause_once() -> None:
    state, transitions = fold(resumed(100.0), Reading(voltage=12.0), 101.0)
    assert (state.healthy, state.sampled_at, transitions) == (True, at(101.0), (RESUMED, READY))
    assert fold(state, Reading(voltage=12.0), 102.0).transitions == ()


def test_what_changed_in_the_pause_is_told_when_it_is_seen_again() -> None:
    before = pause(healthy(Reading(charging_enabled=True)), SETTINGS).state
    state = resume(before, at(100.0), SETTINGS).state
    assert fold(state, Reading(charging_enabled=False), 101.0).transitions == (
        RESUMED,
        Transition(Change.SWITCH_CHANGED, "charging_enabled"),
        READY,
    )


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.0, ()), (5.999, ()), (6.0, (LOST, SILENT)), (100.0, (LOST, SILENT))]
)
def test_a_battery_gone_in_the_pause_is_lost_when_it_had_its_time_to_be_seen(
    seconds: float, told: tuple[Transition, ...]
) -> None:
    """However long the pause was: the time counts from its end."""
    state, transitions = fold(resumed(1000.0), None, 1000.0 + seconds)
    assert transitions == told
    assert not state.healthy


def test_a_battery_gone_in_the_pause_is_lost_once_and_then_regained() -> None:
    state = fold(resumed(1000.0), None, 1006.0).state
    assert fold(state, None, 2000.0) == Step(state, ())
    assert fold(state, UNKNOWN, 2001.0).transitions == (REGAINED, HEARD, READY)


def test_it_is_judged_by_its_newest_sample_once_it_was_seen() -> None:
    state = fold(resumed(100.0), UNKNOWN, 101.0).state
    assert state.watched_since == at(101.0)
    assert fold(state, None, 106.9).state.healthy
    assert fold(state, None, 107.0).transitions == (LOST, SILENT, READY)


def test_a_battery_that_is_not_paused_cannot_be_resumed() -> None:
    state = healthy()
    assert resume(state, at(1.0), SETTINGS) == Step(state, ())


def test_a_pause_right_after_another_is_like_one() -> None:
    state = pause(resumed(100.0), SETTINGS).state
    assert (state.paused, state.resumed_at) == (True, None)
    assert fold(state, None, 1e6) == Step(state, ())


@given(
    st.lists(
        st.tuples(st.sampled_from(["pause", "resume", "sample"]), st.none() | readings, st.floats(0, 20)),
        max_size=12,
    )
)
def test_what_is_shown_as_healthy_was_read_since_the_last_pause(
    events: list[tuple[str, Reading | None, float]],
) -> None:
    state, seconds, seen = BatteryState(), 0.0, None
    for event, reading, wait in events:
        seconds += wait
        if event == "pause":
            state, seen = pause(state, SETTINGS).state, None
        elif event == "resume":
            state = resume(state, at(seconds), SETTINGS).state
        else:
            state = fold(state, reading, seconds).state
            seen = reading if reading is not None and not state.paused else seen
        assert not state.healthy or state.reading == seen
        assert not (state.healthy and state.paused)


# Time.


def test_a_reading_out_of_order_is_dropped() -> None:
    before = healthy(Reading(voltage=13.0))
    assert fold(before, Reading(voltage=12.0), -0.001) == Step(before, ())


def test_two_readings_of_one_moment_both_count() -> None:
    assert fold(healthy(), Reading(voltage=12.0), 0.0).state.reading == Reading(voltage=12.0)


def test_time_that_runs_backwards_loses_no_health() -> None:
    before = healthy()
    assert fold(before, None, -1e6) == Step(before, ())


def test_a_wall_clock_that_is_set_back_does_not_matter() -> None:
    now = Instant(1001.0, START - timedelta(days=400))
    state, _ = step(healthy(), Reading(voltage=12.0), now, SETTINGS)
    assert (state.sampled_at, state.reading) == (now, Reading(voltage=12.0))


# What is derived.


@pytest.mark.parametrize(
    ("voltage", "current", "power"),
    [
        (12.5, 2.0, 25.0),
        (12.5, -2.0, -25.0),
        (12.5, 0.0, 0.0),
        (0.0, 3.0, 0.0),
        (None, 2.0, None),
        (12.5, None, None),
        (None, None, None),
    ],
)
def test_power_has_the_sign_of_the_current(
    voltage: float | None, current: float | None, power: float | None
) -> None:
    assert healthy(Reading(voltage=voltage, current=current)).power == power


def test_the_figures_of_the_cells_are_the_newest_reading_s() -> None:
    state = healthy(Reading(cell_voltages=(3.430, 3.425, None, 3.417)))
    assert state.cells == cell_figures((3.430, 3.425, None, 3.417))
    assert (state.lowest_cell, state.highest_cell) == (Cell(4, 3.417), Cell(1, 3.430))
    assert (state.mean_cell_voltage, state.cell_imbalance) == (state.cells.mean, state.cells.imbalance)


def test_what_the_newest_reading_does_not_say_is_unknown_again() -> None:
    state = healthy(Reading(voltage=12.0, current=1.0, cell_voltages=(3.3,)))
    after = fold(state, UNKNOWN, 1.0).state
    assert (after.power, after.lowest_cell, after.mean_cell_voltage, after.reading) == (
        None,
        None,
        None,
        UNKNOWN,
    )


# Transitions.


@pytest.mark.parametrize("switch", ["charging_enabled", "discharging_enabled", "balancing_enabled"])
@pytest.mark.parametrize("gaps", [0, 1, 3])
@pytest.mark.parametrize("old", [True, False])
def test_a_switch_that_moves_is_a_transition_also_while_nobody_sees_it(
    switch: str, old: bool, gaps: int
) -> None:
    before: dict[str, Any] = {switch: old}
    after: dict[str, Any] = {switch: not old}
    state = healthy(Reading(**before))
    for second in range(gaps):
        state, transitions = fold(state, UNKNOWN, float(second))
        assert transitions == ()
    assert fold(state, Reading(**after), 5.0).transitions == (Transition(Change.SWITCH_CHANGED, switch),)
    assert fold(state, Reading(**before), 5.0).transitions == ()


@pytest.mark.parametrize("switch", ["charging_enabled", "discharging_enabled", "balancing_enabled"])
@pytest.mark.parametrize("on", [True, False])
def test_a_switch_that_becomes_known_has_not_moved(switch: str, on: bool) -> None:
    """Some are read long after the first sample."""
    values: dict[str, Any] = {switch: on}
    state, transitions = fold(healthy(), Reading(**values), 1.0)
    assert (transitions, getattr(state.observed, switch)) == ((), on)


def test_alarms_come_and_go_in_a_fixed_order() -> None:
    state = healthy(Reading(alarms=frozenset({Alarm.SHORT_CIRCUIT, Alarm.CELL_OVERVOLTAGE})))
    after = Reading(alarms=frozenset({Alarm.SHORT_CIRCUIT, Alarm.LOW_CAPACITY, Alarm.CELL_UNDERVOLTAGE}))
    assert fold(state, after, 1.0).transitions == (
        Transition(Change.ALARM_APPEARED, "cell_undervoltage"),
        Transition(Change.ALARM_APPEARED, "low_capacity"),
        Transition(Change.ALARM_CLEARED, "cell_overvoltage"),
        # It raises the discharge level, which a short circuit has raised already.
        Transition(Change.REASON_BEGAN, Kind.DEVICE_ALARM),
        Transition(Change.REASON_BEGAN, Kind.DEVICE_ALARM),
    )


def test_alarms_that_are_not_told_for_a_while_have_not_cleared() -> None:
    alarmed = Reading(alarms=frozenset({Alarm.SHORT_CIRCUIT}))
    state, transitions = fold(healthy(alarmed), UNKNOWN, 1.0)
    assert transitions == ()
    assert fold(state, alarmed, 2.0).transitions == ()
    cleared = fold(state, Reading(alarms=frozenset()), 2.0).transitions
    assert cleared[0] == Transition(Change.ALARM_CLEARED, "short_circuit")


@pytest.mark.parametrize("alarms", [frozenset[Alarm](), frozenset({Alarm.LOW_CAPACITY})])
def test_alarms_that_become_known_have_not_appeared(alarms: frozenset[Alarm]) -> None:
    told = fold(healthy(), Reading(alarms=alarms), 1.0).transitions
    assert not any(change in (Change.ALARM_APPEARED, Change.ALARM_CLEARED) for change, _ in told)


def test_an_alarm_that_was_there_from_the_start_did_not_appear_but_raises_its_level() -> None:
    assert fold(BatteryState(), Reading(alarms=frozenset({Alarm.SHORT_CIRCUIT})), 0.0).transitions == (
        REGAINED,
        Transition(Change.LEVEL_ROSE, Kind.DEVICE_ALARM),
    )


def test_what_changed_in_the_silence_is_told_with_the_regained_health() -> None:
    silent = fold(healthy(Reading(charging_enabled=True)), None, 6.0).state
    assert fold(silent, Reading(charging_enabled=False), 7.0).transitions == (
        REGAINED,
        Transition(Change.SWITCH_CHANGED, "charging_enabled"),
        HEARD,
        READY,
    )


def test_measured_values_alone_are_no_transition() -> None:
    state = healthy(Reading(voltage=12.0, cell_voltages=(3.0,)))
    assert fold(state, Reading(voltage=14.0, cell_voltages=(3.6,)), 1.0).transitions == ()


@given(st.lists(st.tuples(st.none() | readings, st.floats(0, 20)), max_size=12))
def test_alarms_told_one_by_one_add_up_to_the_alarms_there_are(
    samples: list[tuple[Reading | None, float]],
) -> None:
    state, seconds = healthy(Reading(alarms=frozenset())), 0.0
    told: set[str | None] = set()
    for reading, wait in samples:
        seconds += wait
        state, transitions = fold(state, reading, seconds)
        told |= {subject for change, subject in transitions if change is Change.ALARM_APPEARED}
        told -= {subject for change, subject in transitions if change is Change.ALARM_CLEARED}
        assert state.reading is not None
        assert state.reading.alarms in (told, None)


@given(readings, st.floats(0, 100))
def test_the_same_reading_again_changes_nothing_but_the_time(reading: Reading, seconds: float) -> None:
    state = healthy(reading)
    again, transitions = fold(state, reading, seconds)
    # A condition that lasts raises its level; nothing else is news.
    assert {change for change, _subject in transitions} <= {*OF_THE_FAILSAFE, Change.READY_CHANGED}
    assert (again.power, again.lowest_cell, again.cell_imbalance) == (
        state.power,
        state.lowest_cell,
        state.cell_imbalance,
    )
