"""What a figure is, and how two sides are measured fairly."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio or count, and the bar that it has to clear."""

    name: str
    what: str
    bar: float
    measure: Callable[[], float]
    at_least: bool = False
    """The bar is a least value; otherwise it is a greatest."""
    long: bool = False
    """Measured by name or with --long only."""

    def is_short(self, value: float) -> bool:
        """Whether `value` does not clear the bar. No number clears none."""
        return not (value >= self.bar if self.at_least else value <= self.bar)


def best_of(sides: Sequence[Callable[[], float]], rounds: int = ROUNDS) -> list[float]:
    """Measure every side in turn, again and again, and return the least value of each.

    What disturbs a measurement only adds to it, and what changes slowly (heat, other
    programs) meets all sides alike when they alternate.
    """
    best = [math.inf] * len(sides)
    for _ in range(rounds):
        best = [min(value, side()) for value, side in zip(best, sides, strict=True)]
    return best
