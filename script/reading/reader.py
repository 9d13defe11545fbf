"""Reads a battery until enough is read."""

import asyncio
import json
from dataclasses import replace

from custom_components.battmon.model.as_json import as_json
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols.conversation import Conversation
from custom_components.battmon.protocols.protocol import Protocol
from custom_components.battmon.transports.wire import Wire

from .arguments import Asked, Scan


async def run(asked: Asked | Scan) -> None:
    """Print what is asked for. Raises `BattMonError`."""
    if isinstance(asked, Scan):
        from .i2c import print_devices  # noqa: PLC0415 - smbus2 is only needed for a bus

        await print_devices(asked.path)
        return
    try:
        await _print_readings(asked)
    finally:
        await asked.wire.close()


async def _print_readings(asked: Asked) -> None:
    battery = _Battery(asked.protocol, asked.wire)
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        print(await battery.line(), flush=True)
        if asked.watch is None:
            return
        due = max(due + asked.watch, loop.time())
        await asyncio.sleep(due - loop.time())


class _Battery:
    """One battery on its wire. An error ends the command, so that it is met only once."""

    def __init__(self, protocol: Protocol, wire: Wire) -> None:
        self._protocol = protocol
        self._wire = wire
        self._identity = Identity()
        self._met: int | None = None
        """The wire's connection in which it was asked who it is."""
        self._counts = True
        """Whether it counts its protections, as far as is known. Not to say so takes some boards long."""

    async def line(self) -> str:
        """Take a reading, as one line of JSON."""
        if self._met is None or self._met != self._wire.connection:
            await self._meet()
        reading = await self._ask(self._protocol.poll())
        counts = await self._ask(self._protocol.poll_counts()) if self._counts else None
        self._counts = counts is not None
        return _as_line(self._identity, replace(reading, protection_counts=counts))

    async def _meet(self) -> None:
        """Be let in and ask who it is, at the beginning of every connection."""
        await self._wire.converse(self._protocol.open_link())
        self._identity = await self._wire.converse(self._protocol.identify())
        self._met = self._wire.connection

    async def _ask[T](self, conversation: Conversation[T]) -> T:
        """Talk to the battery that was met: behind another connection there may be another one."""
        return await self._wire.converse(conversation, connection=self._met)


def _as_line(identity: Identity, reading: Reading) -> str:
    return json.dumps({"identity": as_json(identity), "reading": as_json(reading)})
