"""JBD's Bluetooth module: a bridge between a radio link and the board's serial line.

Source: captures of the vendor's app and of ESPHome. It knows nothing of any radio: written bytes in,
notifications out, time as an argument. A fault panel sits between the module and the board and sees every
request, as on a serial line.
"""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count, pairwise
from random import Random

from ..device import Device
from ..endpoint import FIFO, Endpoint
from ..faults import FaultPanel
from .gatt import (
    BASE,
    MTU,
    NOTIFY,
    READ,
    WRITE,
    WRITE_WITHOUT_RESPONSE,
    Characteristic,
    Service,
    generic_access,
)
from .login import START, Login

type Cut = Callable[[bytes], Iterable[bytes]]
"""How bytes from the board are cut into notifications."""

PAYLOAD = MTU - 3
"""Bytes in a notification at most."""

NORDIC = "6e40000{}-b5a3-f393-e0a9-e50e24dcca9e"
VARIANTS = {
    "ff00": (BASE.format(0xFF00), BASE.format(0xFF01), BASE.format(0xFF02), 0x000F),
    "dh04": (BASE.format(0xFFF0), BASE.format(0xFFF1), BASE.format(0xFFF2), 0x0020),
    "nordic": (NORDIC.format(1), NORDIC.format(3), NORDIC.format(2), 0x0030),
}
"""Service, notifying characteristic, written characteristic, handle of the service."""
BOTH = (WRITE_WITHOUT_RESPONSE, WRITE)


def uart_service(variant: str, write: tuple[str, ...] = BOTH) -> Service:
    """Return the service of a module; `write` are the ways in which it can be written to."""
    service, notify, written, handle = VARIANTS[variant]
    sender = Characteristic(notify, handle + 2, (READ, NOTIFY))
    receiver = Characteristic(written, handle + 6, write)
    return Service(service, handle, (sender, receiver))


def full(data: bytes) -> Iterable[bytes]:
    """Cut as the modules do: as much as fits into each notification."""
    return pieces(data, range(PAYLOAD, len(data), PAYLOAD))


def at(*offsets: int) -> Cut:
    """Cut at these offsets, and wherever a notification would be too long."""
    return lambda data: [part for piece in pieces(data, offsets) for part in full(piece)]


def anywhere(seed: int) -> Cut:
    """Cut at places that chance decides."""
    random = Random(seed)

    def cut(data: bytes) -> Iterable[bytes]:
        offset, offsets = 0, []
        while offset < len(data):
            offsets.append(offset)
            offset += random.randint(1, PAYLOAD)
        return pieces(data, offsets)

    return cut


def pieces(data: bytes, offsets: Iterable[int]) -> Iterable[bytes]:
    """Cut bytes at offsets."""
    edges = [0, *sorted({offset for offset in offsets if 0 < offset < len(data)}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


class Module:
    """The bridge, with the board behind it."""

    def __init__(
        self,
        device: Device,
        address: str,
        *,
        name: str = "",
        variant: str = "ff00",
        write: tuple[str, ...] = BOTH,
        login: Login | None = None,
        greeting: bytes = b"",
        baud_rate: int | None = 9600,
        gap: float = 0.001,
        cut: Cut = full,
        faults: FaultPanel | None = None,
    ) -> None:
        """`gap` lies between notifications, in s; baud rate None is a board without a line's slowness."""
        self.address = address
        self.name = name
        self.login = login
        """None: an older module, which passes a login on to the board."""
        self.greeting = greeting
        """Sent when a central first listens, as some modules do right after connecting."""
        self.gap = gap
        self.cut = cut
        self.services: tuple[Service, ...] = ()
        self.offer(variant, write)
        self._endpoint = Endpoint(device, baud_rate, faults)
        self._collected = b""
        self._sending: list[tuple[float, int, bytes]] = []
        self._order = count()
        self._free = 0.0
        self._greeted = False

    @property
    def faults(self) -> FaultPanel:
        """What spoils requests and replies between module and board."""
        return self._endpoint.faults

    @property
    def device(self) -> Device:
        """The board."""
        return self._endpoint.device

    @property
    def sender(self) -> Characteristic:
        """The characteristic that notifies."""
        return self.services[-1].characteristics[0]

    @property
    def receiver(self) -> Characteristic:
        """The characteristic that is written to."""
        return self.services[-1].characteristics[1]

    @property
    def next_due(self) -> float | None:
        """When `due` has something to do next."""
        times = [entry[0] for entry in self._sending[:1]]
        if self._endpoint.next_due is not None:
            times.append(self._endpoint.next_due)
        return min(times, default=None)

    def offer(self, variant: str, write: tuple[str, ...] = BOTH) -> None:
        """Have these services from now on."""
        self.services = (generic_access(self.name), uart_service(variant, write))

    def replace(self, device: Device) -> None:
        """Put another board behind the module."""
        self._endpoint.reset()
        self._endpoint.device = device

    def listened_to(self, now: float) -> None:
        """A central has switched notifications on."""
        if self.greeting and not self._greeted:
            self._send(self.greeting, now)
        self._greeted = True

    def receive(self, data: bytes, now: float) -> None:
        """Take what a central has written."""
        if self.login is None:
            self._endpoint.receive(data, now)
        elif data.startswith(START):
            if answer := self.login.answer(data, self.address):
                self._send(answer, now + self.login.delay)
        elif self.login.admits(data):
            self._endpoint.receive(data, now)

    def say(self, data: bytes, now: float) -> None:
        """Have the board send bytes that nobody asked for."""
        self._endpoint.say(data, now)

    def due(self, now: float) -> list[bytes]:
        """Return every notification that has gone out by now."""
        while (time := self._endpoint.next_due) is not None and time <= now:
            self._collected += b"".join(self._endpoint.due(time))
            self._pass_on(time)
        sent = []
        while self._sending and self._sending[0][0] <= now:
            sent.append(heappop(self._sending)[2])
        return sent

    def tick(self, now: float) -> None:
        """Let time pass for a board that nobody talks to."""
        if self._endpoint.next_due is None:
            self.device.tick(now)

    def disconnected(self, now: float) -> None:
        """The link is gone, and everything that was on its way."""
        self._endpoint.reset()
        self._collected = b""
        self._sending.clear()
        self._free = 0.0
        self._greeted = False
        if self.login is not None:
            self.login.forget()
        self.device.disconnected(now)

    def _pass_on(self, now: float) -> None:
        """Send what was collected once the line is silent: a bridge takes that for the end of a frame."""
        following = self._endpoint.next_due
        if self._collected and (following is None or following - now > 2 * FIFO * self._endpoint.byte_time):
            for piece in self.cut(self._collected):
                self._send(piece, now)
            self._collected = b""

    def _send(self, data: bytes, now: float) -> None:
        time = max(now, self._free)
        self._free = time + self.gap
        heappush(self._sending, (time, next(self._order), data))
