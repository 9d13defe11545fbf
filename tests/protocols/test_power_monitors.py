"""What every power monitor must do, whatever its registers are."""

from dataclasses import replace
from math import copysign, inf, nan

import pytest

from custom_components.battmon.model.errors import BadFrame, BattMonError, LinkDown, NoReply
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols.conversation import BusTransfer
from custom_components.battmon.protocols.power_monitor import ask
from simulators.i2c.bus import KINDS
from simulators.i2c.registers import RegisterChip

from .monitors import BUILDS, MONITORS, Driver, Rig, play, protocol, rig

every_monitor = pytest.mark.parametrize("kind", MONITORS)
every_known = pytest.mark.parametrize("kind", [kind for kind in MONITORS if kind != "ad7091r5"])
VOLTAGE_STEP = {"ina226": 1.25e-3, "ina228": 0.2e-3, "ina237": 3.125e-3, "ina238": 3.125e-3}
VOLTAGE_STEP |= {"ina231": 1.25e-3, "ina260": 1.25e-3, "ina3221": 8e-3, "ltc2946": 25.1e-3, "ad7091r5": 9e-3}
CURRENT_STEP = {"ina226": 0.01, "ina228": 1e-3, "ina237": 0.015, "ina238": 0.015, "ina231": 0.01}
CURRENT_STEP |= {"ina260": 1.25e-3, "ina3221": 0.09, "ltc2946": 0.051, "ad7091r5": 0.02}
"""A, with 0.5 mOhm: what the converter tells apart, and what cutting the calibration costs."""
WRITES = {
    "ina226": ["008000", "00056f", "050e90"],
    "ina228": ["008000", "000000", "020465"],
    "ina237": ["008000", "000000", "020465"],
    "ina238": ["008000", "000000", "020465"],
    "ina231": ["050e90"],
    "ina260": ["008000", "0001ff"],
    "ina3221": ["007727"],
    "ltc2946": ["0018", "0101"],
    "ad7091r5": ["020600", "020400010f00"],
}
"""All that wired.md 7 to 10 has of writes."""
ATTEMPTS = 3
"""Of each transfer."""
MAKERS = {"ltc2946": "Analog Devices", "ad7091r5": "Analog Devices"}


def is_right(kind: str, reading: Reading) -> bool:
    """Whether it says 13.2 V and -10 A, or says that it does not know."""
    return (
        (reading.voltage is None or abs(reading.voltage - 13.2) <= VOLTAGE_STEP[kind])
        and (reading.current is None or abs(reading.current + 10) <= CURRENT_STEP[kind])
        and all(abs((value or 25.0) - 25.0) < 0.01 for value, _ in reading.temperatures or ())
    )


@every_monitor
def test_a_load_is_a_negative_current(kind: str) -> None:
    reading = rig(kind).poll()
    assert reading.voltage == pytest.approx(13.2, abs=VOLTAGE_STEP[kind])
    assert reading.current == pytest.approx(-10.0, abs=CURRENT_STEP[kind])


@pytest.mark.parametrize("kind", [kind for kind in MONITORS if kind not in ("ltc2946", "ad7091r5")])
def test_a_charge_current_is_positive(kind: str) -> None:
    assert rig(kind, current=8.0).poll().current == pytest.approx(8.0, abs=CURRENT_STEP[kind])


@every_monitor
def test_a_shunt_the_other_way_round_is_inverted(kind: str) -> None:
    assert rig(kind).told(invert=True).poll().current == pytest.approx(10.0, abs=CURRENT_STEP[kind])


@every_monitor
@pytest.mark.parametrize("invert", [False, True])
def test_no_current_is_zero_and_never_minus_zero(kind: str, invert: bool) -> None:
    current = rig(kind, current=0.0).told(invert=invert).poll().current
    assert current == pytest.approx(0.0, abs=CURRENT_STEP[kind])
    assert current is not None
    assert copysign(1.0, current if current == 0 else 1.0) == 1.0


@every_known
def test_calibration_is_offset_then_gain(kind: str) -> None:
    told = {"voltage_gain": 1.02, "voltage_offset": 0.1, "current_gain": 1.5, "current_offset": -0.4}
    plain, calibrated = rig(kind).poll(), rig(kind).told(**told).poll()
    assert plain.voltage is not None
    assert plain.current is not None
    assert calibrated.voltage == pytest.approx((plain.voltage - 0.1) * 1.02, abs=2e-6)
    # The offset is the chip's: it counts a load as positive.
    assert calibrated.current == pytest.approx(-(-plain.current + 0.4) * 1.5, abs=2e-6)


