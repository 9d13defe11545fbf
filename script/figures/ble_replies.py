"""What a 16-cell battery says over Bluetooth, sample after sample, worked out before anything is measured."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import cycle
from typing import override

from custom_components.battmon.protocols.jbd import BASIC_INFO, CELL_VOLTAGES, read
from simulators.bluetooth.air import Heard, Radio, Receiver
from simulators.bluetooth.gatt import MTU, Service
from simulators.bluetooth.jbd import ADDRESS, NAME, jbd_advertisement
from simulators.bluetooth.link import Link, Listener, Lost
from simulators.bluetooth.module import uart_service
from simulators.jbd import JbdDevice
from simulators.jbd_frames import reply_frame
from simulators.presets import home_16s

from .wire import in_pieces

INTERVAL = 2.0
"""Seconds between samples."""
SAMPLES = 10_800
"""Until the replies begin anew, after six hours: longer than anybody measures. Cells that say again what
they said once are found in the recorder's database, which spares it a row; a real battery does not repeat
itself."""
STEP = 20
"""By how much every cell moves from sample to sample where every cell is to be shown, in mV."""
INFO, CELLS = (read(register).request for register in (BASIC_INFO, CELL_VOLTAGES))

type Sample = Mapping[bytes, list[bytes]]
"""Notifications by request."""


def household() -> list[Sample]:
    """Return samples from the evening of a household's day, with the noise that measuring has."""
    device = home_16s().device
    return [_sample(device, number * INTERVAL) for number in range(SAMPLES)]


def every_cell() -> list[Sample]:
    """Return the same samples with all cells moving by several times what is worth showing."""
    return [
        sample if number % 2 else {**sample, CELLS: _raised(sample[CELLS])}
        for number, sample in enumerate(household())
    ]


REPLIES: dict[str, Callable[[], list[Sample]]] = {"household": household, "every_cell": every_cell}


def _sample(device: JbdDevice, time: float) -> Sample:
    return {request: in_pieces(device.receive(request, time)[0].data) for request in (INFO, CELLS)}


def _raised(pieces: list[bytes]) -> list[bytes]:
    content = b"".join(pieces)[4:-3]
    cells = (int.from_bytes(content[place : place + 2]) for place in range(0, len(content), 2))
    return in_pieces(reply_frame(CELL_VOLTAGES, b"".join((cell + STEP).to_bytes(2) for cell in cells)))


class CannedBattery(Radio):
    """A battery in range that one central connects to. It answers by heart."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.samples = 0
        """How many were asked for."""
        self._samples = cycle(samples)
        self._now: Sample = {}
        self._device = home_16s().device

    def answer(self, request: bytes) -> list[bytes]:
        """Return the notifications that answer a request. Of what is asked seldom a board thinks."""
        if request == INFO:
            self.samples += 1
            self._now = next(self._samples)
        return self._now.get(request) or self._think(request)

    def _think(self, request: bytes) -> list[bytes]:
        return [piece for reply in self._device.receive(request, 0.0) for piece in in_pieces(reply.data)]

    @override
    def attach(self, receiver: Receiver) -> Callable[[], None]:
        said = jbd_advertisement(ADDRESS, NAME)
        receiver.hear(Heard(ADDRESS, -60, said.packet, said.scan_response))
        return _nothing

    @override
    async def connect(self, address: str, lost: Lost) -> Link:
        return CannedLink(self)


def _nothing() -> None:
    """End what has no end."""


class CannedLink:
    """A link that is always there. Each notification is a call of the event loop, as on a real one."""

    services: tuple[Service, ...] = (uart_service("ff00"),)
    mtu = MTU
    connected = True

    def __init__(self, battery: CannedBattery) -> None:
        self._battery = battery
        self._listener: Listener
        self._call_soon = asyncio.get_running_loop().call_soon

    async def write(self, handle: int, data: bytes, response: bool) -> None:
        """Let the answer come."""
        for piece in self._battery.answer(data):
            self._call_soon(self._listener, piece)

    async def listen(self, handle: int, listener: Listener) -> None:
        """Remember whom to notify."""
        self._listener = listener

    async def read(self, handle: int) -> bytes:
        """Nothing here is read."""
        return b""

    async def unlisten(self, handle: int) -> None:
        """The process ends soon."""

    async def disconnect(self) -> None:
        """The process ends soon."""

    def drop(self) -> None:
        """The process ends soon."""
