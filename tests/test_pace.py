"""How often a battery is read, and how long it may be silent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.errors import (
    BadFrame,
    BattMonError,
    LinkDown,
    Lock,
    NoReply,
    PasswordNeeded,
    WireConflict,
    WrongBattery,
    WrongPassword,
)
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import Thresholds
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState
from custom_components.battmon.pace import Pace

DATA: dict[str, dict[str, Any]] = {
    "serial": {"wire": "serial", "protocol": "jbd", "device": "/dev/ttyUSB0", "baud_rate": 9600},
    "bluetooth": {"wire": "bluetooth", "protocol": "jbd", "address": "A4:C1:37:00:00:01"},
    "ltc2946": {"wire": "i2c", "protocol": "ltc2946", "bus": "/dev/i2c-1", "bus_address": 0x6A},
}
START = datetime(2026, 11, 21, tzinfo=UTC)
FIVE_MINUTES, TEN_MINUTES = 300.0, 600.0
SLEEPS: dict[str, Any] = {"let_it_sleep": True}


def pace(wire: str = "bluetooth", **options: Any) -> Pace:
    return Pace(DATA[wire], options)


def at(seconds: float) -> Instant:
    return Instant(1000.0 + seconds, START + timedelta(seconds=seconds))


def idle_since(seconds: float) -> BatteryState:
    return BatteryState(reading=Reading(current=0.0), healthy=True, sampled_at=at(0), idle_since=at(seconds))


BUSY = BatteryState(reading=Reading(current=-5.0), healthy=True, sampled_at=at(0))
EMPTY = BatteryState(
    reading=Reading(current=-0.5, alarms=frozenset({Alarm.PACK_UNDERVOLTAGE})), healthy=True, sampled_at=at(0)
)


def asleep(**options: Any) -> Pace:
    """Return the pace of a battery that has been idle for an hour."""
    found = pace(**SLEEPS | options)
    found.note(None)
    found.adapt(idle_since(0.0), at(3600.0))
    return found


# The interval that is set.


@pytest.mark.parametrize(("wire", "seconds"), [("serial", 2.0), ("bluetooth", 10.0)])
def test_each_wire_has_its_own_interval(wire: str, seconds: float) -> None:
    assert pace(wire).interval == seconds


def test_the_interval_that_was_set_counts() -> None:
    found = pace(interval=0.5)
    found.note(None)
    assert (found.interval, found.until_next(BUSY, 0.0)) == (0.5, 0.5)


@pytest.mark.parametrize(("interval", "seconds"), [(0.1, 5.0), (1.6, 5.0), (2.0, 6.0), (10.0, 30.0)])
def test_a_battery_may_be_silent_for_three_polls_but_at_least_5_s(interval: float, seconds: float) -> None:
    assert pace(interval=interval).settings.unhealthy_after == pytest.approx(seconds)


@pytest.mark.parametrize(("interval", "seconds"), [(0.1, 60.0), (10.0, 60.0), (12.0, 60.0), (30.0, 150.0)])
def test_five_polls_are_a_gap_but_a_minute_at_least(interval: float, seconds: float) -> None:
    assert pace(interval=interval).settings.longest_gap == pytest.approx(seconds)


@pytest.mark.parametrize(("interval", "seconds"), [(0.1, 30.0), (10.0, 30.0), (30.0, 90.0)])
def test_a_value_that_is_missing_is_lost_after_three_polls_but_half_a_minute_at_least(
    interval: float, seconds: float
) -> None:
    assert pace(interval=interval).settings.stale_after == pytest.approx(seconds)


# How it is judged.


def test_a_battery_is_judged_as_the_options_say() -> None:
    settings = pace(low_voltage=12.0, low_voltage_critical=11.2, chemistry="lifepo4", capacity=100.0).settings
    assert settings.failsafe.thresholds == {Kind.LOW_VOLTAGE: Thresholds(12.0, 11.2)}
    assert (settings.failsafe.chemistry, settings.battery.chemistry) == (Chemistry.LIFEPO4, Chemistry.LIFEPO4)
    assert settings.battery.capacity == 100.0


def test_what_its_electronics_cannot_tell_from_nothing_is_known() -> None:
    assert pace().settings.battery.device_dead_band == 0.2


def test_the_cells_that_were_seen_are_expected_from_then_on() -> None:
    found = pace()
    before = found.settings
    found.expect_cells(0)
    assert found.settings is before, "nothing is known"
    assert found.settings.cells is None
    found.expect_cells(16)
    assert found.settings.cells == 16
    after = found.settings
    found.expect_cells(16)
    assert found.settings is after


def test_the_cells_that_a_person_named_are_the_ones_expected() -> None:
    found = pace(cells=8)
    found.expect_cells(4)
    assert found.settings.cells == 8


def test_a_battery_that_sleeps_is_judged_as_before() -> None:
    found = asleep(low_voltage=12.0, cells=4)
    awake = pace(low_voltage=12.0, cells=4).settings
    assert (found.settings.failsafe, found.settings.battery) == (awake.failsafe, awake.battery)
    assert (found.settings.cells, found.settings.longest_gap, found.settings.stale_after) == (
        4,
        1500.0,
        900.0,
    )


# When something is suspected.


def suspicious(read_within: float) -> BatteryState:
    """Return a battery of which something is suspected."""
    return replace(BUSY, failsafe=Failsafe(read_within=read_within))


@pytest.mark.parametrize(
    ("interval", "read_within", "seconds"), [(10.0, 2.5, 2.5), (2.0, 2.5, 2.0), (10.0, 0.0, 0.0)]
)
def test_a_battery_of_which_something_is_suspected_is_read_sooner(
    interval: float, read_within: float, seconds: float
) -> None:
    found = pace(interval=interval)
    found.note(None)
    assert found.until_next(suspicious(read_within), 0.0) == seconds


def test_a_suspicion_wakes_a_battery_that_sleeps() -> None:
    assert asleep().until_next(suspicious(2.5), 0.0) == 2.5


def test_reading_sooner_gives_a_battery_no_less_time_to_be_heard() -> None:
    found = pace(interval=10.0)
    before = found.settings
    found.adapt(suspicious(1.0), at(1.0))
    assert found.settings is before


@pytest.mark.parametrize(("read_within", "seconds"), [(0.0, 1.0), (2.5, 2.5), (60.0, 10.0)])
def test_a_battery_that_failed_to_answer_is_not_asked_more_than_once_a_second(
    read_within: float, seconds: float
) -> None:
    found = failed(pace(), NoReply("no answer"))
    assert found.until_next(suspicious(read_within), 0.0) == seconds


# Letting it sleep.


@pytest.mark.parametrize(
    ("options", "sleeps"),
    [
        ({}, False),
        ({"keep_connected": True}, False),
        ({"keep_connected": False}, True),
        ({"keep_connected": False, "let_it_sleep": False}, False),
        ({"keep_connected": True, "let_it_sleep": True}, True),
        ({"let_it_sleep": True}, True),
    ],
)
@pytest.mark.parametrize(("state", "seconds"), [(idle_since(0.0), FIVE_MINUTES), (EMPTY, TEN_MINUTES)])
def test_a_battery_sleeps_where_that_is_wished_and_by_default_only_if_it_is_let_go_of(
    options: dict[str, Any], sleeps: bool, state: BatteryState, seconds: float
) -> None:
    found = pace(**options)
    found.note(None)
    found.adapt(state, at(3600.0))
    assert found.until_next(BUSY, 0.0) == (seconds if sleeps else 10.0)


def test_a_battery_on_a_serial_line_may_sleep_if_that_is_wished() -> None:
    found = pace("serial", **SLEEPS)
    found.note(None)
    found.adapt(idle_since(0.0), at(3600.0))
    assert found.until_next(BUSY, 0.0) == FIVE_MINUTES


@pytest.mark.parametrize(("seconds", "interval"), [(1799.0, 10.0), (1800.0, FIVE_MINUTES)])
def test_it_sleeps_after_half_an_hour(seconds: float, interval: float) -> None:
    found = pace(**SLEEPS)
    found.note(None)
    found.adapt(idle_since(0.0), at(seconds))
    assert found.until_next(BUSY, 0.0) == interval


def test_a_battery_that_is_busy_again_is_read_as_often_as_ever() -> None:
    found = asleep()
    found.adapt(BUSY, at(3900.0))
    assert found.until_next(BUSY, 0.0) == 10.0
    assert found.settings.unhealthy_after == 30.0


def test_it_says_when_a_battery_is_to_be_read_more_often_from_now_on() -> None:
    found = pace(**SLEEPS)
    assert not found.adapt(idle_since(0.0), at(3600.0)), "more seldom"
    assert not found.adapt(idle_since(0.0), at(3900.0))
    assert found.adapt(BUSY, at(4200.0))
    assert not found.adapt(BUSY, at(4300.0))
    assert not found.adapt(EMPTY, at(4400.0)), "more seldom"
    assert found.adapt(idle_since(0.0), at(5000.0)), "every five minutes, not ten"


def test_a_battery_read_more_seldom_than_a_sleeping_one_keeps_its_interval() -> None:
    found = asleep(interval=1000.0)
    assert found.until_next(BUSY, 0.0) == 1000.0
    assert found.settings.unhealthy_after == 3000.0


@pytest.mark.parametrize(
    ("state", "seconds"), [(idle_since(0.0), 3 * FIVE_MINUTES), (EMPTY, 3 * TEN_MINUTES), (BUSY, 30.0)]
)
def test_a_sleeping_battery_may_be_silent_for_three_of_its_long_polls(
    state: BatteryState, seconds: float
) -> None:
    found = pace(**SLEEPS)
    found.adapt(state, at(3600.0))
    assert found.settings.unhealthy_after == seconds


# Letting go of the link.


@pytest.mark.parametrize(("options", "lets_go"), [({}, False), ({"keep_connected": False}, True)])
def test_the_link_is_dropped_between_readings_where_it_is_not_to_be_kept(
    options: dict[str, Any], lets_go: bool
) -> None:
    assert pace(**options).lets_go is lets_go


def test_the_link_to_a_sleeping_battery_is_dropped_though_it_is_to_be_kept() -> None:
    found = asleep(keep_connected=True)
    assert found.lets_go
    found.adapt(BUSY, at(3900.0))
    assert not found.lets_go


# After a failure.


def failed(found: Pace, *errors: BattMonError) -> Pace:
    for error in errors:
        found.note(error)
    return found


def test_a_lost_link_is_tried_again_at_once_and_then_once_a_second() -> None:
    found = failed(pace(), LinkDown("lost"))
    assert found.until_next(BUSY, 0.0) < 0.2
    for _ in range(5):
        assert failed(found, LinkDown("lost")).until_next(BUSY, 0.0) == 1.0


def test_the_wire_may_ask_for_more_patience() -> None:
    found = failed(pace(), LinkDown("lost"), LinkDown("refused"))
    assert found.until_next(BUSY, 4.0) == 4.0
    assert found.until_next(BUSY, -7.0) == 1.0


@pytest.mark.parametrize("retry_in", [0.0, 2.0, 1e6])
@pytest.mark.parametrize("interval", [0.05, 0.5, 3.0])
def test_it_is_never_longer_than_the_interval_until_the_next_try(interval: float, retry_in: float) -> None:
    found = pace(interval=interval)
    for _ in range(9):
        assert failed(found, LinkDown("lost")).until_next(BUSY, retry_in) <= interval


def test_a_sleeping_battery_that_is_lost_is_looked_for_at_the_pace_that_was_set() -> None:
    found = asleep()
    assert failed(found, LinkDown("lost")).until_next(BUSY, 0.0) < 0.2
    assert failed(found, LinkDown("lost")).until_next(BUSY, 1e6) == 10.0


@pytest.mark.parametrize(
    "error",
    [
        NoReply("no answer"),
        BadFrame("junk"),
        WireConflict("in use"),
        WrongBattery("another"),
        PasswordNeeded(Lock.BATTERY),
        WrongPassword(Lock.BATTERY),
    ],
)
def test_any_other_error_keeps_the_interval(error: BattMonError) -> None:
    assert failed(pace(), error).until_next(BUSY, 0.0) == 10.0
    assert failed(asleep(), error).until_next(BUSY, 0.0) == 10.0


def test_a_link_lost_once_more_after_a_success_is_tried_again_at_once() -> None:
    found = failed(pace(), LinkDown("lost"), LinkDown("lost"))
    found.note(None)
    assert found.until_next(BUSY, 0.0) == 10.0
    assert failed(found, LinkDown("lost")).until_next(BUSY, 0.0) < 0.2


# The quality of the link.


def test_nothing_is_known_of_a_link_that_was_not_used() -> None:
    assert pace().link_quality is None


@pytest.mark.parametrize(
    ("well", "badly", "quality"), [(1, 0, 100), (0, 1, 0), (1, 1, 50), (3, 1, 75), (99, 1, 99)]
)
def test_the_quality_is_the_share_of_samples_that_went_well(well: int, badly: int, quality: float) -> None:
    found = failed(pace(), *[NoReply("no answer")] * badly)
    for _ in range(well):
        found.note(None)
    assert found.link_quality == quality


def test_only_the_last_hundred_samples_count() -> None:
    found = failed(pace(), *[NoReply("no answer")] * 50)
    for _ in range(60):
        found.note(None)
    assert found.link_quality == 60
    for _ in range(40):
        found.note(None)
    assert found.link_quality == 100


@pytest.mark.parametrize(
    ("wire", "options", "unsigned"),
    [
        ("ltc2946", {}, True),  # whatever is set: it measures in one direction only
        ("ltc2946", {"current_is_unsigned": False}, True),
        ("serial", {}, False),
        ("serial", {"current_is_unsigned": True}, True),
    ],
)
def test_a_monitor_that_cannot_tell_charging_from_discharging_counts_no_charge(
    wire: str, options: dict[str, bool], unsigned: bool
) -> None:
    assert pace(wire, **options).settings.battery.current_is_unsigned is unsigned


def test_a_power_monitor_is_read_ten_times_a_second() -> None:
    assert pace("ltc2946").interval == 0.1
