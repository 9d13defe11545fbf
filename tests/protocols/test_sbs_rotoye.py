"""Rotoye Batmon: its cell count, its wide current, its thermistors, several on one bus."""

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.errors import BadFrame
from custom_components.battmon.model.reading import Place, Temperature
from custom_components.battmon.protocols.sbs_rotoye import Rotoye
from simulators.battery import SimulatedBattery
from simulators.chemistry import LI_ION
from simulators.i2c.rotoye import RotoyeBatmon

from .bus_driver import BusDriver
from .gauges import Rig, rig
from .kinds import gauge


def met(**options: object) -> Rig:
    pack = rig("rotoye", **options)  # type: ignore[arg-type]
    pack.meet()
    pack.asked()
    return pack


def test_it_stands_at_ten_addresses() -> None:
    assert Rotoye.addresses == (0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14)


def test_several_share_a_bus() -> None:
    first = rig("rotoye", 4)
    others = {
        address: SimulatedBattery(cells, 5.0, chemistry=LI_ION, state_of_charge=charge)
        for address, cells, charge in ((0x0C, 6, 80.0), (0x14, 12, 30.0))
    }
    for address, battery in others.items():
        first.bus.chips[address] = RotoyeBatmon(battery, unique_id=bytes((address,)) * 15 + b"\1")
    serials = {first.meet().serial_number}
    for address, battery in others.items():
        driver, protocol = BusDriver(first.bus, address), gauge("rotoye", address=address)
        serials.add(driver.say(protocol.identify()).serial_number)
        said = driver.say(protocol.poll())
        assert len(said.cell_voltages or ()) == len(battery.cells)
        assert said.state_of_charge == pytest.approx(battery.state_of_charge, abs=0.6)
    assert len(serials) == 3


# Current.


@pytest.mark.parametrize("current", [-31.9, 0.0, 12.345, 31.9])
def test_the_fine_current_is_shown_as_long_as_it_reaches(current: float) -> None:
    pack = met(current=current)
    assert pack.poll().current == pytest.approx(current, abs=0.0005)
    assert 0x41 not in pack.asked()


@pytest.mark.parametrize("current", [-123.4, -33.0, 32.5, 250.0])
def test_beyond_the_wide_one_is(current: float) -> None:
    assert met(current=current).poll().current == current


@pytest.mark.parametrize("undriven", [False, True])
def test_old_firmware_has_none(undriven: bool) -> None:
    pack = met(current=-123.4, wide=False)
    pack.chip.undriven = undriven
    assert pack.poll().current == -32.7


@pytest.mark.parametrize("word", [0xFFFF, 0, 1234, 5, -20])
def test_a_wide_current_that_is_another_one_is_not_believed(word: int) -> None:
    pack = met(current=-32.5)
    pack.put(0x41, word)
    assert pack.poll().current == -32.5


def test_an_unread_current_is_unknown() -> None:
    pack = met(current=-100.0)
    pack.bus.inject("bad_pec", register=0x0A, count=None)
    assert pack.poll().current is None


# Cells.


@pytest.mark.parametrize("word", [0, 0xFF, 0xFFFF, 17])
def test_a_cell_count_that_is_not_ready_is_made_good_by_looking(word: int) -> None:
    pack = rig("rotoye", 6)
    pack.put(0x40, word)
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == 6


def test_only_the_low_byte_of_the_cell_count_counts() -> None:
    pack = rig("rotoye", 6)
    pack.put(0x40, 0x2206)
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == 6


def test_no_more_cells_are_asked_for_than_it_has() -> None:
    pack = rig("rotoye", 6)
    pack.meet()
    assert not {*pack.asked()} & {*range(0x30, 0x3A)}


def test_the_person_knows_better() -> None:
    pack = rig("rotoye", 6, settings={"cells": 5})
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == 5


# Temperatures.


