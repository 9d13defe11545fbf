"""The simulated INA3221, LTC2946 and AD7091R5, against the numbers of wired.md 8 to 10."""

import pytest

from simulators.i2c.ad7091r5 import Ad7091r5
from simulators.i2c.chip import Chip
from simulators.i2c.ina3221 import Ina3221
from simulators.i2c.ltc2946 import Ltc2946
from simulators.i2c.sensed import Sensed, Steady


def read(chip: Chip, register: int, size: int = 2) -> str:
    """Read a register as a bus does."""
    chip.written(0x40, bytes((register,)))
    return chip.read(0x40, size, bytes((register,))).hex()


def three() -> Ina3221:
    """Return three batteries on one chip."""
    return Ina3221(
        [
            Sensed(Steady(12.0, -0.0248), 0.1),
            Sensed(Steady(4.2, 0.0252), 0.1),
            Sensed(Steady(6.8, -25.0), 0.001),
        ]
    )


def test_the_channels_of_an_ina3221_are_those_of_the_document() -> None:
    chip = three()
    assert [read(chip, register) for register in range(1, 7)] == [
        "01f0",  # 62 steps; the document's 01f4 has bits that say nothing
        "2ee0",
        "fe08",
        "1068",
        "1388",
        "1a90",
    ]
    assert (read(chip, 0xFE), read(chip, 0xFF), read(chip, 0x00)) == ("5449", "3220", "7127")


@pytest.mark.parametrize(
    ("config", "on"),
    [("4727", [1]), ("2727", [2]), ("1727", [3]), ("7727", [1, 2, 3]), ("7720", [])],
)
def test_the_upper_bit_of_an_ina3221_is_the_first_channel(config: str, on: list[int]) -> None:
    chip = three()
    chip.written(0x40, bytes.fromhex(f"00{config}"))
    assert [number for number in (1, 2, 3) if read(chip, 2 * number) != "0000"] == on


@pytest.mark.parametrize("how", ["reset", "power"])
def test_an_ina3221_forgets_what_it_was_told(how: str) -> None:
    chip = three()
    chip.written(0x40, bytes.fromhex("007727"))
    chip.written(0x40, bytes.fromhex("020000"))  # which cannot be written
    assert (read(chip, 0x00), read(chip, 0x02)) == ("7727", "2ee0")
    if how == "reset":
        chip.written(0x40, bytes.fromhex("008000"))
    else:
        chip.power_cycled()
    assert read(chip, 0x00) == "7127"


@pytest.mark.parametrize(
    ("voltage", "current", "voltage_word", "current_word"),
    [
        (50.412308, 50.01221, "7e00", "3e80"),
        (110.0, 250.0, "fff0", "fff0"),
        (0.0, 0.050012, "0000", "0010"),
        (0.0, -30.0, "0000", "0000"),
    ],
)
def test_the_registers_of_an_ltc2946_are_those_of_the_document(
    voltage: float, current: float, voltage_word: str, current_word: str
) -> None:
    chip = Ltc2946(Sensed(Steady(voltage, -current), 0.0005))
    assert (read(chip, 0x1E), read(chip, 0x14)) == (voltage_word, current_word)
    assert read(chip, 0xE7, 1) == "60"


def test_an_ltc2946_forgets_what_it_was_told() -> None:
    chip = Ltc2946(Sensed(Steady(12.0, -1.0), 0.0005))
    chip.written(0x6A, b"\x00\x18")
    assert read(chip, 0x00, 1) == "18"
    chip.power_cycled()
    assert read(chip, 0x00, 1) == "00"


def converter() -> Ad7091r5:
    """Return one with the pins of the document's frame."""
    pins = (2.475, 2.213965, 1.649194, 1.650806)
    return Ad7091r5([lambda volts=volts: volts for volts in pins])  # type: ignore[misc]


def told() -> Ad7091r5:
    """Return one that was told."""
    chip = converter()
    chip.written(0x2F, bytes.fromhex("020600"))
    chip.written(0x2F, bytes.fromhex("020400010f00"))
    return chip


def test_an_ad7091r5_sends_all_its_channels_once_it_was_told() -> None:
    chip = told()
    assert chip.read(0x2F, 8, b"").hex() == "0c002abc47ff6801"
    assert chip.writes == [bytes.fromhex("020600"), bytes.fromhex("020400010f00")]


@pytest.mark.parametrize("chip", [converter(), told()], ids=["new", "after a loss of power"])
def test_an_ad7091r5_that_was_not_told_sends_one_channel(chip: Ad7091r5) -> None:
    chip.power_cycled()
    assert chip.read(0x2F, 8, b"").hex() == "0c00" * 4


def test_an_ad7091r5_goes_on_where_it_was() -> None:
    chip = told()
    chip.read(0x2F, 2, b"")
    assert chip.read(0x2F, 8, b"").hex() == "2abc47ff68010c00"


def test_an_ad7091r5_reads_what_its_pointer_names() -> None:
    chip = told()
    chip.written(0x2F, b"\x02")
    assert chip.read(0x2F, 2, b"\x02").hex() == "0000"
    chip.alert = True
    chip.written(0x2F, b"\x00")
    assert chip.read(0x2F, 2, b"\x00").hex() == "1c00"
