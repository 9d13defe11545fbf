"""The rules of switching, at the edges of their numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.errors import CommandBlocked
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.switching import (
    Mosfets,
    SwitchMemory,
    Wanted,
    approve,
    combined,
    commanded_mosfets,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON, NEITHER = Mosfets(True, True), Mosfets(False, False)
CHARGING_OFF, DISCHARGING_OFF = Mosfets(False, True), Mosfets(True, False)
PAIRS = (ON, NEITHER, CHARGING_OFF, DISCHARGING_OFF)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def writes(*when: datetime) -> SwitchMemory:
    return SwitchMemory(balancing_writes=when)


# Balancing writes.


def test_the_first_write_is_free_and_remembered() -> None:
    memory = SwitchMemory(commanded=ON, mosfet_register=0xE1, factory_mode=True)
    assert memory.with_balancing_write(NOW) == SwitchMemory(
        commanded=ON, mosfet_register=0xE1, factory_mode=True, balancing_writes=(NOW,)
    )


@pytest.mark.parametrize(("seconds", "allowed"), [(0, False), (59.999, False), (60, True), (61, True)])
def test_writes_are_a_minute_apart(seconds: float, allowed: bool) -> None:
    memory = writes(ago(seconds=seconds))
    if allowed:
        assert memory.with_balancing_write(NOW).balancing_writes[-1] == NOW
        return
    with pytest.raises(CommandBlocked) as caught:
        memory.with_balancing_write(NOW)
    assert (caught.value.key, caught.value.placeholders) == ("balancing_too_soon", {"seconds": "60"})


def test_ten_writes_a_day() -> None:
    nine = writes(*(ago(hours=hours) for hours in range(9, 0, -1)))
    ten = nine.with_balancing_write(NOW)
    with pytest.raises(CommandBlocked) as caught:
        ten.with_balancing_write(NOW + timedelta(minutes=1))
    assert (caught.value.key, caught.value.placeholders) == ("balancing_too_often", {"limit": "10"})


@pytest.mark.parametrize(("oldest", "allowed"), [(timedelta(days=1), True), (timedelta(hours=23.999), False)])
def test_a_write_counts_for_a_day(oldest: timedelta, allowed: bool) -> None:
    memory = writes(NOW - oldest, *(ago(hours=hours) for hours in range(9, 0, -1)))
    if allowed:
        assert len(memory.with_balancing_write(NOW).balancing_writes) == 10
    else:
        with pytest.raises(CommandBlocked, match="balancing too often"):
            memory.with_balancing_write(NOW)


def test_what_is_older_than_a_day_is_forgotten() -> None:
    assert writes(ago(days=2), ago(days=1), ago(hours=1)).with_balancing_write(NOW).balancing_writes == (
        ago(hours=1),
        NOW,
    )


def test_a_clock_that_was_set_back_forgets_no_write() -> None:
    memory = writes(*(NOW + timedelta(minutes=2 * number) for number in range(10)))
    with pytest.raises(CommandBlocked, match="balancing too often"):
        memory.with_balancing_write(ago(days=30))
    assert len(writes(NOW).with_balancing_write(ago(hours=1)).balancing_writes) == 2


def test_a_write_a_moment_in_the_future_is_too_soon_as_well() -> None:
    with pytest.raises(CommandBlocked, match="balancing too soon"):
        writes(NOW + timedelta(seconds=30)).with_balancing_write(NOW)


@given(st.lists(st.integers(0, 7200), max_size=60))
def test_no_day_ever_sees_more_than_ten_writes(pauses: list[int]) -> None:
    memory, now, done = SwitchMemory(), NOW, list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        try:
            memory = memory.with_balancing_write(now)
        except CommandBlocked:
            continue
        done.append(now)
    for when in done:
        assert len([other for other in done if when - timedelta(days=1) < other <= when]) <= 10
    assert all(
        (later - earlier).total_seconds() >= 60 for earlier, later in zip(done, done[1:], strict=False)
    )


# Which pair is commanded.


def seen(charging: bool | None, discharging: bool | None, *alarms: Alarm) -> Reading:
    return Reading(charging_enabled=charging, discharging_enabled=discharging, alarms=frozenset(alarms))


LOCK = Alarm.SOFTWARE_LOCK


@pytest.mark.parametrize("remembered", [None, *PAIRS])
@pytest.mark.parametrize(
    "reading",
    [
        seen(True, True),
        seen(False, True, Alarm.CELL_OVERVOLTAGE),
        seen(False, False, Alarm.SHORT_CIRCUIT),
        Reading(),
    ],
)
def test_without_the_lock_both_are_commanded_on(reading: Reading, remembered: Mosfets | None) -> None:
    assert commanded_mosfets(reading, remembered) == ON


@pytest.mark.parametrize(
    ("reading", "remembered", "commanded"),
    [
        (seen(False, True, LOCK), None, None),
        (seen(False, True, LOCK), CHARGING_OFF, CHARGING_OFF),
        (seen(False, True, LOCK), DISCHARGING_OFF, None),
        (seen(False, True, LOCK), NEITHER, None),
        (seen(False, True, LOCK), ON, None),
        (seen(True, False, LOCK), DISCHARGING_OFF, DISCHARGING_OFF),
        (seen(True, False, LOCK), CHARGING_OFF, None),
        (seen(False, False, LOCK), NEITHER, NEITHER),
        (seen(False, False, LOCK), ON, None),
        # A protection may hold the other one off as well: what is remembered stands.
        (seen(False, False, LOCK, Alarm.CELL_OVERVOLTAGE), DISCHARGING_OFF, DISCHARGING_OFF),
        (seen(None, None, LOCK), CHARGING_OFF, CHARGING_OFF),
        (seen(True, True, LOCK), CHARGING_OFF, None),
        (seen(True, True, LOCK), DISCHARGING_OFF, None),
    ],
)
def test_with_the_lock_the_memory_counts_unless_it_is_seen_to_be_wrong(
    reading: Reading, remembered: Mosfets | None, commanded: Mosfets | None
) -> None:
    assert commanded_mosfets(reading, remembered) == commanded


# Which pair to command.


@pytest.mark.parametrize("commanded", PAIRS)
@pytest.mark.parametrize("on", [True, False])
def test_what_is_not_wanted_stays_as_it_is_commanded(commanded: Mosfets, on: bool) -> None:
    assert combined(Wanted(charging=on), commanded) == Mosfets(on, commanded.discharging)
    assert combined(Wanted(discharging=on), commanded) == Mosfets(commanded.charging, on)


@pytest.mark.parametrize("commanded", [None, *PAIRS])
@pytest.mark.parametrize("pair", PAIRS)
def test_two_that_are_stated_need_no_memory(commanded: Mosfets | None, pair: Mosfets) -> None:
    assert combined(Wanted(*pair), commanded) == pair


@pytest.mark.parametrize("wanted", [Wanted(charging=True), Wanted(discharging=False), Wanted()])
def test_one_that_is_stated_beside_an_unknown_one_is_blocked(wanted: Wanted) -> None:
    with pytest.raises(CommandBlocked) as caught:
        combined(wanted, None)
    assert caught.value.key == "state_both"


# What would do harm.

OFF = Wanted(charging=False)


def under(current: float | None, capacity: float | None = 100.0, **more: Any) -> Reading:
    return Reading(current=current, full_capacity=capacity, **more)


@pytest.mark.parametrize("current", [-50.0, 0.0, 0.01, 9.99, 10.0])
def test_charging_may_be_switched_off_up_to_a_tenth_of_the_capacity(current: float) -> None:
    approve(under(current), OFF, force=False)


@pytest.mark.parametrize("current", [10.01, 200.0])
def test_charging_is_not_switched_off_under_load(current: float) -> None:
    with pytest.raises(CommandBlocked) as caught:
        approve(under(current), OFF, force=False)
    assert caught.value.key == "charging_under_load"
    assert caught.value.placeholders == {"current": f"{current:.1f}", "limit": "10.0"}


@pytest.mark.parametrize("reading", [under(None), under(5.0, None), under(5.0, 0.0), under(None, None)])
def test_a_load_that_is_unknown_may_be_too_large(reading: Reading) -> None:
    with pytest.raises(CommandBlocked, match="charge current unknown"):
        approve(reading, OFF, force=False)


@pytest.mark.parametrize("reading", [under(0.0, None), under(-5.0, None), under(-5.0, 0.0)])
def test_what_does_not_charge_may_be_switched_off_at_any_capacity(reading: Reading) -> None:
    approve(reading, OFF, force=False)


@pytest.mark.parametrize("reading", [under(200.0), under(None), under(5.0, None)])
def test_force_needs_no_reason(reading: Reading) -> None:
    approve(reading, OFF, force=True)


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(charging=True), Wanted(discharging=False), Wanted(balancing=False)]
)
def test_other_commands_do_no_harm_to_an_alternator(wanted: Wanted) -> None:
    approve(under(200.0), wanted, force=False)


def test_charging_that_is_off_already_may_be_switched_off() -> None:
    approve(under(200.0, charging_enabled=False), OFF, force=False)
    with pytest.raises(CommandBlocked):
        approve(under(200.0, charging_enabled=None), OFF, force=False)


def test_the_rule_holds_for_both_switches_at_once() -> None:
    with pytest.raises(CommandBlocked):
        approve(under(200.0), Wanted(charging=False, discharging=False), force=False)
