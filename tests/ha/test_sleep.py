"""Letting a battery sleep."""

import asyncio
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulators.jbd_protection import Bit

from ..battery import Bench, set_up, shown
from .drowsy import (
    FIVE_MINUTES,
    INTERVAL,
    SLEEPS,
    TEN_MINUTES,
    half_an_hour,
    idle,
    pass_by,
    settled,
    voltage,
)
from .house import cells_of, coordinator_of, log_of, read_now, set_switches
from .room import Clock, Room

pytestmark = pytest.mark.usefixtures("quick")


# Asleep.


async def test_a_battery_idle_for_half_an_hour_is_left_alone_and_its_values_stay(
    hass: HomeAssistant, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    battery = room.plug_in(idle())
    entry = await set_up(hass, battery, **SLEEPS)
    caplog.clear()
    caplog.set_level(logging.INFO)
    for _ in range(17):
        assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
        assert battery.connected
    assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
    for _ in range(2):
        assert not battery.connected
        assert await pass_by(hass, clock, battery, entry, FIVE_MINUTES - 2) == 0
        assert not battery.connected
        assert voltage(hass, entry) == "13.21"
        assert shown(hass, entry, "binary_sensor", "connected") == "on"
        assert await pass_by(hass, clock, battery, entry, 2.0) > 0
    (await room.connect_a_phone(battery)).drop()
    assert log_of(caplog) == []


async def test_a_current_that_flows_ends_it_at_the_reading_that_sees_it(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(device := idle())
    entry = await set_up(hass, battery, **SLEEPS)
    await half_an_hour(hass, clock, battery, entry)
    cells_of(device).demand = -5.0
    assert await pass_by(hass, clock, battery, entry, FIVE_MINUTES) > 0
    assert shown(hass, entry, "sensor", "current") == "-5.0"
    assert battery.connected
    for _ in range(3):
        assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
    assert battery.connected


async def seen_by_hand(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await read_now(hass, entry)


async def seen_by_an_update(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await coordinator_of(entry).async_refresh()


async def seen_by_a_command(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await set_switches(hass, entry, charging=False)


@pytest.mark.parametrize("see", [seen_by_hand, seen_by_an_update, seen_by_a_command])
async def test_a_current_that_is_seen_out_of_turn_ends_it_too(
    hass: HomeAssistant, room: Room, clock: Clock, see: Any
) -> None:
    """Otherwise it would be taken for lost before its next turn comes."""
    battery = room.plug_in(device := idle())
    entry = await set_up(hass, battery, allow_charging=True, **SLEEPS)
    await half_an_hour(hass, clock, battery, entry)
    cells_of(device).demand = -5.0
    await clock.advance(10)
    await see(hass, entry)
    await settled(hass, entry)
    assert shown(hass, entry, "sensor", "current") == "-5.0"
    assert battery.connected
    for _ in range(4):
        assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
        assert voltage(hass, entry) != "unavailable"


async def test_a_read_that_hangs_right_after_it_takes_the_values_away_in_time(
    hass: HomeAssistant, room: Room, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The long time that a sleeping battery has to be seen ends with its sleep."""
    battery = room.plug_in(device := idle())
    entry = await set_up(hass, battery, **SLEEPS)
    await half_an_hour(hass, clock, battery, entry)
    cells_of(device).demand = -5.0
    assert await pass_by(hass, clock, battery, entry, FIVE_MINUTES) > 0
    monkeypatch.setattr(coordinator_of(entry).source, "read", asyncio.Event().wait)
    for seconds in (INTERVAL, INTERVAL, INTERVAL - 10):
        await clock.advance(seconds)
        assert voltage(hass, entry) == "13.21"
    await clock.advance(15)
    assert voltage(hass, entry) == "unavailable"


async def test_a_sleeping_battery_is_lost_after_three_of_its_long_polls(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(idle())
    entry = await set_up(hass, battery, **SLEEPS)
    await half_an_hour(hass, clock, battery, entry)
    battery.link_faults.inject("refuse", count=None, error="no")
    await clock.advance(FIVE_MINUTES)
    for _ in range(5):
        await clock.advance(INTERVAL)
        assert voltage(hass, entry) == "13.21"
    await clock.advance(INTERVAL + 10)
    assert voltage(hass, entry) == "unavailable"


async def test_after_a_release_it_is_awake_and_judged_like_that(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(idle())
    entry = await set_up(hass, battery, **SLEEPS)
    await half_an_hour(hass, clock, battery, entry)
    coordinator = coordinator_of(entry)
    await coordinator.async_release()
    coordinator.take_back()
    assert coordinator.pace.settings.unhealthy_after == 3 * INTERVAL
    await settled(hass, entry)
    assert voltage(hass, entry) == "13.21"
    assert battery.connected
    assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0


async def test_a_battery_that_may_not_sleep_does_not(hass: HomeAssistant, room: Room, clock: Clock) -> None:
    battery = room.plug_in(device := idle())
    entry = await set_up(hass, battery, **{**SLEEPS, "let_it_sleep": False})
    await half_an_hour(hass, clock, battery, entry)
    device.defects = Bit.CELL_LOW
    for _ in range(4):
        assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
        assert battery.connected


async def test_a_battery_on_a_serial_line_sleeps_if_that_is_wished(
    hass: HomeAssistant, bench: Bench, clock: Clock
) -> None:
    port = bench.plug_in(idle())
    entry = await set_up(hass, port, **SLEEPS)
    await half_an_hour(hass, clock, port, entry)
    assert await pass_by(hass, clock, port, entry, FIVE_MINUTES - 2) == 0
    assert voltage(hass, entry) == "13.21"
    assert await pass_by(hass, clock, port, entry, 2.0) > 0


# Empty.


async def test_an_empty_battery_is_left_alone_at_once_until_it_is_charged(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(device := idle())
    entry = await set_up(hass, battery, **SLEEPS)
    device.defects = Bit.CELL_LOW
    assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
    for _ in range(2):
        assert not battery.connected
        assert await pass_by(hass, clock, battery, entry, TEN_MINUTES - 2) == 0
        assert voltage(hass, entry) == "13.21"
        assert shown(hass, entry, "binary_sensor", "problem") == "on"
        assert await pass_by(hass, clock, battery, entry, 2.0) > 0
    cells_of(device).demand = 5.0
    assert await pass_by(hass, clock, battery, entry, TEN_MINUTES) > 0
    assert shown(hass, entry, "sensor", "current") == "5.0"
    assert battery.connected
    assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
