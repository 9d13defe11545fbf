"""Every power monitor, whatever is on the bus: a reading or an error of ours, and known writes only."""

from contextlib import suppress
from dataclasses import fields
from math import isfinite
from random import Random
from typing import override

import pytest

from custom_components.battmon.model.errors import BadFrame, BattMonError, LinkDown, NoReply
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols.conversation import BusTransfer
from simulators.i2c.bus import Bus

from .monitors import MONITORS, Driver, play, rig
from .test_power_monitors import WRITES

REPLIES, MANY_REPLIES, MOST_REPLIES = 4_000, 200_000, 10_000_000
LARGEST = 1000.0
"""V or A: no chip here has a scale that goes further, as it is calibrated."""
ERRORS = (NoReply("fuzz"), BadFrame("fuzz"), LinkDown("fuzz"))


class Noisy(Driver):
    """A wire on which much is not what the chip said."""

    def __init__(self, bus: Bus, address: int, random: Random) -> None:
        super().__init__(bus, address)
        self.random = random
        self.replies = 0

    @override
    def _transfer(self, transfer: BusTransfer) -> bytes:
        reply = super()._transfer(transfer)
        self.replies += 1
        what = self.random.random()
        if what < 0.5:
            return reply
        if what < 0.6:
            raise self.random.choice(ERRORS)
        if what < 0.7:
            return self.random.choice((b"\0", b"\xff")) * len(reply)
        if what < 0.8 and reply:
            spoiled = bytearray(reply)
            spoiled[self.random.randrange(len(reply))] ^= 1 << self.random.randrange(8)
            return bytes(spoiled)
        return self.random.randbytes(len(reply))


def fuzz(kind: str, replies: int) -> None:
    """Talk to a monitor until there were so many replies."""
    random = Random(f"{kind} {replies}")
    it = rig(kind)
    driver = Noisy(it.bus, it.settings.address, random)
    while driver.replies < replies:
        driver.now += random.choice((0.0, 0.1, 30.0, 1e4))
        if random.random() < 0.05:
            it.chip.power_cycled()
        if random.random() < 0.2:
            assert isinstance(driver.attempt(it.protocol.identify()), Identity | BattMonError)
        end = driver.attempt(it.protocol.poll())
        assert isinstance(end, BattMonError) or is_sound(end)
        assert set(it.writes) <= set(WRITES[kind])
        it.bus.log.clear()
        driver.transfers.clear()


def is_sound(reading: object) -> bool:
    """Whether a reading has numbers that the chip can say, and nothing that it cannot."""
    assert isinstance(reading, Reading)
    known = {field.name for field in fields(Reading) if getattr(reading, field.name) is not None}
    numbers = [value for value in (reading.voltage, reading.current) if value is not None]
    numbers += [value for value, _ in reading.temperatures or () if value is not None]
    return known <= {"voltage", "current", "temperatures"} and all(
        isfinite(number) and abs(number) <= LARGEST for number in numbers
    )


@pytest.mark.parametrize("kind", MONITORS)
def test_whatever_a_bus_says_ends_in_a_reading_or_an_error_of_ours(kind: str) -> None:
    fuzz(kind, REPLIES)


@pytest.mark.slow
@pytest.mark.parametrize("kind", MONITORS)
def test_whatever_a_bus_says_for_long(kind: str, request: pytest.FixtureRequest) -> None:
    fuzz(kind, MOST_REPLIES if request.config.getoption("--long") else MANY_REPLIES)


@pytest.mark.parametrize("kind", [kind for kind in MONITORS if kind != "ad7091r5"])
def test_noise_alone_is_never_written_to(kind: str) -> None:
    """Who does not say its name is told nothing. That of an LTC2946 is said by one noise in 65,536."""
    random, it = Random(kind), rig(kind)
    sent: list[bytes] = []

    def noise(transfer: BusTransfer) -> bytes:
        sent.append(transfer.write)
        return random.randbytes(transfer.read)

    for _ in range(300):
        with suppress(BadFrame):
            play(it.protocol.poll(), noise)
    assert sent
    assert all(len(write) == 1 for write in sent)
