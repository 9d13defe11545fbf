"""NeoDesign: cells the other way round, and how many there are."""

import pytest

from custom_components.battmon.model.errors import NoReply

from .gauges import rig


def test_cells_stand_from_30_upwards() -> None:
    pack = rig("neodesign", 6)
    pack.put(0x30, 3987)
    pack.put(0x35, 3990)
    pack.meet()
    cells = pack.poll().cell_voltages or ()
    assert (cells[0], cells[5], len(cells)) == (3.987, 3.99, 6)


def test_the_voltage_is_that_of_the_cells() -> None:
    pack = rig("neodesign")
    pack.put(0x09, 1)
    pack.meet()
    said = pack.poll()
    assert said.voltage == pytest.approx(sum(cell or 0.0 for cell in said.cell_voltages or ()), abs=1e-9)


@pytest.mark.parametrize("fault", ["no_acknowledge", "bad_pec"])
def test_the_voltage_is_its_own_if_a_cell_cannot_be_read(fault: str) -> None:
    pack = rig("neodesign")
    pack.put(0x09, 23940)
    pack.meet()
    pack.bus.inject(fault, register=0x32, count=None)
    said = pack.poll()
    assert (said.voltage, (said.cell_voltages or ())[2]) == (23.94, None)


@pytest.mark.parametrize("word", [0, 17, 0xFFFF])
def test_nothing_is_read_before_it_knows_how_many_cells_it_has(word: int) -> None:
    pack = rig("neodesign")
    pack.put(0x5C, word)
    with pytest.raises(NoReply):
        pack.meet()
    assert set(pack.asked()) == {0x5C}
    pack.put(0x5C, 6)
    pack.meet()
    assert pack.poll().voltage is not None


def test_the_person_knows_better() -> None:
    pack = rig("neodesign", 6, settings={"cells": 2})
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == 2
