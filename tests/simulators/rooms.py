"""Rooms for the tests of the simulated radio."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import socket_allow_hosts

from simulators.bluetooth.air import Air, Radio
from simulators.bluetooth.relay import Relay
from simulators.bluetooth.remote import RemoteAir

from ..leaks import held, leaked
from .radio import Central, listening, quick, until


@pytest.fixture
def unix_sockets() -> None:
    """Let tests use sockets that are files."""
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


class Room:
    """A battery in a room, here or in another thread behind a socket."""

    def __init__(self, where: str, folder: Path, ending: ExitStack) -> None:
        self.battery = quick()
        self.air = Air(self.battery, interval=0.02)
        self.radio: Radio = self.air
        self.do: Callable[[Callable[[], Any]], Any] = lambda action: action()
        if where == "elsewhere":
            relay = ending.enter_context(Relay(self.air, folder / "radio"))
            self.radio, self.do = RemoteAir(folder / "radio"), relay.run

    async def central(self, listen: bool = True, **settings: Any) -> Central:
        """Connect to the battery."""
        central = Central(self.radio, **settings)
        await central.connect(listen)
        return central

    def inject(self, *fault: Any, **settings: Any) -> None:
        self.do(lambda: self.battery.link_faults.inject(*fault, **settings))


@pytest.fixture(params=["here", "elsewhere"])
async def room(request: pytest.FixtureRequest, tmp_path: Path, unix_sockets: None) -> AsyncIterator[Room]:
    """A room with somebody who listens in it; nothing is left behind."""
    before = held()
    with ExitStack() as ending:
        room = Room(request.param, tmp_path, ending)
        with listening(room.radio) as ear:
            await until(lambda: ear.heard)
            yield room
        await asyncio.sleep(0.01)
    await until(lambda: not leaked(before))
