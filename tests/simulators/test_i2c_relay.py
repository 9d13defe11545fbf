"""A bus in another process: what is said there, what fails there, and that it may come and go."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.i2c.bus import Bus, Message
from simulators.i2c.registers import RegisterChip
from simulators.i2c.relay import BusServer, RemoteBus

pytestmark = pytest.mark.usefixtures("unix_sockets")
READ_VOLTAGE = (Message(0x0B, b"\x09"), Message(0x0B, None, 2))


@pytest.fixture
def bus() -> Bus:
    chip = RegisterChip()
    chip.registers[0x09] = b"\xa0\x41"
    return Bus({0x0B: chip}, taken={0x0C})


@pytest.fixture
def remote(bus: Bus, tmp_path: Path) -> Iterator[RemoteBus]:
    with BusServer(bus, tmp_path / "bus"):
        remote = RemoteBus(tmp_path / "bus")
        yield remote
        remote.close()


def test_transfers_go_through(remote: RemoteBus, bus: Bus) -> None:
    assert remote.transfer(READ_VOLTAGE) == [b"", b"\xa0\x41"]
    assert [one.written for one in bus.log] == [b"\x09"]


def test_errors_come_back_as_they_are(remote: RemoteBus, bus: Bus) -> None:
    bus.inject("lost_arbitration")
    with pytest.raises(OSError, match="lost_arbitration") as raised:
        remote.transfer(READ_VOLTAGE)
    assert raised.value.errno == errno.EAGAIN


def test_what_the_adapter_is_like_is_told(remote: RemoteBus, bus: Bus) -> None:
    assert (remote.present, remote.functions, remote.taken) == (True, bus.functions, {0x0C})
    bus.present = False
    assert not remote.present


def test_a_bus_that_was_away_is_there_again(bus: Bus, tmp_path: Path) -> None:
    remote = RemoteBus(tmp_path / "bus")
    assert not remote.present
    for _time in range(2):
        with BusServer(bus, tmp_path / "bus"):
            assert remote.present
            assert remote.transfer(READ_VOLTAGE)[1] == b"\xa0\x41"
        with pytest.raises(OSError, match="no such device"):
            remote.transfer(READ_VOLTAGE)
