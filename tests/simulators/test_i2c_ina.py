"""The simulated INA2xx, against the numbers of wired.md 7 and against a battery."""

import pytest

from simulators.battery import SimulatedBattery
from simulators.i2c import ina
from simulators.i2c.sensed import Sensed, Steady
from simulators.load import Constant

ADDRESS = 0x40


def read(chip: ina.Ina, register: int, size: int = 2) -> str:
    """Read a register as a bus does."""
    chip.written(ADDRESS, bytes((register,)))
    return chip.read(ADDRESS, size, bytes((register,))).hex()


def write(chip: ina.Ina, *messages: str) -> None:
    """Write to it."""
    for message in messages:
        chip.written(ADDRESS, bytes.fromhex(message))


def under(current: float, voltage: float = 13.5, shunt: float = 0.0005) -> Sensed:
    """Return a battery that gives this much to a load."""
    return Sensed(Steady(voltage, -current), shunt)


@pytest.mark.parametrize(
    ("kind", "register", "value"),
    [
        (ina.Ina226, 0xFE, "5449"),
        (ina.Ina226, 0xFF, "2260"),
        (ina.Ina226, 0x00, "4127"),
        (ina.Ina226, 0x05, "0000"),
        (ina.Ina231, 0x00, "4127"),
        (ina.Ina231, 0xFE, "ffff"),
        (ina.Ina260, 0xFF, "2270"),
        (ina.Ina228, 0x3E, "5449"),
        (ina.Ina228, 0x3F, "2281"),
        (ina.Ina237, 0x3F, "2370"),
        (ina.Ina238, 0x3F, "2380"),
    ],
)
def test_a_chip_says_who_it_is(kind: type[ina.Ina], register: int, value: str) -> None:
    assert read(kind(under(0.0)), register) == value


@pytest.mark.parametrize(
    ("chip", "setting_up", "registers"),
    [
        (ina.Ina226(under(10.986328)), ["050e90"], {0x02: "2a30", 0x04: "0fa0"}),
        (ina.Ina226(under(-10.986328, 5.0)), ["050e90"], {0x02: "0fa0", 0x04: "f060"}),
        (ina.Ina226(under(200.0, 50.0)), ["050e90"], {0x02: "7fff", 0x04: "e8fd", 0x06: "0004"}),
        (ina.Ina226(under(80.0)), ["050e90"], {0x06: "0000"}),
        (ina.Ina238(under(95.0)), ["020465"], {0x0B: "0201"}),
        (ina.Ina228(under(-85.0)), ["020465"], {0x0B: "0001"}),
        (
            ina.Ina228(under(0.823975, 3.295898), 26.0),
            ["020465"],
            {0x05: "041eb0", 0x07: "012c00", 0x06: "0d00"},
        ),
        (
            ina.Ina228(under(-0.703125, 3.201953), -25.0),
            ["020465"],
            {0x05: "0400a0", 0x07: "ff0000", 0x06: "f380"},
        ),
        (
            ina.Ina238(under(5.493164, 13.10625), 25.0),
            ["020465"],
            {0x05: "1062", 0x07: "07d0", 0x06: "0c80"},
        ),
        (
            ina.Ina238(under(-5.493164, 12.5), -25.0),
            ["020465"],
            {0x05: "0fa0", 0x07: "f830", 0x06: "f380"},
        ),
        (ina.Ina260(under(2.0, shunt=0.002)), [], {0x02: "2a30", 0x01: "0640"}),
        (ina.Ina260(under(-2.0, 5.0, 0.002)), [], {0x02: "0fa0", 0x01: "f9c0"}),
    ],
)
def test_registers_are_those_of_the_document(
    chip: ina.Ina, setting_up: list[str], registers: dict[int, str]
) -> None:
    write(chip, *setting_up)
    for register, value in registers.items():
        size = len(value) // 2
        measured, expected = (
            int.from_bytes(bytes.fromhex(word), "big") for word in (read(chip, register, size), value)
        )
        one = 16 if size == 3 else 1
        assert abs(measured - expected) <= 2 * one, (hex(register), measured, expected)


def test_without_a_calibration_there_is_no_current() -> None:
    assert read(ina.Ina226(under(10.0)), 0x04) == "0000"


@pytest.mark.parametrize(("kind", "calibration"), [(ina.Ina226, 0x05), (ina.Ina228, 0x02)])
@pytest.mark.parametrize("how", ["reset", "power"])
def test_a_calibration_is_lost(kind: type[ina.Ina], calibration: int, how: str) -> None:
    chip = kind(under(10.0))
    fresh = read(chip, calibration)
    write(chip, f"{calibration:02x}0465")
    assert read(chip, calibration) == "0465"
    if how == "reset":
        write(chip, "008000")
    else:
        chip.power_cycled()
    assert read(chip, calibration) == fresh


def test_what_cannot_be_written_stays() -> None:
    chip = ina.Ina226(under(10.0))
    write(chip, "020000", "fe0000", "ff0000")
    assert (read(chip, 0x02), read(chip, 0xFE)) == ("2a30", "5449")


def test_the_finer_range_is_four_times_finer() -> None:
    chip = ina.Ina238(under(10.0))
    write(chip, "020465")
    coarse = int(read(chip, 0x07), 16)
    write(chip, "000010")
    assert int(read(chip, 0x07), 16) == pytest.approx(4 * coarse, abs=4)


def test_charge_is_counted_in_steps_of_the_current() -> None:
    battery = SimulatedBattery(4, 100.0, load=Constant(-10.0), spread=0.0)
    chip = ina.Ina228(Sensed(battery, 0.0005), flown=lambda: 3600 * (battery.charge_out - battery.charge_in))
    write(chip, "020465")
    battery.advance(60.0)
    assert int(read(chip, 0x0A, 5), 16) == pytest.approx(600 / (90 / 2**19), abs=1)
    battery.load = Constant(10.0)
    battery.advance(120.0)
    assert int(read(chip, 0x0A, 5), 16) == pytest.approx(2**40 - 600 / (90 / 2**19), abs=2)
    chip.power_cycled()
    assert read(chip, 0x0A, 5) == "0000000000"


@pytest.mark.parametrize(
    ("kind", "calibration", "register", "size", "step"),
    [
        (ina.Ina226, "050e90", 0x04, 2, 90 / 2**15),
        (ina.Ina228, "020465", 0x07, 3, 90 / 2**19 / 16),
        (ina.Ina237, "020465", 0x07, 2, 90 / 2**15),
        (ina.Ina238, "020465", 0x07, 2, 90 / 2**15),
    ],
)
def test_a_shunt_beside_a_simulated_battery_tells_the_truth(
    kind: type[ina.Ina], calibration: str, register: int, size: int, step: float
) -> None:
    chip = kind(Sensed(SimulatedBattery(4, 100.0, load=Constant(-30.0)), 0.0005))
    write(chip, calibration)
    assert int(read(chip, register, size), 16) * step == pytest.approx(30.0, abs=0.02)


def test_a_shunt_the_other_way_round_sees_the_other_sign() -> None:
    chip = ina.Ina260(Sensed(Steady(13.5, -2.0), 0.002, turned_round=True))
    assert read(chip, 0x01) == "f9c0"
