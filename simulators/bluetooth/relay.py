"""A room that scanners in other processes can listen to and connect in, over a unix socket.

It has a thread with an event loop of its own, to which all that is in the room belongs: touch it with `run`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread, current_thread
from typing import Self, override

from ..running import Running
from .air import Air, Heard
from .gatt import AttError, LinkError
from .link import Link
from .relay_messages import Message, failure, line, message, packed


class Relay(Running):
    """The server; start, stop, or use as a context."""

    def __init__(self, air: Air, path: Path) -> None:
        """Serve at `path`, which must be shorter than 108 bytes."""
        self.air = air
        self.path = path
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    @override
    def start(self) -> Self:
        """Begin to serve; an error to bind the socket is raised here."""
        if self._thread is not None:
            raise RuntimeError("the relay has been started")
        started: Future[None] = Future()
        self._thread = Thread(target=self._main, args=(started,), name="simulated radio", daemon=True)
        self._thread.start()
        try:
            started.result()
        except OSError:
            self._thread.join()
            self._thread = None
            raise
        return self

    @override
    def stop(self) -> None:
        """End every link and the thread, and remove the socket."""
        thread, self._thread = self._thread, None
        if thread is not None:
            assert self._loop is not None
            assert self._end is not None
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join()

    def run[T](self, action: Callable[[], T]) -> T:
        """Do something in the room's event loop, wait until it is done, and return what it returns."""
        if self._thread is None or self._loop is None:
            raise RuntimeError("the relay is not running")
        if current_thread() is self._thread:
            return action()

        async def job() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(job(), self._loop).result()

    def _main(self, started: Future[None]) -> None:
        asyncio.run(self._serve(started))

    async def _serve(self, started: Future[None]) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        sessions: set[Session] = set()

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = Session(self.air, writer)
            sessions.add(session)
            try:
                await session.serve(reader)
            finally:
                sessions.discard(session)

        try:
            server = await asyncio.start_unix_server(meet, self.path)
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(None)
        async with server:
            await self._end.wait()
            for session in list(sessions):
                session.hang_up()


class Session:
    """One scanner elsewhere."""

    def __init__(self, air: Air, writer: asyncio.StreamWriter) -> None:
        self._air = air
        self._writer = writer
        self._links: dict[int, Link] = {}
        self._attempts: dict[int, asyncio.Task[None]] = {}

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Do what is asked until nobody asks any more."""
        detach = self._air.attach(self)
        try:
            while received := await reader.readline():
                await self._obey(message(received))
        except ConnectionError:
            pass
        finally:
            detach()
            self.hang_up()

    def hang_up(self) -> None:
        """End every link, and the conversation."""
        for attempt in self._attempts.values():
            attempt.cancel()
        for link in list(self._links.values()):
            link.drop()
        self._writer.close()

    def hear(self, heard: Heard) -> None:
        """Take an advertisement."""
        self._say({"heard": packed(heard)})

    def _say(self, said: Message) -> None:
        if not self._writer.is_closing():
            self._writer.write(line(said))

    async def _obey(self, asked: Message) -> None:
        number = asked["link"]
        if asked["do"] == "connect":
            # Connecting may take for ever; meanwhile other links are served.
            self._attempts[number] = asyncio.create_task(self._connect(asked))
        elif asked["do"] == "disconnect" and (attempt := self._attempts.pop(number, None)):
            attempt.cancel()
            self._say({"id": asked["id"]})
        else:
            await self._answer(asked)

    async def _connect(self, asked: Message) -> None:
        number = asked["link"]

        def lost() -> None:
            self._links.pop(number, None)
            self._say({"lost": number})

        try:
            link = self._links[number] = await self._air.connect(asked["address"], lost)
        except (AttError, LinkError) as problem:
            self._say({"id": asked["id"]} | failure(problem))
        else:
            services = [packed(service) for service in link.services]
            self._say({"id": asked["id"], "services": services, "mtu": link.mtu})
        finally:
            self._attempts.pop(number, None)

    async def _answer(self, asked: Message) -> None:
        try:
            answer = await self._do(asked)
        except (AttError, LinkError) as problem:
            answer = failure(problem)
        self._say({"id": asked["id"]} | answer)

    async def _do(self, asked: Message) -> Message:
        number, handle = asked["link"], asked.get("handle", 0)
        if (link := self._links.get(number)) is None:
            raise LinkError("Disconnected")
        match asked["do"]:
            case "read":
                return {"data": await link.read(handle)}
            case "write":
                await link.write(handle, bytes.fromhex(asked["data"]), asked["response"])
            case "listen":
                await link.listen(
                    handle, lambda data: self._say({"notified": number, "handle": handle, "data": data})
                )
            case "unlisten":
                await link.unlisten(handle)
            case "disconnect":
                await link.disconnect()
        return {}
