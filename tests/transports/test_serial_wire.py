"""One wire: connecting, waiting, giving up, closing, and who may speak."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import serialx

from custom_components.battmon.model.errors import BattMonError, LinkDown, NoReply
from custom_components.battmon.protocols import jbd
from custom_components.battmon.protocols.conversation import Conversation, Wait
from custom_components.battmon.transports import serial, wire
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.wire import new_record
from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice
from simulators.serial_line import SerialLine

from .rig import CELLS, INFO, Rig, asking, read, voltage


async def elapsed(awaitable: Any) -> float:
    """Return how long something took, in s, however it ended."""
    start = time.monotonic()
    with suppress(BattMonError):
        await awaitable
    return time.monotonic() - start


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
        for _exchange in range(serial.SILENT_EXCHANGES):
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


# One connection a conversation.


def asking_on(*registers: int) -> Conversation[list[str]]:
    """Ask for registers one by one, whatever happens, and return the errors."""
    errors = []
    for register in registers:
        try:
            yield read(register)
        except BattMonError as error:
            errors.append(type(error).__name__)
    return errors


async def test_a_conversation_never_goes_on_over_another_connection(rig: Rig) -> None:
    rig.faults.inject("vanish", register=CELLS)
    asked = asyncio.create_task(rig.wire.converse(asking_on(INFO, CELLS, INFO, CELLS)))
    await rig.until(lambda: not rig.line.plugged)
    rig.line.reappear()
    assert await asked == ["LinkDown"] * 3
    assert len(rig.faults.log) == 2, "whoever is behind the port now was asked nothing"
    assert await rig.volts() == 3.3


async def test_a_conversation_meant_for_one_connection_is_not_held_over_another(rig: Rig) -> None:
    await rig.ask()
    met = rig.wire.connection
    await rig.wire.converse(asking(read(INFO)), connection=met)
    rig.line.vanish()
    rig.line.reappear()
    heard = len(rig.faults.log)
    for _attempt in range(2):
        with pytest.raises(LinkDown):
            await rig.wire.converse(asking(read(INFO)), connection=met)
        await asyncio.sleep(0.05)
    await rig.ask()
    with pytest.raises(LinkDown):
        await rig.wire.converse(asking(read(INFO)), connection=met)
    assert len(rig.faults.log) == heard + 1


# Ending early.


def tidy(notes: list[str]) -> Conversation[str]:
    """A conversation that leaves the device as it should be, whatever happens."""
    try:
        yield read(INFO, timeout=10.0)
    except BattMonError as error:
        notes.append(str(error))
        raise
    finally:
        yield read(CELLS)
        notes.append("left")
    return "done"


async def test_a_cancelled_conversation_still_cleans_up(rig: Rig) -> None:
    await rig.ask(CELLS)
    rig.faults.inject("silence")
    notes: list[str] = []
    asked = asyncio.create_task(rig.wire.converse(tidy(notes)))
    await rig.heard(2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert notes == ["cancelled", "left"]
    assert [seen.register for seen in rig.faults.log] == [CELLS, INFO, CELLS]
    assert await rig.volts() == 3.3


async def test_cleaning_up_after_a_cancellation_may_be_cancelled(rig: Rig) -> None:
    rig.faults.inject("silence", count=None)
    asked = asyncio.create_task(rig.wire.converse(tidy([])))
    await rig.heard(1)
    asked.cancel()
    await rig.heard(2)
    asked.cancel()
    took = await elapsed(asyncio.wait([asked]))
    assert asked.cancelled()
    assert took < 1.0
    rig.faults.clear()
    assert await rig.volts() == 3.3


async def test_a_time_limit_around_a_conversation_holds(rig: Rig) -> None:
    rig.faults.inject("silence", count=None)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await rig.ask(timeout=60.0)
    rig.faults.clear()
    assert await rig.volts() == 3.3


async def test_who_waits_for_a_turn_may_be_cancelled(rig: Rig) -> None:
    first = asyncio.create_task(rig.wire.converse(asking(Wait(0.1), read(INFO))))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(rig.ask(CELLS))
    await asyncio.sleep(0.01)
    second.cancel()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert [seen.register for seen in rig.faults.log] == [INFO]
    assert await rig.volts() == 3.3


async def test_a_conversation_that_takes_too_long_may_clean_up(rig: Rig) -> None:
    rig.faults.inject("silence")
    notes: list[str] = []
    with pytest.raises(NoReply, match="too long"):
        await rig.wire.converse(tidy(notes), deadline=0.1)
    assert notes == ["the command took too long", "left"]


async def test_cleaning_up_may_not_take_for_ever(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CLEAN_UP_TIME", 0.1)
    rig.faults.inject("silence", count=None)

    def stubborn() -> Conversation[None]:
        for _attempt in range(3):
            with suppress(NoReply):
                yield read(INFO, timeout=10.0)

    with pytest.raises(LinkDown, match="given up"):
        await rig.wire.converse(stubborn(), deadline=0.1)


async def test_an_ended_wire_fails_what_is_under_way_and_connects_no_more(rig: Rig) -> None:
    rig.faults.inject("silence", count=None)
    asked = asyncio.create_task(rig.wire.converse(asking_on(INFO, CELLS)))
    waiting = asyncio.create_task(rig.ask(CELLS))
    await rig.heard(1)
    took = await elapsed(rig.wire.end())
    assert took < 1.0
    assert await asked == ["LinkDown", "LinkDown"]
    for late in (waiting, rig.ask()):
        with pytest.raises(LinkDown):
            await late
    assert rig.wire.connection is None


async def test_a_wire_may_end_while_it_connects(rig: Rig) -> None:
    asked = asyncio.create_task(rig.ask())
    for _turn in range(3):
        await asyncio.sleep(0)
    await rig.wire.end()
    with pytest.raises(LinkDown):
        await asked
    assert rig.wire.connection is None


@pytest.mark.parametrize("turns", range(0, 12, 2))
async def test_connecting_may_be_cancelled_at_any_moment(rig: Rig, turns: int) -> None:
    asked = asyncio.create_task(rig.ask())
    for _turn in range(turns):
        await asyncio.sleep(0.001)
    asked.cancel()
    await asyncio.wait([asked])
    assert await rig.volts() == 3.3


async def test_closing_does_not_wait_for_a_port_that_hangs(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial, "CLOSE_TIMEOUT", 0.05)
    await rig.ask()
    transport = rig.wire._transport
    assert transport is not None
    abort, hang = transport.abort, asyncio.get_running_loop().create_future
    monkeypatch.setattr(transport, "wait_closed", hang)
    assert await elapsed(rig.wire.close()) < 0.5
    abort()


# Sharing.


class Talker:
    """Asks again and again, and notes how long each turn took."""

    def __init__(self, rig: Rig, register: int, timeout: float) -> None:
        self._rig, self._register, self._timeout = rig, register, timeout
        self.turns: list[float] = []

    async def talk(self, until: Callable[[], bool]) -> None:
        while not until():
            self.turns.append(await elapsed(self._rig.ask(self._register, timeout=self._timeout, retries=0)))


async def test_a_wire_is_shared_fairly_and_a_silent_battery_costs_its_own_time_out(rig: Rig) -> None:
    rig.faults.inject("silence", register=CELLS, count=None)
    good, silent = Talker(rig, INFO, 1.0), Talker(rig, CELLS, 0.05)
    await asyncio.gather(*(talker.talk(lambda: len(silent.turns) >= 6) for talker in (good, silent)))
    assert abs(len(good.turns) - len(silent.turns)) <= 1
    assert sorted(good.turns)[len(good.turns) // 2] < 0.05 + 0.05


async def test_one_conversation_at_a_time(rig: Rig) -> None:
    both = (
        rig.wire.converse(asking(read(INFO), Wait(0.02), read(INFO))),
        rig.wire.converse(asking(read(CELLS))),
    )
    await asyncio.gather(*both)
    assert [seen.register for seen in rig.faults.log] == [INFO, INFO, CELLS]


# Records and timing.


async def test_what_was_said_is_recorded_without_passwords(rig: Rig) -> None:
    record = new_record()
    secret = replace(jbd.write(0x06, bytes((6, 1, 2, 3, 4, 5, 6)), secret=True), timeout=0.1)
    rig.faults.inject("silence", register=CELLS, count=None)
    with pytest.raises(NoReply):
        await rig.wire.converse(asking(secret, read(INFO), read(CELLS, timeout=0.03, retries=1)), record)
    password, info, cells = record
    assert password.request is None
    assert info.request == read(INFO).request
    assert isinstance(info.reply, bytes)
    assert (cells.request, cells.reply) == (read(CELLS).request, "no answer")


async def test_a_poll_at_9600_baud_takes_hardly_longer_than_its_bytes(tmp_path: Path) -> None:
    delay = 0.02
    device = JbdDevice(FixedBattery((3.3,) * 16, probes=(20.0, 20.0, 20.0)), sensors=3, delay=delay)
    protocol = jbd.Jbd()
    with SerialLine(device, tmp_path / "port", 9600) as line:
        port = SerialWire(line.path, 9600)
        await port.converse(protocol.poll())
        endpoint = line.endpoint
        before = endpoint.bytes_received + endpoint.bytes_sent
        took = [await elapsed(port.converse(protocol.poll())) for _poll in range(3)]
        sent = (endpoint.bytes_received + endpoint.bytes_sent - before) / 3
        await port.end()
    least = sent * 10 / 9600 + 2 * delay
    # script/bench has the figure (1.10); here another process may hold the machine.
    assert least <= min(took) < 1.25 * least


async def test_the_line_has_the_speed_that_was_asked_for(tmp_path: Path) -> None:
    with SerialLine(JbdDevice(FixedBattery((3.3,))), tmp_path / "port", None) as line:
        port = SerialWire(line.path, 19200)
        await port.converse(asking(read(INFO)))
        assert line.line_settings.baud_rate == 19200
        await port.end()
