"""Frames of the JBD protocol as the board sees them: requests cut from received bytes, replies built.

Source: vendor protocol V4 and V11.
Request: `DD A5|5A register length data checksum 77`; the checksum covers register, length and data.
Reply: `DD register status length data checksum 77`; the checksum covers status, length and data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from struct import pack

from .device import Request

START = 0xDD
END = 0x77
READ = 0xA5
WRITE = 0x5A
OK = 0x00
UNKNOWN_REGISTER = 0x80
NOT_NOW = 0x81
BAD_CHECKSUM = 0x82
WRONG_PASSWORD = 0x83

GAP = 0.1
"""A request that pauses this long, in s, is given up: a board does not wait for ever for the rest."""
_OVERHEAD = 7


def checksum(covered: bytes) -> bytes:
    """Two's complement of the sum, in 16 bits."""
    return pack(">H", -sum(covered) & 0xFFFF)


def reply_frame(register: int, data: bytes = b"", status: int = OK) -> bytes:
    """A reply of the board."""
    covered = bytes((status, len(data))) + data
    return bytes((START, register)) + covered + checksum(covered) + bytes((END,))


def request_frame(register: int, data: bytes | None = None) -> bytes:
    """What a host sends: a read, or a write of `data`."""
    covered = bytes((register, len(data or b""))) + (data or b"")
    return bytes((START, READ if data is None else WRITE)) + covered + checksum(covered) + bytes((END,))


class RequestCutter:
    """Cuts requests from a byte stream; anything that cannot be one is passed over."""

    def __init__(self) -> None:
        self._pending = b""
        self._last = 0.0

    def cut(self, data: bytes, now: float) -> list[Request]:
        """Take bytes and return the requests they complete."""
        if now - self._last > GAP:
            self._pending = b""
        self._last = now
        self._pending += data
        requests = []
        while frame := self._next():
            requests.append(_request(frame))
        return requests

    def _next(self) -> bytes | None:
        """Cut the first complete request off, dropping bytes before it."""
        while (start := self._pending.find(START)) >= 0:
            self._pending = self._pending[start:]
            if len(self._pending) < _OVERHEAD:
                return None
            length = _OVERHEAD + self._pending[3]
            if self._pending[1] in (READ, WRITE):
                if len(self._pending) < length:
                    return None
                if self._pending[length - 1] == END:
                    frame, self._pending = self._pending[:length], self._pending[length:]
                    return frame
            self._pending = self._pending[1:]
        self._pending = b""
        return None


def _request(frame: bytes) -> Request:
    data = frame[4:-3]
    return Request(frame[2], frame[1] == WRITE, data, checksum(frame[2:-3]) == frame[-3:-1])


def packed_date(day: date) -> int:
    """Production date in 16 bits: years since 2000, month, day."""
    return (day.year - 2000) << 9 | day.month << 5 | day.day


def packed_temperature(temperature: float) -> int:
    """Degrees Celsius in 0.1 K above 0 K, as the board counts: 0 degC is 2731."""
    return round(temperature * 10) + 2731


@dataclass(frozen=True, slots=True)
class Tail:
    """The nine further bytes of newer firmware."""

    alarms: int
    full_capacity: int
    remaining_capacity: int
    balance_current: int
    humidity: int = 0

    def payload(self) -> bytes:
        """The bytes: humidity in %, alarms, capacities in the unit of the rest, balance current in mA."""
        return pack(
            ">BHHHH",
            self.humidity,
            self.alarms,
            self.full_capacity,
            self.remaining_capacity,
            self.balance_current,
        )


@dataclass(frozen=True, slots=True)
class BasicInfo:
    """Answer to 0x03, in the units of the wire."""

    voltage: int
    """10 mV."""
    current: int
    """10 mA (100 mA with tenfold units), positive while charging."""
    remaining_capacity: int
    """10 mAh (100 mAh with tenfold units), as all capacities."""
    nominal_capacity: int
    cycles: int
    production_date: int
    balancing: int
    """32 bits, bit 0 is cell 1; the low word goes first."""
    protection: int
    software_version: int
    state_of_charge: int
    status: int
    """FET bits and the like."""
    cells: int
    temperatures: Sequence[int]
    """0.1 K."""
    tail: Tail | None = None

    def payload(self) -> bytes:
        """The bytes of the answer."""
        return (
            pack(
                ">HhHHHHHHHBBBBB",
                self.voltage,
                self.current,
                self.remaining_capacity,
                self.nominal_capacity,
                self.cycles,
                self.production_date,
                self.balancing & 0xFFFF,
                self.balancing >> 16,
                self.protection,
                self.software_version,
                self.state_of_charge,
                self.status,
                self.cells,
                len(self.temperatures),
            )
            + pack(f">{len(self.temperatures)}H", *self.temperatures)
            + (self.tail.payload() if self.tail else b"")
        )
