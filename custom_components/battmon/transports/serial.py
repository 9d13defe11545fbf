"""A serial line: a local port or a URL that serialx understands.

Local paths, `socket://`, `rfc2217://` and ESPHome's serial proxies (`esphome://`, `esphome-hass://`).
"""

import asyncio
import termios
from contextlib import suppress
from typing import override

import serialx

from ..model.errors import BadFrame, LinkDown, NoReply
from ..protocols.conversation import Cutter, Exchange
from .wire import Wire

OPEN_TIMEOUT = 8.0
"""Seconds. A local port opens at once; a proxy's device may be waking up."""
BACK_OFF = (0.0, 1.0, 1.9)
"""Seconds to wait after the first, second ... connection that failed in a row. Opening costs little: never
longer than a poll of the default interval (2 s), so that the first one after a port is back finds it."""
SILENT_EXCHANGES = 2
"""Exchanges without any byte in answer until the port is opened afresh: a network
connection whose other end has restarted stays open and silent for hours."""
LATE_REPLY = 0.3
"""Seconds to listen on when an answer follows a request that got none: it may be the late reply to
that, with the newer one right behind it. At 9600 baud the longest frame takes 0.27 s."""
CLOSE_TIMEOUT = 2.0
"""Seconds. A port whose driver hangs is left to close by itself."""
OPEN_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    ImportError,
    termios.error,
    serialx.SerialException,
)
"""What opening raises, whatever the kind of port. Older serialx lets `termios.error` through."""


class _Link(asyncio.Protocol):
    """One open port. Bytes that nobody waits for are dropped: they answer an older request."""

    def __init__(self) -> None:
        self.lost = False
        self.owed = 0
        """Requests sent since the last that was answered: their replies may still come."""
        self.heard = False
        """Whether any byte has come since `expect`."""
        self.newest: bytes | None = None
        """The newest frame that answers what is expected."""
        self._cutter: Cutter | None = None
        self._expected: Exchange | None = None
        self._answer: asyncio.Future[bytes | None] | None = None

    @override
    def data_received(self, data: bytes) -> None:
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
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LinkDown(str(exc or "the connection was closed")))

    def expect(self, exchange: Exchange) -> None:
        """Begin to listen for the frame that answers."""
        self._expected = exchange
        self._cutter = exchange.framing.cutter()
        self.heard = False
        self.newest = None

    def ignore(self) -> None:
        """Stop listening."""
        self._expected = self._answer = None

    async def answer(self, timeout: float) -> bytes | None:
        """Wait for the answer; `None` after `timeout` seconds, `LinkDown` if the port goes."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes | None] = loop.create_future()
        self._answer = answer
        expiry = loop.call_later(timeout, _expire, answer)
        try:
            return await answer
        finally:
            expiry.cancel()
            self._answer = None


def _expire(answer: asyncio.Future[bytes | None]) -> None:
    if not answer.done():
        answer.set_result(None)


class SerialWire(Wire):
    """A serial port that is opened when needed and again after it was lost."""

    def __init__(
        self, url: str, baud_rate: int, open_errors: tuple[type[Exception], ...] = OPEN_ERRORS
    ) -> None:
        super().__init__(url)
        self.baud_rate = baud_rate
        self._open_errors = open_errors
        self._transport: serialx.BaseSerialTransport | None = None
        self._link: _Link | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._silent = 0
        self._why_down = ""

    @property
    @override
    def connection(self) -> int | None:
        return None if self._link is None or self._link.lost else self.connections

    @override
    async def exchange(self, exchange: Exchange) -> bytes:
        link = await self._connected()
        try:
            return await self._ask(link, exchange)
        except LinkDown:
            await self.close()
            raise
        finally:
            link.ignore()

    @override
    def retry_now(self) -> None:
        self._failures = 0
        self._retry_at = 0.0

    @override
    async def close(self) -> None:
        transport, self._transport, self._link = self._transport, None, None
        self._silent = 0
        if transport is None:
            return
        if not transport.is_closing():
            transport.abort()  # whatever has not been sent by now is not worth sending
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await transport.wait_closed()

    async def _connected(self) -> _Link:
        if self._link is not None and not self._link.lost:
            return self._link
        await self.close()
        if self._ended:
            raise LinkDown("the port was given back")
        if asyncio.get_running_loop().time() < self._retry_at:
            raise LinkDown(self._why_down)
        try:
            self._link = await self._open()
        except self._open_errors as error:
            self._note_failure(error)
            raise LinkDown(self._why_down) from error
        self._failures = 0
        self.connections += 1
        return self._link

    async def _open(self) -> _Link:
        loop = asyncio.get_running_loop()
        link = _Link()
        async with asyncio.timeout(OPEN_TIMEOUT):
            self._transport, _ = await serialx.create_serial_connection(
                loop, lambda: link, self.name, self.baud_rate
            )
        return link

    def _note_failure(self, error: Exception) -> None:
        self._why_down = str(error) or "it did not open in time"
        delay = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
        self._failures += 1
        self._retry_at = asyncio.get_running_loop().time() + delay

    async def _ask(self, link: _Link, exchange: Exchange) -> bytes:
        heard = False
        for _attempt in range(exchange.retries + 1):
            await self._send(link, exchange)
            frame = await link.answer(exchange.timeout)
            if frame is not None:
                return await self._newest(link, frame)
            heard = heard or link.heard
        if heard:
            raise BadFrame("bytes came, but no whole answer among them")
        await self._count_silence()
        raise NoReply("no answer")

    async def _send(self, link: _Link, exchange: Exchange) -> None:
        link.ignore()
        # What has already arrived answers an older request: two turns of the event loop
        # read it from the port, and nobody listens yet.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if self._ended or link.lost or self._transport is None:
            raise LinkDown("the connection was closed")
        link.expect(exchange)
        link.owed += 1
        try:
            self._transport.write(exchange.request)
        except (OSError, serialx.SerialException) as error:
            raise LinkDown(str(error)) from error

    async def _newest(self, link: _Link, frame: bytes) -> bytes:
        self._silent = 0
        if link.owed > 1:
            await asyncio.sleep(LATE_REPLY)
        link.owed = 0
        return link.newest or frame

    async def _count_silence(self) -> None:
        self._silent += 1
        if self._silent >= SILENT_EXCHANGES:
            await self.close()
