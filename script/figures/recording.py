"""Home Assistant's recorder, as everybody has it: SQLite in a file, default settings, statistics too."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from homeassistant.components import recorder
from homeassistant.components.recorder.db_schema import States, StatisticsRuns
from homeassistant.core import HomeAssistant
from homeassistant.helpers import event
from homeassistant.helpers.recorder import async_initialize_recorder, get_instance, session_scope
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .leaping import LeapingLoop


@asynccontextmanager
async def recording(hass: HomeAssistant, loop: LeapingLoop) -> AsyncIterator[None]:
    """Have every state recorded while this lasts, and leap over nothing that the recorder's thread does."""
    with _leaping_clock(loop):
        async_initialize_recorder(hass)
        if not await async_setup_component(hass, recorder.DOMAIN, {}):
            raise RuntimeError("the recorder is not set up")
        instance = get_instance(hass)
        await instance.async_recorder_ready.wait()
        loop.heed(lambda: instance.backlog)
        yield


async def written(hass: HomeAssistant) -> None:
    """Wait until the recorder has taken all that it was told."""
    await hass.async_add_executor_job(get_instance(hass).block_till_done)


async def rows(hass: HomeAssistant) -> tuple[int, int]:
    """Return how many states were recorded so far, and how often statistics were made of them."""
    instance = get_instance(hass)
    await instance.async_block_till_done()  # committed
    return await instance.async_add_executor_job(_rows, hass)


def _rows(hass: HomeAssistant) -> tuple[int, int]:
    with session_scope(hass=hass, read_only=True) as session:
        states, runs = (session.query(table).count() for table in (States, StatisticsRuns))
    return states, runs


@contextmanager
def _leaping_clock(loop: LeapingLoop) -> Iterator[None]:
    """Let wall-clock time leap, too: by it, statistics are made every five minutes."""
    real = time.time

    def now() -> float:
        return real() + loop.leapt

    def utcnow() -> datetime:
        return datetime.fromtimestamp(real() + loop.leapt, UTC)

    with (
        patch.object(time, "time", now),
        patch.object(dt_util, "utcnow", utcnow),
        patch.object(event, "time_tracker_utcnow", utcnow),
        patch.object(event, "time_tracker_timestamp", now),
    ):
        yield
