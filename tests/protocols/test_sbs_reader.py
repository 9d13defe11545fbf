"""Whether a smart battery sends check bytes, and what becomes of those that are wrong."""

import pytest

from custom_components.battmon.model.errors import BadFrame, NoReply
from custom_components.battmon.protocols.sbs_reader import is_checked, sends_check_bytes
from simulators.i2c.chip import crc8
from simulators.i2c.sbs import Label

from .gauges import Rig, rig
from .vectors import load

WORDS = load("sbs", "words")
ADDRESS = 0x0B


@pytest.mark.parametrize("row", WORDS["words"], ids=lambda row: f"{row['register']}-{row['bytes']}")
def test_the_check_byte_of_every_vector_is_right(row: dict[str, str]) -> None:
    data = bytes.fromhex(row["bytes"])
    address = int(row.get("address", "0b"), 16)
    assert is_checked(address, int(row["register"], 16), data)
    assert not is_checked(address + 1, int(row["register"], 16), data), "it depends on the address"
    for bit in range(8 * len(data)):
        wrong = (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))
        assert not is_checked(address, int(row["register"], 16), wrong)


def heard(voltage: str, charge: str = "", info: str = "") -> dict[int, bytes]:
    words = {0x09: voltage, 0x0D: charge, 0x1A: info}
    return {register: bytes.fromhex(word) for register, word in words.items() if word}


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (heard("a041b3", "570054", "3100da"), True),
        (heard("a041b3"), True),  # others are not implemented
        (heard("a041b3", "570054", "ffff3c"), None),
        (heard("a041ff", "5700ff", "2100ff"), False),
        (heard("a041ff", "5700ff", "3100ff"), False),  # a maker that promises too much
        (heard("a041ff"), False),
        (heard("a04100", "570000", "210000"), False),  # what follows is anything
        (heard("a04100", "570000", "110000"), False),
        (heard("a04100", "570000", "310000"), None),  # promised, and always wrong
        (heard("a04100", "570000"), None),
        (heard("a041b3", "570000", "3100da"), None),
        (heard("a041b3", "570000", "2100da"), None),
        (heard("a041b3", "5700ff", "3100ff"), None),
    ],
)
def test_check_bytes_are_found_by_three_words(words: dict[int, bytes], verdict: bool | None) -> None:
    assert sends_check_bytes(ADDRESS, words) is verdict


def test_a_word_whose_check_byte_would_be_ones_proves_nothing_alone() -> None:
    """One word in 256 has it, also where there are none."""
    head = bytes((ADDRESS << 1, 0x09, ADDRESS << 1 | 1))
    voltage = next(
        word.to_bytes(2, "little") for word in range(16000, 17000)
        if crc8(head + word.to_bytes(2, "little")) == 0xFF
    )  # fmt: skip
    words = heard(voltage.hex() + "ff", "5700ff", "3100ff")
    assert is_checked(ADDRESS, 0x09, words[0x09])
    assert sends_check_bytes(ADDRESS, words) is False


def pec_of(pack: Rig) -> bool:
    pack.meet()
    return pack.protocol.reader.pec


@pytest.mark.parametrize("address", [0x0B, 0x0C, 0x14, 0x55])
@pytest.mark.parametrize("pec", [True, False])
def test_check_bytes_are_found_at_any_address(address: int, pec: bool) -> None:
    assert pec_of(rig("sbs", address=address, pec=pec)) is pec


@pytest.mark.parametrize("undriven", [True, False], ids=["undriven", "refused"])
def test_check_bytes_are_found_without_a_specification_info(undriven: bool) -> None:
    pack = rig("sbs")
    pack.take(0x1A, 0x0D)
    pack.chip.undriven = undriven
    pack.chip.absent = None if not undriven else b"\xff\xff"
    assert pec_of(pack)


@pytest.mark.parametrize("pec", [True, False])
def test_what_the_person_says_is_not_looked_into(pec: bool) -> None:
    pack = rig("sbs", settings={"pec": pec})
    pack.meet()
    assert pack.protocol.reader.pec is pec
    assert {len(one.read) for one in pack.bus.log if one.written == b"\x1a"} == {3 if pec else 2}


def test_one_garbled_word_is_asked_for_again() -> None:
    pack = rig("sbs")
    pack.bus.inject("bad_pec", register=0x0D, count=2)
    assert pec_of(pack)


def test_noise_that_looks_like_no_check_byte_is_asked_again() -> None:
    pack = rig("sbs")
    right, wrong = bytes.fromhex("a041b3"), bytes.fromhex("a041ff")
    voltages = iter((wrong, right, wrong))
    pack.chip.pec = False
    pack.take(*pack.chip.registers)
    pack.chip.absent = None
    pack.chip.registers[0x09] = lambda: next(voltages)
    detecting = pack.protocol.reader.detect()
    assert pack.driver.attempt(detecting) is None
    assert pack.protocol.reader.pec


