"""Lines: pseudo-terminals and TCP servers with a device behind them."""

import os
import select
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, override

import pytest

from simulators.jbd import JbdDevice
from simulators.jbd_frames import request_frame
from simulators.line import Line
from simulators.presets import house_16s, steady_4s, steady_16s, van_4s
from simulators.serial_line import LineSettings, SerialLine
from simulators.tcp_line import TcpLine

# The plugin forbids sockets; a line on this machine needs them.
pytestmark = pytest.mark.usefixtures("socket_enabled", "nothing_left")

BASIC, CELLS = request_frame(0x03), request_frame(0x04)


class Host(Protocol):
    """Someone who has opened a port."""

    def send(self, data: bytes) -> None: ...

    def read(self, wait: float) -> bytes | None:
        """Bytes that came, none in time, or None where the port has ended."""

    def close(self) -> None: ...


class SerialHost(Host):
    def __init__(self, line: SerialLine) -> None:
        self._fd = os.open(line.path, os.O_RDWR | os.O_NOCTTY)

    @property
    def fd(self) -> int:
        return self._fd

    @override
    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    @override
    def read(self, wait: float) -> bytes | None:
        if not select.select([self._fd], [], [], wait)[0]:
            return b""
        try:
            return os.read(self._fd, 4096) or None
        except OSError:
            return None

    @override
    def close(self) -> None:
        os.close(self._fd)


class TcpHost(Host):
    def __init__(self, line: TcpLine) -> None:
        self._socket = socket.create_connection(("127.0.0.1", line.port), timeout=2)

    @override
    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    @override
    def read(self, wait: float) -> bytes | None:
        if not select.select([self._socket], [], [], wait)[0]:
            return b""
        try:
            return self._socket.recv(4096) or None
        except OSError:
            return None

    @override
    def close(self) -> None:
        self._socket.close()


@contextmanager
def opened(line: Line) -> Iterator[Host]:
    assert isinstance(line, SerialLine | TcpLine)
    host: Host = SerialHost(line) if isinstance(line, SerialLine) else TcpHost(line)
    try:
        yield host
    finally:
        host.close()


def ask(host: Host, request: bytes, length: int, wait: float = 2.0) -> bytes:
    """Send a request and read that many bytes, or what came in time."""
    host.send(request)
    answer = b""
    end = time.monotonic() + wait
    while len(answer) < length and (left := end - time.monotonic()) > 0:
        answer += host.read(left) or b""
    return answer


def good(request: bytes) -> bytes:
    return steady_4s().receive(request, 0.0)[0].data


@pytest.fixture(params=["serial", "tcp"])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    device = steady_4s(delay=0.001)
    line: Line = TcpLine(device, baud_rate=None)
    if request.param == "serial":
        line = SerialLine(device, tmp_path / "port", baud_rate=None)
    with line:
        yield line


def test_requests_are_answered(line: Line) -> None:
    with opened(line) as host:
        assert ask(host, BASIC, 36) == good(BASIC)
        assert ask(host, CELLS, 15) == good(CELLS)
    assert [seen.register for seen in line.faults.log] == [0x03, 0x04]


def test_nothing_is_echoed_and_nothing_said_unasked(line: Line) -> None:
    with opened(line) as host:
        host.send(b"\x03\x04\x11\x13\r\n\x7fabc")
        assert host.read(0.1) == b""


def test_all_bytes_pass_unchanged(line: Line) -> None:
    with opened(line) as host:
        ask(host, BASIC, 36)
        line.say(bytes(range(256)))
        answer = b""
        while len(answer) < 256 and (piece := host.read(1.0)):
            answer += piece
    assert answer == bytes(range(256))


def test_a_port_can_be_opened_again_and_again(line: Line) -> None:
    for _ in range(20):
        with opened(line) as host:
            assert ask(host, CELLS, 15) == good(CELLS)


def test_a_vanished_port_ends_for_those_who_have_it_open(line: Line) -> None:
    with opened(line) as host:
        ask(host, CELLS, 15)
        line.vanish()
        assert host.read(1.0) is None
    with pytest.raises(OSError):  # noqa: PT011 (each kind of port has its own)
        opened(line).__enter__()
    line.reappear()
    with opened(line) as host:
        assert ask(host, CELLS, 15) == good(CELLS)


def test_a_port_vanishes_and_reappears_many_times(line: Line) -> None:
    for _ in range(10):
        line.vanish()
        line.vanish()
        line.reappear()
        line.reappear()
    with opened(line) as host:
        assert ask(host, CELLS, 15) == good(CELLS)


def test_replies_on_their_way_are_lost_with_the_port(line: Line) -> None:
    assert isinstance(line.device, JbdDevice)
    line.device.delay = 0.2
    with opened(line) as host:
        host.send(CELLS)
        time.sleep(0.05)
        line.vanish()
    line.reappear()
    with opened(line) as host:
        assert host.read(0.3) == b""


def test_a_port_can_vanish_at_any_request(line: Line) -> None:
    line.faults.inject("vanish", register=0x04)
    with opened(line) as host:
        assert ask(host, BASIC, 36) == good(BASIC)
        host.send(CELLS)
        assert host.read(1.0) is None
    assert not line.plugged
    line.reappear()
    with opened(line) as host:
        assert ask(host, CELLS, 15) == good(CELLS)


def test_another_battery_can_stand_behind_the_port(line: Line) -> None:
    with opened(line) as host:
        assert len(ask(host, CELLS, 15)) == 15
        other = steady_16s(delay=0.0)
        line.replace(other)
        assert ask(host, CELLS, 39) == other.receive(CELLS, 0.0)[0].data
    assert line.device is other


