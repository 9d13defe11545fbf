"""One wire: opening its port, giving up, and opening it again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import serialx

from custom_components.battmon.model.errors import LinkDown, NoReply
from custom_components.battmon.transports import serial, stream
from custom_components.battmon.transports.serial import SerialWire
from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice
from simulators.serial_line import SerialLine

from .rig import CELLS, INFO, Rig, asking, read, voltage

# Opening.

NOT_PORTS = {
    "nothing": "",
    "no such file": "/nonexistent/port",
    "a folder": "/tmp",  # noqa: S108 (any folder that is there)
    "no terminal": "/dev/null",
    "no host": "socket://",
    "no port": "socket://localhost",
    "a bad port": "socket://127.0.0.1:port",
    "a port beyond all ports": "socket://127.0.0.1:99999",
    "nobody listens": "socket://127.0.0.1:1",
    "an unknown scheme": "foo://x",
    "a proxy without a name": "esphome://",
    "a network port without a host": "rfc2217://",
}


@pytest.mark.parametrize("url", NOT_PORTS.values(), ids=NOT_PORTS)
async def test_what_is_no_port_is_said_in_words(url: str) -> None:
    port = SerialWire(url, 9600)
    with pytest.raises(LinkDown) as error:
        await port.converse(asking(read(INFO)))
    assert len(str(error.value)) > 10
    assert port.connection is None
    await port.end()


async def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text", encoding="utf-8")
    port = SerialWire(str(tmp_path / "file"), 9600)
    with pytest.raises(LinkDown):
        await port.converse(asking(read(INFO)))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "text"
    await port.end()


async def test_a_port_that_another_program_uses_is_not_disturbed(tmp_path: Path) -> None:
    with SerialLine(JbdDevice(FixedBattery((3.3,))), tmp_path / "port", None) as line:
        ours, theirs = SerialWire(line.path, 9600), SerialWire(line.path, 9600)
        await theirs.converse(asking(read(INFO)))
        with pytest.raises(LinkDown, match="locked"):
            await ours.converse(asking(read(INFO)))
        await theirs.converse(asking(read(INFO)))
        await ours.end()
        await theirs.end()


async def test_an_error_that_the_wire_was_told_of_is_a_link_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def not_yet(*_args: Any) -> None:
        raise LookupError("not loaded yet")

    monkeypatch.setattr(serialx, "create_serial_connection", not_yet)
    port = SerialWire("proxy://", 9600, (LookupError,))
    with pytest.raises(LinkDown, match="not loaded yet"):
        await port.converse(asking(read(INFO)))


async def test_a_port_that_does_not_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial, "OPEN_TIMEOUT", 0.05)
    monkeypatch.setattr(serialx, "create_serial_connection", lambda *_: asyncio.sleep(60))
    port = SerialWire("port", 9600)
    with pytest.raises(LinkDown, match="did not open in time"):
        await port.converse(asking(read(INFO)))


# Reconnecting.


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Times at which a port was tried, each in vain."""
    tried: list[float] = []

    async def refuse(*_args: Any) -> None:
        tried.append(time.monotonic())
        raise OSError("refused")

    monkeypatch.setattr(serialx, "create_serial_connection", refuse)
    return tried


async def try_for(port: SerialWire, seconds: float) -> None:
    """Ask again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with pytest.raises(LinkDown, match="refused"):
            await port.converse(asking(read(INFO)))
        await asyncio.sleep(0.005)


async def test_each_failure_lets_a_port_rest_longer(
    monkeypatch: pytest.MonkeyPatch, attempts: list[float]
) -> None:
    monkeypatch.setattr(serial, "BACK_OFF", (0.0, 0.1, 0.2))
    await try_for(SerialWire("port", 9600), 0.55)
    rests = [after - before for before, after in zip(attempts, attempts[1:], strict=False)]
    assert len(rests) >= 3
    for rest, least in zip(rests, (0.0, 0.1, 0.2), strict=False):
        assert least <= rest < least + 0.1


async def test_a_port_that_reappears_is_tried_at_once(
    monkeypatch: pytest.MonkeyPatch, attempts: list[float]
) -> None:
    monkeypatch.setattr(serial, "BACK_OFF", (3600.0,))
    port = SerialWire("port", 9600)
    await try_for(port, 0.05)
    assert len(attempts) == 1
    port.retry_now()
    await try_for(port, 0.05)
    assert len(attempts) == 2


async def test_the_real_back_off_lets_nobody_wait_for_more_than_two_polls() -> None:
    assert max(serial.BACK_OFF) <= 2 * 2.0
    assert serial.BACK_OFF[0] == 0.0


@pytest.mark.parametrize("times", [1, 5])
async def test_a_port_may_come_and_go(rig: Rig, times: int) -> None:
    for number in range(1, times + 1):
        assert await rig.volts() == 3.3
        assert rig.wire.connection == rig.wire.connections == number
        rig.line.vanish()
        with pytest.raises(LinkDown):
            await rig.ask()
        assert rig.wire.connection is None
        with pytest.raises(LinkDown):
            await rig.ask()
        rig.line.reappear()


@asynccontextmanager
async def half_open() -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """A server whose first client gets no answer at all, as after a restart; others are served."""
    device = JbdDevice(FixedBattery((3.3, 3.3)), sensors=0, delay=0.0)
    clients: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.append(writer)
        deaf = len(clients) == 1
        while data := await reader.read(100):
            for reply in [] if deaf else device.receive(data, time.monotonic()):
                writer.write(reply.data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}", clients
    server.close()
    await server.wait_closed()


async def test_a_connection_that_nobody_serves_any_more_is_made_anew(quick: None) -> None:
    async with half_open() as (url, clients):
        port = SerialWire(url, 9600)
        for _exchange in range(stream.SILENT_EXCHANGES):
            with pytest.raises(NoReply):
                await port.converse(asking(read(INFO, timeout=0.03, retries=1)))
        (frame,) = await port.converse(asking(read(INFO, timeout=1.0)))
        assert voltage(frame) == 6.6
        assert len(clients) == port.connections == 2
        await port.end()


async def test_a_silent_battery_does_not_close_the_port_of_one_that_answers(rig: Rig) -> None:
    for _turn in range(4):
        rig.faults.inject("silence", register=CELLS, count=None)
        with pytest.raises(NoReply):
            await rig.ask(CELLS, timeout=0.03, retries=1)
        assert await rig.volts() == 3.3
    assert rig.wire.connections == 1
