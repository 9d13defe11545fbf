"""A battery that does not answer: what that means, when, and when it means nothing."""

import asyncio
import time

import pytest

from custom_components.battmon import coordinator
from custom_components.battmon.model import state
from homeassistant.core import HomeAssistant

from ..battery import Bench, shown, until
from .house import FAST, add, fixed, read_now, turn
from .judged import (
    JUDGED,
    LOW,
    LOW_WORDS,
    NO_LEVEL,
    SELDOM,
    WEAK,
    Events,
    act,
    becomes,
    charge_to,
    is_on,
    levels,
    reasons,
    reload,
    why_not_ready,
)
from .releasing import release
from .room import Room

pytestmark = pytest.mark.usefixtures("quick", "short_sight")

UNHEALTHY = {"failsafe": "unhealthy", "discharge_level": "none", "charge_level": "none"}


@pytest.mark.usefixtures("started_long_ago")
async def test_a_battery_that_was_unplugged_is_unhealthy_until_it_is_back(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port)
    events = Events(hass, entry)
    port.vanish()
    await becomes(hass, entry, UNHEALTHY)
    assert reasons(hass, entry) == ["no answer"]
    assert why_not_ready(hass, entry) == ["no answer"]
    assert not is_on(hass, entry, "low_battery"), "that it is silent says nothing about its charge"
    assert shown(hass, entry, "sensor", "voltage") == "unavailable"
    port.reappear()
    await becomes(hass, entry, NO_LEVEL)
    assert events.changes == [
        ("health_lost", None),
        ("level_rose", "silence"),
        ("ready_changed", None),
        ("health_regained", None),
        ("level_fell", "silence"),
        ("ready_changed", None),
    ]
    assert (events.told[1].level, events.told[1].side) == ("unhealthy", "fault")


async def test_it_raises_no_level_in_the_first_minute_after_a_start(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while it was seen nor before; the values are gone all the same."""
    monkeypatch.setattr(state, "STARTING", 2.0)
    port = bench.plug_in(fixed())
    entry = await add(hass, port)
    start = time.monotonic()
    port.vanish()
    await until(hass, lambda: not is_on(hass, entry, "connected"))
    assert why_not_ready(hass, entry) == ["no answer"]
    assert levels(hass, entry) == NO_LEVEL
    await becomes(hass, entry, UNHEALTHY)
    assert time.monotonic() - start > 1.5
    # The time begins anew with a reload.
    await reload(hass, entry)
    assert levels(hass, entry) == UNHEALTHY, "what is held stays held"


async def test_a_battery_that_is_gone_at_a_restart_has_its_minute(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "STARTING", 1.5)
    port = bench.plug_in(fixed())
    entry = await add(hass, port)
    port.vanish()
    await reload(hass, entry)
    start = time.monotonic()
    await until(hass, lambda: not is_on(hass, entry, "connected"))
    assert not is_on(hass, entry, "ready")
    assert levels(hass, entry) == NO_LEVEL
    await becomes(hass, entry, UNHEALTHY)
    assert time.monotonic() - start > 1.0


async def test_a_battery_that_hangs_at_a_restart_is_not_ready(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is set up before its first read has ended: what is known of it is what was remembered."""
    monkeypatch.setattr(coordinator, "FIRST_TRY", 0.1)
    port = bench.plug_in(fixed())
    entry = await add(hass, port, SELDOM)
    port.faults.inject("silence", None)
    await reload(hass, entry)
    assert why_not_ready(hass, entry) == ["no answer"]
    assert levels(hass, entry) == NO_LEVEL
    port.faults.clear()
    charge_to(port, WEAK)
    await read_now(hass, entry)
    await becomes(hass, entry, LOW)
    port.faults.inject("silence", None)
    await reload(hass, entry)
    assert why_not_ready(hass, entry) == ["no answer", LOW_WORDS]
    assert levels(hass, entry) == LOW


@pytest.mark.usefixtures("started_long_ago")
@pytest.mark.parametrize(("charge", "expected"), [(24, LOW), (25, UNHEALTHY)])
async def test_a_battery_that_was_nearly_low_is_low_when_it_falls_silent(
    hass: HomeAssistant, bench: Bench, charge: int, expected: dict[str, str]
) -> None:
    """A BMS that cuts off looks just like that. The limit is 5 points above low."""
    port = bench.plug_in(fixed(capacity=100.0, full_capacity=100.0, remaining_capacity=charge))
    entry = await add(hass, port, {**FAST, "low_state_of_charge": 20})
    assert levels(hass, entry) == NO_LEVEL
    port.vanish()
    await until(hass, lambda: levels(hass, entry) != NO_LEVEL)
    assert levels(hass, entry) == expected
    assert is_on(hass, entry, "low_battery") is (expected == LOW)


@pytest.mark.usefixtures("started_long_ago")
async def test_a_battery_whose_low_timer_ran_is_low_when_it_falls_silent(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "low_voltage_delay": 60.0})
    charge_to(port, WEAK)
    await until(hass, lambda: why_not_ready(hass, entry) == [LOW_WORDS])
    port.vanish()
    await becomes(hass, entry, LOW)
    assert reasons(hass, entry) == ["no answer since it was low or nearly so", "no answer"]


@pytest.mark.usefixtures("started_long_ago")
async def test_that_it_is_lost_is_told_at_any_level(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    events = Events(hass, entry)
    port.vanish()
    await until(hass, lambda: len(events.told) >= 3)
    assert events.changes == [
        ("health_lost", None),
        ("reason_began", "silence_while_low"),
        ("reason_began", "silence"),
    ]
    assert levels(hass, entry) == LOW


# Bluetooth released: a pause is no silence.


@pytest.mark.usefixtures("started_long_ago")
async def test_while_bluetooth_is_released_the_level_is_held(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(fixed(3.2, 3.2, 3.2, 3.2))
    entry = await add(hass, battery, JUDGED)
    await becomes(hass, entry, LOW)
    await release(hass, entry)
    assert why_not_ready(hass, entry) == ["Bluetooth released", LOW_WORDS]
    await asyncio.sleep(0.6)  # twice the time in which silence would be noticed
    assert levels(hass, entry) == LOW
    assert reasons(hass, entry) == [LOW_WORDS]
    assert shown(hass, entry, "sensor", "voltage") == "unavailable"
    await turn(hass, entry, "release_bluetooth", on=False)
    await until(hass, lambda: is_on(hass, entry, "connected"))
    assert levels(hass, entry) == LOW
    assert why_not_ready(hass, entry) == [LOW_WORDS]


@pytest.mark.usefixtures("started_long_ago")
async def test_what_people_do_meanwhile_is_done(hass: HomeAssistant, room: Room) -> None:
    entry = await add(hass, room.plug_in(fixed()))
    await release(hass, entry)
    await act(hass, entry, "failsafe_drill", level="critical")
    assert levels(hass, entry)["failsafe"] == "critical"
    await act(hass, entry, "reset_failsafe")
    assert levels(hass, entry) == NO_LEVEL
    assert why_not_ready(hass, entry) == ["Bluetooth released"]


@pytest.mark.usefixtures("started_long_ago")
async def test_a_battery_that_does_not_come_back_from_a_pause_is_unhealthy(
    hass: HomeAssistant, room: Room
) -> None:
    battery = room.plug_in(fixed())
    entry = await add(hass, battery)
    await release(hass, entry)
    battery.vanish()
    await turn(hass, entry, "release_bluetooth", on=False)
    assert why_not_ready(hass, entry) == ["no answer"], "it has its time, but it is not there yet"
    await becomes(hass, entry, UNHEALTHY)
