"""Fixtures: a wire with a simulated battery at its end, on both kinds of port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon.transports import serial

from ..leaks import held, leaked
from .rig import KINDS, Rig


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Take the place of the fixture that starts Home Assistant."""


@pytest.fixture(autouse=True)
def _network(socket_enabled: None) -> None:
    """Let tests use sockets of this machine."""


@pytest.fixture(autouse=True)
async def _nothing_left() -> AsyncIterator[None]:
    """Fail a test that leaves a task, a thread or a file descriptor behind."""
    asyncio.get_running_loop().set_debug(False)  # it takes a traceback of every callback
    before = held()
    yield
    assert not leaked(before)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait shorter than for real boards."""
    monkeypatch.setattr(serial, "LATE_REPLY", 0.03)
    monkeypatch.setattr(serial, "BACK_OFF", (0.0,))


@pytest.fixture(params=sorted(KINDS))
async def rig(request: Any, tmp_path: Path, quick: None, _nothing_left: None) -> AsyncIterator[Rig]:
    """A battery that answers at once, on a pseudo-terminal and behind a TCP server."""
    rig = Rig(request.param, tmp_path)
    with rig.line:
        yield rig
        await rig.wire.end()
