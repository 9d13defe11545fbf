"""A scan: what is at the usual addresses of a bus, and nothing else disturbed."""

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from custom_components.battmon.model.errors import AddressTaken, BattMonError, LinkDown, NoReply, NotThere
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.recognising import ADDRESSES, Recognised, recognise
from custom_components.battmon.transports import i2c, i2c_scan
from custom_components.battmon.transports.wires import Wires
from simulators.battery import SimulatedBattery
from simulators.i2c.bq40 import Bq40z50, Bq40z80
from simulators.i2c.bus import Bus
from simulators.i2c.chip import Chip
from simulators.i2c.ina import Ina226, Ina228, Ina231, Ina237, Ina238, Ina260
from simulators.i2c.ina3221 import Ina3221
from simulators.i2c.kernel import Kernel
from simulators.i2c.ltc2946 import Ltc2946
from simulators.i2c.neodesign import NeoDesignBattery
from simulators.i2c.registers import RegisterChip
from simulators.i2c.rotoye import RotoyeBatmon
from simulators.i2c.sbs import Label, MaxellGauge, SbsGauge
from simulators.i2c.sensed import Sensed, Steady
from simulators.i2c.solo import SoloBattery
from simulators.i2c.sui import SuiBattery

from .rig import PATH

type Seen = Recognised | BattMonError

FORBIDDEN = {*range(0x20, 0x40), *range(0x50, 0x60), *range(0x70, 0x78)}


def battery(cells: int) -> SimulatedBattery:
    """Return a battery at rest; its cells have 3.3 V."""
    return SimulatedBattery(cells, spread=0.0)


FOUR = battery(4)
SENSED = Sensed(Steady(13.2, -5.0), 0.0005)


async def scan(addresses: Sequence[int] = ADDRESSES) -> dict[int, Seen]:
    wires = Wires()
    anchor = await wires.acquire_i2c(PATH, 0x0B)
    ask = partial(recognise, kinds=PROTOCOLS.values())
    try:
        return {address: seen async for address, seen in i2c_scan.scan(anchor.bus, addresses, ask)}
    finally:
        await wires.release(anchor)


async def told(addresses: Sequence[int] = ADDRESSES) -> dict[int, tuple[str | None, str]]:
    """Return the kinds of what is recognised, and what is said of it."""
    found = await scan(addresses)
    return {address: (one.kind, one.text) for address, one in found.items() if isinstance(one, Recognised)}


def undriven(chip: SbsGauge) -> SbsGauge:
    """Registers that are not there leave the bus alone: not even a check byte comes."""
    chip.undriven = True
    return chip


def registers(**values: bytes) -> RegisterChip:
    chip = RegisterChip()
    chip.registers |= {int(name[1:], 16): value for name, value in values.items()}
    return chip


GAUGES: dict[str, tuple[Callable[[], Chip], str, str]] = {
    "rotoye": (lambda: RotoyeBatmon(FOUR), "rotoye", "Rotoye Batmon at 0x0B, 4 cells, 13.2 V"),
    "sbs": (lambda: SbsGauge(FOUR), "sbs", "SMP DB-1200 at 0x0B, 4 cells, 13.2 V"),
    "sbs that leaves gaps": (lambda: undriven(SbsGauge(FOUR)), "sbs", "SMP DB-1200 at 0x0B, 4 cells, 13.2 V"),
    "sbs without check bytes": (
        lambda: SbsGauge(FOUR, pec=False), "sbs", "SMP DB-1200 at 0x0B, 4 cells, 13.2 V",
    ),
    "sbs of 16 cells": (
        lambda: SbsGauge(battery(16)), "sbs", "SMP DB-1200 at 0x0B, 16 cells, 52.6 V",
    ),
    "sbs with larger volts": (
        lambda: SbsGauge(battery(16), Label(specification=0x0131)),
        "sbs", "SMP DB-1200 at 0x0B, 16 cells, 52.6 V",
    ),
    "sbs that does not tell its scales": (
        lambda: SbsGauge(FOUR, Label(specification=0x0001)), "sbs", "SMP DB-1200 at 0x0B, 4 cells, 13.2 V",
    ),
    "sbs without a name": (
        lambda: SbsGauge(FOUR, Label(manufacturer="", device="")),
        "sbs", "Smart battery at 0x0B, 4 cells, 13.2 V",
    ),
    "maxell": (lambda: MaxellGauge(FOUR), "maxell", "Maxell smart battery at 0x0B, 4 cells, 13.2 V"),
    "bq40z50": (lambda: Bq40z50(FOUR), "bq40", "Texas Instruments bq40z50-R2 at 0x0B, 13.2 V"),
    "bq40z80": (lambda: Bq40z80(FOUR), "bq40", "Texas Instruments bq40z80 at 0x0B, 13.2 V"),
    "neodesign": (
        lambda: NeoDesignBattery(battery(6)),
        "neodesign", "NeoDesign battery at 0x0B, 6 cells, 19.7 V",
    ),
    "sui": (lambda: SuiBattery(FOUR), "sui", "SUI battery at 0x0B, 13.2 V"),
    "sui with three": (
        lambda: SuiBattery(battery(3)), "sui", "SUI battery at 0x0B, 9.9 V",
    ),
    "sui that checks": (lambda: SuiBattery(FOUR, checks_block=True), "sui", "SUI battery at 0x0B, 13.2 V"),
}  # fmt: skip
CHIPS: dict[str, tuple[Callable[[], Chip], int]] = {
    "ina226": (lambda: Ina226(SENSED), 0x40),
    "ina228": (lambda: Ina228(SENSED), 0x41),
    "ina231": (lambda: Ina231(SENSED), 0x42),
    "ina237": (lambda: Ina237(SENSED), 0x43),
    "ina238": (lambda: Ina238(SENSED), 0x44),
    "ina260": (lambda: Ina260(SENSED), 0x45),
    "ina3221": (lambda: Ina3221((SENSED,) * 3), 0x40),
    "ltc2946": (lambda: Ltc2946(SENSED), 0x6A),
}


