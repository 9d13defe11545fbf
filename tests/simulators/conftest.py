"""Fixtures: no Home Assistant here, and nothing may be left behind."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .house import house, impatient  # noqa: F401
from .rooms import room, unix_sockets  # noqa: F401


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Take the place of the fixture that starts Home Assistant."""


def open_files() -> set[str]:
    """Return file descriptors with what they are open on."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        # The folder's own descriptor is gone by the time it is looked at.
        if entry.is_symlink():
            found.add(f"{entry.name} {os.readlink(entry)}")  # noqa: PTH115 (a pipe is not a path)
    return found


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """Fail a test that leaves a thread or a file descriptor behind."""
    files, threads = open_files(), set(threading.enumerate())
    yield
    assert open_files() <= files
    assert set(threading.enumerate()) <= threads
