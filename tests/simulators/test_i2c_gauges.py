"""Simulated smart batteries say what their documents say, and what their packs truly have."""

from collections.abc import Callable

import pytest

from simulators.battery import SimulatedBattery
from simulators.chemistry import LI_ION
from simulators.i2c.bq40 import Bq40z50, Bq40z80
from simulators.i2c.chip import NotAcknowledged, crc8
from simulators.i2c.gauge import Gauge, kelvin, word
from simulators.i2c.neodesign import NeoDesignBattery
from simulators.i2c.rotoye import RotoyeBatmon
from simulators.i2c.sbs import Label, MaxellGauge, SbsGauge
from simulators.i2c.solo import SoloBattery
from simulators.i2c.sui import SuiBattery
from simulators.load import Constant

ADDRESS = 0x0B


class Pack:
    """A gauge on a battery, and what is read of it."""

    def __init__(
        self, make: Callable[..., Gauge], cells: int = 4, current: float = -2.0, **options: object
    ) -> None:
        self.now = 0.0
        self.battery = SimulatedBattery(cells, 5.0, chemistry=LI_ION, load=Constant(current))
        self.chip = make(self.battery, now=lambda: self.now, **options)

    def read(self, register: int, size: int, address: int = ADDRESS) -> bytes:
        self.chip.written(address, bytes((register,)))
        return self.chip.read(address, size, bytes((register,)))

    def word(self, register: int) -> int:
        return int.from_bytes(self.read(register, 2), "little")


def test_the_check_byte_covers_address_and_register() -> None:
    """Vectors of Smart Battery and Batmon documents."""
    pack = Pack(SbsGauge)
    pack.chip.registers[0x09] = b"\xa0\x41"
    assert [pack.read(0x09, 3, address)[2] for address in (0x0B, 0x0C, 0x14)] == [0xB3, 0xCD, 0x7A]
    pack.chip.registers[0x20] = b"\x06Rotoye"
    assert pack.read(0x20, 8).hex() == "06526f746f796587"
    assert crc8(b"123456789") == 0xF4


def test_who_has_no_check_byte_leaves_the_bus_alone() -> None:
    assert Pack(SbsGauge, pec=False).read(0x1A, 4) == b"\x31\x00\xff\xff"


def test_a_register_that_is_not_there_reads_ones_or_is_refused() -> None:
    pack = Pack(SbsGauge)
    assert pack.read(0x4E, 2) == b"\xff\xff"
    assert pack.read(0x4E, 3) != b"\xff\xff\xff"
    pack.chip.undriven = True
    assert pack.read(0x4E, 3) == b"\xff\xff\xff"
    pack.chip.absent = None
    with pytest.raises(NotAcknowledged):
        pack.read(0x4E, 3)


@pytest.mark.parametrize(
    ("make", "cells", "registers"),
    [
        (SbsGauge, 12, range(0x3F, 0x33, -1)),
        (MaxellGauge, 6, range(0x3F, 0x39, -1)),
        (RotoyeBatmon, 6, range(0x3F, 0x39, -1)),
        (NeoDesignBattery, 6, range(0x30, 0x36)),
        (Bq40z50, 4, range(0x3F, 0x3B, -1)),
    ],
)
def test_cells_have_their_registers(make: Callable[..., Gauge], cells: int, registers: range) -> None:
    pack = Pack(make, cells)
    assert [pack.word(register) / 1000 for register in registers] == pytest.approx(
        pack.battery.cell_voltages, abs=0.0006
    )
    pack.battery.open_wire(2)
    assert pack.word(registers[1]) == 0


def test_the_last_four_of_seven_cells_have_registers() -> None:
    pack = Pack(Bq40z80, 7)
    assert [pack.word(register) / 1000 for register in range(0x3F, 0x3B, -1)] == pytest.approx(
        pack.battery.cell_voltages[3:], abs=0.0006
    )


def test_values_move_with_the_battery() -> None:
    pack = Pack(SbsGauge, current=-5.0)
    before = (pack.word(0x0F), pack.word(0x09), pack.word(0x0D))
    pack.now += 1200.0
    after = (pack.word(0x0F), pack.word(0x09), pack.word(0x0D))
    assert all(later < earlier for earlier, later in zip(before, after, strict=True))
    assert pack.word(0x0F) == round(pack.battery.remaining_capacity * 1000)
    assert pack.word(0x0A) == 0x10000 - 5000


def test_times_are_minutes_and_none_the_other_way() -> None:
    discharged, charged, idle = (Pack(SbsGauge, current=current) for current in (-2.0, 2.0, 0.0))
    hours = discharged.battery.remaining_capacity / 2.0
    assert (discharged.word(0x12), discharged.word(0x13)) == (round(60 * hours), 0xFFFF)
    assert charged.word(0x12) == 0xFFFF
    assert charged.word(0x13) < 0xFFFF
    assert (idle.word(0x12), idle.word(0x13)) == (0xFFFF, 0xFFFF)


@pytest.mark.parametrize(
    ("charge", "current", "status"),
    [(50.0, -1.0, 0xC0), (50.0, 1.0, 0x80), (100.0, 0.0, 0xE0), (0.0, 0.0, 0xD0)],
)
def test_the_status_follows_from_charge_and_current(charge: float, current: float, status: int) -> None:
    pack = Pack(SbsGauge, current=current)
    pack.battery.set_state_of_charge(charge)
    assert pack.word(0x16) == status


