"""Every smart battery, whatever is on the bus: a reading or an error of ours, no value that nobody said."""

from dataclasses import fields
from math import isfinite
from random import Random
from typing import override

import pytest

from custom_components.battmon.model.errors import BadFrame, BattMonError, LinkDown, NoReply
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols.conversation import BusTransfer, Conversation
from simulators.i2c.bus import KINDS as REFUSED
from simulators.i2c.bus import Bus
from simulators.i2c.chip import crc8

from .bus_driver import Direct
from .gauges import KINDS, Rig, rig
from .test_sbs_faults import HARMLESS_WRITES, WITHOUT_CHECK, bad_values

REPLIES, MANY_REPLIES, MOST_REPLIES = 4_000, 200_000, 10_000_000
HASH = str(0xBEEF)
"""Of a Batmon's unique number: what it is known by if that was not there three times, as in old firmware."""
CHECKED = [kind for kind in KINDS if kind not in WITHOUT_CHECK]


class Noise(Direct):
    """A bus on which much is not what the device said, and nothing of that has a right check byte."""

    def __init__(self, bus: Bus, random: Random, share: float) -> None:
        super().__init__(bus)
        self.random = random
        self.share = share
        """Of the replies, that are spoiled."""
        self.replies = 0

    @override
    def _raw(self, address: int, transfer: BusTransfer) -> bytes:
        reply = super()._raw(address, transfer)
        self.replies += bool(reply)
        if not reply or self.random.random() > self.share:
            return reply
        kind = self.random.randrange(5)
        if kind == 0:
            number = self.random.choice(tuple(REFUSED.values()))
            raise OSError(number, "noise")
        spoiled = bytearray(self._spoiled(kind, reply))
        head = bytes((address << 1,)) + transfer.write + bytes((address << 1 | 1,))
        for end in {len(spoiled), min(spoiled[0] + 2, len(spoiled))}:
            if spoiled != reply and crc8(head + spoiled[: end - 1]) == spoiled[end - 1]:
                spoiled[end - 1] ^= 1
        return bytes(spoiled)

    def _spoiled(self, kind: int, reply: bytes) -> bytes:
        if kind == 1:
            return self.random.choice((b"\0", b"\xff")) * len(reply)
        if kind == 2:
            bit = 1 << self.random.randrange(8 * len(reply))
            return (int.from_bytes(reply) ^ bit).to_bytes(len(reply))
        if kind == 3:  # a byte is lost
            return (reply[:1] + reply[2:]).ljust(len(reply), b"\xff")
        return self.random.randbytes(len(reply))


def noisy(kind: str, random: Random, share: float) -> tuple[Rig, Noise]:
    settings = {"pec": True} if KINDS[kind][0] in {"sbs", "bq40"} and kind in CHECKED else {}
    pack = rig(kind, settings=settings)
    pack.stand_still()
    noise = Noise(pack.bus, random, share)
    pack.driver._device = noise
    return pack, noise


def truth_of(kind: str) -> dict[type, Reading | Identity]:
    pack = rig(kind)
    pack.stand_still()
    return {Identity: pack.meet(), Reading: pack.poll()}


def fuzz(kind: str, replies: int) -> int:
    """Talk until there were so many replies, and return how many readings were taken."""
    random = Random(f"{kind} {replies}")
    truth = truth_of(kind)
    heard = readings = 0
    while heard < replies:
        pack, noise = noisy(kind, random, random.choice((0.005, 0.05, 0.3, 1.0)))
        for _ in range(20):
            asked: Conversation[Identity] | Conversation[Reading] = pack.protocol.poll()
            if random.random() < 0.3:
                asked = pack.protocol.identify()
            said = pack.driver.attempt(asked)
            if isinstance(said, BattMonError):
                assert isinstance(said, NoReply | BadFrame | LinkDown)
                continue
            readings += 1
            assert isinstance(said, Reading | Identity)
            if kind in CHECKED and getattr(said, "serial_number", None) != HASH:
                truly = truth[Reading if isinstance(said, Reading) else Identity]
                assert bad_values(truly, said) == []
            assert_possible(said)
        assert pack.written <= HARMLESS_WRITES
        heard += noise.replies
    return readings


def assert_possible(said: object) -> None:
    """Whatever is read is a number that a battery can have."""
    if not isinstance(said, Reading):
        return
    for field in fields(said):
        value = getattr(said, field.name)
        assert not isinstance(value, float) or isfinite(value), field.name
    assert said.state_of_charge is None or 0 <= said.state_of_charge <= 100
    assert all(cell is None or 0 <= cell <= 6 for cell in said.cell_voltages or ())
    assert all(one.value is None or -40 <= one.value <= 120 for one in said.temperatures or ())


@pytest.mark.parametrize("kind", KINDS)
def test_no_noise_is_shown(kind: str) -> None:
    assert fuzz(kind, REPLIES) > 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_noise_is_shown_however_long(kind: str, request: pytest.FixtureRequest) -> None:
    replies = MOST_REPLIES if request.config.getoption("--long") else MANY_REPLIES
    assert fuzz(kind, replies) > replies / 500


@pytest.mark.parametrize("kind", CHECKED)
def test_the_noise_would_be_shown_without_check_bytes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So these tests can fail."""
    monkeypatch.setattr("custom_components.battmon.transports.i2c_device.crc8_smbus", any_check)
    monkeypatch.setattr("custom_components.battmon.protocols.sbs_reader.crc8_smbus", any_check)
    with pytest.raises(AssertionError):
        fuzz(kind, REPLIES)


def any_check(data: bytes) -> AnyCheck:
    return AnyCheck(0)


class AnyCheck(int):
    """A check byte that is always right."""

    @override
    def __eq__(self, other: object) -> bool:
        return True

    @override
    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


def test_a_bus_without_noise_is_as_good_as_any() -> None:
    pack, _noise = noisy("sbs", Random(1), 0.0)
    assert pack.poll() == truth_of("sbs")[Reading]
