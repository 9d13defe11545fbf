"""LTC2946: the numbers of wired.md 9, and a current that has no direction."""

import pytest

from custom_components.battmon.model.reading import Reading
from custom_components.battmon.protocols.bus import BusSettings
from custom_components.battmon.protocols.ltc2946 import Ltc2946
from simulators.i2c.bus import Bus
from simulators.i2c.registers import RegisterChip

from .monitors import Driver, rig


@pytest.mark.parametrize(
    ("voltage_word", "current_word", "voltage", "current"),
    [
        ("7e00", "3e80", 50.412308, 50.01221),
        ("fff0", "fff0", None, None),  # 102.4 V and 204.8 A, or more
        ("0000", "0010", 0.0, 0.050012),
    ],
)
def test_registers_are_what_the_document_says(
    voltage_word: str, current_word: str, voltage: float | None, current: float | None
) -> None:
    fixed = RegisterChip()
    fixed.registers = {0x00: b"\x18", 0x01: b"\x01", 0x1E: bytes.fromhex(voltage_word)}
    fixed.registers[0x14] = bytes.fromhex(current_word)
    settings = BusSettings(address=0x6A, shunt=0.0005, invert=True)
    reading = Driver(Bus({0x6A: fixed}), 0x6A).say(Ltc2946(settings).poll())
    assert reading == Reading(voltage=voltage, current=current)


def test_what_flows_the_other_way_reads_zero() -> None:
    assert rig("ltc2946", current=30.0).poll().current == 0.0


@pytest.mark.parametrize("register", [0x00, 0x01])
def test_either_of_its_settings_is_missed(register: int) -> None:
    it = rig("ltc2946")
    it.meet()
    assert isinstance(it.chip, RegisterChip)
    it.chip.registers[register] = b"\x00"
    it.bus.log.clear()
    it.poll()
    assert it.writes == ["0018", "0101"]