def test_scales_and_modes_change_what_a_digit_is() -> None:
    plain = Pack(SbsGauge)
    scaled = Pack(SbsGauge, label=Label(specification=0x1131))
    energies = Pack(SbsGauge, label=Label(mode=0xE001))
    for register in (0x09, 0x0F, 0x3F):
        assert scaled.word(register) == pytest.approx(plain.word(register) / 10, abs=1)
    assert scaled.word(0x14) == plain.word(0x14)
    assert energies.word(0x10) == pytest.approx(plain.word(0x10) * 1.48, abs=1)
    assert energies.word(0x0A) == plain.word(0x0A)


def test_documented_facts_of_the_label() -> None:
    pack = Pack(SbsGauge)
    assert [pack.read(register, 2).hex() for register in (0x1A, 0x1B, 0x1C, 0x17, 0x18, 0x19, 0x03)] == [
        "3100", "6f58", "3412", "2500", "5014", "d039", "0160",
    ]  # fmt: skip


def test_maxell_tells_half() -> None:
    pack = Pack(MaxellGauge)
    assert pack.word(0x10) == round(pack.battery.full_capacity * 500)
    assert pack.read(0x20, 15) == b"\x0eHitachi maxell"


def test_a_batmon_ends_at_32_7_a_and_has_a_wider_register() -> None:
    pack = Pack(RotoyeBatmon, 6, current=-123.4)
    assert pack.read(0x41, 3).hex() == "2efbd7"
    assert pack.word(0x0A) == 0x10000 - 32700
    assert pack.read(0x40, 3).hex() == "060028"
    assert Pack(RotoyeBatmon, 6, wide=False).read(0x41, 3).hex() == "ffff64"


def test_a_batmon_says_0_k_of_a_thermistor_that_is_not_fitted() -> None:
    pack = Pack(RotoyeBatmon, thermistors=(31.95, None))
    assert pack.read(0x48, 3).hex() == "eb0b03"
    assert pack.read(0x49, 3).hex() == "0000f0"
    assert pack.read(0x23, 18).hex() == "10101112131415161718191a1b1c1d1e1fc1"


def test_a_solo_tells_cells_and_current_in_blocks() -> None:
    pack = Pack(SoloBattery, current=-12.345)
    assert pack.read(0x2A, 6).hex() == "04c7cfffff47"
    assert pack.read(0x28, 9)[0] == 8
    pack.chip.button = True  # type: ignore[attr-defined]
    assert pack.read(0x23, 8).hex() == "06000800000000f8"


def test_a_sui_stalls_when_it_is_asked_too_soon() -> None:
    pack = Pack(SuiBattery, 6, current=-12.345)
    assert pack.read(0x28, 10)[9] == 0xFF
    with pytest.raises(NotAcknowledged):
        pack.read(0x2A, 4)
    pack.now += 0.05
    assert pack.read(0x2A, 4).hex() == "c7cfffff"


def test_a_sui_with_three_cells_shows_nothing_as_the_fourth() -> None:
    pack = Pack(SuiBattery, 3, checks_block=True)
    cells = pack.read(0x28, 10)
    assert cells[7:9] == b"\0\0"
    assert cells[9] == crc8(bytes((ADDRESS << 1, 0x28, ADDRESS << 1 | 1)) + cells[:9])


def test_a_neodesign_is_ready_after_a_while() -> None:
    pack = Pack(NeoDesignBattery, 6)
    assert pack.read(0x5C, 3).hex() == "0600a7"
    pack.chip.is_ready = False  # type: ignore[attr-defined]
    assert pack.word(0x5C) == 0


def test_a_bq40_answers_what_was_chosen() -> None:
    pack = Pack(Bq40z80, 7)
    for choice, size, cells, step in ((0x71, 32, (1, 2, 3, 4), 2), (0x7B, 18, (5, 6, 7), 6)):
        pack.chip.written(ADDRESS, bytes((0x44, 2, choice, 0)))
        answer = pack.read(0x44, size + 3)
        assert (answer[0], answer[1:3]) == (size + 2, bytes((choice, 0)))
        for place, cell in enumerate(cells):
            at = 3 + step * place
            shown = int.from_bytes(answer[at : at + 2], "little") / 1000
            assert shown == pytest.approx(pack.battery.cell_voltages[cell - 1], abs=0.0006)
    assert [one.hex() for one in pack.chip.writes] == ["44027100", "44027b00"]


def test_a_bq40_is_not_changed_by_what_it_is_told() -> None:
    pack = Pack(Bq40z50)
    pack.chip.written(ADDRESS, bytes((0x00, 0x10, 0x00)))
    assert 0x00 not in pack.chip.registers
    assert pack.chip.writes == [bytes((0x00, 0x10, 0x00))]


def test_numbers_as_they_are_said() -> None:
    assert [word(number).hex() for number in (-12345, 2000, 65535, 0)] == ["c7cf", "d007", "ffff", "0000"]
    assert [kelvin(celsius).hex() for celsius in (25.05, -10.05)] == ["a60b", "470a"]
