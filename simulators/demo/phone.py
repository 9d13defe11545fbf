"""A second central beside Home Assistant, such as a phone with the app of a battery's maker."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from simulators.bluetooth.air import Heard
from simulators.bluetooth.gatt import LinkError
from simulators.bluetooth.link import Link
from simulators.bluetooth.remote import RemoteAir


class Phone:
    """Listens for one battery and connects to it. Use it as an asynchronous context manager."""

    def __init__(self, socket: Path, address: str) -> None:
        """Prepare to enter the room behind a socket."""
        self._air = RemoteAir(socket)
        self._address = address
        self._heard = asyncio.Event()
        self._leave: Callable[[], None] | None = None

    async def __aenter__(self) -> Self:
        self._leave = self._air.attach(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._leave is not None:
            self._leave()

    def hear(self, heard: Heard) -> None:
        """Take an advertisement."""
        if heard.address == self._address:
            self._heard.set()

    async def connect(self, within: float) -> Link | None:
        """Return a link to the battery, or None if it is not heard in time, in s, or refuses."""
        with suppress(LinkError, TimeoutError):
            async with asyncio.timeout(within):
                await self._heard.wait()
                return await self._air.connect(self._address, lambda: None)
        return None
