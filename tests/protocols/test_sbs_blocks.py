"""3DR Solo and SUI: cells in a block, and a current of 32 bits."""

import pytest

from custom_components.battmon.model.errors import BadFrame, BattMonError, NoReply

from .gauges import Rig, rig


def met(kind: str, **options: object) -> Rig:
    pack = rig(kind, **options)  # type: ignore[arg-type]
    pack.meet()
    pack.asked()
    return pack


# Both.


@pytest.mark.parametrize("kind", ["solo", "sui_3", "sui_6"])
@pytest.mark.parametrize("current", [-120.5, -0.001, 0.0, 45.678])
def test_the_current_has_more_than_16_bits(kind: str, current: float) -> None:
    shown = met(kind, current=current).poll().current
    # 1 mA of discharge is what a bus that nobody drives reads.
    assert shown == (None if current == -0.001 and kind != "solo" else current)


@pytest.mark.parametrize("kind", ["solo", "sui_3", "sui_6"])
@pytest.mark.parametrize("fault", ["no_acknowledge", "all_zeros"])
def test_a_current_that_cannot_be_read_is_unknown(kind: str, fault: str) -> None:
    pack = met(kind)
    pack.bus.inject(fault, register=0x2A, count=None)
    said = pack.poll()
    assert said.voltage is not None
    assert said.current == (0.0 if fault == "all_zeros" and kind != "solo" else None)


@pytest.mark.parametrize("kind", ["solo", "sui_3", "sui_6"])
@pytest.mark.parametrize("fault", ["short_block", "empty_block", "long_block", "all_ones", "all_zeros"])
def test_no_cells_are_no_reading(kind: str, fault: str) -> None:
    pack = met(kind)
    pack.bus.inject(fault, register=0x28, count=None)
    with pytest.raises(BadFrame):
        pack.poll()


@pytest.mark.parametrize("kind", ["solo", "sui_3", "sui_6"])
def test_the_state_of_charge_follows_from_the_capacities(kind: str) -> None:
    pack = met(kind)
    pack.put(0x0F, 4350)
    pack.put(0x10, 5000)
    pack.meet()
    assert pack.poll().state_of_charge == 87.0
    pack.put(0x0F, 5100)
    assert pack.poll().state_of_charge == 100.0
    pack.put(0x10, 0)
    pack.meet()
    assert pack.poll().state_of_charge is None


@pytest.mark.parametrize("kind", ["solo", "sui_3"])
@pytest.mark.parametrize(("serial", "shown"), [(0x0102, "258"), (0, None), (0xFFFF, None)])
def test_its_serial_number(kind: str, serial: int, shown: str | None) -> None:
    pack = rig(kind)
    pack.put(0x1C, serial)
    assert pack.meet().serial_number == shown


# Solo.


def test_the_voltage_is_that_of_the_cells() -> None:
    pack = met("solo")
    said = pack.poll()
    assert said.voltage == pytest.approx(sum(cell or 0.0 for cell in said.cell_voltages or ()), abs=1e-9)
    assert 0x09 not in pack.asked(), "it is noisy"


def test_cells_with_a_wrong_check_byte_are_no_reading() -> None:
    pack = met("solo")
    pack.chip.pec = False
    pack.chip.registers[0x28] = bytes.fromhex("08691066106310" + "6b10e2")
    with pytest.raises(BadFrame):
        pack.poll()
    pack.chip.registers[0x28] = bytes.fromhex("08691066106310" + "6b10e3")
    said: object = pack.attempt()
    assert isinstance(said, BattMonError), "the others have none now"


def test_a_cell_that_is_not_there_makes_the_voltage_unknown() -> None:
    pack = met("solo")
    pack.chip.registers[0x28] = bytes.fromhex("0869106610631" + "0ffff")
    said = pack.poll()
    assert (said.voltage, said.cell_voltages) == (None, (4.201, 4.198, 4.195, None))
    pack.chip.registers[0x28] = b"\x08" + b"\xff" * 8
    with pytest.raises(BadFrame, match="ones"):
        pack.poll()


def test_a_block_of_another_length_is_not_the_one() -> None:
    pack = met("solo")
    pack.chip.registers[0x28] = bytes.fromhex("06691066106310")
    with pytest.raises(BadFrame, match="a block of 6 bytes"):
        pack.poll()


@pytest.mark.parametrize("cells", [3, 5])
def test_a_solo_has_four_cells(cells: int) -> None:
    with pytest.raises(ValueError, match=f"has 4 cells, not {cells}"):
        rig("solo", settings={"cells": cells})


# SUI.


@pytest.mark.parametrize(("kind", "cells"), [("sui_3", 3), ("sui_6", 6)])
@pytest.mark.parametrize("charge", [2.0, 50.0, 100.0])
def test_how_many_cells_follows_from_the_voltage(kind: str, cells: int, charge: float) -> None:
    pack = rig(kind)
    pack.battery.set_state_of_charge(charge)
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == cells


def test_a_battery_that_does_not_say_its_voltage_has_three_cells() -> None:
    pack = rig("sui_3")
    pack.take(0x09)
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == 3


@pytest.mark.parametrize("cells", [3, 6])
def test_the_person_knows_how_many(cells: int) -> None:
    pack = met("sui_6", settings={"cells": cells})
    assert len(pack.poll().cell_voltages or ()) == cells


@pytest.mark.parametrize("cells", [1, 4, 5, 7])
def test_a_sui_battery_has_three_or_six(cells: int) -> None:
    with pytest.raises(ValueError, match="has 3, 6 cells"):
        rig("sui_3", settings={"cells": cells})


def test_cells_that_are_not_measured_share_what_is_left() -> None:
    pack = met("sui_6")
    pack.chip.registers[0x28] = bytes.fromhex("0869106610631" + "06b10")
    pack.put(0x09, 25268)
    said = pack.poll()
    assert (said.voltage, (said.cell_voltages or ())[4:]) == (25.268, (4.235, 4.235))
    pack.put(0x09, 16000)
    assert pack.poll().voltage == 16.797, "never less than the four"


@pytest.mark.parametrize(("word", "error"), [(0, BadFrame), (0xFFFF, NoReply)])
def test_without_the_voltage_nothing_is_made_up(word: int, error: type[BattMonError]) -> None:
    pack = met("sui_6")
    pack.put(0x09, word)
    with pytest.raises(error):
        pack.poll()


def test_it_gets_its_rest_after_the_cells() -> None:
    pack = met("sui_6")
    for _ in range(5):
        pack.poll()
        assert not [one for one in pack.bus.log if not one.read], "nothing was refused"


def test_a_check_byte_of_the_cells_is_asked_for_once_it_was_seen() -> None:
    pack = rig("sui_3")
    pack.meet()
    pack.bus.inject("bad_pec", register=0x28, count=None)
    with pytest.raises(BadFrame):
        pack.poll()
    plain = rig("sui_3", checks_block=False)
    plain.meet()
    assert plain.poll().voltage is not None