def test_only_addresses_are_looked_at_where_nothing_is_disturbed() -> None:
    assert set(ADDRESSES) == {
        *range(0x0B, 0x15), *range(0x40, 0x48), 0x67, 0x68, *range(0x6A, 0x70),
    }  # fmt: skip
    assert FORBIDDEN.isdisjoint(ADDRESSES)


@pytest.mark.parametrize("name", GAUGES)
async def test_a_gauge_is_told_with_its_cells_and_voltage(kernel: Kernel, bus: Bus, name: str) -> None:
    chip, kind, text = GAUGES[name]
    bus.chips[0x0B] = chip()
    assert await told(range(0x0B, 0x0D)) == {0x0B: (kind, text)}


async def test_a_solo_is_told_by_its_blocks(kernel: Kernel, bus: Bus) -> None:
    bus.chips[0x0B] = SoloBattery(FOUR)
    found = (await scan([0x0B]))[0x0B]
    assert isinstance(found, Recognised)
    assert found.kind == "solo"
    assert found.text.startswith("3DR Solo battery at 0x0B, 4 cells, 1")


@pytest.mark.parametrize("kind", CHIPS)
async def test_a_power_monitor_is_told_by_its_name(kernel: Kernel, bus: Bus, kind: str) -> None:
    chip, address = CHIPS[kind]
    bus.chips[address] = chip()
    assert await told() == {address: (kind, f"{kind.upper()} at 0x{address:02X}")}


@pytest.mark.parametrize("address", range(0x0B, 0x15))
async def test_a_batmon_is_found_at_every_address_of_its_resistor(
    kernel: Kernel, bus: Bus, address: int
) -> None:
    bus.chips[address] = RotoyeBatmon(FOUR)
    found = await told(range(0x0B, 0x15))
    assert found == {address: ("rotoye", f"Rotoye Batmon at 0x{address:02X}, 4 cells, 13.2 V")}


async def test_a_batmon_without_a_name_is_told_by_its_count_of_cells(kernel: Kernel, bus: Bus) -> None:
    chip = RotoyeBatmon(FOUR)
    del chip.registers[0x20]
    bus.chips[0x0B] = chip
    assert await told([0x0B]) == {0x0B: ("rotoye", "Rotoye Batmon at 0x0B, 4 cells, 13.2 V")}


@pytest.mark.parametrize(
    ("address", "chip"),
    [
        (0x44, registers(x00=b"\x39\x9f")),  # an INA219
        (0x40, registers(xFE=b"\x54\x49", xFF=b"\x99\x90")),
        (0x68, registers(x00=b"\x12")),
        (0x0B, registers()),
        (0x0C, registers(x09=b"\0\0", x0D=b"\x10\0")),
        (0x0C, registers(x09=b"\xa0\x41", x0D=b"\xe7\x03")),
        (0x0C, registers(x09=b"\xa0\x41", x28=b"\x08\0\0\0\0\0\0\0\0")),
    ],
)
async def test_a_device_that_nobody_knows_is_told_of(
    kernel: Kernel, bus: Bus, address: int, chip: Chip
) -> None:
    bus.chips[address] = chip
    assert await told() == {address: (None, f"unknown device at 0x{address:02X}")}


async def test_a_register_that_is_not_acknowledged_is_none(kernel: Kernel, bus: Bus) -> None:
    chip = SbsGauge(FOUR)
    chip.absent = None
    bus.chips[0x0B] = chip
    assert await told([0x0B]) == {0x0B: ("sbs", "SMP DB-1200 at 0x0B, 4 cells, 13.2 V")}