def test_noise_can_come_unasked(line: Line) -> None:
    with opened(line) as host:
        ask(host, CELLS, 15)
        line.faults.say()
        assert len(host.read(1.0) or b"") == 24


def test_something_can_be_done_to_the_device_between_requests(line: Line) -> None:
    device = line.device
    assert isinstance(device, JbdDevice)
    line.run(device.short_circuit)
    assert not device.charge_fet


def test_a_line_can_be_stopped_twice_but_started_once(line: Line) -> None:
    with pytest.raises(RuntimeError):
        line.start()
    line.stop()
    line.stop()
    with pytest.raises(RuntimeError):
        line.vanish()


def test_a_line_can_be_started_again(line: Line) -> None:
    line.stop()
    line.start()
    with opened(line) as host:
        assert ask(host, CELLS, 15) == good(CELLS)


def test_the_link_is_there_only_while_the_port_is(tmp_path: Path) -> None:
    link = tmp_path / "port"
    line = SerialLine(steady_4s(), link)
    assert not link.exists()
    with line:
        assert link.is_symlink()
        first = link.readlink()
        line.vanish()
        assert not link.is_symlink()
        line.reappear()
        assert link.is_symlink()
        assert str(first).startswith("/dev/pts/")
    assert not link.is_symlink()


def test_a_link_left_behind_is_replaced(tmp_path: Path) -> None:
    link = tmp_path / "port"
    link.symlink_to("/nowhere")
    with SerialLine(steady_4s(delay=0.0), link, baud_rate=None) as line, opened(line) as host:
        assert ask(host, CELLS, 15) == good(CELLS)


def test_a_link_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        SerialLine(steady_4s(), tmp_path / "missing" / "port").start()


def test_a_tcp_port_is_kept(tmp_path: Path) -> None:
    with TcpLine(steady_4s(delay=0.0)) as line:
        url = line.url
        line.vanish()
        line.reappear()
        assert line.url == url


def test_a_newcomer_replaces_a_tcp_client() -> None:
    with TcpLine(steady_4s(delay=0.0), baud_rate=None) as line, opened(line) as first:
        ask(first, CELLS, 15)
        with opened(line) as second:
            assert ask(second, CELLS, 15) == good(CELLS)
            assert first.read(1.0) is None


def test_the_settings_of_the_opener_can_be_read(tmp_path: Path) -> None:
    with SerialLine(steady_4s(), tmp_path / "port") as line, opened(line) as host:
        assert isinstance(host, SerialHost)
        settings = termios.tcgetattr(host.fd)
        settings[2] |= termios.CSTOPB
        settings[4] = settings[5] = termios.B115200
        termios.tcsetattr(host.fd, termios.TCSANOW, settings)
        assert line.line_settings == LineSettings(115200, 2)


def test_a_poll_takes_the_time_of_its_bytes_and_the_delay(tmp_path: Path) -> None:
    device = steady_16s(delay=0.02)
    length = len(device.receive(BASIC, 0.0)[0].data)
    honest = (14 + length + 39) * 10 / 9600 + 2 * 0.02
    times = []
    with SerialLine(device, tmp_path / "port") as line, opened(line) as host:
        for _ in range(5):
            start = time.monotonic()
            assert len(ask(host, BASIC, length) + ask(host, CELLS, 39)) == length + 39
            times.append(time.monotonic() - start)
    assert min(times) >= honest * 0.99
    assert min(times) <= honest * 1.05


def test_an_idle_line_costs_nothing(tmp_path: Path) -> None:
    with SerialLine(house_16s().device, tmp_path / "port") as line, opened(line) as host:
        ask(host, CELLS, 39)
        before = time.process_time()
        time.sleep(1.0)
        assert time.process_time() - before < 0.01


def test_a_battery_that_nobody_asks_lives_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.line.TICK", 0.05)
    rig = van_4s()
    with SerialLine(rig.device, tmp_path / "port"):
        time.sleep(0.3)
    assert rig.battery.time > 0.2


def test_many_lines_side_by_side(tmp_path: Path) -> None:
    lines = [SerialLine(steady_4s(delay=0.0), tmp_path / f"port{at}", baud_rate=None) for at in range(30)]
    for line in lines:
        line.start()
    try:
        for line in lines:
            with opened(line) as host:
                assert ask(host, CELLS, 15) == good(CELLS)
    finally:
        for line in lines:
            line.stop()


def test_the_port_outlives_a_reader_that_does_not_read(tmp_path: Path) -> None:
    with SerialLine(steady_4s(delay=0.0), tmp_path / "port", baud_rate=None) as line, opened(line) as host:
        for _ in range(1200):
            host.send(BASIC)
            with suppress(BlockingIOError):
                time.sleep(0)
        time.sleep(0.2)
        while host.read(0.1):
            pass
        assert ask(host, CELLS, 15) == good(CELLS)


@pytest.mark.parametrize("arguments", [["--link", "{}/port", "--cells", "4"], ["--tcp", "0"]])
def test_a_battery_can_be_run_by_hand(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "simulators", *(word.format(tmp_path) for word in arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address == str(tmp_path / "port") or address.startswith("socket://127.0.0.1:")
        process.send_signal(2)
        assert process.wait(5) == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_line_whose_thread_has_died_says_so_and_leaves_nothing_behind(line: Line) -> None:
    def die() -> None:
        raise ValueError("a bug in a device")

    with pytest.raises(RuntimeError, match="died"):
        line.run(die)
