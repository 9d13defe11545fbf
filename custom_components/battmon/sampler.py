"""Keeps the pace at which one battery is read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_LOGGER = logging.getLogger(__name__)


class Sampler:
    """Takes a sample at every turn, and at once when woken."""

    def __init__(self, interval: float, sample: Callable[[], Awaitable[float]], name: str) -> None:
        """`interval`: seconds between turns; `sample` returns those to the next one, unless it has a bug."""
        self._interval = interval
        self._sample = sample
        self._name = name
        self._woken = False
        self._nap: asyncio.Future[bool] | None = None
        """Of the wait for the next turn: whether that came."""
        self._sampling = False
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether turns are taken at all."""
        return self._task is not None

    def start(self, create_task: Callable[..., asyncio.Task[None]], first: float) -> None:
        """Begin, `first` seconds from now, in a background task that `create_task` makes."""
        self._task = create_task(self._sample_for_ever(first), name=f"battmon sampler {self._name}")

    def wake(self) -> None:
        """Take a sample now; later turns stay where they are."""
        self._woken = True
        self._end_nap(turn=False)

    def catch_up(self) -> None:
        """Take a sample now unless one is being taken: its turn was made for a slower pace."""
        if not self._sampling:
            self.wake()

    async def stop(self) -> None:
        """End, and wait until a sample under way has ended, too."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    async def _sample_for_ever(self, first: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + first
        while True:
            turn = await self._turn(due)
            self._woken = False
            self._sampling = True
            try:
                interval = await self._sample()
            except Exception:
                # A bug must not end the watch over a battery: the next sample may be well.
                interval = self._interval
                _LOGGER.exception("Unexpected error while reading %s", self._name)
            finally:
                self._sampling = False
            due = self._next(due, interval, loop.time(), turn=turn)

    async def _turn(self, due: float) -> bool:
        """Wait for the next turn; false if woken before it."""
        if self._woken:
            return False
        # Not `asyncio.timeout_at`, nor an event: they cost more than the rest of this class.
        loop = asyncio.get_running_loop()
        self._nap = loop.create_future()
        timer = loop.call_at(due, self._end_nap)
        try:
            return await self._nap or loop.time() >= due
        finally:
            timer.cancel()

    def _end_nap(self, *, turn: bool = True) -> None:
        if self._nap is not None and not self._nap.done():
            self._nap.set_result(turn)

    def _next(self, due: float, interval: float, now: float, *, turn: bool) -> float:
        """Return when to sample next: on a steady grid, whose missed turns are not made up for."""
        if not turn:
            return min(due, now + interval)
        if interval < self._interval:  # a failure is not followed by a turn, but by another try
            return now + interval
        return due + interval if due + interval > now else now + interval
