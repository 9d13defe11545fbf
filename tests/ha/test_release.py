"""Bluetooth released for a while: a battery serves one link, and a phone wants it, too."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from simulators.bluetooth.peripheral import Peripheral

from ..battery import ALLOW_ALL, Bench, entity_id, jbd, make_entry, set_up, shown, until
from .house import (
    FAST,
    add,
    coordinator_of,
    keys,
    log_of,
    read_now,
    set_switches,
)
from .releasing import MINUTE, Act, all_shown, back, ends_at, is_released, release, voltage
from .room import Clock, Room

pytestmark = pytest.mark.usefixtures("quick")

MOSFETS = 0xE1


# What there is.


async def test_there_is_a_switch_for_bluetooth_and_none_for_other_wires(
    hass: HomeAssistant, room: Room, bench: Bench
) -> None:
    radio, serial = await set_up(hass, room.plug_in()), await set_up(hass, bench.plug_in())
    assert keys(hass, radio, "switch") == {"release_bluetooth"}
    assert keys(hass, serial, "switch") == set()
    assert not is_released(hass, radio)
    assert ends_at(hass, radio) is None


# Letting go.


@pytest.mark.parametrize("kept", [True, False])
async def test_values_go_at_once_and_the_link_is_free(hass: HomeAssistant, room: Room, kept: bool) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, keep_connected=kept)
    assert voltage(hass, entry) == "13.16"
    assert battery.connected is kept
    await release(hass, entry)
    assert is_released(hass, entry)
    assert voltage(hass, entry) == "unavailable"
    assert shown(hass, entry, "binary_sensor", "connected") == "off"
    assert not battery.connected
    phone = await room.connect_a_phone(battery)
    assert phone.connected


async def test_it_is_no_trouble_to_anybody(
    hass: HomeAssistant, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    caplog.clear()
    caplog.set_level(logging.INFO)
    await release(hass, entry)
    await clock.advance(10 * MINUTE)
    await release(hass, entry, on=False)
    await back(hass, entry)
    assert log_of(caplog) == []
    assert [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN] == []


async def test_nothing_is_read_meanwhile(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = await add(hass, battery, {"interval": 0.05, "publish_interval": 0.05})
    await release(hass, entry)
    heard = len(battery.faults.log)
    connected = battery.link_faults.count("connect")
    phone = await room.connect_a_phone(battery)
    phone.drop()
    room.air.advertise()
    coordinator_of(entry).retry_now()
    await asyncio.sleep(0.3)
    assert len(battery.faults.log) == heard
    assert battery.link_faults.count("connect") == connected + 1, "the phone's"


async def test_an_update_that_is_asked_for_reads_nothing_and_is_no_failure(
    hass: HomeAssistant, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery)
    await release(hass, entry)
    heard = len(battery.faults.log)
    caplog.clear()
    caplog.set_level(logging.INFO)
    assert await async_setup_component(hass, "homeassistant", {})
    target = {"entity_id": entity_id(hass, entry, "sensor", "voltage")}
    await hass.services.async_call("homeassistant", "update_entity", target, blocking=True)
    await coordinator_of(entry).async_refresh()
    assert len(battery.faults.log) == heard
    assert not battery.connected
    assert voltage(hass, entry) == "unavailable"
    assert log_of(caplog) == []


ACTS: dict[str, Act] = {
    "read now": read_now,
    "a command": lambda hass, entry: set_switches(hass, entry, discharging=False),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_whoever_wants_something_is_told_that_it_is_released(
    hass: HomeAssistant, room: Room, act: Act
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, **ALLOW_ALL)
    await release(hass, entry)
    heard = len(battery.faults.log)
    with pytest.raises(ServiceValidationError, match="Bluetooth is released") as error:
        await act(hass, entry)
    assert error.value.translation_key == "bluetooth_released"
    assert len(battery.faults.log) == heard
    await release(hass, entry, on=False)
    await back(hass, entry)
    await act(hass, entry)


# In the middle of something.


async def begin(hass: HomeAssistant, battery: Peripheral, register: int, act: Awaitable[None]) -> Any:
    """Begin something whose answer comes late, and return it when the battery was asked."""
    armed = battery.faults.inject("delay", register=register, delay=0.1)
    task = asyncio.ensure_future(act)
    await until(hass, lambda: armed.struck > 0)
    return task


async def test_a_command_under_way_is_ended_first(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(device := jbd())
    entry = await set_up(hass, battery, interval=3600, **ALLOW_ALL)
    command = await begin(hass, battery, MOSFETS, set_switches(hass, entry, charging=False))
    await release(hass, entry)
    assert (device.charge_fet, device.in_factory_mode) == (False, False)
    assert not battery.connected
    await command
    assert voltage(hass, entry) == "unavailable", "what was read back came after the release"
    assert shown(hass, entry, "switch", "charging") == "unavailable"


async def test_values_go_at_once_though_a_command_is_under_way(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=3600, **ALLOW_ALL)
    command = await begin(hass, battery, MOSFETS, set_switches(hass, entry, charging=False))
    released = asyncio.ensure_future(release(hass, entry))
    await until(hass, lambda: is_released(hass, entry))
    assert voltage(hass, entry) == "unavailable"
    assert not command.done()
    await asyncio.gather(command, released)


@pytest.mark.parametrize("polling", [True, False])
async def test_a_command_given_in_the_same_moment_leaves_no_link_behind(
    hass: HomeAssistant, room: Room, polling: bool
) -> None:
    battery = room.plug_in(device := jbd())
    entry = make_entry(battery, interval=3600, **ALLOW_ALL)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=not polling)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await asyncio.gather(set_switches(hass, entry, charging=False), release(hass, entry))
    await hass.async_block_till_done()
    assert is_released(hass, entry)
    assert not battery.connected
    assert not device.charge_fet


async def test_a_command_that_fails_in_the_same_moment_leaves_no_link_behind(
    hass: HomeAssistant, room: Room
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=3600, **ALLOW_ALL)
    battery.faults.inject("error", status=0x83, register=MOSFETS, write=True)
    command = asyncio.ensure_future(set_switches(hass, entry, charging=False))
    await asyncio.sleep(0)
    await coordinator_of(entry).async_release()
    with pytest.raises(HomeAssistantError, match="password"):
        await command
    await hass.async_block_till_done()
    assert is_released(hass, entry)
    assert not battery.connected


@pytest.mark.parametrize("register", [0x03, 0x04])
async def test_a_poll_under_way_is_given_up(hass: HomeAssistant, room: Room, register: int) -> None:
    battery = room.plug_in()
    entry = await add(hass, battery, FAST)
    armed = battery.faults.inject("silence", register=register)
    await until(hass, lambda: armed.struck > 0)
    await release(hass, entry)
    assert not battery.connected
    assert voltage(hass, entry) == "unavailable"
    await release(hass, entry, on=False)
    await back(hass, entry)
    assert coordinator_of(entry).pace.link_quality == 100, "what we ended ourselves is no failure"


async def test_an_update_under_way_is_not_shown(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=3600)
    states = all_shown(hass, entity_id(hass, entry, "sensor", "voltage"))
    update = await begin(hass, battery, 0x04, coordinator_of(entry).async_refresh())
    await release(hass, entry)
    await update
    assert set(states) == {"unavailable"}
    assert not battery.connected


@pytest.mark.parametrize("kind", ["slow", "hang"])
async def test_connecting_is_given_up(hass: HomeAssistant, room: Room, kind: str) -> None:
    battery = room.plug_in()
    entry = await add(hass, battery, FAST)
    battery.link_faults.inject(kind)
    before = battery.link_faults.count("connect")
    battery.cut()
    await until(hass, lambda: battery.link_faults.count("connect") > before)
    async with asyncio.timeout(0.5):
        await release(hass, entry)
    assert not battery.connected
    assert room.proxy.get_allocations().free == room.proxy.slots
    await release(hass, entry, on=False)
    await back(hass, entry)
