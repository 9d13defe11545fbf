"""A battery that does not answer: silence, pauses, and a first minute in which nothing is made of it."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.battmon.model import monitor
from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.failsafe.levels import Kind, Level
from custom_components.battmon.model.failsafe.readiness import NotReadyKind
from custom_components.battmon.model.failsafe.settings import Use
from custom_components.battmon.model.memory import BatteryMemory

from .folding import BEGAN, CRITICAL, LIFEPO4, LOW, NONE, ROSE, UNHEALTHY, Folded, at, settings

LOW_VOLTAGE = {Kind.LOW_VOLTAGE: (12.0, 11.0)}
LOST = Transition(Change.HEALTH_LOST)
PAUSED = Transition(Change.PAUSED)
READY = Transition(Change.READY_CHANGED)


def battery(**failsafe: Any) -> Folded:
    """Return a battery that was seen long after the start."""
    bench = Folded(settings(LOW_VOLTAGE, **failsafe), voltage=13.0, current=-10.0, full_capacity=100.0)
    bench.see(0.0)
    bench.heard()
    return bench


def started() -> Folded:
    """Return a battery that is begun to be watched in second 0, and looked for."""
    bench = Folded(settings(LOW_VOLTAGE), voltage=13.0)
    bench.state = monitor.look_for(monitor.begin(BatteryMemory(), at(0.0), bench.settings), at(0.0))
    return bench


# Silence.


def test_silence_raises_a_level_once_when_the_battery_had_its_time() -> None:
    bench = battery()
    assert bench.miss(5.9) is NONE
    assert bench.miss(6.0) is UNHEALTHY
    assert bench.heard() == [LOST, Transition(ROSE, Kind.SILENCE), READY]
    assert bench.miss(7.0) is UNHEALTHY
    assert bench.look(1000.0) is UNHEALTHY
    assert bench.heard() == []


def test_silence_is_noticed_without_a_sample_that_failed() -> None:
    """A read that hangs says nothing at all."""
    bench = battery()
    assert bench.look(5.9) is NONE
    assert bench.look(6.0) is UNHEALTHY


def test_a_battery_that_answers_again_is_healthy_at_once() -> None:
    bench = battery()
    bench.miss(6.0)
    assert bench.see(7.0) is NONE
    assert bench.state.healthy
    assert bench.miss(13.0) is UNHEALTHY, "and may fall silent again"


def test_a_battery_whose_low_timer_ran_is_low_when_it_falls_silent() -> None:
    bench = battery()
    bench.see(1.0, voltage=11.9)
    bench.heard()
    assert bench.miss(7.0) is LOW
    assert bench.state.failsafe.discharge_level is LOW
    assert bench.kinds == [Kind.SILENCE_WHILE_LOW, Kind.SILENCE]
    assert bench.heard() == [LOST, Transition(ROSE, Kind.SILENCE_WHILE_LOW)]


def test_a_battery_whose_charge_was_nearly_low_is_low_when_it_falls_silent() -> None:
    bench = battery()
    bench.settings = settings({Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)})
    bench.see(1.0, state_of_charge=24.0)
    assert bench.miss(7.0) is LOW


def test_a_battery_that_is_low_already_tells_of_its_silence() -> None:
    bench = battery()
    bench.see_every(1.0, 1.0, 12.0, voltage=11.9)
    assert bench.level is LOW
    bench.heard()
    assert bench.miss(18.0) is LOW
    told = bench.heard()
    assert told[0] == LOST
    assert Transition(BEGAN, Kind.SILENCE) in told


def test_a_critical_sample_is_believed_when_the_battery_does_not_answer_again() -> None:
    bench = battery()
    bench.see(1.0, voltage=10.9)
    assert (bench.level, bench.state.failsafe.read_within) == (NONE, 0.0)
    assert bench.miss(1.2) is CRITICAL
    assert bench.state.healthy, "it had not its time yet"
    assert Transition(ROSE, Kind.LOW_VOLTAGE) in bench.heard()


def test_a_failed_sample_of_a_battery_that_is_well_changes_nothing() -> None:
    """What is shown is compared by identity: a new state that says the same would be shown in vain."""
    bench = battery()
    before = bench.state
    bench.miss(1.0)
    assert bench.state is before
    bench.miss(6.0)
    before = bench.state
    bench.miss(7.0)
    assert bench.state is before


def test_a_battery_out_of_sight_believes_no_second_failure() -> None:
    bench = battery(low_voltage_delay=60.0)
    bench.see(1.0, voltage=11.9)
    bench.miss(7.0)
    before = bench.state.failsafe
    bench.miss(8.0)
    assert bench.state.failsafe is before


# The first minute.


def test_silence_raises_no_level_in_the_first_minute() -> None:
    bench = started()
    assert bench.miss(5.9) is NONE
    assert bench.heard() == []
    assert bench.miss(6.0) is NONE
    assert bench.heard() == [LOST], "that its values are gone is told"
    assert bench.look(59.9) is NONE
    assert bench.heard() == []
    assert bench.look(60.0) is UNHEALTHY
    assert bench.heard() == [Transition(ROSE, Kind.SILENCE)]


def test_a_battery_that_was_seen_in_its_first_minute_has_the_rest_of_it() -> None:
    bench = started()
    bench.see(1.0)
    bench.miss(7.0)
    assert (bench.state.lost, bench.level) == (True, NONE)
    assert bench.miss(59.9) is NONE
    assert bench.miss(60.0) is UNHEALTHY


def test_a_battery_seen_in_its_first_minute_is_missed_as_any_other_later_on() -> None:
    bench = started()
    bench.see_every(1.0, 0.0, 60.0)
    assert bench.look(65.9) is NONE
    assert bench.look(66.0) is UNHEALTHY


def test_a_battery_that_nobody_began_to_look_for_is_lost_from_the_start() -> None:
    bench = started()
    bench.state = monitor.begin(BatteryMemory(), at(0.0), bench.settings)
    assert bench.miss(59.9) is NONE
    assert bench.miss(60.0) is UNHEALTHY


# Disarmed.


def test_the_silence_of_a_disarmed_vehicle_counts_when_it_is_armed() -> None:
    bench = battery(use=Use.VEHICLE)
    bench.fold(monitor.set_armed(bench.state, False, bench.settings))
    bench.heard()
    assert bench.miss(6.0) is NONE
    assert bench.heard() == [LOST, READY]
    assert bench.state.silence_counts_from is None, "there is nothing to wake up for"
    bench.fold(monitor.set_armed(bench.state, True, bench.settings))
    assert bench.look(8.0) is UNHEALTHY


# Pauses.


def test_a_pause_holds_the_level_and_is_a_reason_of_its_own_not_to_be_ready() -> None:
    bench = battery()
    bench.see_every(1.0, 1.0, 12.0, voltage=11.9)
    bench.heard()
    bench.fold(monitor.pause(bench.state, bench.settings))
    assert bench.level is LOW
    assert [reason.kind for reason in bench.state.not_ready] == [
        NotReadyKind.RELEASED,
        NotReadyKind.FAILSAFE,
    ]
    assert bench.heard() == [PAUSED]
    bench.look(1e4)
    bench.miss(1e4)
    bench.see(1e4, voltage=10.0)
    assert (bench.level, bench.heard()) == (LOW, [])


def test_a_pause_makes_a_battery_that_was_ready_not_ready() -> None:
    bench = battery()
    bench.fold(monitor.pause(bench.state, bench.settings))
    assert [reason.kind for reason in bench.state.not_ready] == [NotReadyKind.RELEASED]
    assert bench.heard() == [PAUSED, READY]


def test_after_a_pause_the_reason_is_that_it_was_not_seen_yet() -> None:
    bench = battery()
    bench.fold(monitor.pause(bench.state, bench.settings))
    bench.fold(monitor.resume(bench.state, at(900.0), bench.settings))
    assert [reason.kind for reason in bench.state.not_ready] == [NotReadyKind.UNHEALTHY]
    bench.see(901.0)
    assert bench.state.not_ready == ()


def test_the_time_of_a_pause_counts_towards_no_delay() -> None:
    bench = battery()
    bench.see_every(1.0, 1.0, 5.0, voltage=11.9)
    bench.fold(monitor.pause(bench.state, bench.settings))
    bench.fold(monitor.resume(bench.state, at(905.0), bench.settings))
    assert bench.see(906.0, voltage=11.9) is NONE
    (timer,) = bench.state.failsafe.timers
    assert timer.elapsed == 4.0


@pytest.mark.parametrize(("pause", "amp_seconds"), [(50.0, 600.0), (60.0, 100.0), (900.0, 100.0)])
def test_totals_do_not_count_across_a_pause_longer_than_the_longest_gap(
    pause: float, amp_seconds: float
) -> None:
    bench = battery()
    bench.see(10.0)
    bench.fold(monitor.pause(bench.state, bench.settings))
    bench.fold(monitor.resume(bench.state, at(10.0 + pause), bench.settings))
    bench.see(10.0 + pause + (0.0 if pause == 50.0 else 1.0))
    counting = bench.state.estimators.counting
    assert counting.charge_out == pytest.approx(amp_seconds / 3600)
    assert counting.energy_out == pytest.approx(13.0 * amp_seconds / 3600)


# Gaps.


@pytest.mark.parametrize(("gap", "amp_seconds"), [(60.0, 600.0), (60.1, 0.0), (86400.0, 0.0)])
def test_a_gap_counts_for_no_total(gap: float, amp_seconds: float) -> None:
    bench = battery()
    bench.see(gap)
    assert bench.state.estimators.counting.charge_out == pytest.approx(amp_seconds / 3600)


def test_a_gap_counts_towards_no_delay() -> None:
    bench = battery()
    bench.see(1.0, voltage=11.9)
    bench.see(100.0, voltage=11.9)
    (timer,) = bench.state.failsafe.timers
    assert (bench.level, timer.elapsed) == (NONE, 0.0)


def test_a_charger_that_was_seen_before_a_gap_makes_no_battery_full_after_it() -> None:
    """It rests for long at the voltage of a full one: whoever charged it may have stopped half-way."""
    its = settings(battery=replace(LIFEPO4, capacity=100.0))
    bench = Folded(its, voltage=13.84, cell_voltages=(3.46,) * 4)
    bench.see_every(10.0, 0.0, 60.0, current=30.0)
    bench.see_every(10.0, 600.0, 1200.0, current=0.0)
    assert bench.state.estimators.charge.last_full_at is None


DAY = 86400.0


@pytest.mark.parametrize("kind", [Kind.LOW_STATE_OF_CHARGE, Kind.LOW_CAPACITY])
def test_a_gap_of_a_day_raises_no_level_for_a_counted_charge(kind: Kind) -> None:
    bench = Folded(settings({kind: (20.0, 10.0)}), voltage=13.2, current=-10.0, full_capacity=100.0)
    bench.see(0.0, state_of_charge=90.0)
    bench.see_every(10.0, 10.0, 3600.0)
    assert bench.see_every(10.0, 3600.0 + DAY, 3700.0 + DAY) is NONE
    assert bench.state.estimate.counted is not None
    assert bench.state.estimate.counted.uncertainty == 100.0
    # A person looks at it, and it is judged again.
    step = monitor.set_state_of_charge(bench.state, 9.0, bench.settings)
    assert step is not None
    bench.fold(step)
    bench.see(3710.0 + DAY)
    assert bench.see(3711.0 + DAY) is CRITICAL


def test_a_level_held_for_a_counted_charge_outlasts_a_gap_of_a_day() -> None:
    """That nothing is known any more does not make it well."""
    bench = Folded(settings({Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)}), current=-1.0, full_capacity=100.0)
    bench.see(0.0, state_of_charge=29.0)
    assert bench.see_every(1.0, 1.0, 5.0) is LOW, "29 is 19 for certain"
    bench.see(5.0 + 30 * DAY, current=0.0)
    known = bench.state.estimate.counted
    assert known is not None
    assert known.uncertainty == 100.0
    assert bench.see_every(10.0, 10.0 + 30 * DAY, 1000.0 + 30 * DAY, current=0.0) is LOW


# Alarms are the device's own words: they need no second sample.


def test_an_alarm_of_the_first_sample_after_a_silence_counts() -> None:
    bench = battery()
    bench.miss(6.0)
    level: Level = bench.see(1000.0, alarms=frozenset({Alarm.PACK_UNDERVOLTAGE}))
    assert level is CRITICAL


def test_a_vehicle_s_second_silence_is_told_though_the_first_is_still_held() -> None:
    bench = battery(use=Use.VEHICLE)
    bench.miss(6.0)
    bench.see(7.0)
    assert bench.level is UNHEALTHY
    bench.heard()
    assert bench.miss(13.0) is UNHEALTHY
    assert bench.heard() == [LOST, Transition(BEGAN, Kind.SILENCE)]


def test_there_is_nothing_to_wake_up_for_unless_silence_may_still_raise_a_level() -> None:
    """A moment that is over already would be waited for again and again."""
    bench = started()
    assert bench.state.silence_counts_from is None, "it has its time to be seen"
    bench.miss(6.0)
    assert bench.state.silence_counts_from == at(60.0).monotonic
    bench.miss(60.0)
    assert bench.state.silence_counts_from is None, "it is raised"
    bench.see(61.0)
    assert bench.state.silence_counts_from is None
    bench.fold(monitor.pause(bench.state, bench.settings))
    assert bench.state.silence_counts_from is None
