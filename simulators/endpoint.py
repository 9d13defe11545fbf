"""A device, its fault panel and the speed of its wire as one timed byte machine, without the wire itself.

A line feeds it what arrived and the time, asks when something is due, and sends what it then gets. Bytes take
ten bits each at the baud rate in both directions.
"""

from heapq import heappop, heappush
from itertools import count

from .device import Device, Reply
from .faults import FaultPanel

FIFO = 8
"""Bytes that reach the reader at once: a UART interrupts its driver at a filling level, not at each byte."""
_RECEIVED, _SENT = 0, 1


class Endpoint:
    """The device's end of a wire."""

    def __init__(
        self, device: Device, baud_rate: int | None = 9600, faults: FaultPanel | None = None
    ) -> None:
        """Baud rate None is a wire without a speed."""
        self.device = device
        self.faults = faults or FaultPanel()
        self.byte_time = 10 / baud_rate if baud_rate else 0.0
        self.bytes_received = 0
        self.bytes_sent = 0
        self._events: list[tuple[float, int, int, bytes]] = []
        self._order = count()
        self._receiver_free = 0.0
        self._sender_free = 0.0

    @property
    def next_due(self) -> float | None:
        """When `due` has something to do next."""
        return self._events[0][0] if self._events else None

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes that the host sent now; the device has them when the last one is over the wire."""
        self._receiver_free = max(self._receiver_free, now) + len(data) * self.byte_time
        self._at(self._receiver_free, _RECEIVED, data)

    def say(self, data: bytes, now: float) -> None:
        """Send bytes that nobody asked for."""
        self._send(Reply(data), now)

    def due(self, now: float) -> list[bytes]:
        """Everything that has reached the host by now, in the pieces it arrives in."""
        pieces = []
        while self._events and self._events[0][0] <= now:
            time, _, direction, data = heappop(self._events)
            if direction == _SENT:
                self.bytes_sent += len(data)
                pieces.append(data)
            else:
                self._process(data, time)
        return pieces

    def reset(self) -> None:
        """Forget everything that is on its way."""
        self._events.clear()
        self._receiver_free = self._sender_free = 0.0

    def _process(self, data: bytes, time: float) -> None:
        self.bytes_received += len(data)
        for request in self.device.cut(data, time):
            for reply in self.faults.answer(self.device, request, time):
                self._send(reply, time)

    def _send(self, reply: Reply, time: float) -> None:
        start = max(time + reply.delay, self._sender_free + reply.pause)
        self._sender_free = start + len(reply.data) * self.byte_time
        size = FIFO if self.byte_time else len(reply.data) or 1
        for first in range(0, len(reply.data), size):
            piece = reply.data[first : first + size]
            self._at(start + (first + len(piece)) * self.byte_time, _SENT, piece)

    def _at(self, time: float, direction: int, data: bytes) -> None:
        heappush(self._events, (time, next(self._order), direction, data))
