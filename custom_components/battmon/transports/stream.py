"""A wire that carries a byte stream: one request at a time, its answer found in whatever comes back."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol, override

from ..model.errors import BadFrame, LinkDown, NoReply
from ..protocols.conversation import Cutter, Exchange
from .wire import Wire

SILENT_EXCHANGES = 2
"""Exchanges without any byte in answer until the wire is connected afresh: a connection
whose other end has restarted stays open and silent for hours."""
LATE_REPLY = 0.3
"""Seconds to listen on when an answer follows a request that got none: it may be the late reply to
that, with the newer one right behind it. At 9600 baud the longest frame takes 0.27 s."""
GIVEN_BACK = "the connection was given back"


class Listener(asyncio.Protocol):
    """The receiving end. Bytes that nobody waits for are dropped: they answer an older request."""

    def __init__(self, on_lost: Callable[[Listener], None]) -> None:
        self.lost = False
        self.why = "the connection was closed"
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self.owed = 0
        """Requests sent since the last that was answered: their replies may still come."""
        self.tidy = False
        """Whether the newest request was answered at once, so that nothing else is on its way."""
        self.heard = False
        """Whether any byte has come since `expect`."""
        self.newest: bytes | None = None
        """The newest frame that answers what is expected."""
        self._cutter: Cutter | None = None
        self._expected: Exchange | None = None
        self._answer: asyncio.Future[bytes | None] | None = None
        self._until = 0.0
        """When to stop waiting for the answer."""
        self._timer: asyncio.TimerHandle | None = None

    @override
    def data_received(self, data: bytes | bytearray) -> None:
        self.heard = True
        if self._expected is None or self._cutter is None:
            return
        for frame in self._cutter.feed(data):
            if self._expected.matches(frame):
                self.newest = frame
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(frame)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.why = str(exc or self.why)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LinkDown(self.why))
        self._on_lost(self)

    def expect(self, exchange: Exchange) -> None:
        """Begin to listen for the frame that answers."""
        self.owed += 1
        self.tidy = False
        self._expected = exchange
        self._cutter = exchange.framing.cutter()
        self.heard = False
        self.newest = None

    def ignore(self) -> None:
        """Stop listening."""
        self._expected = self._answer = None

    async def answer(self, timeout: float) -> bytes | None:
        """Wait for the answer; `None` after `timeout` seconds, `LinkDown` if the connection goes."""
        if self.newest is not None:  # it came while the request was still being sent
            return self.newest
        if self.lost:
            raise LinkDown(self.why)
        self._until = self._loop.time() + timeout
        if self._timer is None or self._timer.when() > self._until:
            self._set_timer()
        self._answer = self._loop.create_future()
        try:
            return await self._answer
        finally:
            self._answer = None

    def be_idle(self) -> None:
        """Stop the timer, unless an answer is waited for right now."""
        if self._timer is not None and self._answer is None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        """Wait until the time set, in an answer or before. Left alone from one answer to the next."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._until, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._answer is None or self._answer.done():
            return
        if self._loop.time() < self._until:
            self._set_timer()
        else:
            self._answer.set_result(None)


class Connection(Protocol):
    """The sending end."""

    async def send(self, data: bytes) -> None:
        """Send bytes; raises `LinkDown`."""

    async def close(self) -> None:
        """Disconnect, in bounded time and without an error."""


class StreamWire(Wire):
    """Connected when needed, and again after the connection was lost."""

    back_off: tuple[float, ...] = (0.0,)
    """Seconds to wait after the first, second ... attempt to connect that failed in a row."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._connection: Connection | None = None
        self._listener: Listener | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._opening: asyncio.Timeout | None = None
        self._silent = 0
        self._why_down = ""

    @abstractmethod
    async def open(self, listener: Listener) -> Connection:
        """Connect; raises `LinkDown` in words that help. What comes goes to `listener`."""

    @property
    @override
    def connection(self) -> int | None:
        return None if self._listener is None or self._listener.lost else self.connections

    @property
    @override
    def retry_at(self) -> float:
        return self._retry_at

    @override
    async def exchange(self, exchange: Exchange) -> bytes:
        listener, connection = self._listener, self._connection
        if listener is None or connection is None or listener.lost:
            listener, connection = await self._connect_afresh()
        try:
            return await self._ask(listener, connection, exchange)
        except LinkDown:
            await self.close()
            raise
        finally:
            listener.ignore()
            if listener is not self._listener:
                listener.be_idle()

    @override
    def retry_now(self) -> None:
        self._failures = 0
        self._retry_at = 0.0

    @override
    async def end(self) -> None:
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.reschedule(0.0)  # nobody waits for it any more
        await super().end()

    @override
    async def close(self) -> None:
        self.fall_silent()
        connection, self._connection, self._listener = self._connection, None, None
        self._silent = 0
        if connection is not None:
            await connection.close()

    async def _connect_afresh(self) -> tuple[Listener, Connection]:
        await self.close()
        if self._ended:
            raise LinkDown(GIVEN_BACK)
        if asyncio.get_running_loop().time() < self._retry_at:
            raise LinkDown(self._why_down)
        listener = Listener(self._note_loss)
        try:
            connection = await self._open(listener)
        except LinkDown as error:
            self._note_failure(error)
            raise
        self._listener, self._connection = listener, connection
        self._failures = 0
        self.connections += 1
        return listener, connection

    async def _open(self, listener: Listener) -> Connection:
        try:
            async with asyncio.timeout(None) as self._opening:
                return await self.open(listener)
        except TimeoutError as error:
            raise LinkDown(GIVEN_BACK) from error
        finally:
            self._opening = None

    def _note_loss(self, listener: Listener) -> None:
        if listener is self._listener:
            self._tell_of_loss()

    def _note_failure(self, error: LinkDown) -> None:
        self._why_down = str(error)
        delay = self.back_off[min(self._failures, len(self.back_off) - 1)]
        self._failures += 1
        self._retry_at = asyncio.get_running_loop().time() + delay

    async def _ask(self, listener: Listener, connection: Connection, exchange: Exchange) -> bytes:
        heard = False
        for timeout in exchange.timeouts:
            listener.ignore()
            if not listener.tidy:
                await self._let_pass()
            if self._ended or listener.lost:
                raise LinkDown(listener.why)
            listener.expect(exchange)
            await connection.send(exchange.request)
            frame = await listener.answer(timeout)
            if frame is not None:
                self._silent = 0
                listener.tidy = listener.owed == 1
                if not listener.tidy:
                    await asyncio.sleep(LATE_REPLY)
                listener.owed = 0
                return listener.newest or frame
            heard = heard or listener.heard
        if heard:
            raise BadFrame("bytes came, but no whole answer among them")
        await self._count_silence()
        raise NoReply("no answer")

    async def _let_pass(self) -> None:
        """Drop what has already arrived: it answers an older request, and nobody listens yet."""
        for _turn in range(2):  # of the event loop, which reads it from the port
            await asyncio.sleep(0)

    @override
    def fall_silent(self) -> None:
        if self._listener is not None:
            self._listener.be_idle()

    async def _count_silence(self) -> None:
        self._silent += 1
        if self._silent >= SILENT_EXCHANGES:
            await self.close()
