"""Conversations on one wire: over one connection, one at a time, to their end."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon.model.errors import BattMonError, LinkDown, NoReply
from custom_components.battmon.protocols import jbd
from custom_components.battmon.protocols.conversation import Conversation, Wait
from custom_components.battmon.transports import serial, wire
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.wire import new_record
from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice
from simulators.serial_line import SerialLine

from .rig import CELLS, INFO, Rig, asking, read


async def elapsed(awaitable: Any) -> float:
    """Return how long something took, in s, however it ended."""
    start = time.monotonic()
    with suppress(BattMonError):
        await awaitable
    return time.monotonic() - start


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


async def test_closing_does_not_wait_for_a_port_that_hangs(
    port_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial, "CLOSE_TIMEOUT", 0.05)
    await port_rig.ask()
    port = port_rig.wire._connection
    assert isinstance(port, serial._Port)
    transport = port._transport
    abort, hang = transport.abort, asyncio.get_running_loop().create_future
    monkeypatch.setattr(transport, "wait_closed", hang)
    assert await elapsed(port_rig.wire.close()) < 0.5
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
