"""A serial line: a local port or a URL that serialx understands.

Local paths, `socket://`, `rfc2217://` and ESPHome's serial proxies (`esphome://`, `esphome-hass://`).
"""

import asyncio
import termios
from contextlib import suppress
from typing import override

import serialx

from ..model.errors import LinkDown
from .stream import Listener, StreamWire

OPEN_TIMEOUT = 8.0
"""Seconds. A local port opens at once; a proxy's device may be waking up."""
BACK_OFF = (0.0, 1.0, 1.9)
"""Opening costs little: never longer than a poll of the default interval (2 s), so that the first one
after a port is back finds it."""
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


class _Port:
    """One open port."""

    def __init__(self, transport: serialx.BaseSerialTransport) -> None:
        self._transport = transport

    async def send(self, data: bytes) -> None:
        try:
            self._transport.write(data)
        except (OSError, serialx.SerialException) as error:
            raise LinkDown(str(error)) from error

    async def close(self) -> None:
        if not self._transport.is_closing():
            self._transport.abort()  # whatever has not been sent by now is not worth sending
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._transport.wait_closed()


class SerialWire(StreamWire):
    """A serial port that is opened when needed and again after it was lost."""

    def __init__(
        self, url: str, baud_rate: int, open_errors: tuple[type[Exception], ...] = OPEN_ERRORS
    ) -> None:
        super().__init__(url)
        self.baud_rate = baud_rate
        self.back_off = BACK_OFF
        self._open_errors = open_errors

    @override
    async def open(self, listener: Listener) -> _Port:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(OPEN_TIMEOUT):
                transport, _ = await serialx.create_serial_connection(
                    loop, lambda: listener, self.name, self.baud_rate
                )
        except self._open_errors as error:
            raise LinkDown(str(error) or "it did not open in time") from error
        return _Port(transport)
