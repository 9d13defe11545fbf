"""When a battery that nothing happens to may sleep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.monitor import Settings, pause, resume, step
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.sleep import dead_band, interval_at_rest, is_idle
from custom_components.battmon.model.state import BatteryState

SETTINGS = Settings(unhealthy_after=900.0)
START = datetime(2026, 11, 21, tzinfo=UTC)
HALF_AN_HOUR, FIVE_MINUTES, TEN_MINUTES = 1800.0, 300.0, 600.0
IDLE = Reading(current=0.1, alarms=frozenset())
BUSY = Reading(current=-5.0, alarms=frozenset())
CHARGED = Reading(current=5.0, alarms=frozenset())


def at(seconds: float) -> Instant:
    return Instant(1000.0 + seconds, START + timedelta(seconds=seconds))


def after(*samples: tuple[Reading | None, float], state: BatteryState | None = None) -> BatteryState:
    """Return the state after samples, each with the second in which it was taken."""
    state = state or BatteryState()
    for reading, seconds in samples:
        state = step(state, reading, at(seconds), SETTINGS).state
    return state


def empty(alarm: Alarm, current: float | None) -> Reading:
    return Reading(current=current, alarms=frozenset({alarm}))


# The dead band: max(0.2 A, C/200).


@pytest.mark.parametrize(
    ("capacity", "amperes"), [(None, 0.2), (0.0, 0.2), (10.0, 0.2), (40.0, 0.2), (42.0, 0.21), (280.0, 1.4)]
)
def test_the_dead_band_is_a_two_hundredth_of_the_capacity_at_least_200_ma(
    capacity: float | None, amperes: float
) -> None:
    assert dead_band(Reading(full_capacity=capacity)) == pytest.approx(amperes)


@pytest.mark.parametrize(
    ("current", "capacity", "idle"),
    [
        (0.0, None, True),
        (0.2, None, True),
        (-0.2, None, True),
        (0.201, None, False),
        (-0.201, None, False),
        (1.4, 280.0, True),
        (-1.4, 280.0, True),
        (1.41, 280.0, False),
        (-1.41, 280.0, False),
    ],
)
def test_what_flows_inside_the_dead_band_is_nothing(
    current: float, capacity: float | None, idle: bool
) -> None:
    assert is_idle(Reading(current=current, full_capacity=capacity)) is idle


def test_a_current_that_is_unknown_is_not_none() -> None:
    assert not is_idle(Reading(voltage=13.2))


# Half an hour inside of it.


@pytest.mark.parametrize(
    ("seconds", "interval"), [(0.0, None), (1799.9, None), (1800.0, FIVE_MINUTES), (1e6, FIVE_MINUTES)]
)
def test_a_battery_idle_for_half_an_hour_is_read_every_five_minutes(
    seconds: float, interval: float | None
) -> None:
    assert interval_at_rest(after((IDLE, 0.0), (IDLE, seconds)), at(seconds)) == interval


@pytest.mark.parametrize("busy", [BUSY, CHARGED, Reading()])
def test_the_half_hour_begins_anew_with_every_sample_that_is_not_idle(busy: Reading) -> None:
    state = after((IDLE, 0.0), (busy, 1700.0), (IDLE, 1710.0), (IDLE, 3500.0))
    assert interval_at_rest(state, at(3509.0)) is None
    assert interval_at_rest(state, at(3510.0)) == FIVE_MINUTES


@pytest.mark.parametrize("busy", [BUSY, CHARGED, Reading()])
def test_a_current_that_flows_ends_the_sleep_at_once(busy: Reading) -> None:
    asleep = after((IDLE, 0.0), (IDLE, 1800.0))
    assert interval_at_rest(asleep, at(1800.0)) == FIVE_MINUTES
    assert interval_at_rest(after((busy, 2100.0), state=asleep), at(2100.0)) is None


def test_a_battery_that_was_never_read_is_not_left_alone() -> None:
    assert interval_at_rest(BatteryState(), at(1e6)) is None


def test_a_battery_out_of_sight_is_looked_for_as_often_as_ever() -> None:
    lost = after((IDLE, 0.0), (IDLE, 1800.0), (None, 2700.0))
    assert not lost.healthy
    assert interval_at_rest(lost, at(2700.0)) is None


def test_time_out_of_sight_wakes_nobody() -> None:
    back = after((IDLE, 0.0), (None, 1000.0), (IDLE, 1800.0))
    assert interval_at_rest(back, at(1800.0)) == FIVE_MINUTES


@pytest.mark.parametrize(
    ("seconds", "interval"), [(0.0, None), (HALF_AN_HOUR - 1.0, None), (HALF_AN_HOUR, FIVE_MINUTES)]
)
def test_after_a_pause_it_has_to_be_idle_for_another_half_hour(
    seconds: float, interval: float | None
) -> None:
    asleep = after((IDLE, 0.0), (IDLE, 1800.0))
    resumed = resume(pause(asleep, SETTINGS).state, at(2000.0), SETTINGS).state
    state = after((IDLE, 2001.0), state=resumed)
    assert interval_at_rest(state, at(2001.0 + seconds)) == interval


# Empty, and nobody charges.


@pytest.mark.parametrize("seconds", [0.0, HALF_AN_HOUR, 1e4])
@pytest.mark.parametrize("alarm", [Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE])
@pytest.mark.parametrize("current", [0.0, -10.0, 0.2, None])
def test_an_empty_battery_that_nobody_charges_is_read_every_ten_minutes_at_once_and_for_good(
    alarm: Alarm, current: float | None, seconds: float
) -> None:
    reading = empty(alarm, current)
    assert interval_at_rest(after((reading, 0.0), (reading, seconds)), at(seconds)) == TEN_MINUTES


@pytest.mark.parametrize("alarm", [Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE])
def test_an_empty_battery_that_is_charged_is_watched(alarm: Alarm) -> None:
    state = after((empty(alarm, 0.0), 0.0), (empty(alarm, 0.201), 600.0))
    assert interval_at_rest(state, at(600.0)) is None


def test_a_charge_inside_the_dead_band_is_none() -> None:
    reading = replace(empty(Alarm.CELL_UNDERVOLTAGE, 1.0), full_capacity=280.0)
    assert interval_at_rest(after((reading, 0.0)), at(0.0)) == TEN_MINUTES


@pytest.mark.parametrize("alarm", sorted(set(Alarm) - {Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE}))
def test_no_other_alarm_sends_a_battery_to_sleep(alarm: Alarm) -> None:
    assert interval_at_rest(after((empty(alarm, -5.0), 0.0)), at(0.0)) is None


@given(st.lists(st.tuples(st.sampled_from([IDLE, IDLE, IDLE, BUSY]), st.floats(1.0, 899.0)), max_size=8))
def test_a_battery_sleeps_only_if_every_sample_of_half_an_hour_was_idle(
    samples: list[tuple[Reading, float]],
) -> None:
    state, now, idle_for = BatteryState(), 0.0, 0.0
    was_idle = False
    for reading, pause_before in samples:
        now += pause_before
        state = after((reading, now), state=state)
        idle_for = idle_for + pause_before if was_idle and is_idle(reading) else 0.0
        was_idle = is_idle(reading)
    if abs(idle_for - HALF_AN_HOUR) > 1e-6:
        assert (interval_at_rest(state, at(now)) == FIVE_MINUTES) is (idle_for > HALF_AN_HOUR)
