"""Wires for measuring: one that counts, and one without a line, whose answers are there at once."""

import asyncio
from collections.abc import Callable
from typing import override

from custom_components.battmon.model.errors import NoReply
from custom_components.battmon.protocols.conversation import Exchange
from custom_components.battmon.protocols.jbd import CELL_VOLTAGES, read
from custom_components.battmon.transports.serial import SerialWire

SAMPLE = read(CELL_VOLTAGES).request
"""Asked for once a sample."""
PIECE = 20
"""Bytes of a piece: what a Bluetooth notification carries by default."""

type Answer = Callable[[bytes], list[bytes]]
"""Pieces of the reply to a request."""


class CountingWire(SerialWire):
    """A serial wire that knows how many samples were asked for."""

    def __init__(self, url: str, baud_rate: int = 9600) -> None:
        super().__init__(url, baud_rate)
        self.samples = 0

    @override
    async def exchange(self, exchange: Exchange) -> bytes:
        self.samples += exchange.request == SAMPLE
        return await super().exchange(exchange)


class InstantWire(CountingWire):
    """Stands where a serial wire would: same time-out, same cutting and matching, no port."""

    def __init__(self, url: str, answer: Answer) -> None:
        super().__init__(url)
        self.connections = 1
        self._answer = answer

    @property
    @override
    def connection(self) -> int:
        """There is one connection, and it stands."""
        return 1

    @override
    async def exchange(self, exchange: Exchange) -> bytes:
        self.samples += exchange.request == SAMPLE
        cutter = exchange.framing.cutter()
        expiry = asyncio.get_running_loop().call_later(exchange.timeout, _expire)
        try:
            for piece in self._answer(exchange.request):
                for frame in cutter.feed(piece):
                    if exchange.matches(frame):
                        return frame
        finally:
            expiry.cancel()
        raise NoReply("no answer")

    @override
    async def close(self) -> None:
        """Nothing is open."""


def _expire() -> None:
    """Never runs: it stands for the time-out that every request on a real wire has."""


def in_pieces(data: bytes) -> list[bytes]:
    """Cut a reply as Bluetooth would."""
    return [data[first : first + PIECE] for first in range(0, len(data), PIECE)]
