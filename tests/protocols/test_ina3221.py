"""INA3221: three batteries at one address. The numbers are those of wired.md 8."""

from dataclasses import replace

import pytest

from custom_components.battmon.model.reading import Reading
from custom_components.battmon.protocols.bus import BusSettings
from custom_components.battmon.protocols.ina3221 import Ina3221
from simulators.i2c import ina3221
from simulators.i2c.bus import Bus
from simulators.i2c.registers import RegisterChip
from simulators.i2c.sensed import Sensed, Steady

from .monitors import Driver

SHUNTS = (0.1, 0.01, 0.001)
TRUTH = ((12.0, -0.5), (5.2, 3.0), (24.0, -40.0))


def chip() -> ina3221.Ina3221:
    """Return one with another battery and another shunt at each channel."""
    sensed = [Sensed(Steady(*truth), shunt) for truth, shunt in zip(TRUTH, SHUNTS, strict=True)]
    return ina3221.Ina3221(sensed)


def channel(number: int) -> Ina3221:
    """Return one entry's protocol."""
    return Ina3221(BusSettings(address=0x41, shunt=SHUNTS[number - 1], channel=number))


@pytest.mark.parametrize(
    ("shunt_word", "bus_word", "shunt", "voltage", "current"),
    [
        ("01f4", "2ee0", 0.1, 12.0, 0.0248),
        ("fe0c", "1068", 0.1, 4.2, -0.0252),  # -500 >> 3 is -63
        ("1388", "1a90", 0.001, 6.8, 25.0),
    ],
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_registers_are_what_the_document_says(
    shunt_word: str, bus_word: str, shunt: float, voltage: float, current: float, number: int
) -> None:
    fixed = RegisterChip()
    for register, word in {2 * number - 1: shunt_word, 2 * number: bus_word, 0: "7727"}.items():
        fixed.registers[register] = bytes.fromhex(word)
    settings = BusSettings(address=0x40, shunt=shunt, channel=number, invert=True)
    reading = Driver(Bus({0x40: fixed}), 0x40).say(Ina3221(settings).poll())
    assert reading == Reading(voltage=voltage, current=current)


def test_three_entries_share_one_chip_and_set_it_up_once() -> None:
    bus = Bus({0x41: chip()})
    driver, channels = Driver(bus, 0x41), [channel(number) for number in (1, 2, 3)]
    for _ in range(3):
        read = [driver.say(one.poll()) for one in channels]
        assert [(one.voltage, one.current) for one in read] == [
            pytest.approx(truth, rel=2e-3) for truth in TRUTH
        ]
    assert [one.written.hex() for one in bus.log if len(one.written) > 1] == ["007727"]


@pytest.mark.parametrize("config", ["4727", "2727", "1727", "7127", "7720"])
def test_a_chip_that_measures_something_else_is_told_again(config: str) -> None:
    it = chip()
    it.registers[0] = bytes.fromhex(config)
    reading = Driver(Bus({0x41: it}), 0x41).say(channel(3).poll())
    assert (reading.voltage, reading.current) == pytest.approx(TRUTH[2], rel=2e-3)
    assert it.registers[0] == bytes.fromhex("7727")


def test_each_channel_has_its_own_calibration_and_direction() -> None:
    driver, first = Driver(Bus({0x41: chip()}), 0x41), channel(1)
    turned = Ina3221(replace(first.settings, invert=True, current_gain=2.0))
    assert driver.say(turned.poll()).current == pytest.approx(1.0, rel=2e-3)
    assert driver.say(first.poll()).current == pytest.approx(-0.5, rel=2e-3)


def test_new_values_are_waited_for_once() -> None:
    driver = Driver(Bus({0x41: chip()}), 0x41)
    began = driver.now
    driver.say(channel(1).poll())
    assert driver.now - began > 64 * 1.1e-3 * 2 * 3
    began = driver.now
    driver.say(channel(2).poll())
    assert driver.now - began < 0.002
