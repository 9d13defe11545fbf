"""AD7091R5: four channels, told apart by their numbers. The numbers are those of wired.md 10."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from custom_components.battmon.model.errors import BadFrame
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.protocols.ad7091r5 import Ad7091r5
from custom_components.battmon.protocols.bus import BusSettings
from custom_components.battmon.protocols.conversation import BusTransfer
from simulators.i2c import ad7091r5
from simulators.i2c.bus import Bus

from .monitors import Driver, play, rig

FRAME = bytes.fromhex("0c002abc47ff6801")


def battery(**settings: Any) -> Ad7091r5:
    """Return a protocol."""
    return Ad7091r5(BusSettings(address=0x2F, invert=True, **settings))


def said(protocol: Ad7091r5, *frames: str) -> tuple[Reading, list[str]]:
    """Return what it makes of these frames, and what it writes."""
    replies, writes = iter(frames), []

    def reply(transfer: BusTransfer) -> bytes:
        if transfer.read:
            return bytes.fromhex(next(replies))
        writes.append(transfer.write.hex())
        return b""

    return play(protocol.poll(), reply), writes


@pytest.mark.parametrize(
    ("settings", "voltage", "current"),
    [
        ({"channel": 1}, 2.475, None),
        ({"channel": 2}, 2.213965, None),
        ({"channel": 3}, 1.649194, None),
        ({"channel": 4}, 1.650806, None),
        ({"channel": 1, "voltage_gain": 10.1}, 24.9975, None),
        ({"current_channel": 2, "current_offset": 0.33, "current_gain": 20.0}, None, 37.679297),
        (
            {
                "channel": 1,
                "voltage_gain": 10.1,
                "current_channel": 2,
                "current_offset": 0.33,
                "current_gain": 20.0,
            },
            24.9975,
            37.679297,
        ),
    ],
)
@pytest.mark.parametrize("turn", range(4))
def test_a_frame_is_what_the_document_says_in_any_order(
    settings: dict[str, Any], voltage: float | None, current: float | None, turn: int
) -> None:
    frame = FRAME[2 * turn :] + FRAME[: 2 * turn]
    assert said(battery(**settings), frame.hex()) == (Reading(voltage=voltage, current=current), [])


def test_an_alert_does_not_spoil_the_value() -> None:
    frame = "1c00" + FRAME[2:].hex()
    assert said(battery(channel=1), frame)[0].voltage == 2.475


@pytest.mark.parametrize(
    "lost", ["0c000abc47ff6801", "0000000000000000", "ffffffffffffffff", "8c002abc47ff6801"]
)
def test_a_channel_that_comes_twice_is_a_lost_place(lost: str) -> None:
    writes = ["020600", "020400010f00"]
    answers = [lost, "0c00" * 4, FRAME.hex()]
    assert said(battery(channel=1), *answers) == (Reading(voltage=2.475), writes)


def test_what_stays_lost_is_no_reading() -> None:
    with pytest.raises(BadFrame, match="no result of every channel: 0c000c000c000c00"):
        said(battery(channel=1), *["0c00" * 4] * 3)


@pytest.mark.parametrize("frame", ["8c002abc47ff6801", "00008000ffff1234"])
def test_a_chip_that_cannot_be_one_is_not_written_to(frame: str) -> None:
    with pytest.raises(BadFrame, match=f"no AD7091R5 answers at 0x2f: it says {frame}"):
        play(battery(channel=1).identify(), lambda transfer: bytes.fromhex(frame))
    sent: list[bytes] = []

    def reply(transfer: BusTransfer) -> bytes:
        sent.append(transfer.write)
        return bytes.fromhex(frame)

    with pytest.raises(BadFrame):
        play(battery(channel=1).poll(), reply)
    assert set(sent) == {b""}


def test_one_that_was_not_told_yet_may_say_ones() -> None:
    assert play(battery(channel=1).identify(), lambda transfer: b"\xff" * 8).model == "AD7091R5"


def test_a_sensor_that_says_nothing_is_unknown_where_no_current_would_say_something() -> None:
    told = {"current_channel": 2, "current_gain": 20.0}
    frame = "0c00200047ff6801"
    assert said(battery(**told), frame)[0].current == 0.0
    assert said(battery(**told, current_offset=0.33), frame)[0].current is None


def test_batteries_share_a_voltage_channel() -> None:
    pins: Sequence[Callable[[], float]] = [lambda: 1.2, lambda: 1.0, lambda: 2.0, lambda: 0.0]
    bus = Bus({0x2F: ad7091r5.Ad7091r5(pins)})
    driver = Driver(bus, 0x2F)
    batteries = [battery(channel=1, voltage_gain=11.0, current_channel=number) for number in (2, 3)]
    read = [driver.say(one.poll()) for one in batteries]
    assert [one.voltage for one in read] == [pytest.approx(13.2, abs=0.01)] * 2
    assert [one.current for one in read] == [pytest.approx(1.0, abs=0.001), pytest.approx(2.0, abs=0.001)]
    assert [one.written.hex() for one in bus.log if one.written] == ["020600", "020400010f00"]


@pytest.mark.parametrize("place", range(4))
def test_it_does_not_matter_where_its_round_begins(place: int) -> None:
    it = rig("ad7091r5")
    it.meet()
    assert isinstance(it.chip, ad7091r5.Ad7091r5)
    it.chip.next = place
    assert it.poll().voltage == pytest.approx(13.2, abs=0.01)


def test_the_only_read_of_it_names_no_register() -> None:
    it = rig("ad7091r5")
    for _ in range(3):
        it.poll()
    assert {one.written for one in it.bus.log if one.read} == {b""}
