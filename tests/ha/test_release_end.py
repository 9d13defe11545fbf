"""Bluetooth taken back after it was released, by itself or by the person."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulators.jbd_registers import FUNCTION_BALANCING, Register

from ..battery import entity_id, jbd, make_entry, set_up, shown, until
from ..leaks import held, leaked
from .house import (
    FAST,
    add,
    asked,
    cells_of,
    coordinator_of,
    fixed,
    log_of,
    polls,
)
from .releasing import MINUTE, NO, Act, all_shown, back, ends_at, is_released, release, voltage
from .room import Clock, Room

pytestmark = pytest.mark.usefixtures("quick")


# How it ends.


@pytest.mark.parametrize(("options", "minutes"), [({}, 15), ({"release_minutes": 2}, 2)])
async def test_it_ends_by_itself(
    hass: HomeAssistant, room: Room, clock: Clock, options: dict[str, Any], minutes: int
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, **options)
    await release(hass, entry)
    end = ends_at(hass, entry)
    assert end is not None
    assert abs(end - dt_util.utcnow() - timedelta(minutes=minutes)) < timedelta(seconds=5)
    await clock.advance(minutes * MINUTE - 5)
    assert is_released(hass, entry)
    assert not battery.connected
    await clock.advance(5)
    assert not is_released(hass, entry)
    assert ends_at(hass, entry) is None
    await back(hass, entry)
    assert battery.connected


async def test_it_is_prolonged_by_switching_it_on_again(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    first = ends_at(hass, entry)
    await clock.advance(10 * MINUTE)
    await release(hass, entry)
    second = ends_at(hass, entry)
    assert first is not None
    assert second is not None
    assert second > first
    await clock.advance(10 * MINUTE)
    assert is_released(hass, entry), "the first end no longer counts"
    assert not battery.connected
    await clock.advance(5 * MINUTE)
    assert not is_released(hass, entry)


async def test_it_ends_by_the_switch_and_is_read_at_once(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=3600, publish_interval=3600)
    await release(hass, entry)
    before = polls(battery)
    await release(hass, entry, on=False)
    assert not is_released(hass, entry)
    assert ends_at(hass, entry) is None
    await back(hass, entry)
    assert polls(battery) > before


async def test_it_is_read_at_once_though_polling_is_off(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = make_entry(battery)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await release(hass, entry)
    await release(hass, entry, on=False)
    await back(hass, entry)


async def test_an_end_by_the_switch_is_the_only_one(hass: HomeAssistant, room: Room, clock: Clock) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    await release(hass, entry, on=False)
    await back(hass, entry)
    await release(hass, entry)
    await clock.advance(14 * MINUTE)
    assert is_released(hass, entry)


async def test_switching_it_off_without_a_release_changes_nothing(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    heard = len(battery.faults.log)
    await release(hass, entry, on=False)
    assert voltage(hass, entry) == "13.16"
    assert len(battery.faults.log) == heard


async def test_the_first_values_afterwards_are_new(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(device := fixed(3.3, 3.3, 3.3, 3.3))
    entry = await set_up(hass, battery)
    states = all_shown(hass, entity_id(hass, entry, "sensor", "voltage"))
    lowest = all_shown(hass, entity_id(hass, entry, "sensor", "lowest_cell"))
    await release(hass, entry)
    cells_of(device).sensed_cell_voltages = (3.0, 3.0, 3.0, 3.0)
    armed = battery.faults.inject("delay", register=0x04, delay=0.1)
    await release(hass, entry, on=False)
    await until(hass, lambda: armed.struck > 0)
    assert voltage(hass, entry) == "unavailable"
    await back(hass, entry)
    assert states == ["unavailable", "12.0"]
    assert lowest == ["unavailable", "3.0"]


async def test_samples_go_on_afterwards(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = await add(hass, battery, FAST)
    for _ in range(2):
        await release(hass, entry)
        await release(hass, entry, on=False)
    await back(hass, entry)
    before = polls(battery)
    took = await until(hass, lambda: polls(battery) >= before + 4)
    assert took > 0.2, "one sampler, not three"


async def test_settings_that_a_phone_may_have_changed_are_read_again(hass: HomeAssistant, room: Room) -> None:
    device = jbd()
    entry = await set_up(hass, room.plug_in(device), allow_balancing=True)
    assert shown(hass, entry, "switch", "balancing") == "on"
    await release(hass, entry)
    device.registers[Register.FUNCTION] &= ~FUNCTION_BALANCING
    await release(hass, entry, on=False)
    await back(hass, entry)
    assert shown(hass, entry, "switch", "balancing") == "off"


# When the battery is gone afterwards.


async def test_a_battery_gone_meanwhile_is_lost_when_it_had_its_time_to_be_seen(
    hass: HomeAssistant, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    battery.vanish()
    await clock.advance(14 * MINUTE)
    caplog.clear()
    caplog.set_level(logging.INFO)
    await release(hass, entry, on=False)
    for _ in range(2):
        await clock.advance(14)
        assert log_of(caplog) == []
    await clock.advance(3)
    ((level, text),) = log_of(caplog)
    assert level == "WARNING"
    assert text.startswith("Battery is out of sight: ")
    assert voltage(hass, entry) == "unavailable"
    battery.reappear()
    await clock.advance(10)
    await back(hass, entry)
    assert log_of(caplog)[1:] == [("INFO", "Battery is in sight")]


async def test_an_update_before_it_is_seen_again_is_no_failure_yet(
    hass: HomeAssistant, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    battery.link_faults.inject("refuse", count=None, error=NO)
    caplog.clear()
    caplog.set_level(logging.INFO)
    await release(hass, entry, on=False)
    await coordinator_of(entry).async_refresh()
    assert log_of(caplog) == []
    assert voltage(hass, entry) == "unavailable"


async def test_a_battery_that_was_lost_before_is_told_to_be_in_sight_afterwards(
    hass: HomeAssistant, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    caplog.clear()
    caplog.set_level(logging.INFO)
    battery.link_faults.inject("refuse", count=None, error=NO)
    battery.cut()
    await clock.advance(31)
    await until(hass, lambda: voltage(hass, entry) == "unavailable")
    await release(hass, entry)
    await release(hass, entry, on=False)
    await clock.advance(31)
    battery.link_faults.clear()
    await clock.advance(10)
    await back(hass, entry)
    assert [level for level, _text in log_of(caplog)] == ["WARNING", "INFO"]


async def test_a_battery_that_was_never_met_since_the_start_can_be_released(
    hass: HomeAssistant, room: Room
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    assert await hass.config_entries.async_unload(entry.entry_id)
    battery.link_faults.inject("refuse", count=None, error=NO)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await release(hass, entry)
    tried = battery.link_faults.count("connect")
    await asyncio.sleep(0.3)
    assert battery.link_faults.count("connect") == tried
    battery.link_faults.clear()
    await release(hass, entry, on=False)
    await back(hass, entry)


# Unloading meanwhile.


async def test_reloading_takes_it_back(hass: HomeAssistant, room: Room, clock: Clock) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not is_released(hass, entry)
    assert voltage(hass, entry) == "13.16"
    await clock.advance(15 * MINUTE)
    assert battery.connected, "the old end does not touch the new link"


async def unload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)


async def stop(hass: HomeAssistant, _entry: MockConfigEntry) -> None:
    await hass.async_stop()


@pytest.mark.parametrize("end", [unload, stop])
async def test_nothing_is_left_behind(hass: HomeAssistant, room: Room, end: Act) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    before = held()
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    await end(hass, entry)
    assert not battery.connected
    assert not leaked(before)
    assert asked(battery, 0x03) > 0
