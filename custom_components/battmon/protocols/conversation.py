"""The words that a protocol and a transport share.

A protocol never does I/O: it is a generator that yields requests, is sent each
reply and returns what it learned. A transport drives it and knows nothing of
what it carries. A failed request is thrown in as `NoReply`, `LinkDown` or
`BadFrame`; a conversation is never closed midway, so that it can still tidy up.
"""

import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..model.errors import BattMonError
from .framing import Cutter, Framing

__all__ = [
    "BusTransfer",
    "Channel",
    "Clock",
    "Conversation",
    "Cutter",
    "Exchange",
    "Request",
    "Wait",
    "carry_out",
]

_SECONDS = struct.Struct(">d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Send `request` and wait for the frame that answers it. The reply is that frame."""

    request: bytes
    framing: Framing
    matches: Callable[[bytes], bool]
    """Whether a whole, valid frame answers this request. Late replies to others occur."""
    timeout: float
    """Seconds from the request to the end of the frame, for each attempt."""
    retries: int = 2
    """Further attempts. 0 where sending twice would do something twice."""
    first_timeout: float | None = None
    """Seconds for the first attempt, where asking again costs little; `timeout` if `None`."""
    secret: bool = False
    """Keep the bytes of this request out of every record: they hold a password."""

    timeouts: tuple[float, ...] = field(init=False, compare=False, repr=False)
    """Seconds that each attempt gets."""

    def __post_init__(self) -> None:
        first = self.timeout if self.first_timeout is None else self.first_timeout
        # Worked out once: the exchanges of a poll are carried out again and again.
        object.__setattr__(self, "timeouts", (first, *(self.timeout,) * self.retries))


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for `seconds`, holding the wire. The reply is empty."""

    seconds: float


class Clock:
    """Ask what time it is, in s by a clock that never goes back. The reply holds it."""

    @staticmethod
    def reply(now: float) -> bytes:
        """Return the reply that says `now`."""
        return _SECONDS.pack(now)

    @staticmethod
    def read(reply: bytes) -> float:
        """Return what a reply says."""
        now: float = _SECONDS.unpack(reply)[0]
        return now


@dataclass(frozen=True, slots=True, kw_only=True)
class BusTransfer:
    """One transaction on an I2C bus with the device at the wire's address: write, then read without a stop.

    The reply is what was read, without the length of a block and without the check byte.
    """

    write: bytes
    """The register, and what is written to it. Empty: read without naming a register."""
    read: int = 0
    """Bytes to read. Of a block: the longest that is expected."""
    is_block: bool = False
    """Whether the first byte read says how many follow."""
    pec: bool = False
    """Whether a check byte follows, and is checked (CRC-8 of SMBus, the address included)."""
    retries: int = 2
    """Further attempts. 0 where doing it twice would do something twice."""


class Channel(NamedTuple):
    """Two Bluetooth characteristics that make a byte stream, as full lower-case UUIDs."""

    notify: str
    """From the device to us."""
    write: str
    """From us to the device."""


type Request = Exchange | BusTransfer | Wait | Clock
type Conversation[T] = Generator[Request, bytes, T]


def carry_out[T](conversation: Conversation[T], perform: Callable[[Request], bytes]) -> T:
    """Carry out a conversation where nothing is awaited, and return what it learned.

    `perform` returns the reply to a request or raises a `BattMonError`.
    """
    try:
        request = next(conversation)
        while True:
            try:
                reply = perform(request)
            except BattMonError as error:
                request = conversation.throw(error)
            else:
                request = conversation.send(reply)
    except StopIteration as stop:
        result: T = stop.value
        return result
