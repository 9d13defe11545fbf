"""Texas Instruments BQ40Z50 and BQ40Z80: safety status, and cells behind a choice."""

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.protocols.sbs_gauge_bq40 import SAFETY_BITS
from simulators.i2c.bq40 import Bq40z50
from simulators.i2c.sbs import Label

from .gauges import Rig, rig

CHOICES = {"440271005b"[:8], "44027b00"}


def met(kind: str = "bq40z50", **options: object) -> Rig:
    pack = rig(kind, **options)  # type: ignore[arg-type]
    pack.meet()
    pack.asked()
    return pack


def chip_of(pack: Rig) -> Bq40z50:
    assert isinstance(pack.chip, Bq40z50)
    return pack.chip


# Cells.


@pytest.mark.parametrize("cells", [1, 3, 4])
def test_four_cells_have_registers(cells: int) -> None:
    pack = rig("bq40z50", cells)
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == cells
    assert pack.written == set()


@pytest.mark.parametrize("cells", [5, 6, 7])
@pytest.mark.parametrize("pec", [True, False])
def test_more_are_read_in_two_blocks(cells: int, pec: bool) -> None:
    pack = rig("bq40z80", cells, pec=pec)
    pack.meet()
    said = pack.poll().cell_voltages or ()
    assert said == pytest.approx(pack.battery.cell_voltages, abs=0.0006)
    assert {one[:8] for one in pack.written} == CHOICES
    assert {len(one) for one in pack.written} == {10 if pec else 8}, "with a check byte where there is one"


def test_the_person_may_say_that_it_has_many() -> None:
    pack = rig("bq40z80", 6, settings={"cells": 6})
    chip_of(pack).label = Label(device="MYPACK")
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == 6


def test_it_has_seven_at_most() -> None:
    with pytest.raises(ValueError, match="not 8"):
        rig("bq40z80", settings={"cells": 8})


@pytest.mark.parametrize("fault", ["no_acknowledge", "bad_pec", "short_block", "empty_block", "long_block"])
def test_blocks_that_cannot_be_read_leave_the_cells_unknown(fault: str) -> None:
    pack = met("bq40z80")
    pack.bus.inject(fault, register=0x44, count=None)
    said = pack.poll()
    assert said.cell_voltages == (None,) * 7
    assert said.voltage is not None


def test_an_answer_to_another_choice_is_not_taken() -> None:
    pack = met("bq40z80")
    whole = pack.poll()
    answers = iter([b"\x22\x7b\0" + bytes(32), b"\x06\x71\0" + bytes(4)])
    chosen = chip_of(pack).chosen
    pack.chip.registers[0x44] = lambda: next(answers, None) or chosen()
    began = pack.driver.now
    assert pack.poll().cell_voltages == whole.cell_voltages
    assert pack.driver.now - began > 0.02, "it was given time"


def test_an_answer_may_be_cut_behind_the_cells() -> None:
    pack = met("bq40z80")
    whole = pack.poll()
    chip = chip_of(pack)
    pack.chip.registers[0x44] = lambda: bytes((min(chip.chosen()[0], 32),)) + chip.chosen()[1:33]
    assert pack.poll().cell_voltages == whole.cell_voltages


def test_a_gauge_without_cells_shows_none() -> None:
    pack = rig("bq40z80")
    chip_of(pack).registers[0x44] = lambda: b"\x22" + chip_of(pack)._chosen.to_bytes(2, "little") + bytes(32)
    pack.meet()
    assert pack.poll().cell_voltages is None


# Alarms.


@pytest.mark.parametrize(("bit", "alarm"), SAFETY_BITS.items())
def test_a_bit_of_the_safety_status_is_an_alarm(bit: int, alarm: Alarm) -> None:
    pack = met()
    chip_of(pack).safety = 1 << bit
    assert pack.poll().alarms == {alarm}


@pytest.mark.parametrize("bit", [18, 20])
def test_a_charge_that_takes_too_long_is_no_alarm(bit: int) -> None:
    pack = met()
    chip_of(pack).safety = 1 << bit
    assert pack.poll().alarms == frozenset()


@pytest.mark.parametrize("bit", [15, 17, 19, 21, 30, 31])
def test_bits_in_another_order_say_nothing(bit: int) -> None:
    pack = met()
    chip_of(pack).safety = 1 << bit
    assert pack.poll().alarms is None


def test_alarms_of_the_status_and_failures_count_as_well() -> None:
    pack = met()
    chip_of(pack).failure = 1
    chip_of(pack).alarms = 1 << 9
    assert pack.poll().alarms == {Alarm.PERMANENT_FAILURE, Alarm.LOW_CAPACITY}


@pytest.mark.parametrize("register", [0x16, 0x51, 0x53])
def test_what_cannot_be_read_may_be_an_alarm(register: int) -> None:
    pack = met()
    pack.bus.inject("no_acknowledge", register=register, count=None)
    assert pack.poll().alarms is None


def test_a_gauge_without_a_safety_status_has_the_usual_one() -> None:
    pack = rig("bq40z50")
    pack.take(0x51, 0x53)
    pack.chip.absent = None
    chip_of(pack).alarms = 1 << 9
    pack.meet()
    assert pack.poll().alarms == {Alarm.LOW_CAPACITY}


def test_its_health_is_shown_whatever_it_is_called() -> None:
    assert met(label=Label(device="MYPACK")).poll().state_of_health == 97.0
