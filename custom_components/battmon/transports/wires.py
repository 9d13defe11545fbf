"""All wires in use: one connection for each port or device, shared by reference count."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..model.errors import WireConflict
from ..protocols.conversation import Channel
from .ble import BleWire, Queue, Radio
from .i2c import Bus, I2cWire
from .serial import OPEN_ERRORS, SerialWire
from .wire import Wire


@dataclass(slots=True)
class _Shared:
    wire: Wire
    users: int = 0


class Wires:
    """Hands out wires. Who acquires one releases it."""

    def __init__(self, open_errors: tuple[type[Exception], ...] = ()) -> None:
        """`open_errors`: what else a port may raise that cannot be opened now."""
        self._shared: list[_Shared] = []
        self._open_errors = (*OPEN_ERRORS, *open_errors)
        self._finding = asyncio.Lock()
        self._queue = Queue()
        self._buses: dict[str, Bus] = {}
        """By their canonical paths."""

    async def acquire_serial(self, url: str, baud_rate: int) -> SerialWire:
        """Return the wire of a port; `WireConflict` if it is in use at another speed."""
        async with self._finding:
            wire = await self._find_port(url)
            if wire is None:
                wire = SerialWire(url, baud_rate, self._open_errors)
            elif wire.baud_rate != baud_rate:
                raise WireConflict(f"{url} is in use at {wire.baud_rate} baud, {baud_rate} was asked for")
            return self._use(wire)

    def acquire_bluetooth(self, address: str, radio: Radio, channels: Sequence[Channel]) -> BleWire:
        """Return the wire of a Bluetooth device; `WireConflict` if it is in use as another kind."""
        links = (shared.wire for shared in self._shared if isinstance(shared.wire, BleWire))
        wire = next((link for link in links if link.name == address), None)
        if wire is None:
            wire = BleWire(address, radio, channels, self._queue)
        elif wire.channels != tuple(channels):
            raise WireConflict(f"{address} is in use as another kind of battery")
        return self._use(wire)

    async def acquire_i2c(self, path: str, address: int) -> I2cWire:
        """Return the wire of a device on a bus, by any name of the bus."""
        async with self._finding:
            bus = await self._find_bus(path)
            there = (shared.wire for shared in self._shared if isinstance(shared.wire, I2cWire))
            wire = next((wire for wire in there if (wire.bus, wire.address) == (bus, address)), None)
            return self._use(wire or I2cWire(bus, address))

    async def release(self, wire: Wire) -> None:
        """Give a wire back. The last user ends it."""
        shared = self._shared_by(wire)
        if shared is None:
            return
        shared.users -= 1
        if shared.users == 0:
            self._shared.remove(shared)
            await wire.end()
            await self._end_unused_buses()

    async def rest(self, wire: Wire) -> None:
        """Let go of the connection until the next exchange, unless others use it, too."""
        shared = self._shared_by(wire)
        if shared is not None and shared.users == 1:
            await wire.rest()

    def retry_now(self) -> None:
        """Let every wire that waits to reconnect try at once."""
        for shared in self._shared:
            shared.wire.retry_now()

    def _use[W: Wire](self, wire: W) -> W:
        shared = self._shared_by(wire)
        if shared is None:
            shared = _Shared(wire)
            self._shared.append(shared)
        shared.users += 1
        return wire

    def _shared_by(self, wire: Wire) -> _Shared | None:
        return next((shared for shared in self._shared if shared.wire is wire), None)

    async def _find_bus(self, path: str) -> Bus:
        canonical = await asyncio.get_running_loop().run_in_executor(None, canonical_port, path)
        return self._buses.setdefault(canonical, Bus(canonical))

    async def _end_unused_buses(self) -> None:
        used = {shared.wire.bus for shared in self._shared if isinstance(shared.wire, I2cWire)}
        for path, bus in tuple(self._buses.items()):
            if bus not in used:
                del self._buses[path]
                await bus.end()

    async def _find_port(self, url: str) -> SerialWire | None:
        """Find the wire of a port by any of its names.

        Links are followed now: after replugging they may lead elsewhere than when a wire was acquired.
        """
        ports = [shared.wire for shared in self._shared if isinstance(shared.wire, SerialWire)]
        canonical, *others = await asyncio.get_running_loop().run_in_executor(
            None, lambda: [canonical_port(name) for name in (url, *(port.name for port in ports))]
        )
        for port, other in zip(ports, others, strict=True):
            given_back = self._shared_by(port) is None  # while we looked
            if not given_back and (port.name == url or other == canonical):
                return port
        return None


def canonical_port(url: str) -> str:
    """Return one name for all names of a port: symbolic links are followed."""
    return url if "://" in url else os.path.realpath(url)
