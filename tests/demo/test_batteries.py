"""The demo's batteries on their wires."""

import threading
from pathlib import Path

import pytest

from simulators.bluetooth.gatt import LinkError
from simulators.demo.batteries import ADDRESS, THREADS, demo_batteries
from simulators.demo.folder import Folder
from simulators.demo.phone import Phone

from ..simulators.rooms import unix_sockets  # noqa: F401

pytestmark = pytest.mark.usefixtures("unix_sockets")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setattr(Folder, "radio", tmp_path / "radio")
    monkeypatch.setattr(Folder, "bus_socket", tmp_path / "bus")
    folder = Folder(tmp_path)
    folder.ports.mkdir()
    return folder


def serving() -> int:
    return sum(thread.name.startswith(THREADS) for thread in threading.enumerate())


def test_stopped_batteries_leave_nothing_behind(folder: Folder) -> None:
    before = serving()
    fleet = demo_batteries(folder)
    fleet.start()
    assert {path.name for path in folder.ports.iterdir()} == {
        *("house", "van", "workshop"),
        *("cabin_a", "cabin_b", "cabin_c"),
    }
    assert folder.radio.is_socket()
    assert folder.bus_socket.is_socket()
    assert folder.bus.is_file()
    assert serving() == before + len(fleet.all) + 1
    fleet.stop()
    assert not any(folder.ports.iterdir())
    assert not folder.radio.exists()
    assert not folder.bus_socket.exists()
    assert not folder.bus.exists()
    assert serving() == before


def test_batteries_that_were_never_started_can_be_stopped(folder: Folder) -> None:
    demo_batteries(folder).stop()


def test_a_socket_that_an_earlier_demo_left_behind_is_no_obstacle(folder: Folder) -> None:
    folder.bus_socket.touch()
    fleet = demo_batteries(folder)
    fleet.start()
    assert folder.bus_socket.is_socket()
    fleet.stop()


def test_what_a_virtual_battery_is_made_of_comes_before_it(folder: Folder) -> None:
    fleet = demo_batteries(folder)
    keys = [battery.key for battery in fleet.known]
    assert len(set(keys)) == len(keys)
    for battery in fleet.virtual:
        assert all(keys.index(part.key) < keys.index(battery.key) for part in battery.members)


async def test_a_phone_gets_the_only_link_of_a_battery(folder: Folder) -> None:
    fleet = demo_batteries(folder)
    fleet.start()
    try:
        async with Phone(fleet.boat.socket, ADDRESS) as phone:
            link = await phone.connect(within=5.0)
            assert link is not None
            assert link.services
            assert fleet.boat.do(lambda: fleet.boat.peripheral.connected)
            assert await phone.connect(within=5.0) is None
            await link.disconnect()
            with pytest.raises(LinkError):
                await link.read(1)
        assert not fleet.boat.do(lambda: fleet.boat.peripheral.connected)
    finally:
        fleet.stop()


async def test_a_phone_does_not_wait_for_ever(folder: Folder) -> None:
    fleet = demo_batteries(folder)
    fleet.boat.peripheral.vanish()
    fleet.start()
    try:
        async with Phone(fleet.boat.socket, ADDRESS) as phone:
            assert await phone.connect(within=0.05) is None
    finally:
        fleet.stop()