def test_a_noisy_bus_is_not_taken_for_a_device_without_check_bytes() -> None:
    pack = rig("sbs")
    pack.bus.inject("bad_pec", register=0x0D, count=None)
    with pytest.raises(BadFrame, match="right at one time"):
        pack.meet()
    pack.bus.clear()
    pack.bus.inject("bad_pec", count=None)
    with pytest.raises(BadFrame):
        pack.meet()


def test_a_bus_that_nobody_drives_is_no_device() -> None:
    pack = rig("sbs")
    pack.bus.inject("all_ones", count=None)
    with pytest.raises(NoReply, match="nobody drives"):
        pack.meet()


def test_check_bytes_stay_on_whatever_goes_wrong() -> None:
    pack = rig("sbs")
    pack.meet()
    pack.bus.inject("bad_pec", count=None)
    for _ in range(5):
        with pytest.raises(BadFrame):
            pack.poll()
    assert pack.protocol.reader.pec
    pack.bus.clear()
    assert pack.poll().voltage is not None


def test_a_register_with_a_wrong_check_byte_is_unknown_and_the_others_are_not() -> None:
    pack = rig("sbs")
    pack.meet()
    whole = pack.poll()
    pack.bus.inject("bad_pec", register=0x0D, count=None)
    said = pack.poll()
    assert (said.state_of_charge, said.voltage) == (None, whole.voltage)


@pytest.mark.parametrize("fault", ["no_acknowledge", "bad_pec"])
def test_more_than_two_registers_that_fail_are_the_bus(fault: str) -> None:
    pack = rig("sbs")
    pack.meet()
    for register in (0x3F, 0x3E):
        pack.bus.inject(fault, register=register, count=None)
    assert (pack.poll().cell_voltages or ())[:2] == (None, None)
    pack.bus.inject(fault, register=0x3D, count=None)
    with pytest.raises((NoReply, BadFrame)):
        pack.poll()


def test_a_register_that_cannot_be_read_when_it_is_looked_for_is_not_there() -> None:
    pack = rig("sbs")
    pack.bus.inject("bad_pec", register=0x0F, count=None)
    pack.meet()
    assert pack.poll().remaining_capacity is None


def test_too_many_of_those_are_the_bus() -> None:
    pack = rig("sbs")
    for register in (0x0A, 0x0F, 0x08):
        pack.bus.inject("bad_pec", register=register, count=None)
    with pytest.raises(BadFrame, match="check byte"):
        pack.meet()


def without_check_bytes() -> Rig:
    pack = rig("sbs_without_check_bytes")
    pack.meet()
    pack.asked()
    return pack


@pytest.mark.parametrize("fault", ["all_ones", "all_zeros"])
def test_what_a_failing_bus_would_read_is_read_twice_without_check_bytes(fault: str) -> None:
    pack = without_check_bytes()
    whole = pack.poll()
    pack.bus.inject(fault, register=0x0D, count=1)
    assert pack.poll() == whole


def test_ones_without_check_bytes_are_nothing() -> None:
    pack = without_check_bytes()
    for register in (0x0A, 0x0D, 0x0F, 0x16, 0x08, 0x3F):
        pack.bus.inject("all_ones", register=register, count=None)
    said = pack.poll()
    assert (said.current, said.state_of_charge, said.remaining_capacity) == (None, None, None)
    assert (said.alarms, (said.cell_voltages or ())[0]) == (None, None)
    assert said.temperatures is not None
    assert said.temperatures[0].value is None


def test_1_ma_of_a_device_with_check_bytes_is_1_ma() -> None:
    pack = rig("sbs", current=-0.001)
    pack.meet()
    assert pack.poll().current == -0.001


def test_a_bus_that_fails_midway_and_reads_zeros_is_noticed() -> None:
    pack = without_check_bytes()
    pack.bus.inject("all_zeros", skip=4, count=None)
    with pytest.raises(BadFrame, match="nothing but zeros"):
        pack.poll()


def test_terminals_at_0_v_are_no_failing_bus() -> None:
    pack = without_check_bytes()
    pack.put(0x09, 0)
    assert pack.poll().voltage == 0.0


def test_a_string_without_check_bytes_counts_if_it_is_read_twice() -> None:
    pack = rig("sbs_without_check_bytes", label=Label(specification=0x0021, device="DB-1200"))
    pack.bus.inject("short_block", register=0x21, count=1)
    assert pack.meet().model == "DB-1200"


def test_a_string_that_changes_each_time_is_not_known() -> None:
    pack = rig("sbs_without_check_bytes")
    names = iter(b"abcdefghijkl")
    pack.chip.registers[0x21] = lambda: bytes((1, next(names)))
    assert pack.meet().model is None


def test_a_fact_that_changes_each_time_is_not_known() -> None:
    pack = rig("sbs_without_check_bytes")
    numbers = iter(range(1, 100))
    pack.chip.registers[0x1C] = lambda: next(numbers).to_bytes(2, "little")
    assert pack.meet().serial_number is None


def test_a_device_that_leaves_while_it_is_looked_at_was_not_found() -> None:
    """Its silence would mean that it has no more registers."""
    pack = rig("sbs")
    pack.bus.inject("no_acknowledge", skip=30, count=None)
    with pytest.raises(NoReply):
        pack.meet()
