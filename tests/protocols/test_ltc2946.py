"""LTC2946: the numbers of wired.md 9, and a current that has no direction."""

import pytest

from custom_components.battmon.model.errors import BadFrame
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.bus import BusSettings
from custom_components.battmon.protocols.ltc2946 import Ltc2946
from custom_components.battmon.protocols.recognising import recognise, unknown
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


# Whether it is one: its name is one byte, that others may say as well.


def other(**registers: str) -> Bus:
    """Return a bus with a device at 0x6A that says these bytes, by the numbers of its registers."""
    chip = RegisterChip()
    chip.registers = {int(name[1:], 16): bytes.fromhex(said) for name, said in registers.items()}
    return Bus({0x6A: chip})


@pytest.mark.parametrize("words", [{"x14": "3e81", "x1E": "7e00"}, {"x14": "3e80", "x1E": "7e08"}, {}])
def test_one_that_says_its_byte_but_measures_otherwise_is_another(words: dict[str, str]) -> None:
    """12 bits stand at the upper end of two bytes: what follows is always 0."""
    bus = other(xE7="60", x00="00", x01="00", **words)
    found = Driver(bus, 0x6A).say(recognise(0x6A, PROTOCOLS.values()))
    assert found == unknown(0x6A)


def test_one_that_measures_otherwise_is_not_written_to() -> None:
    bus = other(xE7="60", x00="00", x01="00", x14="3e81", x1E="7e00")
    with pytest.raises(BadFrame, match="no LTC2946 answers at 0x6a, register 0x14: it says 3e81"):
        Driver(bus, 0x6A).say(Ltc2946(BusSettings(address=0x6A, shunt=0.0005)).poll())
    assert all(len(one.written) == 1 for one in bus.log)


def test_one_that_says_another_byte_is_asked_for_nothing_else() -> None:
    """The number of a register is a command to some."""
    bus = other(xE7="61", x14="3e80", x1E="7e00")
    assert Driver(bus, 0x6A).say(recognise(0x6A, PROTOCOLS.values())) == unknown(0x6A)
    assert {bytes(one.written) for one in bus.log} == {b"\xe7"}
