"""Where our time of a sample goes, by parts. In none of them are the sampler, timers and the event loop."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from time import thread_time
from typing import Any
from unittest.mock import patch

from custom_components.battmon import memory
from custom_components.battmon.coordinator import BattmonCoordinator
from custom_components.battmon.memory_file import MemoryFile
from custom_components.battmon.sources.device import DeviceSource
from custom_components.battmon.transports.ble import BleWire
from custom_components.battmon.watch import Watch


@contextmanager
def shares() -> Iterator[Callable[[], dict[str, float]]]:
    """Take the time while this lasts; what is given returns it by parts, in s."""
    spent: dict[str, float] = dict.fromkeys(("read", "exchange", "fold", "show", "save"), 0.0)
    with ExitStack() as stack:
        for owner, name, span, timed in (
            (DeviceSource, "read", "read", _timed_coroutine),
            (BleWire, "exchange", "exchange", _timed_coroutine),
            (Watch, "take", "fold", _timed),
            # Not the whole of a save, which waits while others work: what it does itself, and its thread.
            (memory, "to_file", "save", _timed),
            (MemoryFile, "_write_prepared_data", "save", _timed),
            (BattmonCoordinator, "async_update_listeners", "show", _timed),
        ):
            stack.enter_context(patch.object(owner, name, timed(getattr(owner, name), spent, span)))
        yield lambda: {
            "transport": spent["exchange"],
            "protocol and source": spent["read"] - spent["exchange"],
            "fold": spent["fold"] - spent["show"],
            "publishing": spent["show"],
            "memory": spent["save"],
        }


def _timed(function: Callable[..., Any], spent: dict[str, float], span: str) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any) -> Any:
        start = thread_time()
        try:
            return function(*arguments)
        finally:
            spent[span] += thread_time() - start

    return timed


def _timed_coroutine(function: Callable[..., Any], spent: dict[str, float], span: str) -> Callable[..., Any]:
    @wraps(function)
    async def timed(*arguments: Any) -> Any:
        start = thread_time()
        try:
            return await function(*arguments)
        finally:
            spent[span] += thread_time() - start

    return timed
