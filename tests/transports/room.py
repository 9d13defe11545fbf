"""Simulated batteries in the air, and wires to them through Home Assistant's own Bluetooth."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from custom_components.battmon.model.errors import LinkDown
from custom_components.battmon.protocols.conversation import Channel
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.sources.bluetooth import HomeAssistantRadio
from custom_components.battmon.transports.ble import BleWire, Queue
from homeassistant.core import HomeAssistant
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import jbd_peripheral
from simulators.bluetooth.link_faults import CONNECT
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.scanner import Scanner
from simulators.jbd import JbdDevice

from .rig import INFO, Rig, asking, board, read

assert Jbd.bluetooth is not None
MOMENT = 0.15
"""Seconds that slow connecting takes."""
OUT_OF_REACH = 1000
"""In dB."""
CHANNELS: tuple[Channel, ...] = Jbd.bluetooth.channels


async def ask(wire: BleWire, register: int = INFO, **settings: Any) -> bytes:
    """Read a register over a wire."""
    (frame,) = await wire.converse(asking(read(register, **settings)))
    return frame


async def fails(wire: BleWire, match: str, under: float = 1.0) -> str:
    """Ask in vain and return what is said about it."""
    start = time.monotonic()
    with pytest.raises(LinkDown, match=match) as error:
        await ask(wire)
    assert time.monotonic() - start < under
    assert wire.connection is None
    return str(error.value)


def tried(battery: Peripheral) -> list[float]:
    """Return when somebody tried to connect."""
    return [row.time for row in battery.link_faults.log if row.event == CONNECT]


class Room:
    """Batteries and proxies, by number from 1 on."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.air = Air()
        self.queue = Queue()
        self._proxies: list[Scanner] = []

    def battery(self, number: int = 1, at: Scanner | None = None, **settings: Any) -> Peripheral:
        """Bring in a battery that answers at once; out of reach of all proxies but `at`, if given."""
        settings = {"baud_rate": None, "gap": 0.0} | settings
        battery = jbd_peripheral(board(), f"A4:C1:37:00:00:{number:02X}", **settings)
        for proxy in self._proxies:
            proxy.attenuations[battery.address] = proxy.attenuation if at in (None, proxy) else OUT_OF_REACH
        self.air.add(battery)
        self.air.advertise()
        return battery

    def proxy(self, number: int = 1, **settings: Any) -> Scanner:
        """Bring in a proxy."""
        proxy = Scanner(self.air, f"AA:BB:CC:00:00:{number:02X}", f"proxy {number}", **settings)
        proxy.register(self.hass)
        self._proxies.append(proxy)
        self.air.advertise()
        return proxy

    def wire(self, battery: Peripheral) -> BleWire:
        """Return a wire to a battery."""
        return BleWire(battery.address, HomeAssistantRadio(self.hass, battery.address), CHANNELS, self.queue)


class Nook:
    """A battery and the only proxy that hears it: where one is gone, both are."""

    def __init__(self, battery: Peripheral, proxy: Scanner, room: Room) -> None:
        self.faults = battery.faults
        self.faults.unplug = self.vanish
        self.replace = battery.replace
        self._proxy = proxy
        self._room = room

    @property
    def plugged(self) -> bool:
        return self._proxy.registered

    def vanish(self) -> None:
        if self.plugged:
            self._proxy.unregister()

    def reappear(self) -> None:
        if not self.plugged:
            self._proxy.register(self._room.hass)
            self._room.air.advertise()


@contextmanager
def in_the_air(room: Room) -> Iterator[Rig]:
    """Put a battery into the air."""
    battery, proxy = room.battery(), room.proxy()
    device = battery.device
    assert isinstance(device, JbdDevice)
    yield Rig(device, Nook(battery, proxy, room), room.wire(battery))
