"""Being told to end: in an orderly way at the first signal, at once at any later one."""

import asyncio
import signal
from collections.abc import Callable

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals(at_once: Callable[[], object]) -> None:
    """Cancel the current task at the first signal; call `at_once` at every further one."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    orderly = iter((task.cancel,))

    def end() -> None:
        next(orderly, at_once)()

    for number in SIGNALS:
        loop.add_signal_handler(number, end)