async def test_a_word_that_is_disturbed_once_misleads_nobody(kernel: Kernel, bus: Bus) -> None:
    bus.chips[0x0B] = RotoyeBatmon(FOUR)
    bus.inject("bad_pec", register=0x40)
    assert await told([0x0B]) == {0x0B: ("rotoye", "Rotoye Batmon at 0x0B, 13.2 V")}


@pytest.mark.parametrize("text", [b"\x00", b"\xff", b"\x21" + b"x" * 33])
async def test_a_name_of_a_length_that_cannot_be_is_none(kernel: Kernel, bus: Bus, text: bytes) -> None:
    chip = SbsGauge(FOUR)
    chip.registers |= {0x20: text, 0x21: text}
    bus.chips[0x0B] = chip
    assert await told([0x0B]) == {0x0B: ("sbs", "Smart battery at 0x0B, 4 cells, 13.2 V")}


async def test_a_scan_writes_nothing_but_the_numbers_of_registers(kernel: Kernel, bus: Bus) -> None:
    bus.chips |= {0x0B + number: chip() for number, (chip, _, _) in enumerate(list(GAUGES.values())[-10:])}
    bus.chips |= {0x40 + number: chip() for number, (chip, _) in enumerate(list(CHIPS.values())[:6])}
    bus.chips |= {address: RegisterChip() for address in (*FORBIDDEN, 0x48, 0x60, 0x66, 0x69)}
    found = await scan()
    assert len(found) == 16
    assert {one.address for one in bus.log} <= set(ADDRESSES)
    assert {len(one.written) for one in bus.log} == {1}
    assert all(one.read for one in bus.log if one.address in found)
    assert (kernel.forced, kernel.quick, kernel.open_files) == ([], 0, 0)


async def test_an_address_that_a_driver_has_is_told_of_and_left_alone(kernel: Kernel, bus: Bus) -> None:
    bus.chips |= {0x68: registers(x00=b"\x12"), 0x6A: Ltc2946(SENSED)}
    bus.taken.add(0x68)
    found = await scan()
    assert isinstance(found[0x68], AddressTaken)
    assert str(found[0x68]) == "0x68 is in use by a kernel driver"
    assert isinstance(found[0x6A], Recognised)
    assert 0x68 not in {one.address for one in bus.log}
    assert kernel.forced == []


async def test_an_adapter_that_only_says_that_a_transfer_failed_means_nobody(
    kernel: Kernel, bus: Bus
) -> None:
    """As the CP2112 behind USB does where nobody acknowledges."""
    bus.inject("failed", address=0x0B, count=None)
    bus.chips[0x0C] = RotoyeBatmon(FOUR)
    assert list(await scan()) == [0x0C]


async def test_one_device_that_holds_the_clock_hides_no_other(kernel: Kernel, bus: Bus) -> None:
    bus.chips[0x0D] = RotoyeBatmon(FOUR)
    bus.inject("timeout", address=0x0C, count=None)
    found = await scan()
    assert isinstance(found[0x0C], NoReply)
    assert isinstance(found[0x0D], Recognised)


@pytest.mark.parametrize("kind", ["timeout", "lost_arbitration"])
async def test_a_bus_that_is_stuck_ends_the_scan_soon(kernel: Kernel, bus: Bus, kind: str) -> None:
    bus.inject(kind, count=None)
    with pytest.raises(NoReply):
        await scan()
    assert len(bus.log) == 0


async def test_a_bus_that_vanishes_ends_the_scan(kernel: Kernel, bus: Bus) -> None:
    bus.present = False
    with pytest.raises(LinkDown, match="there is no /dev/i2c-77"):
        await scan()


async def test_a_node_without_an_adapter_is_not_taken_for_an_empty_bus(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def without_adapter(path: Any, *rest: Any, **more: Any) -> int:
        if path == PATH:
            raise OSError(errno.ENXIO, "no such device or address")
        return really(path, *rest, **more)

    monkeypatch.setattr(os, "open", without_adapter)
    with pytest.raises(NotThere, match="/dev/i2c-77 is gone"):
        await scan()


async def test_a_transfer_that_hangs_ends_the_scan_and_says_so(
    kernel: Kernel, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i2c, "HANG_TIME", 0.05)
    monkeypatch.setattr(i2c_scan, "ADDRESS_TIME", 0.05)
    bus.inject("hang", address=0x0C, seconds=30)
    with pytest.raises(NoReply, match="a transfer on /dev/i2c-77 hangs"):
        await scan()
    bus.clear()
    for thread in threading.enumerate():
        if thread.name == f"i2c {PATH}":
            await asyncio.to_thread(thread.join, 5.0)
