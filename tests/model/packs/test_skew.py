"""Members are read at their own times: what may be compared, and what is never an alarm (rules 5, skew)."""

from random import Random

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.packs.settings import Arrangement

from .merged_builders import PARALLEL, SERIES, Watched, watched

VOLTAGE, CURRENT, CHARGE = Alarm.VOLTAGE_SPREAD, Alarm.CURRENT_SPREAD, Alarm.STATE_OF_CHARGE_SPREAD
DAY = 86400.0


def staggered(pack: Watched, start: float, rounds: int, **at_b: float) -> None:
    """Sample A every 10 s and B 5 s later."""
    for number in range(rounds):
        pack.sample(start + 10 * number, "A")
        pack.sample(start + 10 * number + 5, "B", **at_b)


def test_samples_at_most_two_seconds_apart_are_compared_whatever_flows() -> None:
    pack = watched(SERIES, "A", "B")
    pack.sample(0, "A", current=10.0)
    pack.sample(2, "B", current=50.0)
    assert pack.reading.spreads.current == 40.0


def test_samples_further_apart_are_not() -> None:
    pack = watched(SERIES, "A", "B")
    pack.sample(0, "A", current=10.0)
    pack.sample(2.5, "B", current=50.0)
    assert pack.reading.spreads.current is None
    assert pack.reading.spreads.cell_drift is None


def test_they_are_if_the_current_stands_still() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"current": -20.0, "voltage": 13.2}
    staggered(pack, 0, 2, voltage=13.25, current=-21.0)
    assert pack.reading.spreads.voltage == pytest.approx(0.05)


@pytest.mark.parametrize(("current", "steady"), [(-21.9, True), (-22.5, False)])
def test_a_tenth_of_a_current_is_still_the_same_current(current: float, steady: bool) -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"current": -20.0}
    staggered(pack, 0, 2)
    pack.sample(20, "A", current=current)
    assert (pack.reading.spreads.voltage is not None) is steady


@pytest.mark.parametrize(("amperes", "spread"), [(0.5, 0.0), (0.6, None)])
def test_a_small_current_may_waver(amperes: float, spread: float | None) -> None:
    pack = watched(PARALLEL, "A", "B")
    for number in range(4):
        pack.sample(10 * number, "A", current=0.0)
        pack.sample(10 * number + 5, "B", current=amperes * (number % 2))
    assert pack.reading.spreads.voltage == spread


def test_a_current_that_creeps_does_not_stand_still() -> None:
    pack = watched(PARALLEL, "A", "B")
    told = []
    for number in range(12):
        pack.sample(10 * number, "A", current=-20.0 - 1.5 * number)
        told.append(pack.sample(10 * number + 5, "B", current=-20.0 - 1.5 * number).spreads.voltage)
    assert None in told[4:]


def test_after_a_gap_nobody_knows_whether_the_current_stood_still() -> None:
    pack = watched(PARALLEL, "A", "B")
    staggered(pack, 0, 3)
    assert pack.reading.spreads.voltage is not None
    staggered(pack, 200, 1)
    assert pack.reading.spreads.voltage is None


def test_of_a_current_that_nobody_knows_nobody_knows_that_it_stood_still() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"current": None}
    staggered(pack, 0, 5)
    assert pack.reading.spreads.voltage is None
    pack.sample(51, "A")
    pack.sample(52, "B")
    assert pack.reading.spreads.voltage == 0.0


def test_states_of_charge_move_slowly_enough_for_a_minute_between_them() -> None:
    pack = watched(SERIES, "A", "B", stale_after=600.0)
    pack.sample(0, "A", percent=50.0, current=-5.0)
    pack.sample(60, "B", percent=52.0, current=-50.0)
    assert pack.reading.spreads.state_of_charge == 2.0
    pack.sample(61, "B", percent=52.0, current=-50.0)
    assert pack.reading.spreads.state_of_charge is None


def test_a_load_that_came_between_two_samples_is_no_fault() -> None:
    pack = watched(SERIES, "A", "B")
    staggered(pack, 0, 5)
    pack.usual = {"current": -60.0}
    pack.sample(50, "A")
    assert pack.reading.spreads.current is None
    staggered(pack, 55, 10)
    assert pack.reading.alarms == frozenset()
    assert pack.reading.spreads.current == 0.0


def test_an_alarm_stays_while_nothing_can_be_compared() -> None:
    pack = watched(PARALLEL, "A", "B")
    staggered(pack, 0, 9, voltage=13.5)
    assert pack.blamed(VOLTAGE) == ("A", "B")
    pack.sample(90, "A", current=-80.0, voltage=13.2)
    pack.sample(95, "B", current=-5.0, voltage=13.2)
    assert pack.reading.spreads.voltage is None
    assert pack.blamed(VOLTAGE) == ("A", "B")


def test_a_member_that_measures_wrong_is_found_between_loads_that_come_and_go() -> None:
    pack = watched(SERIES, "A", "B")
    chance = Random(1)
    until, load = 0.0, -10.0
    for seconds in range(0, 3600, 5):
        if seconds >= until:
            until, load = seconds + chance.uniform(60, 300), -chance.uniform(5, 60)
        name = "AB"[seconds // 5 % 2]
        pack.sample(seconds, name, current=load * (1.15 if name == "B" else 1.0))
        if pack.blamed(CURRENT):
            break
    assert pack.blamed(CURRENT) is not None


@pytest.mark.parametrize("arrangement", [SERIES, PARALLEL])
def test_a_current_that_grows_for_minutes_is_no_fault(arrangement: Arrangement) -> None:
    """Half an ampere a second: what is read 5 s later is always larger."""
    pack = watched(arrangement, "A", "B")
    for seconds in range(0, 100, 5):
        current = -0.5 * seconds
        found = pack.sample(seconds, "BA"[seconds // 5 % 2], current=current, voltage=13.2 + 0.06 * current)
        assert not found.alarms


def household(chance: Random, seconds: float) -> float:
    """Return a current in A that flows until the next one: kettles, pumps, a fridge, and the sun."""
    sun = max(0.0, 40.0 * (1 - abs(seconds % DAY - DAY / 2) / (DAY / 4)))
    return sun - chance.choice([1.0, 1.0, 1.0, 4.0, 12.0, 70.0])


@pytest.mark.parametrize("arrangement", [SERIES, PARALLEL])
@pytest.mark.parametrize("seed", range(2))
def test_a_healthy_bank_raises_no_alarm_in_a_household(arrangement: Arrangement, seed: int) -> None:
    """Two hours at 10 s polls, each member at its own time: unlike resistances, cables, gains and noise."""
    chance = Random(seed)
    pack = watched(arrangement, "A", "B", "C")
    members = [(name, chance.uniform(0, 10), 1 + chance.uniform(-0.01, 0.01)) for name in "ABC"]
    load, changes_at = -1.0, 0.0
    begins = chance.uniform(0, DAY)
    events = sorted(
        (offset + 10 * number, name, gain) for name, offset, gain in members for number in range(720)
    )
    assert len(events) == 2160
    for seconds, name, gain in events:
        while seconds >= changes_at:
            load, changes_at = household(chance, begins + seconds), changes_at + chance.expovariate(1 / 40)
        share = 1 if arrangement is SERIES else {"A": 0.38, "B": 0.33, "C": 0.29}[name]
        cells = tuple(3.3 + 0.0004 * load + chance.gauss(0, 0.002) for _ in range(4))
        voltage = sum(cells) + 0.0005 * load * share
        found = pack.sample(
            seconds, name, current=round(load * share * gain, 1), voltage=voltage, cell_voltages=cells
        )
        assert not found.alarms
