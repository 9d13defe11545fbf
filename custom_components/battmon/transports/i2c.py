"""I2C: a bus has a thread of its own, which carries out one conversation after the other."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, override

from ..model.errors import BattMonError, BusBlocked, LinkDown, NoReply
from ..protocols.conversation import (
    BusTransfer,
    Clock,
    Conversation,
    Exchange,
    Request,
    Wait,
    carry_out,
)
from .i2c_device import I2cDevice
from .wire import Spoken, Terms, Wire

JOB_TIME = 5.0
"""Seconds that a conversation has, unless it brings its own deadline."""
HANG_TIME = 2.0
"""Seconds beyond its deadline after which a transfer is said to hang: the kernel's own time-out is one."""
RETRY_PAUSE = 0.002
"""Seconds between two attempts: gauges are busy for a moment after some requests."""

type Job = Callable[[], None]


class Bus:
    """One adapter. All that touches it happens in its thread, which never keeps the process from ending."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._device = I2cDevice(path)
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._begun: float | None = None
        """When the thread began what it is doing."""
        self._hangs_since: float | None = None
        self._waiting: set[asyncio.Future[Any]] = set()

    async def carry_out[T](self, job: Callable[[I2cDevice], T], limit: float) -> T:
        """Run `job` in the bus's thread, after those that wait already; `NoReply` when it takes too long.

        A job that hangs goes on hanging; until it ends nothing else is begun, and nobody waits for it.
        """
        if self._hangs_since is not None:
            raise LinkDown(f"{self.path} has been hanging for {monotonic() - self._hangs_since:.0f} s")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.add(future)
        self._run(partial(self._do, job, future, loop))
        try:
            return await self._wait(future, limit)
        finally:
            self._waiting.discard(future)
            future.cancel()

    async def _wait[T](self, future: asyncio.Future[T], limit: float) -> T:
        """Wait for a job, as long as whatever the thread is doing takes no longer than it may."""
        while not future.done():
            left = (self._begun or monotonic()) + limit - monotonic()
            if left <= 0:
                self._hang()
                raise BusBlocked(f"a transfer on {self.path} hangs")
            await asyncio.wait((future,), timeout=left)
        return future.result()

    def _hang(self) -> None:
        self._hangs_since = monotonic()
        for future in self._waiting:
            if not future.done():
                future.set_exception(BusBlocked(f"a transfer on {self.path} hangs"))

    def _do[T](
        self, job: Callable[[I2cDevice], T], future: asyncio.Future[T], loop: asyncio.AbstractEventLoop
    ) -> None:
        """Do it in the thread, unless nobody waits for it any more."""
        if future.done():
            return
        self._begun = monotonic()
        try:
            settle = partial(self._settle, future, job(self._device))
        except Exception as error:  # noqa: BLE001
            # Whatever it is: it belongs to who waits, and the thread goes on.
            settle = partial(self._settle, future, None, error)
        self._begun = None
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle)

    def _settle(self, future: asyncio.Future[Any], result: Any, error: Exception | None = None) -> None:
        self._hangs_since = None
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def _run(self, job: Job) -> None:
        if self._thread is None:
            self._thread = Thread(target=_work, args=(self._jobs,), name=f"i2c {self.path}", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    async def end(self) -> None:
        """Close the bus after what is under way, and wait for that unless it hangs."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._jobs.put(self._device.close)
        self._jobs.put(None)
        self._jobs = SimpleQueue()
        await asyncio.get_running_loop().run_in_executor(None, thread.join, HANG_TIME)


def _work(jobs: SimpleQueue[Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


class I2cWire(Wire):
    """One device on a bus."""

    def __init__(self, bus: Bus, address: int) -> None:
        super().__init__(f"{bus.path} 0x{address:02x}")
        self.bus = bus
        self.address = address
        self._stands = False

    @property
    @override
    def connection(self) -> int | None:
        """Stands while the device answers: who falls silent may be another one when it is heard again."""
        return self.connections if self._stands else None

    @override
    async def _carry_out[T](self, conversation: Conversation[T], terms: Terms) -> T:
        limit = JOB_TIME if terms.deadline is None else terms.deadline
        if self._ended:
            raise LinkDown("the wire is closed")
        if terms.connection is not None and terms.connection != self.connection:
            raise LinkDown("the connection was lost")
        job = _Job(conversation, self.address, limit)
        try:
            result = await self.bus.carry_out(job, limit + HANG_TIME)
        except LinkDown, NoReply:
            self._stands = False
            raise
        finally:
            if terms.record is not None:
                terms.record.extend(job.spoken)
        if not self._stands:
            self.connections += 1
            self._stands = True
        return result

    @override
    async def exchange(self, exchange: Exchange) -> bytes:
        raise LinkDown("a bus carries transfers only")

    @override
    async def close(self) -> None:
        self._stands = False


class _Job[T]:
    """A whole conversation, in the thread of the bus."""

    def __init__(self, conversation: Conversation[T], address: int, limit: float) -> None:
        self.spoken: list[Spoken] = []
        self._conversation = conversation
        self._address = address
        self._limit = limit

    def __call__(self, device: I2cDevice) -> T:
        end = monotonic() + self._limit
        return carry_out(self._conversation, lambda request: self._perform(device, request, end))

    def _perform(self, device: I2cDevice, request: Request, end: float) -> bytes:
        if monotonic() > end:
            raise BusBlocked("the conversation took too long")
        if isinstance(request, Wait):
            sleep(request.seconds)
            return b""
        if isinstance(request, Clock):
            return Clock.reply(monotonic())
        if not isinstance(request, BusTransfer):
            raise LinkDown("a bus carries transfers only")
        try:
            reply = self._transfer(device, request)
        except BattMonError as error:
            self._note(request, str(error))
            raise
        self._note(request, reply)
        return reply

    def _transfer(self, device: I2cDevice, transfer: BusTransfer) -> bytes:
        for _attempt in range(transfer.retries):
            try:
                return device.transfer(self._address, transfer)
            except LinkDown:
                raise
            except BattMonError:
                sleep(RETRY_PAUSE)
        return device.transfer(self._address, transfer)

    def _note(self, transfer: BusTransfer, reply: bytes | str) -> None:
        self.spoken.append(Spoken(datetime.now(UTC), transfer.write, reply))