@every_monitor
def test_it_says_who_it_is(kind: str) -> None:
    it = rig(kind)
    assert it.driver.say(it.protocol.identify()) == Identity(
        manufacturer=MAKERS.get(kind, "Texas Instruments"), model=kind.upper()
    )


@every_monitor
def test_identifying_it_writes_nothing(kind: str) -> None:
    it = rig(kind)
    it.driver.say(it.protocol.identify())
    assert it.bus.log
    assert it.writes == []


@every_monitor
def test_it_is_set_up_once_by_the_documented_writes(kind: str) -> None:
    it = rig(kind)
    for _ in range(3):
        it.poll()
    assert it.writes == WRITES[kind]


# Loss of power.


@every_monitor
def test_a_loss_of_power_is_cured_in_the_same_poll(kind: str) -> None:
    it = rig(kind)
    good = it.poll()
    it.chip.power_cycled()
    assert it.poll() == good
    assert it.writes == WRITES[kind] * 2


@every_monitor
def test_a_loss_of_power_in_the_middle_of_a_sample_spoils_nothing(kind: str) -> None:
    for at in range(len(measured(kind))):
        it = rig(kind)
        it.meet()
        it.driver.before[len(it.driver.transfers) + at] = it.chip.power_cycled
        reading = it.poll()
        assert is_right(kind, reading), at
        assert reading.current is not None, at


def measured(kind: str) -> list[BusTransfer]:
    """Return the transfers of a poll of a monitor that is set up."""
    it = rig(kind)
    it.meet()
    it.driver.transfers.clear()
    it.poll()
    return it.driver.transfers


class Forgetful(RegisterChip):
    """Takes no writes."""

    def store(self, register: int, value: bytes) -> None:  # type: ignore[explicit-override]
        """Forget it."""


@every_known
def test_a_chip_that_keeps_nothing_is_no_battery(kind: str) -> None:
    it = rig(kind)
    forgetful = Forgetful()
    assert isinstance(it.chip, RegisterChip)
    forgetful.registers = it.chip.registers
    it.bus.chips[it.settings.address] = forgetful
    with pytest.raises(BadFrame, match="does not keep its settings"):
        it.poll()


# Another chip, or none.


@every_known
@pytest.mark.parametrize("other", MONITORS)
def test_another_chip_is_neither_shown_nor_written_to(kind: str, other: str) -> None:
    if other == kind or {kind, other} == {"ina231", "ina226"}:
        return  # an INA226 that was reset looks like an INA231 in all that this has
    it = rig(kind)
    it.meet()
    it.bus.log.clear()
    it.bus.chips[it.settings.address] = rig(other).chip
    for conversation in (it.protocol.identify(), it.protocol.poll()):
        assert isinstance(it.driver.attempt(conversation), BadFrame)
    assert it.writes == []


def test_an_ina226_is_no_ina231_once_it_was_set_up() -> None:
    it, other = rig("ina231"), rig("ina226")
    other.meet()
    it.bus.chips[it.settings.address] = other.chip
    assert isinstance(it.driver.attempt(it.protocol.identify()), BadFrame)


@every_monitor
def test_where_nothing_is_nobody_answers(kind: str) -> None:
    it = rig(kind)
    it.bus.chips.clear()
    for conversation in (it.protocol.identify(), it.protocol.poll()):
        assert isinstance(it.driver.attempt(conversation), NoReply)


def test_a_chip_that_is_gone_says_which_register_was_wrong() -> None:
    it = rig("ina226")
    it.bus.chips[0x40] = rig("ina228").chip
    with pytest.raises(BadFrame, match="no INA226 answers at 0x40, register 0xfe: it says ffff"):
        it.driver.say(it.protocol.identify())


# What a bus does to a transfer.


def faulty(kind: str, fault: str, at: int, times: int | None) -> Rig:
    """Return a monitor that is set up, with a fault at one of the transfers of its next poll."""
    it = rig(kind)
    it.meet()
    it.bus.inject(fault, skip=at, count=times)
    return it


