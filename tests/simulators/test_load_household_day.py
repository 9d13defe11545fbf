"""A day of a house, as a load."""

from itertools import accumulate

import pytest

from simulators.load import Cycle, household_day

CAPACITY = 200.0


def changes(day: Cycle, size: float) -> int:
    """Return how often the current falls by at least `size` at once."""
    currents = [current for _, current in day.steps]
    return sum(before - after >= size for before, after in zip(currents, currents[1:], strict=False))


@pytest.mark.parametrize("seed", range(3))
def test_it_takes_a_day_and_gives_back_what_is_used(seed: int) -> None:
    day = household_day(CAPACITY, seed=seed)
    assert day.duration == pytest.approx(86400)
    net = sum(duration * current for duration, current in day.steps)
    assert net / 3600 == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_it_has_15_kettles_and_400_pulses(seed: int) -> None:
    day = household_day(CAPACITY, seed=seed)
    kettle, pulse = 0.199 * CAPACITY, 0.01 * CAPACITY
    assert changes(day, kettle) == 15
    # The base load and the sun change at once as well, most often by less than the least pulse.
    assert changes(day, pulse) > 400


def test_it_charges_by_day_and_never_by_night() -> None:
    day = household_day(CAPACITY)
    ends = list(accumulate(duration for duration, _ in day.steps))
    by_night = [current for end, (_, current) in zip(ends, day.steps, strict=True) if end < 7 * 3600]
    assert max(by_night) < 0
    assert max(current for _, current in day.steps) > 0.1 * CAPACITY


def test_the_seed_decides_the_day() -> None:
    assert household_day(CAPACITY, seed=1) == household_day(CAPACITY, seed=1)
    assert household_day(CAPACITY, seed=1) != household_day(CAPACITY, seed=2)
    assert household_day(CAPACITY, 13.8).charge_voltage == 13.8
