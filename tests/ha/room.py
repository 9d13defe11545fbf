"""Simulated batteries in the air, a Bluetooth proxy that hears them, and a clock that can be put forward."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import ADDRESS, jbd_peripheral
from simulators.bluetooth.link import Link
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.scanner import Scanner
from simulators.jbd import JbdDevice

from ..battery import jbd

NEVER = 3600.0
"""Seconds between advertisements of their own: they are told to be heard when a test wants it."""


class Room:
    """Brings batteries into the air; one proxy of Home Assistant is in the room."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.air = Air(interval=NEVER)
        self.proxy = Scanner(self.air)
        self.proxy.register(hass)
        self._hass = hass

    def plug_in(
        self, device: JbdDevice | None = None, baud_rate: int | None = None, **settings: Any
    ) -> Peripheral:
        """Bring a battery in and let it be heard; without a baud rate its bytes take no time."""
        settings.setdefault("address", self._free_address())
        settings.setdefault("gap", 0.0)
        battery = jbd_peripheral(device or jbd(), baud_rate=baud_rate, **settings)
        self.air.add(battery)
        self.air.advertise()
        return battery

    def add_proxy(self, source: str = "AA:BB:CC:00:00:02", **settings: Any) -> Scanner:
        """Bring another proxy in."""
        proxy = Scanner(self.air, source, f"proxy {source}", **settings)
        proxy.register(self._hass)
        self.air.advertise()
        return proxy

    async def connect_a_phone(self, battery: Peripheral) -> Link:
        """Let somebody else have the link of a battery; fails while it is taken."""
        return await self.air.connect(battery.address, lambda: None)

    def _free_address(self) -> str:
        number = int(ADDRESS.replace(":", ""), 16) + len(self.air.peripherals)
        return number.to_bytes(6).hex(":").upper()


class Clock:
    """Puts the event loop's clock forward: what was to happen in the meantime happens now."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self._hass = hass
        self._real = hass.loop.time
        self._ahead = 0.0
        monkeypatch.setattr(hass.loop, "time", self._time)

    async def advance(self, seconds: float) -> None:
        """Let time pass at once, and what is due begin; it may take longer to end."""
        self._ahead += seconds
        await asyncio.sleep(0.01)
        await self._hass.async_block_till_done()

    def _time(self) -> float:
        return self._real() + self._ahead