@every_monitor
@pytest.mark.parametrize("fault", KINDS)
def test_an_error_of_the_bus_at_any_transfer_is_an_error_or_a_right_value(kind: str, fault: str) -> None:
    expected = LinkDown if fault in ("busy", "gone") else NoReply
    for at in range(len(measured(kind))):
        it = faulty(kind, fault, at, ATTEMPTS)
        end = it.driver.attempt(it.protocol.poll())
        assert isinstance(end, expected) or (isinstance(end, Reading) and is_right(kind, end)), at
        it.bus.clear()
        assert is_right(kind, it.poll())  # and it is read again afterwards


@every_monitor
@pytest.mark.parametrize("fault", ["no_acknowledge", "timeout", "lost_arbitration", "failed"])
def test_a_single_error_of_the_bus_costs_nothing(kind: str, fault: str) -> None:
    for at in range(len(measured(kind))):
        reading = faulty(kind, fault, at, 1).poll()
        assert is_right(kind, reading), at
        assert None not in (reading.voltage, reading.current), at


@every_monitor
@pytest.mark.parametrize("fault", KINDS)
def test_an_error_of_the_bus_while_it_is_set_up_is_an_error(kind: str, fault: str) -> None:
    whole = rig(kind)
    whole.poll()
    for at in range(len(whole.driver.transfers)):
        it = rig(kind)
        it.bus.inject(fault, skip=at, count=ATTEMPTS)
        end = it.driver.attempt(it.protocol.poll())
        assert isinstance(end, BattMonError) or (isinstance(end, Reading) and is_right(kind, end)), at
        it.bus.clear()
        assert is_right(kind, it.poll()), at


@every_monitor
@pytest.mark.parametrize("fault", ["all_ones", "all_zeros"])
def test_a_disturbed_transfer_is_never_shown(kind: str, fault: str) -> None:
    for at in range(len(measured(kind))):
        end = (it := faulty(kind, fault, at, 1)).driver.attempt(it.protocol.poll())
        assert isinstance(end, BadFrame) or (isinstance(end, Reading) and is_right(kind, end)), at


@every_monitor
@pytest.mark.parametrize("fault", ["all_ones", "all_zeros"])
def test_a_bus_that_says_nothing_else_is_no_battery(kind: str, fault: str) -> None:
    it = faulty(kind, fault, 0, None)
    it.bus.log.clear()
    assert isinstance(it.driver.attempt(it.protocol.poll()), BadFrame)
    if kind != "ad7091r5":  # which has nothing to be known by
        assert it.writes == []


@every_monitor
def test_a_reply_of_another_length_is_a_bad_frame(kind: str) -> None:
    for size in (0, 1, 4, 9):
        with pytest.raises(BadFrame):
            play(rig(kind).protocol.poll(), lambda transfer, size=size: bytes(range(1, 1 + size)))  # type: ignore[misc]


def test_what_is_said_twice_counts() -> None:
    conversation = ask(BusTransfer(write=b"\4", read=2))
    next(conversation)
    conversation.send(b"\0\0")
    with pytest.raises(StopIteration) as stop:
        conversation.send(b"\0\0")
    assert stop.value.value == b"\0\0"


# Beyond what a chip can measure.

BEYOND = {
    "ina226": (45.0, -200.0),
    "ina228": (150.0, -400.0),
    "ina237": (150.0, -400.0),
    "ina238": (150.0, -400.0),
    "ina231": (45.0, -200.0),
    "ina260": (45.0, -50.0),
    "ina3221": (40.0, -400.0),
    "ltc2946": (120.0, -300.0),
    "ad7091r5": (40.0, -80.0),
}


@every_monitor
def test_the_end_of_a_scale_is_unknown(kind: str) -> None:
    voltage, current = BEYOND[kind]
    reading = rig(kind, voltage, current).poll()
    assert (reading.voltage, reading.current) == (None, None)


@pytest.mark.parametrize("kind", [kind for kind in MONITORS if kind not in ("ltc2946", "ad7091r5")])
def test_the_other_end_is_unknown_too(kind: str) -> None:
    assert rig(kind, current=-BEYOND[kind][1]).poll().current is None


def test_a_bus_voltage_below_zero_is_unknown() -> None:
    assert rig("ina238", voltage=-0.5).poll().voltage is None


@pytest.mark.parametrize("kind", ["ina228", "ina237", "ina238"])
def test_the_chip_is_as_warm_as_its_board(kind: str) -> None:
    it = rig(kind)
    it.chip.temperature = -25.0  # type: ignore[attr-defined]
    assert it.poll().temperatures == ((-25.0, "board"),)
    it.chip.temperature = 999.0  # type: ignore[attr-defined]
    assert it.poll().temperatures == ((None, "board"),)


