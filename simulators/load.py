"""What is connected to a battery: consumers and chargers, as a current that is a function of time alone."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import inf
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
