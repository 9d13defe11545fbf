"""A room that is in another thread, or goes away."""

import asyncio
import threading
from pathlib import Path

import pytest

from simulators.bluetooth.air import Air
from simulators.bluetooth.gatt import LinkError
from simulators.bluetooth.relay import Relay
from simulators.bluetooth.remote import RemoteAir

from .radio import CELL_VOLTAGES, Central, board, listening, quick, until

pytestmark = pytest.mark.usefixtures("unix_sockets")

CELLS = board().receive(CELL_VOLTAGES, 0.0)[0].data
OTHER = "A4:C1:37:00:00:02"


async def test_the_room_is_found_again_when_it_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulators.bluetooth.remote.RETRY", 0.02)
    battery = quick()
    air, remote = Air(battery, interval=0.02), RemoteAir(tmp_path / "radio")
    central = Central(remote)
    with listening(remote) as ear:
        with pytest.raises(LinkError, match="away"):
            await central.connect()
        for count in (1, 2):
            with Relay(air, tmp_path / "radio"):
                await until(lambda: ear.heard)
                await central.connect()
                assert await central.ask(CELL_VOLTAGES) == CELLS
                hanging = asyncio.ensure_future(Central(remote, OTHER).connect())
                await asyncio.sleep(0)
            await until(lambda count=count: central.lost == count)  # type: ignore[misc]
            assert not central.link.connected
            assert not battery.connected
            with pytest.raises(LinkError):
                await hanging
            ear.heard.clear()


async def test_a_request_under_way_ends_with_the_room(tmp_path: Path) -> None:
    battery = quick()
    battery.link_faults.inject("hang")
    remote = RemoteAir(tmp_path / "radio")
    with listening(remote) as ear:
        with Relay(Air(battery, interval=0.02), tmp_path / "radio"):
            await until(lambda: ear.heard)
            attempt = asyncio.ensure_future(Central(remote).connect())
            await until(lambda: battery.link_faults.count("connect"))
        with pytest.raises(LinkError):
            await attempt


async def test_a_listener_that_goes_away_frees_its_links(tmp_path: Path) -> None:
    battery = quick()
    remote = RemoteAir(tmp_path / "radio")
    with Relay(Air(battery, interval=0.02), tmp_path / "radio"):
        central = Central(remote)
        with listening(remote) as ear:
            await until(lambda: ear.heard)
            await central.connect()
        await until(lambda: not battery.connected)
        await until(lambda: central.lost)


def test_the_relay_runs_actions_in_its_own_thread(tmp_path: Path) -> None:
    before = held_threads()
    battery = quick()
    relay = Relay(Air(battery), tmp_path / "radio")
    with pytest.raises(RuntimeError, match="not running"):
        relay.run(battery.cut)
    with relay:
        with pytest.raises(RuntimeError, match="has been started"):
            relay.start()
        assert relay.run(lambda: asyncio.get_running_loop().is_running())
        assert relay.run(lambda: relay.run(lambda: 7)) == 7
        with pytest.raises(ValueError, match="no fault"):
            relay.run(lambda: battery.link_faults.inject("nonsense"))
    relay.stop()
    assert held_threads() == before
    assert not (tmp_path / "radio").exists()
    with relay:
        assert (tmp_path / "radio").exists()


def test_a_socket_that_cannot_be_made_is_an_error_at_once(tmp_path: Path) -> None:
    before = held_threads()
    relay = Relay(Air(), tmp_path / "missing" / "radio")
    with pytest.raises(FileNotFoundError):
        relay.start()
    assert held_threads() == before


def held_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]
