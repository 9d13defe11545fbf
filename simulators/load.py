"""What is connected to a battery: consumers and chargers, as a current that is a function of time alone."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import inf, pi, sin
from random import Random
from typing import Protocol


class Load(Protocol):
    """Everything outside the battery."""

    @property
    def charge_voltage(self) -> float | None:
        """The charger holds the pack at this voltage once reached, in V; None never stops."""

    def current(self, time: float) -> float:
        """Current asked for at a time in s, in A, positive while charging."""

    def until_change(self, time: float) -> float:
        """Seconds until `current` takes another value."""


@dataclass(frozen=True)
class Constant:
    """The same current for ever."""

    amperes: float = 0.0
    charge_voltage: float | None = None

    def current(self, time: float) -> float:
        """Current asked for, in A."""
        return self.amperes

    def until_change(self, time: float) -> float:
        """Never changes."""
        return inf


@dataclass(frozen=True)
class Cycle:
    """Steps of a duration in s and a current in A, repeated for ever."""

    steps: tuple[tuple[float, float], ...]
    charge_voltage: float | None = None

    @cached_property
    def _ends(self) -> tuple[float, ...]:
        return tuple(accumulate(duration for duration, _ in self.steps))

    @property
    def duration(self) -> float:
        """Length of one round, in s."""
        return self._ends[-1]

    def _place(self, time: float) -> tuple[int, float]:
        within = time % self.duration
        index = min(bisect_right(self._ends, within), len(self.steps) - 1)
        return index, within

    def current(self, time: float) -> float:
        """Current of the step at a time, in A."""
        return self.steps[self._place(time)[0]][1]

    def until_change(self, time: float) -> float:
        """Seconds to the end of the step at a time."""
        index, within = self._place(time)
        return self._ends[index] - within


# Duration in s and rate in C (1 = the whole capacity in an hour) of each step of a house's six minutes.
_USE = ((20, 0.10), (60, 1.20), (15, 0.10), (8, 0.80), (10, 0.10), (8, 0.80), (24, 0.15))
_SUN = ((30, 0.25), (90, 0.80), (45, 0.50))
_REST_BEFORE_SUN = 30.0
_REST_AFTER_SUN = 20.0


def household(capacity: float, charge_voltage: float, seed: int = 0) -> Cycle:
    """Six minutes of a house on a battery of `capacity` Ah: a base load, a kettle, a pump, a rest, then sun.

    The sun gives a tenth more than is used, so that the battery climbs to its charge voltage and balances.
    """
    random = Random(seed)
    use = [(duration, rate * random.uniform(0.9, 1.1)) for duration, rate in _USE]
    used, given = (sum(duration * rate for duration, rate in steps) for steps in (use, _SUN))
    share = 1.1 * used / given
    return Cycle(
        (
            *((float(duration), round(-rate * capacity, 3)) for duration, rate in use),
            (_REST_BEFORE_SUN, 0.0),
            *((float(duration), round(rate * share * capacity, 3)) for duration, rate in _SUN),
            (_REST_AFTER_SUN, 0.0),
        ),
        charge_voltage,
    )


# A day in a house: durations in s, rates in C, kettles by hours; pulses are of pumps, of a compressor.
_DAY = 86400.0
_DAY_BASE = (0.02, 0.06)
_DAY_KETTLE, _DAY_KETTLE_RATE = (150.0, 330.0), 0.20
_DAY_KETTLES = ((6, 9, 6), (12, 14, 2), (17, 22, 7))
_DAY_PULSE, _DAY_PULSE_RATE, _DAY_PULSES = (5.0, 60.0), (0.01, 0.05), 400
_SUNRISE, _SUNSET = 7 * 3600.0, 19 * 3600.0


def household_day(capacity: float, charge_voltage: float | None = None, seed: int = 0) -> Cycle:
    """Twenty-four hours of a house on a battery of `capacity` Ah, repeated for ever.

    A base load that changes every quarter of an hour, 15 kettles, 400 short pulses (compressors, pumps, a
    microwave), and a charger under a sun with passing clouds that gives back about what is used.
    """
    random = Random(seed)
    uses = [(time, 900.0, random.uniform(*_DAY_BASE)) for time in _grid(900.0)]
    uses += [
        (random.uniform(first, last) * 3600, random.uniform(*_DAY_KETTLE), _DAY_KETTLE_RATE)
        for first, last, kettles in _DAY_KETTLES
        for _ in range(kettles)
    ]
    uses += [
        (
            random.uniform(0, _DAY - _DAY_PULSE[1]),
            random.uniform(*_DAY_PULSE),
            random.uniform(*_DAY_PULSE_RATE),
        )
        for _ in range(_DAY_PULSES)
    ]
    light = [(time, 120.0, _height(time + 60) * random.uniform(0.5, 1.0)) for time in _grid(120.0)]
    used, given = (sum(duration * rate for _, duration, rate in rows) for rows in (uses, light))
    sun = [(time, duration, -rate * used / given) for time, duration, rate in light]
    return Cycle(tuple(_overlaid([*uses, *sun], -capacity)), charge_voltage)


def _grid(step: float) -> list[float]:
    return [index * step for index in range(round(_DAY / step))]


def _height(time: float) -> float:
    """Height of the sun over the horizon, 1 at noon."""
    return max(0.0, sin(pi * (time - _SUNRISE) / (_SUNSET - _SUNRISE)))


def _overlaid(uses: list[tuple[float, float, float]], scale: float) -> Iterator[tuple[float, float]]:
    """Add up uses, each with its start, duration and rate, to steps of a duration and a current."""
    changes = sorted([*((s, r) for s, _, r in uses), *((s + d, -r) for s, d, r in uses)])
    total = 0.0
    for (time, change), (end, _) in pairwise(changes):
        total += change
        if end > time:
            yield end - time, round(total * scale, 3)
