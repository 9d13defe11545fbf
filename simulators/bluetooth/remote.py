"""The room of another process, as scanners in this one use it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from .air import Receiver
from .gatt import MTU, LinkError, Service
from .link import GONE, Link, Listener, Lost
from .relay_messages import Message, error, heard, line, message, services

RETRY = 0.5
"""From losing the room to looking for it again, in s."""


class RemoteAir:
    """The room at a socket. It is looked for while somebody listens, and again when it has gone away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._receivers: list[Receiver] = []
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._links: dict[int, RemoteLink] = {}
        self._number = count()

    def attach(self, receiver: Receiver) -> Callable[[], None]:
        """Let somebody listen; call what this returns to end it."""
        self._receivers.append(receiver)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._stay(), name="simulated radio")

        def detach() -> None:
            self._receivers.remove(receiver)
            if not self._receivers and self._task is not None:
                self._task.cancel()
                self._task = None

        return detach

    async def connect(self, address: str, lost: Lost) -> Link:
        """Connect to a peripheral; `lost` is called when the link ends, however it ends."""
        number = next(self._number)
        link = self._links[number] = RemoteLink(self, number, lost)
        try:
            link.made(await self.ask("connect", number, address=address))
        finally:
            # When this is given up, the link may be on its way or even there.
            if not link.services:
                self._links.pop(number, None)
                link.drop()
        return link

    async def ask(self, do: str, link: int, **details: Any) -> Message:
        """Ask the room for something and return its answer."""
        number = self.tell(do, link, **details)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            answer: Message = await future
        finally:
            self._answers.pop(number, None)
        if problem := error(answer):
            raise problem
        return answer

    def tell(self, do: str, link: int, **details: Any) -> int:
        """Ask the room for something without waiting; return the number of the request."""
        if self._writer is None or self._writer.is_closing():
            raise LinkError("The simulated radio is away")
        number = next(self._number)
        self._writer.write(line({"id": number, "do": do, "link": link} | details))
        return number

    async def _stay(self) -> None:
        while True:
            with suppress(OSError):
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                try:
                    while received := await reader.readline():
                        self._take(message(received))
                finally:
                    self._leave(self._writer)
            await asyncio.sleep(RETRY)

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        """The room is away: every link is lost, and what was asked has no answer."""
        self._writer = None
        writer.close()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(LinkError(GONE))
        links, self._links = self._links, {}
        for link in links.values():
            link.ended()

    def _take(self, said: Message) -> None:
        if "heard" in said:
            for receiver in list(self._receivers):
                receiver.hear(heard(said["heard"]))
        elif "notified" in said:
            if link := self._links.get(said["notified"]):
                link.notified(said["handle"], bytes.fromhex(said["data"]))
        elif "lost" in said:
            if link := self._links.pop(said["lost"], None):
                link.ended()
        elif (future := self._answers.get(said["id"])) and not future.done():
            future.set_result(said)


class RemoteLink:
    """A link in the other process."""

    def __init__(self, air: RemoteAir, number: int, lost: Lost) -> None:
        self.services: tuple[Service, ...] = ()
        self.mtu = MTU
        self._air = air
        self._number = number
        self._lost = lost
        self._listeners: dict[int, Listener] = {}
        self._connected = True

    def made(self, answer: Message) -> None:
        """Take what the peripheral offers."""
        self.services = services(answer["services"])
        self.mtu = answer["mtu"]

    @property
    def connected(self) -> bool:
        """Whether it is still there."""
        return self._connected

    async def read(self, handle: int) -> bytes:
        """Read a value."""
        return bytes.fromhex((await self._ask("read", handle=handle))["data"])

    async def write(self, handle: int, data: bytes, response: bool) -> None:
        """Write a value; with a response it has arrived when this returns."""
        await self._ask("write", handle=handle, data=data, response=response)

    async def listen(self, handle: int, listener: Listener) -> None:
        """Switch notifications on."""
        self._listeners[handle] = listener
        await self._ask("listen", handle=handle)

    async def unlisten(self, handle: int) -> None:
        """Switch notifications off."""
        self._listeners.pop(handle, None)
        await self._ask("unlisten", handle=handle)

    async def disconnect(self) -> None:
        """End the link; a link that is no more is left alone."""
        with suppress(LinkError):
            await self._ask("disconnect")

    def drop(self) -> None:
        """Lose the link, at once."""
        if self._connected:
            with suppress(LinkError):
                self._air.tell("disconnect", self._number)
            self.ended()

    def notified(self, handle: int, data: bytes) -> None:
        """Take a notification."""
        if listener := self._listeners.get(handle):
            listener(data)

    def ended(self) -> None:
        """The link is no more; its owner is told if there has been one."""
        if self._connected:
            self._connected = False
            if self.services:
                self._lost()

    async def _ask(self, do: str, **details: Any) -> Message:
        if not self._connected:
            raise LinkError(GONE)
        return await self._air.ask(do, self._number, **details)
