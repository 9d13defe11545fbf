"""A link between one central and a peripheral, on the event loop that serves the peripheral."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from .gatt import (
    INVALID_LENGTH,
    MTU,
    NOTIFY,
    READ,
    READ_NOT_PERMITTED,
    REQUEST_NOT_SUPPORTED,
    UNLIKELY_ERROR,
    WRITE,
    WRITE_NOT_PERMITTED,
    WRITE_WITHOUT_RESPONSE,
    AttError,
    LinkError,
    Service,
    find,
)
from .link_faults import LISTEN, LOST, LinkFaults
from .link_faults import NOTIFY as NOTIFIED
from .link_faults import WRITE as WRITTEN
from .module import Module

LONGEST_VALUE = 512
"""Of a written value, in bytes."""
GONE = "Disconnected"

type Listener = Callable[[bytes], None]
type Lost = Callable[[], None]


class Link(Protocol):
    """What a central does with a link, wherever the peripheral is."""

    services: tuple[Service, ...]
    """As they were when the link was made."""
    mtu: int

    @property
    def connected(self) -> bool:
        """Whether it is still there."""

    async def read(self, handle: int) -> bytes:
        """Read a value."""

    async def write(self, handle: int, data: bytes, response: bool) -> None:
        """Write a value; with a response it has arrived when this returns."""

    async def listen(self, handle: int, listener: Listener) -> None:
        """Switch notifications on."""

    async def unlisten(self, handle: int) -> None:
        """Switch notifications off."""

    async def disconnect(self) -> None:
        """End the link."""

    def drop(self) -> None:
        """Lose the link, at once."""


class LocalLink:
    """A link within this event loop; it owns the timer that sends notifications."""

    def __init__(self, module: Module, faults: LinkFaults, lost: Lost) -> None:
        self.services = module.services
        self.mtu = MTU
        self._module = module
        self._faults = faults
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[int, Listener] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._connected = True

    @property
    def connected(self) -> bool:
        """Whether it is still there."""
        return self._connected

    async def read(self, handle: int) -> bytes:
        """Read a value."""
        characteristic = find(self._present(), handle)
        if READ not in characteristic.properties:
            raise AttError(READ_NOT_PERMITTED)
        return characteristic.value

    async def write(self, handle: int, data: bytes, response: bool) -> None:
        """Write a value, in a way that the characteristic has."""
        characteristic = find(self._present(), handle)
        if (WRITE if response else WRITE_WITHOUT_RESPONSE) not in characteristic.properties:
            raise AttError(WRITE_NOT_PERMITTED if response else REQUEST_NOT_SUPPORTED)
        if len(data) > (LONGEST_VALUE if response else self.mtu - 3):
            raise AttError(INVALID_LENGTH)
        struck = self._faults.happens(WRITTEN, self._loop.time(), data)
        if "fail_write" in struck:
            raise AttError(UNLIKELY_ERROR)
        self._module.receive(data, self._loop.time())
        if "cut_at_write" in struck:
            self.drop()
        if response:
            self._present()
        self.serve()

    async def listen(self, handle: int, listener: Listener) -> None:
        """Switch notifications on."""
        if NOTIFY not in find(self._present(), handle).properties:
            raise AttError(REQUEST_NOT_SUPPORTED)
        struck = self._faults.happens(LISTEN, self._loop.time())
        if "fail_listen" in struck:
            raise AttError(UNLIKELY_ERROR)
        if "cut_at_listen" in struck:
            self.drop()
        self._present()
        self._listeners[handle] = listener
        self._module.listened_to(self._loop.time())
        self.serve()

    async def unlisten(self, handle: int) -> None:
        """Switch notifications off."""
        find(self._present(), handle)
        self._listeners.pop(handle, None)

    async def disconnect(self) -> None:
        """End the link; a link that is no more is left alone."""
        self.drop()

    def drop(self) -> None:
        """Lose the link: everything on its way is lost, and the central learns of it."""
        if not self._connected:
            return
        self._connected = False
        self._listeners.clear()
        self._quiet()
        now = self._loop.time()
        self._faults.happens(LOST, now)
        self._module.disconnected(now)
        self._lost()

    def serve(self) -> None:
        """Send what is due, and wait for what is due next."""
        self._quiet()
        for data in self._module.due(self._loop.time()):
            self._notify(data)
        if self._connected and (due := self._module.next_due) is not None:
            self._timer = self._loop.call_at(due, self.serve)

    def _quiet(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _present(self) -> tuple[Service, ...]:
        """Return the services as they are now."""
        if not self._connected:
            raise LinkError(GONE)
        return self._module.services

    def _notify(self, data: bytes) -> None:
        listener = self._listeners.get(self._module.sender.handle)
        if listener is None:
            return
        struck = self._faults.happens(NOTIFIED, self._loop.time(), data)
        if junk := struck.get("junk"):
            listener(junk.data)
        if "lose" not in struck:
            listener(data)
        if "cut_at_notification" in struck:
            self.drop()