@pytest.mark.parametrize(
    ("thermistors", "cells"),
    [((None, None), ()), ((31.95, None), (31.95,)), ((3.05, -5.05), (3.05, -5.05)), ((None, 8.05), (8.05,))],
)  # fmt: skip
def test_thermistors_are_shown_where_they_are_fitted(
    thermistors: tuple[float | None, float | None], cells: tuple[float, ...]
) -> None:
    said = met(thermistors=thermistors).poll().temperatures or ()
    assert said[0] == Temperature(22.05, Place.BOARD)
    assert said[1:] == tuple(Temperature(cell, Place.CELL) for cell in cells)


def test_a_thermistor_that_breaks_is_unknown() -> None:
    pack = met(thermistors=(31.95, None))
    pack.chip.thermistors = (None, None)  # type: ignore[attr-defined]
    assert (pack.poll().temperatures or ())[1] == Temperature(None, Place.CELL)


def test_the_thermistor_of_old_firmware_counts_where_there_is_no_other() -> None:
    old, new = rig("rotoye"), rig("rotoye", thermistors=(20.05, None))
    for pack in (old, new):
        pack.put(0x07, 3051)
    old.take(0x48, 0x49)
    for pack in (old, new):
        pack.meet()
        pack.asked()
    assert [one.value for one in old.poll().temperatures or ()] == [22.05, 31.95]
    for _ in range(10):
        assert [one.value for one in new.poll().temperatures or ()] == [22.05, 20.05]


# Status and name.


def test_its_status_says_only_that_it_is_too_hot() -> None:
    pack = met()
    assert pack.poll().alarms == frozenset()
    pack.put(0x16, 0x1AC0)
    assert pack.poll().alarms == {Alarm.CHARGE_OVERTEMPERATURE, Alarm.DISCHARGE_OVERTEMPERATURE}


def test_its_safety_status_is_not_asked_for() -> None:
    """The order of its bits is unproven, so it would raise nothing."""
    pack = met()
    for _ in range(10):
        pack.poll()
    assert 0x51 not in pack.asked()


def test_it_is_known_by_its_unique_number() -> None:
    identity = rig("rotoye").meet()
    assert identity.serial_number == "1F1E-1D1C-1B1A-1918-1716-1514-1312-1110"
    assert (identity.manufacturer, identity.model) == ("Rotoye", "Batmon")


@pytest.mark.parametrize("unique", [b"\x10" + bytes(16), b"\x10" + b"\xff" * 16, b"\x04abcd", None])
def test_without_one_by_its_serial_number(unique: bytes | None) -> None:
    pack = rig("rotoye")
    pack.take(0x23)
    pack.chip.registers |= {} if unique is None else {0x23: unique}
    assert pack.meet().serial_number == str(0xBEEF)


@pytest.mark.parametrize("faults", [("bad_pec", "no_acknowledge"), ("all_ones", "bad_pec")])
def test_who_is_known_by_its_unique_number_is_never_called_by_its_serial_number(
    faults: tuple[str, str],
) -> None:
    """It would be taken for another battery."""
    pack = rig("rotoye")
    attempts = {"no_acknowledge": 3}
    for fault in faults:
        pack.bus.inject(fault, register=0x23, count=attempts.get(fault, 1))
    assert pack.meet().serial_number == "1F1E-1D1C-1B1A-1918-1716-1514-1312-1110"
    for fault in (*faults, faults[0]):
        pack.bus.inject(fault, register=0x23, count=attempts.get(fault, 1))
    with pytest.raises(BadFrame, match="another one"):
        pack.meet()


def test_what_the_specification_has_and_it_has_not_is_not_believed() -> None:
    pack = met(current=-2.0)
    for register, word in ((0x1A, 0x1131), (0x03, 0xE001), (0x18, 1234), (0x19, 14800), (0x12, 5)):
        pack.put(register, word)
    pack.meet()
    said = pack.poll()
    assert (said.current, said.design_capacity, said.time_to_empty) == (-2.0, None, None)
    assert said.full_capacity == pytest.approx(pack.battery.full_capacity, abs=0.001)
