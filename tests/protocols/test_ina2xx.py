"""INA2xx: the numbers of wired.md 7, the finer range, and the charge that an INA228 counts."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from custom_components.battmon.protocols.bus import BusSettings
from custom_components.battmon.protocols.ina2xx_charge import ChargeMeter
from custom_components.battmon.protocols.power_monitor import Quantity
from simulators.i2c.ina import Ina228, Ina238
from simulators.i2c.sensed import Sensed, Steady

from .monitors import Rig, play, rig


def written(kind: str, max_current: float, shunt: float) -> str:
    """Return the last write of a set-up."""
    it = rig(kind).told(shunt=shunt, max_current=max_current)
    it.poll()
    return it.writes[-1]


@pytest.mark.parametrize(
    ("kind", "max_current", "shunt", "said"),
    [
        ("ina226", 90.0, 0.0005, "050e90"),
        ("ina226", 200.0, 0.000375, "0508bc"),
        ("ina231", 90.0, 0.0005, "050e90"),
        ("ina228", 90.0, 0.0005, "020465"),
        ("ina228", 10.0, 0.015, "020ea6"),
        ("ina228", 300.0, 0.0001, "0202ee"),
        ("ina228", 60.0, 0.00007, "020069"),  # 105, of which floats make 104.99999999999999
        ("ina238", 90.0, 0.0005, "020465"),
        ("ina237", 90.0, 0.0005, "020465"),
    ],
)
def test_the_calibration_is_that_of_the_document(
    kind: str, max_current: float, shunt: float, said: str
) -> None:
    assert written(kind, max_current, shunt) == said


@pytest.mark.parametrize(
    ("kind", "which", "reply", "value"),
    [
        ("ina226", "voltage", "2a30", 13.5),
        ("ina226", "current", "0fa0", 10.986328),
        ("ina226", "voltage", "0fa0", 5.0),
        ("ina226", "current", "f060", -10.986328),
        ("ina228", "voltage", "041eb0", 3.295898),
        ("ina228", "current", "012c00", 0.823975),
        ("ina228", "temperature", "0d00", 26.0),
        ("ina228", "voltage", "0400a0", 3.201953),
        ("ina228", "current", "ff0000", -0.703125),
        ("ina228", "temperature", "f380", -25.0),
        ("ina238", "voltage", "1062", 13.10625),
        ("ina238", "current", "07d0", 5.493164),
        ("ina238", "temperature", "0c80", 25.0),
        ("ina238", "current", "f830", -5.493164),
        ("ina238", "temperature", "f380", -25.0),
        ("ina260", "current", "0640", 2.0),
        ("ina260", "current", "f9c0", -2.0),
        ("ina226", "voltage", "7fff", None),  # 40.95875 V: beyond the range
        ("ina226", "current", "8000", None),  # -90 A, or less
    ],
)
def test_a_register_is_what_the_document_says(kind: str, which: str, reply: str, value: float | None) -> None:
    quantity: Quantity = getattr(rig(kind).protocol, which)
    assert quantity.value(bytes.fromhex(reply)) == (None if value is None else pytest.approx(value, abs=5e-7))


@pytest.mark.parametrize("kind", ["ina228", "ina237", "ina238"])
def test_the_finer_range_is_told_and_measured(kind: str) -> None:
    it = rig(kind, current=-10.0).told(max_current=80.0, fine_range=True)
    assert it.poll().current == pytest.approx(-10.0, abs=0.005)
    assert it.writes[1] == "000010"
    it.chip.power_cycled()
    assert it.poll().current == pytest.approx(-10.0, abs=0.005)


def test_a_loss_of_power_is_seen_though_the_calibration_is_that_of_power_on() -> None:
    """40.96 mV at most make 0x1000, which is what it has without being told."""
    it = rig("ina238", current=-10.0).told(max_current=81.92, fine_range=True)
    it.poll()
    assert it.writes[-1] == "021000"
    it.chip.power_cycled()
    assert it.poll().current == pytest.approx(-10.0, abs=0.005)


def test_a_shunt_calibration_of_zero_is_noticed_too() -> None:
    it = rig("ina238")
    it.meet()
    assert isinstance(it.chip, Ina238)
    it.chip.registers[0x02] = b"\0\0"
    assert it.poll().current == pytest.approx(-10.0, abs=0.015)


@pytest.mark.parametrize("kind", ["ina226", "ina228", "ina237", "ina238", "ina231"])
@pytest.mark.parametrize("current", [-100.0, -140.0, 100.0])
def test_a_current_that_its_register_cannot_hold_is_unknown(kind: str, current: float) -> None:
    """The register holds a number, often of the other sign: -140 A may read as 40 A."""
    assert rig(kind, current=current).poll().current is None


@pytest.mark.parametrize("fault", ["no_acknowledge", "all_ones"])
@pytest.mark.parametrize(("kind", "register"), [("ina226", 0x06), ("ina238", 0x0B)])
def test_a_chip_that_does_not_tell_of_it_is_believed(kind: str, register: int, fault: str) -> None:
    it = rig(kind)
    it.bus.inject(fault, register=register, count=None)
    assert it.poll().current == pytest.approx(-10.0, abs=0.015)


# The charge that an INA228 counts.

STEP = 90 / 2**19


@dataclass
class Pulsing:
    """A load that is on for half of every period, and an INA228 that counts what it takes."""

    period: float = 0.02
    amperes: float = -20.0
    counts: bool = True

    def __post_init__(self) -> None:
        battery = Steady(13.2, 0.0)
        sensed = Sensed(battery, 0.0005)
        settings = BusSettings(address=0x41, shunt=0.0005, max_current=90.0)
        self.taken = 0.0
        flown: Callable[[], float] | None = (lambda: self.taken) if self.counts else None
        self.rig = Rig("ina228", battery, sensed, Ina228(sensed, flown=flown), settings)
        self.pass_by(0.0)

    def pass_by(self, seconds: float) -> None:
        """Let this much time pass."""
        for _ in range(round(seconds / 1e-3)):
            self.rig.driver.now += 1e-3
            on = self.rig.driver.now % self.period < self.period / 2
            self.rig.battery.current = self.amperes if on else 0.0
            self.taken -= self.rig.battery.current * 1e-3


def sampled(load: Pulsing, times: int, seconds: float = 0.097) -> list[float]:
    """Poll so often; what comes without a second reading of the counter is left out."""
    load.rig.poll()
    currents = []
    for _ in range(times):
        load.pass_by(seconds)
        current = load.rig.poll().current
        assert current is not None
        currents.append(current)
    return currents


def test_a_pulsing_load_is_seen_whole_between_two_polls() -> None:
    """A single conversion sees it on or off. Nothing flows here while the bus is busy: 6 % of the time."""
    assert sampled(Pulsing(), 20) == [pytest.approx(-9.4, abs=1.0)] * 20


def test_the_means_add_up_to_what_was_taken() -> None:
    load = Pulsing()
    load.rig.poll()
    began, counted, taken = load.rig.driver.now, sampled(load, 50), load.taken
    assert -sum(counted) * (load.rig.driver.now - began) / 50 == pytest.approx(taken, rel=0.02)


def test_a_chip_that_does_not_count_shows_what_it_measures() -> None:
    shown = sampled(Pulsing(counts=False), 20)
    assert {round(current, 2) for current in shown} == {0.0, -20.0}


def test_a_steady_current_without_a_count_is_not_taken_for_none() -> None:
    load = Pulsing(period=1e9, counts=False)
    assert sampled(load, 3) == [pytest.approx(-20.0, abs=0.001)] * 3


def test_charging_is_counted_too() -> None:
    assert sampled(Pulsing(amperes=30.0), 5) == [pytest.approx(15.0, abs=2.0)] * 5


def test_what_was_counted_before_a_loss_of_power_is_not_taken_off() -> None:
    load = Pulsing(period=1e9)
    sampled(load, 3)
    load.rig.chip.power_cycled()
    load.pass_by(0.1)
    assert load.rig.poll().current == pytest.approx(-20.0, abs=0.001)


def test_after_a_long_silence_the_present_current_is_shown() -> None:
    load = Pulsing(period=1e9)
    sampled(load, 1)
    load.rig.driver.now += 61.0  # nothing of what flowed meanwhile is known
    assert load.rig.poll().current == pytest.approx(-20.0, abs=0.001)


def test_two_polls_at_once_show_the_mean_since_the_one_before() -> None:
    """A form reads twice; and who looks whether it is still the same chip reads again at once."""
    load = Pulsing()
    mean = sampled(load, 1)[0]
    assert load.rig.poll().current == pytest.approx(mean, abs=1.5)


def test_beyond_the_scale_nothing_is_known_of_the_mean() -> None:
    load = Pulsing(period=1e9, amperes=-120.0)
    load.rig.poll()
    load.pass_by(0.1)
    assert load.rig.poll().current is None


def test_what_was_counted_beyond_the_scale_is_not_taken_for_a_mean() -> None:
    load = Pulsing(period=1e9, amperes=-120.0)
    sampled_beyond = [load.rig.poll().current]
    load.pass_by(0.1)
    sampled_beyond.append(load.rig.poll().current)
    load.amperes = -20.0
    load.pass_by(0.1)
    sampled_beyond.append(load.rig.poll().current)
    assert sampled_beyond[1:] == [None, pytest.approx(-20.0, abs=0.001)]


def test_a_count_that_cannot_be_read_costs_nothing_else() -> None:
    load = Pulsing(period=1e9)
    load.rig.poll()
    load.pass_by(0.1)
    load.rig.bus.inject("no_acknowledge", register=0x0A)
    assert load.rig.poll().current == pytest.approx(-20.0, abs=0.001)


def mean_of(*seen: tuple[float, int], held_up: float = 0.001) -> float | None:
    """Return the mean that a counter gives at last which is read at these times, with these counts."""
    meter, mean = ChargeMeter(STEP), None
    for at, count in seen:
        charge = (count % 2**40).to_bytes(5, "big")
        times = iter((at, at + held_up))
        mean = play(meter.read(), lambda _, charge=charge: charge, times)  # type: ignore[misc]
    return mean


A_SECOND = round(1 / STEP)
"""Counts of 1 A."""


def test_a_mean_is_charge_over_time() -> None:
    assert mean_of((0.0, 5), (10.0, 5 + 10 * A_SECOND)) == pytest.approx(1.0, abs=1e-4)


def test_a_count_runs_over_its_end() -> None:
    assert mean_of((0.0, 2**39 - 100), (1.0, 2**39 - 100 + A_SECOND)) == pytest.approx(1.0, abs=1e-4)
    assert mean_of((0.0, 100), (1.0, 100 - A_SECOND)) == pytest.approx(-1.0, abs=1e-4)


def test_the_first_count_says_nothing() -> None:
    assert mean_of((0.0, A_SECOND)) is None


@pytest.mark.parametrize("held_up", [0.0025, 0.5])
def test_a_time_that_is_not_known_well_gives_no_mean(held_up: float) -> None:
    assert mean_of((0.0, 0), (0.1, A_SECOND // 10), held_up=held_up) is None
    assert mean_of((0.0, 0), (0.1, A_SECOND // 10), held_up=0.0005) is not None


def test_no_time_gives_no_mean() -> None:
    assert mean_of((1.0, 0), (1.0, A_SECOND), held_up=0.0) is None


def test_more_than_the_scale_was_not_counted() -> None:
    """Somebody else has set the counter back."""
    assert mean_of((0.0, 0), (1.0, 91 * A_SECOND)) is None
    assert mean_of((0.0, 0), (1.0, 89 * A_SECOND)) == pytest.approx(89.0, abs=0.1)


def test_a_count_that_never_moved_says_nothing() -> None:
    assert mean_of((0.0, 7), (1.0, 7)) is None
    assert mean_of((0.0, 6), (1.0, 7), (2.0, 7)) == 0.0


def test_who_begins_anew_waits_for_the_count_to_move() -> None:
    meter = ChargeMeter(STEP)
    for at, count in ((0.0, 6), (1.0, 7)):
        play(meter.read(), lambda _, count=count: bytes((0, 0, 0, 0, count)), iter((at, at)))  # type: ignore[misc]
    meter.begin()
    means = [play(meter.read(), lambda _: bytes((0, 0, 0, 0, 7)), iter((at, at))) for at in (2.0, 3.0)]
    assert means == [None, None]


def test_the_older_count_serves_only_where_the_newer_is_too_new() -> None:
    old, new = (0.0, 0), (1.0, A_SECOND)
    assert mean_of(old, new, (2.0, 3 * A_SECOND)) == pytest.approx(2.0, abs=1e-3)
    assert mean_of(old, new, (1.002, A_SECOND)) == pytest.approx(1.0, abs=0.01)
    assert mean_of((0.0, 0), (1.0, 500 * A_SECOND), (2.0, 500 * A_SECOND)) == 0.0  # it was set back between
