"""A shared wire: one connection, one conversation at a time, fair between batteries."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from ..model.errors import BattMonError, LinkDown, NoReply
from ..protocols.conversation import BusTransfer, Clock, Conversation, Exchange, Request, Wait

CLEAN_UP_TIME = 15.0
"""Seconds that a conversation gets beyond its deadline, to leave the device as it should be."""
RECORD_LENGTH = 60


class Spoken(NamedTuple):
    """One exchange as it went, for diagnostics."""

    at: datetime
    request: bytes | None
    """`None` for a request that holds a password."""
    reply: bytes | str
    """The frame, or the error in words."""


type Record = deque[Spoken]


def new_record() -> Record:
    """Return an empty record of the last exchanges."""
    return deque(maxlen=RECORD_LENGTH)


class Terms(NamedTuple):
    """What a conversation is held to."""

    record: Record | None
    """Where to write it down."""
    deadline: float | None
    """Seconds that its requests have together."""
    connection: int | None
    """The only one in which it may take place."""


class Wire(ABC):
    """One port, bus or link. Subclasses carry out single requests."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connections = 0
        """How often the wire was connected."""
        self._ended = False
        self._watchers: list[Callable[[], None]] = []
        self._turn = asyncio.Lock()  # wakes waiters in the order in which they came

    @property
    @abstractmethod
    def connection(self) -> int | None:
        """The number of the connection that stands, `None` without one.

        Who sees it change must identify the battery again.
        """

    def watch(self, lost: Callable[[], None]) -> Callable[[], None]:
        """Call `lost` whenever a connection ends that nobody closed: there is reason to connect again.

        Returns what ends that.
        """
        self._watchers.append(lost)
        return partial(self._watchers.remove, lost)

    async def converse[T](
        self,
        conversation: Conversation[T],
        record: Record | None = None,
        deadline: float | None = None,
        connection: int | None = None,
    ) -> T:
        """Carry out a conversation and return what it learned, or raise its `BattMonError`.

        After `deadline` seconds its requests fail, and it has `CLEAN_UP_TIME` to end; so it has when
        it is cancelled. It takes place in `connection` if given, and never in more than one: behind
        another connection there may be another battery.
        """
        async with self._turn:
            return await self._carry_out(conversation, Terms(record, deadline, connection))

    async def _carry_out[T](self, conversation: Conversation[T], terms: Terms) -> T:
        """Carry out a conversation whose turn it is."""
        driver = _Driver(self, terms)
        try:
            request = next(conversation)
            while True:
                try:
                    reply = await driver.perform(request)
                except BattMonError as error:
                    request = conversation.throw(error)
                else:
                    request = conversation.send(reply)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            self.fall_silent()
            driver.raise_cancellation()

    async def end(self) -> None:
        """Disconnect for good: what is under way fails, and nothing connects any more."""
        self._ended = True
        await self.close()
        async with self._turn:
            await self.close()

    async def rest(self) -> None:
        """Disconnect, after the conversation under way; the next exchange connects again."""
        async with self._turn:
            await self.close()

    def _tell_of_loss(self) -> None:
        for lost in tuple(self._watchers):
            lost()

    @abstractmethod
    async def exchange(self, exchange: Exchange) -> bytes:
        """Send a request and return the frame that answers; `LinkDown`, `NoReply`, `BadFrame`."""

    def fall_silent(self) -> None:
        """A conversation has ended: nothing is waited for until the next."""

    @abstractmethod
    async def close(self) -> None:
        """Disconnect and free everything; the next exchange connects again."""

    @property
    def retry_at(self) -> float:
        """When connecting is tried again at the earliest, on the event loop's clock."""
        return 0.0

    def retry_now(self) -> None:
        """Forget any back-off: there is reason to believe that connecting works again."""


class _Driver:
    """Performs the requests of one conversation, within its deadline and in one connection."""

    def __init__(self, wire: Wire, terms: Terms) -> None:
        self._wire = wire
        self._record, deadline, self._connection = terms
        self._limits: list[float] = []
        """Ends of the time to do it and of the time to clean up, on the event loop's clock."""
        self._cancelled: asyncio.CancelledError | None = None
        if deadline is not None:
            now = asyncio.get_running_loop().time()
            self._limits = [now + deadline, now + deadline + CLEAN_UP_TIME]

    async def perform(self, request: Request) -> bytes:
        try:
            if self._limits:
                return await self._perform_in_time(request)
            return await self._perform(request)
        except asyncio.CancelledError as cancelled:
            self._cancelled = cancelled
            self._limits = [asyncio.get_running_loop().time() + CLEAN_UP_TIME]
            raise LinkDown("cancelled") from cancelled

    def raise_cancellation(self) -> None:
        """Let the cancellation go on that had to wait for the conversation's end."""
        if self._cancelled is not None:
            raise self._cancelled

    async def _perform_in_time(self, request: Request) -> bytes:
        try:
            async with asyncio.timeout_at(self._limits[0]):
                return await self._perform(request)
        except TimeoutError as error:
            if len(self._limits) == 1:
                raise LinkDown("given up: the command took too long") from error
            del self._limits[0]
            raise NoReply("the command took too long") from error

    async def _perform(self, request: Request) -> bytes:
        if isinstance(request, Wait):
            await asyncio.sleep(request.seconds)
            return b""
        if isinstance(request, Clock):
            return Clock.reply(asyncio.get_running_loop().time())
        if isinstance(request, BusTransfer):
            raise LinkDown(f"{self._wire.name} is no bus")
        try:
            if self._connection is not None and self._connection != self._wire.connection:
                raise LinkDown("the connection was lost")
            reply = await self._wire.exchange(request)
        except BattMonError as error:
            self._note(request, str(error))
            raise
        # Not `connection`: this one may have ended right after the reply.
        self._connection = self._wire.connections
        self._note(request, reply)
        return reply

    def _note(self, exchange: Exchange, reply: bytes | str) -> None:
        if self._record is not None:
            request = None if exchange.secret else exchange.request
            self._record.append(Spoken(datetime.now(UTC), request, reply))
