"""A bus: conversations one after the other in its thread, the kernel's errors in words, hung transfers."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from custom_components.battmon.model.errors import (
    BadFrame,
    BattMonError,
    BusBlocked,
    LinkDown,
    NoReply,
)
from custom_components.battmon.protocols.conversation import BusTransfer, Conversation, Wait
from custom_components.battmon.transports import i2c
from custom_components.battmon.transports.i2c import I2cWire
from custom_components.battmon.transports.wire import new_record
from custom_components.battmon.transports.wires import Wires
from simulators.i2c.bus import SPOILED, Bus
from simulators.i2c.kernel import Kernel
from simulators.i2c.registers import RegisterChip

ADDRESS = 0x0B
VOLTAGE = BusTransfer(write=b"\x09", read=2, pec=True)
NAME = BusTransfer(write=b"\x20", read=20, is_block=True, pec=True)
ATTEMPTS = 3
KERNEL_ERRORS = {
    "no_acknowledge": (NoReply, "no device answers at 0x0b"),
    "timeout": (BusBlocked, "holds its clock"),
    "lost_arbitration": (BusBlocked, "another master"),
    "failed": (NoReply, "the transfer failed"),
    "busy": (LinkDown, "0x0b is in use by a kernel driver"),
    "gone": (LinkDown, "is gone"),
}


def ask(*transfers: BusTransfer | Wait) -> Conversation[list[bytes]]:
    """Carry some transfers out."""
    replies = []
    for transfer in transfers:
        reply = yield transfer
        replies += [reply] if isinstance(transfer, BusTransfer) else []
    return replies


def gauge() -> RegisterChip:
    chip = RegisterChip(pec=True)
    chip.registers |= {0x09: b"\xa0\x41", 0x20: b"\x06Rotoye"}
    return chip


@pytest.fixture
def bus() -> Bus:
    return Bus({ADDRESS: gauge()})


@pytest.fixture
def kernel(bus: Bus, tmp_path: Path) -> Iterator[Kernel]:
    with Kernel({str(tmp_path / "i2c-7"): bus}).installed() as kernel:
        yield kernel


@pytest.fixture
async def wires(kernel: Kernel) -> Wires:
    return Wires()


@pytest.fixture
async def wire(wires: Wires, tmp_path: Path) -> AsyncIterator[I2cWire]:
    wire = await wires.acquire_i2c(str(tmp_path / "i2c-7"), ADDRESS)
    yield wire
    await wires.release(wire)


async def read(wire: I2cWire, *transfers: BusTransfer | Wait) -> list[bytes]:
    return await wire.converse(ask(*(transfers or (VOLTAGE,))))


async def test_words_and_blocks_come_without_length_and_check_byte(wire: I2cWire) -> None:
    assert await read(wire, VOLTAGE, NAME) == [b"\xa0\x41", b"Rotoye"]


async def test_registers_are_named_and_read_in_one_transaction(wire: I2cWire, bus: Bus) -> None:
    """A stop between them breaks some gauges."""
    await read(wire, VOLTAGE, NAME)
    assert [(one.written, len(one.read)) for one in bus.log] == [(b"\x09", 3), (b"\x20", 22)]


async def test_what_is_written_ends_with_its_check_byte(wire: I2cWire, bus: Bus) -> None:
    """The vector of wired.md 1: 03 01 60 9C."""
    await read(wire, BusTransfer(write=b"\x03\x01\x60", pec=True))
    assert bus.log[-1].written == bytes.fromhex("0301609c")


async def test_a_device_may_be_read_without_naming_a_register(wire: I2cWire, bus: Bus) -> None:
    await read(wire, VOLTAGE)
    assert await read(wire, BusTransfer(write=b"", read=2, pec=True)) == [b"\xa0\x41"]
    assert bus.log[-1].written == b""


@pytest.mark.parametrize("kind", KERNEL_ERRORS)
async def test_the_kernels_errors_are_told_in_words(wire: I2cWire, bus: Bus, kind: str) -> None:
    error, words = KERNEL_ERRORS[kind]
    bus.inject(kind, count=None)
    with pytest.raises(error, match=words):
        await read(wire)
    assert wire.connection is None
    bus.clear()
    assert await read(wire) == [b"\xa0\x41"]
    assert wire.connection == 1


async def test_who_falls_silent_may_be_another_one_afterwards(wire: I2cWire, bus: Bus) -> None:
    await read(wire)
    met = wire.connection
    bus.inject("no_acknowledge", count=ATTEMPTS)
    with pytest.raises(NoReply):
        await wire.converse(ask(VOLTAGE), connection=met)
    with pytest.raises(LinkDown, match="the connection was lost"):
        await wire.converse(ask(VOLTAGE), connection=met)
    await read(wire)
    assert wire.connection != met


@pytest.mark.parametrize("kind", ["no_acknowledge", "lost_arbitration", "bad_pec"])
async def test_what_fails_twice_is_tried_a_third_time(wire: I2cWire, bus: Bus, kind: str) -> None:
    fault = bus.inject(kind, count=ATTEMPTS - 1)
    assert await read(wire) == [b"\xa0\x41"]
    assert fault.struck == ATTEMPTS - 1


async def test_what_must_not_happen_twice_is_not_repeated(wire: I2cWire, bus: Bus) -> None:
    fault = bus.inject("no_acknowledge", count=None)
    with pytest.raises(NoReply):
        await read(wire, BusTransfer(write=b"\x00\x01", retries=0))
    assert fault.struck == 1


@pytest.mark.parametrize("kind", SPOILED)
async def test_nothing_that_is_read_wrong_is_believed(wire: I2cWire, bus: Bus, kind: str) -> None:
    bus.inject(kind, count=None)
    with pytest.raises(BadFrame):
        await read(wire, NAME)


async def test_an_address_that_a_driver_has_is_never_forced(wire: I2cWire, bus: Bus, kernel: Kernel) -> None:
    bus.taken.add(ADDRESS)
    with pytest.raises(LinkDown, match="kernel driver"):
        await read(wire)
    assert bus.log == []
    assert kernel.forced == []


async def test_a_bus_that_is_not_there_is_one_later(wire: I2cWire, bus: Bus, tmp_path: Path) -> None:
    bus.present = False
    with pytest.raises(LinkDown, match=f"there is no {tmp_path}"):
        await read(wire)
    bus.present = True
    assert await read(wire)


async def test_what_is_no_bus_is_said_to_be_none(wires: Wires, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wire = await wires.acquire_i2c(str(tmp_path / "file"), ADDRESS)
    with pytest.raises(LinkDown, match="no I2C bus"):
        await read(wire)
    await wires.release(wire)


async def test_an_adapter_that_can_do_too_little_is_refused(wire: I2cWire, bus: Bus) -> None:
    bus.functions &= ~1
    with pytest.raises(LinkDown, match="cannot do plain I2C transfers"):
        await read(wire)


async def test_a_failure_is_thrown_into_the_conversation_which_goes_on(wire: I2cWire, bus: Bus) -> None:
    def two() -> Conversation[str]:
        try:
            yield BusTransfer(write=b"\x99", read=2, pec=True)
        except BattMonError as error:
            yield Wait(0.001)
            yield VOLTAGE
            return str(error)
        return "no error"

    bus.inject("bad_pec", register=0x99, count=None)
    assert await wire.converse(two()) == "the check byte is wrong"


async def test_diagnostics_have_what_was_said(wire: I2cWire, bus: Bus) -> None:
    record = new_record()
    await wire.converse(ask(VOLTAGE), record)
    bus.inject("no_acknowledge", count=None)
    with pytest.raises(NoReply):
        await wire.converse(ask(VOLTAGE), record)
    assert [(spoken.request, spoken.reply) for spoken in record] == [
        (b"\x09", b"\xa0\x41"),
        (b"\x09", "no device answers at 0x0b"),
    ]


async def test_a_conversation_that_takes_too_long_is_ended_from_within(wire: I2cWire) -> None:
    with pytest.raises(BusBlocked, match="took too long"):
        await wire.converse(ask(Wait(0.02), VOLTAGE), deadline=0.01)


async def test_batteries_of_a_bus_take_turns(wires: Wires, wire: I2cWire, bus: Bus) -> None:
    bus.chips[0x0C] = gauge()
    other = await wires.acquire_i2c(wire.bus.path, 0x0C)
    assert other.bus is wire.bus
    await asyncio.gather(*(one.converse(ask(VOLTAGE, NAME)) for one in (wire, other, wire, other)))
    assert [one.address for one in bus.log] == [0x0B, 0x0B, 0x0C, 0x0C] * 2
    await wires.release(other)


async def test_one_address_is_one_wire(wires: Wires, wire: I2cWire) -> None:
    assert await wires.acquire_i2c(wire.bus.path, ADDRESS) is wire
    await wires.release(wire)


async def test_the_last_one_closes_the_bus(wires: Wires, kernel: Kernel, tmp_path: Path) -> None:
    wire = await wires.acquire_i2c(str(tmp_path / "i2c-7"), ADDRESS)
    await read(wire)
    assert kernel.open_files == 1
    await wires.release(wire)
    assert kernel.open_files == 0
    with pytest.raises(LinkDown, match="closed"):
        await read(wire)


async def test_a_transfer_that_hangs_takes_only_its_bus_along(
    wires: Wires, wire: I2cWire, bus: Bus, kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it for ever, and nothing is stacked up behind it."""
    monkeypatch.setattr(i2c, "JOB_TIME", 0.05)
    monkeypatch.setattr(i2c, "HANG_TIME", 0.05)
    kernel.buses[str(tmp_path / "i2c-8")] = Bus({ADDRESS: gauge()})
    bus.chips[0x0C] = gauge()
    neighbour = await wires.acquire_i2c(wire.bus.path, 0x0C)
    elsewhere = await wires.acquire_i2c(str(tmp_path / "i2c-8"), ADDRESS)
    bus.inject("hang", seconds=600)
    found = await asyncio.gather(read(wire), read(neighbour), read(elsewhere), return_exceptions=True)
    assert [type(one) for one in found] == [BusBlocked, BusBlocked, list]
    with pytest.raises(LinkDown, match="has been hanging"):
        await read(neighbour)
    assert await read(elsewhere)
    bus.clear()
    async with asyncio.timeout(10):
        while True:
            try:
                assert await read(neighbour)
                break
            except LinkDown:
                await asyncio.sleep(0.005)
    assert await read(wire)
    for one in (neighbour, elsewhere):
        await wires.release(one)


async def test_who_gives_up_waiting_leaves_the_conversation_to_end_by_itself(wire: I2cWire, bus: Bus) -> None:
    told: list[str] = []
    begun = threading.Event()

    def long() -> Conversation[None]:
        begun.set()
        yield Wait(0.05)
        yield VOLTAGE
        told.append("ended")

    task = asyncio.ensure_future(wire.converse(long()))
    assert await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await read(wire)
    assert told == ["ended"]


async def test_streams_and_buses_do_not_mix(wire: I2cWire) -> None:
    with pytest.raises(LinkDown, match="transfers only"):
        await wire.exchange(None)  # type: ignore[arg-type]
    with pytest.raises(LinkDown, match="transfers only"):
        await wire.converse(ask(None))  # type: ignore[arg-type]
