"""Fixtures: a wire with a simulated battery at its end, on every kind of wire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon.transports import ble, serial, stream
from simulators.i2c.bus import Bus
from simulators.i2c.kernel import Kernel

from ..leaks import held, leaked
from .rig import PATH, PORTS, Rig, on_a_port
from .room import Room, in_the_air


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
    monkeypatch.setattr(stream, "LATE_REPLY", 0.03)
    monkeypatch.setattr(serial, "BACK_OFF", (0.0,))
    monkeypatch.setattr(ble, "BACK_OFF", (0.0,))


@pytest.fixture
def room(request: pytest.FixtureRequest, quick: None, _nothing_left: None) -> Room:
    """The air around Home Assistant."""
    request.getfixturevalue("enable_bluetooth")
    hass = request.getfixturevalue("hass")
    hass.loop.set_debug(False)
    return Room(hass)


@pytest.fixture
def hang() -> Callable[..., Awaitable[None]]:
    """Return what takes the place of a call that never ends."""

    async def never(*_args: Any, **_settings: Any) -> None:
        await asyncio.Event().wait()

    return never


@pytest.fixture(params=sorted(PORTS))
async def port_rig(request: Any, tmp_path: Path, quick: None, _nothing_left: None) -> AsyncIterator[Rig]:
    """A battery that answers at once, on a pseudo-terminal and behind a TCP server."""
    with on_a_port(request.param, tmp_path) as rig:
        yield rig
        await rig.wire.end()


@pytest.fixture(params=[*sorted(PORTS), "ble"])
def kind_and_room(request: Any) -> tuple[str, Room | None]:
    """A kind of wire; Home Assistant runs only where the wire needs it."""
    return request.param, None if request.param in PORTS else request.getfixturevalue("room")


@pytest.fixture
async def rig(
    kind_and_room: tuple[str, Room | None], tmp_path: Path, quick: None, _nothing_left: None
) -> AsyncIterator[Rig]:
    """The same, and in the air."""
    kind, room = kind_and_room
    with on_a_port(kind, tmp_path) if room is None else in_the_air(room) as rig:
        yield rig
        await rig.wire.end()


@pytest.fixture
def bus() -> Bus:
    """An I2C bus with nobody on it."""
    return Bus()


@pytest.fixture
def kernel(bus: Bus) -> Iterator[Kernel]:
    """A kernel that has this bus."""
    with Kernel({PATH: bus}).installed() as kernel:
        yield kernel
