"""An event loop whose clock leaps over waiting: an hour of timers passes as fast as they can be served.

Whatever asks the loop for the time or waits through it (the sampler, time-outs, the publishing
interval) sees the hour. Wall-clock time goes on as it is, see `recording` for one that leaps along.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from time import monotonic
from typing import Any, override

WHILE_BUSY = 0.003
"""Seconds of waiting in earnest, again and again, while somebody else has something to do."""


class _Selector(selectors.EpollSelector):
    """Waits not at all where nothing but time is waited for, and says how long that would have been."""

    def __init__(self) -> None:
        super().__init__()
        self.leaping = False
        self.leapt = 0.0
        self.jobs = 0
        """How many threads work for the loop."""
        self.backlog: Callable[[], int] = int
        """What a thread with a queue of its own has still to do."""

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # Nothing is leapt over while a thread works: time passes for it, too.
        if not self.leaping or self.jobs or timeout is None or timeout <= 0:
            return super().select(timeout)
        if self.backlog():
            return super().select(min(timeout, WHILE_BUSY))
        events = super().select(0)
        if not events:
            self.leapt += timeout
        return events


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that leaps while `leap` lasts, and is an ordinary one otherwise."""

    def __init__(self) -> None:
        self._leaping_selector = _Selector()
        super().__init__(self._leaping_selector)

    @override
    def time(self) -> float:
        return monotonic() + self._leaping_selector.leapt

    @property
    def leapt(self) -> float:
        """How much was leapt over, in s."""
        return self._leaping_selector.leapt

    def heed(self, backlog: Callable[[], int]) -> None:
        """Leap over nothing while there is a backlog."""
        self._leaping_selector.backlog = backlog

    @override
    def run_in_executor[*Ts, T](
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._leaping_selector.jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _future: asyncio.Future[Any]) -> None:
        self._leaping_selector.jobs -= 1

    async def leap(self, seconds: float) -> None:
        """Let this much of the loop's time pass."""
        self._leaping_selector.leaping = True
        try:
            await asyncio.sleep(seconds)
        finally:
            self._leaping_selector.leaping = False
