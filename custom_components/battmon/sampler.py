"""Keeps the pace at which one battery is read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_LOGGER = logging.getLogger(__name__)


class Sampler:
    """Takes a sample at every turn of a steady pace, and at once when woken."""

    def __init__(self, interval: float, sample: Callable[[], Awaitable[None]], name: str) -> None:
        """`interval`: seconds between turns, on the event loop's clock."""
        self._interval = interval
        self._sample = sample
        self._name = name
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether turns are taken at all."""
        return self._task is not None

    def start(self, create_task: Callable[..., asyncio.Task[None]]) -> None:
        """Begin, one interval from now, in a background task that `create_task` makes."""
        self._task = create_task(self._sample_for_ever(), name=f"battmon sampler {self._name}")

    def wake(self) -> None:
        """Take a sample now; the turns stay where they are."""
        self._wake.set()

    async def stop(self) -> None:
        """End, and wait until a sample under way has ended, too."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _sample_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._interval
        while True:
            try:
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            except TimeoutError:
                due += self._interval
                if due < loop.time():  # turns that were missed are not made up for
                    due = loop.time() + self._interval
            self._wake.clear()
            try:
                await self._sample()
            except Exception:
                # A bug must not end the watch over a battery: the next sample may be well.
                _LOGGER.exception("Unexpected error while reading %s", self._name)
