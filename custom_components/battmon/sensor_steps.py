"""In which steps a value is shown that is worked out: finer ones are noise that writes states."""

from collections.abc import Callable
from math import inf

type Steps = tuple[tuple[float, float], ...]
"""(up to which size, in which steps)."""

WATTS: Steps = ((20.0, 0.1), (inf, 1.0))
"""10 mA, as finely as most devices measure, are 0.5 W at 48 V."""
RESTING_VOLTS: Steps = ((20.0, 0.01), (inf, 0.05))
"""The resistance that it goes by is known to a tenth."""
CHARGE: Steps = ((20.0, 0.01), (200.0, 0.05), (inf, 0.1))
"""A twentieth of a percent, and less."""
MINUTES: Steps = ((10, 1), (30, 3), (300, 6), (inf, 30))
"""Shown in hours with one decimal. The current that it goes by is that of five minutes."""


def to_digits[T](value: Callable[[T], float | None], digits: int) -> Callable[[T], float | None]:
    """Return what rounds a value to so many decimals."""

    def rounded(published: T) -> float | None:
        exact = value(published)
        return None if exact is None else round(exact, digits)

    return rounded


def in_steps[T](value: Callable[[T], float | None], steps: Steps) -> Callable[[T], float | None]:
    """Return what rounds a value to the steps of its size."""

    def rounded(published: T) -> float | None:
        exact = value(published)
        if exact is None:
            return None
        size = abs(exact)
        for most, step in steps:
            if size <= most:
                return round(exact / step) * step
        return exact

    return rounded
