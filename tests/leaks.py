"""What a test may leave behind: nothing."""

import asyncio
import os
import re
import threading
from collections import Counter
from pathlib import Path

WORKERS = ("asyncio_", "SyncWorker_", "ImportExecutor_")
"""Names of threads of the event loop's own pools, which come and stay."""


def held() -> Counter[str]:
    """Count what is held now: open files by what they are open on, threads and tasks by their name.

    Numbers in names do not count: a port that was unplugged and comes back has another one.
    """
    threads = (thread.name for thread in threading.enumerate() if not thread.name.startswith(WORKERS))
    tasks = (task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()})
    return Counter(re.sub(r"\d+", "#", name) for name in (*_open_files(), *threads, *tasks))


def leaked(before: Counter[str]) -> Counter[str]:
    """Return what is held now and was not before."""
    return held() - before


def _open_files() -> list[str]:
    # The folder's own descriptor is gone by the time it is looked at.
    entries = [entry for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return [os.readlink(entry) for entry in entries]  # noqa: PTH115 (a pipe is not a path)