@every_monitor
def test_it_says_nothing_of_what_it_does_not_measure(kind: str) -> None:
    reading = replace(rig(kind).poll(), voltage=None, current=None, temperatures=None)
    assert reading == Reading()


# What does not fit is refused, with the reason.


@pytest.mark.parametrize(
    ("kind", "settings", "reason"),
    [
        ("ina226", {"shunt": 0.01, "max_current": 10.0}, "100 mV .* INA226 measures 81.92 mV at most"),
        ("ina226", {"shunt": 0.1, "max_current": 3.2}, "320 mV .* 81.92 mV"),
        ("ina226", {"shunt": 0.0001, "max_current": 1.0}, "calibration would be 1677721, and 32767 is"),
        ("ina231", {"shunt": 0.01, "max_current": 10.0}, "100 mV .* 81.92 mV"),
        ("ina228", {"shunt": 0.01, "max_current": 20.0}, "200 mV .* 163.84 mV"),
        ("ina228", {"shunt": 0.0001, "max_current": 10.0}, "1 mV .* needs 1.6384 mV at least"),
        ("ina237", {"shunt": 0.001, "max_current": 41.0, "fine_range": True}, "41 mV .* 40.96 mV"),
        ("ina260", {"max_current": 20.0}, "made for 15 A"),
        ("ina260", {"max_current": 0.0}, "max current must be more than 0"),
        ("ina3221", {"max_current": 400.0}, "200 mV .* 163.8 mV"),
        ("ina3221", {"channel": 4}, "channels 1 to 3, not 4"),
        ("ina3221", {"channel": None}, "channel is missing"),
        ("ltc2946", {"max_current": 300.0}, "150 mV .* 102.4 mV"),
        ("ltc2946", {"shunt": None}, "shunt is missing"),
        ("ina226", {"max_current": None}, "max current is missing"),
        ("ad7091r5", {"channel": 5}, "channels 1 to 4, not 5"),
        ("ad7091r5", {"current_channel": 0}, "channels 1 to 4, not 0"),
        ("ad7091r5", {"current_channel": 1}, "cannot be on the same channel"),
        ("ad7091r5", {"channel": None, "current_channel": None}, "neither the channel"),
        *[("ina226", {"shunt": shunt}, "shunt must be") for shunt in (0.0, -0.001, nan, inf)],
        *[("ina226", {"max_current": most}, "max current must be") for most in (0.0, -1.0, nan, inf)],
        *[("ina226", {"voltage_gain": gain}, "voltage gain must be") for gain in (0.0, -1.0, nan, inf)],
        ("ltc2946", {"current_gain": 0.0}, "current gain must be"),
        ("ltc2946", {"current_offset": nan}, "current offset must be a number"),
        ("ina260", {"voltage_offset": inf}, "voltage offset must be a number"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_the_reason(
    kind: str, settings: dict[str, float | None], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        rig(kind).told(**settings)


@pytest.mark.parametrize(
    ("kind", "shunt", "most"),
    [
        ("ina226", 0.001, 81.92),
        ("ina228", 0.001, 163.84),
        ("ina238", 0.0001, 1638.4),
        ("ltc2946", 0.001, 102.4),
    ],
)
def test_the_whole_of_a_scale_can_be_used(kind: str, shunt: float, most: float) -> None:
    assert rig(kind).told(shunt=shunt, max_current=most).protocol


@every_monitor
def test_it_asks_for_what_it_needs_and_is_sampled_at_10_hz(kind: str) -> None:
    it = protocol(kind, rig(kind).settings)
    assert it.default_interval == 0.1
    assert it.needs <= BUILDS[kind][1].keys()
    assert not it.needs & it.takes
    assert {"invert", "voltage_gain", "current_gain"} <= it.takes
    assert it.settings.address in it.addresses
    assert it.current_is_unsigned is (kind == "ltc2946")


def test_two_kinds_on_one_bus_do_not_disturb_each_other() -> None:
    first, second = rig("ina226"), rig("ltc2946")
    first.bus.chips[0x6A] = second.chip
    second.driver = Driver(first.bus, 0x6A)
    assert is_right("ina226", first.poll())
    assert is_right("ltc2946", second.poll())
    assert is_right("ina226", first.poll())
    assert first.writes == WRITES["ina226"] + WRITES["ltc2946"]
