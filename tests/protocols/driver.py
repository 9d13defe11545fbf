"""Carries conversations to a simulated board, as spoilt as a wire can be."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Protocol, override

from custom_components.battmon.model.errors import BadFrame, BattMonError, LinkDown, NoReply
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.switching import Wanted
from custom_components.battmon.protocols.conversation import Conversation, Exchange, Request, Wait, carry_out
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.protocol import Outcome
from simulators.device import Reply
from simulators.jbd_frames import reply_frame

from .carrier import Carrier


class Board(Protocol):
    """What the driver needs of a simulated device."""

    def receive(self, data: bytes, now: float) -> list[Reply]:
        """Requests as bytes in, replies out."""

    def disconnected(self, now: float) -> None:
        """The wire was unplugged."""


class Fault(StrEnum):
    """What can happen to one exchange, all its attempts included."""

    REQUEST_LOST = "request lost"
    REPLY_LOST = "reply lost"
    REPLY_GARBLED = "reply garbled"
    ECHOED = "request sent back"
    UNPLUGGED_BEFORE = "unplugged before the request"
    UNPLUGGED_AFTER = "unplugged before the reply"
    REFUSED_80 = "80"
    REFUSED_81 = "81"
    REFUSED_82 = "82"
    REFUSED_83 = "83"
    REFUSED_84 = "84"


DELIVERED = frozenset({Fault.REPLY_LOST, Fault.REPLY_GARBLED, Fault.UNPLUGGED_AFTER})
"""Faults in spite of which the board hears the request."""
UNPLUGGED = frozenset({Fault.UNPLUGGED_BEFORE, Fault.UNPLUGGED_AFTER})


class Driver(Carrier):
    """One wire to one board."""

    def __init__(self, board: Board, faults: dict[int, Fault] | None = None, piece: int = 512) -> None:
        super().__init__()
        self.board = board
        self.piece = piece
        """Bytes that arrive at a time."""
        self.faults = faults or {}
        """By number of the exchange, from 0 on this wire."""
        self.requests: list[bytes] = []
        """The request of every exchange, once however often it was sent."""
        self.record: list[bytes] = []
        """What a wire would write down of them."""
        self.attempts = 0
        self.unplugged = False

    def plug_in(self) -> None:
        """End every fault."""
        self.unplugged = False
        self.faults = {}

    @property
    def registers(self) -> list[str]:
        """Direction and register of every exchange, as `a503` or `5ae1`; `aa15` of a radio module."""
        return [request[1:3].hex() for request in self.requests]

    @override
    def _perform(self, request: Request) -> bytes:
        if isinstance(request, Wait):
            self.now += request.seconds
            return b""
        assert isinstance(request, Exchange)
        fault = self.faults.get(len(self.requests))
        self.requests.append(request.request)
        self.record += [] if request.secret else [request.request]
        if self.unplugged or fault is Fault.UNPLUGGED_BEFORE:
            self._unplug()
        for timeout in request.timeouts:
            heard = self._attempt(request, fault)
            if fault in UNPLUGGED:
                self._unplug()
            if (frame := self._answer(request, heard)) is not None:
                return frame
            self.now += timeout
        if heard:
            raise BadFrame("no whole answer")
        raise NoReply("no answer")

    def _attempt(self, exchange: Exchange, fault: Fault | None) -> bytes:
        self.attempts += 1
        if fault is None or fault in DELIVERED:
            replies = b"".join(reply.data for reply in self.board.receive(exchange.request, self.now))
            return replies[:-2] + b"\x55\x77" if fault is Fault.REPLY_GARBLED else replies * (fault is None)
        if fault is Fault.REQUEST_LOST:
            return b""
        if fault is Fault.ECHOED:
            return exchange.request
        return reply_frame(exchange.request[2], status=int(fault, 16))

    def _unplug(self) -> None:
        self.unplugged = True
        self.board.disconnected(self.now)
        raise LinkDown("unplugged")

    def _answer(self, exchange: Exchange, heard: bytes) -> bytes | None:
        cutter = exchange.framing.cutter()
        pieces = [heard[first : first + self.piece] for first in range(0, len(heard), self.piece)]
        frames = [frame for piece in pieces for frame in cutter.feed(piece)]
        return next((frame for frame in frames if exchange.matches(frame)), None)


def play[T](conversation: Conversation[T], answers: Iterable[bytes | BattMonError]) -> T:
    """Carry out a conversation with these answers, whatever it asks; one that waits gets none."""
    replies: Iterator[bytes | BattMonError] = iter(answers)

    def perform(request: Request) -> bytes:
        if isinstance(request, Wait):
            return b""
        if isinstance(reply := next(replies), BattMonError):
            raise reply
        assert isinstance(request, Exchange)
        assert request.matches(reply), reply.hex()
        return reply

    return carry_out(conversation, perform)


def approved(reading: Reading) -> None:
    """Whatever the reading, the command may be sent."""


def unrecorded() -> None:
    """A write that nobody counts."""


def command(
    protocol: Jbd,
    wanted: Wanted,
    *,
    approval: Callable[[Reading], None] = approved,
    record_write: Callable[[], None] = unrecorded,
) -> Conversation[Outcome]:
    """Return the conversation of a command that nothing forbids."""
    return protocol.command(wanted, approval, record_write)
