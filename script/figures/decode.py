"""Decode one poll of a JBD battery: ours against aiobmsble's, on the same bytes in the same pieces.

Both sides run in an event loop, ask for registers 03 and 04 with a time-out each, put 20-byte pieces
together, check the frames and return all values. Ours is what a source does: `converse`, with the
record for diagnostics.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import thread_time
from typing import Any
from unittest.mock import patch

from aiobmsble import BMSConfig, basebms
from aiobmsble.bms.jbd_bms import BMS
from bleak.backends.device import BLEDevice

from custom_components.battmon.protocols.jbd import BASIC_INFO, CELL_VOLTAGES, Jbd, read
from custom_components.battmon.transports.wire import new_record
from simulators.jbd import JbdDevice
from simulators.presets import steady_4s, steady_16s

from .figure import best_of
from .wire import InstantWire, in_pieces

POLLS = 1500
"""In each turn of a side."""

type Poll = Callable[[], Awaitable[object]]


def replies(device: JbdDevice) -> dict[bytes, list[bytes]]:
    """Return a device's answers to the requests of a poll."""
    requests = [read(register).request for register in (BASIC_INFO, CELL_VOLTAGES)]
    return {request: in_pieces(device.receive(request, 0.0)[0].data) for request in requests}


def our_poll(answers: dict[bytes, list[bytes]]) -> Poll:
    """Return our way to take a sample."""
    wire, protocol, record = InstantWire("instant", answers.__getitem__), Jbd(), new_record()

    async def poll() -> object:
        return await wire.converse(protocol.poll(), record)

    return poll


class InstantClient:
    """A Bluetooth connection in which every write is answered before it returns."""

    is_connected = True

    def __init__(self, answers: dict[bytes, list[bytes]]) -> None:
        self._answers = {request: list(map(bytearray, pieces)) for request, pieces in answers.items()}
        self._notify: Callable[[object, bytearray], None]
        self.services = self

    def get_characteristic(self, _char: object) -> None:
        """None is known: aiobmsble then writes without response."""

    async def start_notify(self, _char: object, notify: Callable[[object, bytearray], None]) -> None:
        """Remember whom to notify."""
        self._notify = notify

    async def write_gatt_char(self, _char: object, data: bytes, **_options: object) -> None:
        """Notify of the answer's pieces."""
        for piece in self._answers[data]:
            self._notify(None, piece)


def their_poll(answers: dict[bytes, list[bytes]]) -> Poll:
    """Return aiobmsble's way to take a sample."""
    bms = BMS(BLEDevice("00:00:00:00:00:00", "bench", {"path": "/"}), BMSConfig(keep_alive=True))
    client = InstantClient(answers)

    async def connect(**_options: Any) -> InstantClient:
        return client

    async def poll() -> object:
        with patch.object(basebms, "establish_connection", connect):
            await bms.async_update()
        return None

    asyncio.run(poll())

    async def poll_again() -> object:
        return await bms.async_update()

    return poll_again


def seconds_for(runner: asyncio.Runner, poll: Poll) -> float:
    """Return the CPU time that `POLLS` polls take, in s."""

    async def turn() -> float:
        start = thread_time()
        for _ in range(POLLS):
            await poll()
        return thread_time() - start

    return runner.run(turn())


def decode(device: Callable[[], JbdDevice]) -> float:
    """Return how many of our samples fit into the time of one of theirs."""
    answers = replies(device())
    with asyncio.Runner(debug=False) as runner:
        sides = (their_poll(answers), our_poll(answers))
        theirs, ours = best_of([partial(seconds_for, runner, poll) for poll in sides])
    return theirs / ours


decode_4s = partial(decode, steady_4s)
decode_16s = partial(decode, steady_16s)
