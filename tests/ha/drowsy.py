"""Batteries that may sleep, and time that passes."""

import asyncio
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulators.bluetooth.peripheral import Peripheral
from simulators.jbd import JbdDevice

from ..battery import Port, shown
from .house import coordinator_of, fixed, polls
from .room import Clock

INTERVAL = 100.0
"""Seconds between readings of a battery that is awake: half an hour is 18 of them."""
HALF_AN_HOUR, FIVE_MINUTES, TEN_MINUTES, HOUR = 1800.0, 300.0, 600.0, 3600.0
SLEEPS = {"interval": INTERVAL, "publish_interval": 1.0, "let_it_sleep": True}
AWAY = {"interval": INTERVAL, "publish_interval": 1.0, "keep_connected": False}
SETTINGS, ENTER_FACTORY_MODE, COUNTS, MOSFETS = 0x2D, 0x00, 0xAA, 0xE1


def idle(**settings: Any) -> JbdDevice:
    return fixed(demand=0.0, **settings)


def busy(**settings: Any) -> JbdDevice:
    return fixed(demand=-5.0, **settings)


def voltage(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    return shown(hass, entry, "sensor", "voltage")


async def settled(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until nobody reads."""
    await asyncio.sleep(0.01)
    async with coordinator_of(entry)._sampling:
        pass
    await hass.async_block_till_done()


async def pass_by(
    hass: HomeAssistant, clock: Clock, battery: Port | Peripheral, entry: MockConfigEntry, seconds: float
) -> int:
    """Let time pass at once, and return how often the battery was read for that."""
    before = polls(battery)
    await clock.advance(seconds)
    await settled(hass, entry)
    return polls(battery) - before


async def half_an_hour(
    hass: HomeAssistant, clock: Clock, battery: Port | Peripheral, entry: MockConfigEntry
) -> None:
    """Let half an hour pass, turn by turn; every turn takes place."""
    for _ in range(round(HALF_AN_HOUR / INTERVAL)):
        assert await pass_by(hass, clock, battery, entry, INTERVAL) > 0
