"""The resistance that steps of current agree on: total least squares, the odd ones left out."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

FEWEST_STEPS = 4
"""Fewer cannot tell an odd one from the others."""
LARGEST_DEVIATION = 0.10
"""Standard deviation of a resistance that is published, over the resistance (rules 3)."""
ODD = 3.5
"""Standard deviations from the others beyond which a step is a glitch and no measurement."""
RELATIVE_SCATTER = 0.1
"""What a step may always differ from the others: a resistance is not the same at every current."""
VOLTAGE_NOISE = 0.005
"""V; of one sample, before anything is known of it: half of the 10 mV that many devices resolve."""
_PRIOR_SAMPLES = 2.0
"""How much `VOLTAGE_NOISE` counts against what is seen, in steps."""
_MEDIAN_TO_SIGMA = 1.4826


class Step(NamedTuple):
    """One step of the current and what the voltage did."""

    current: float
    """In A."""
    voltage: float
    """In V."""
    weight: float
    """Over the variance of one sample, that of both levels' means is 1 / weight."""


def fit(steps: tuple[Step, ...], noise: float) -> float | None:
    """Return the resistance in ohm, or `None` if the steps do not say it to a tenth.

    resistance = sum(w * I * U) / (sum(w * I^2) - n * noise^2); the squares contain the noise.
    """
    if len(steps) < FEWEST_STEPS:
        return None
    kept = _agreeing(steps)
    count = len(kept)
    squares = sum(step.weight * step.current * step.current for step in kept) - count * noise * noise
    if count < FEWEST_STEPS or squares <= 0.0:
        return None
    resistance = sum(step.weight * step.current * step.voltage for step in kept) / squares
    residuals = sum(step.weight * (step.voltage - resistance * step.current) ** 2 for step in kept)
    variance = (_PRIOR_SAMPLES * VOLTAGE_NOISE**2 + residuals) / (_PRIOR_SAMPLES + count - 1)
    return resistance if sqrt(variance / squares) <= LARGEST_DEVIATION * resistance else None


def _agreeing(steps: tuple[Step, ...]) -> list[Step]:
    middle = _median((step.voltage / step.current, step.weight * abs(step.current)) for step in steps)
    odds = [sqrt(step.weight) * abs(step.voltage - middle * step.current) for step in steps]
    usual = max(_MEDIAN_TO_SIGMA * _median((odd, 1.0) for odd in odds), VOLTAGE_NOISE)
    return [
        step
        for step, odd in zip(steps, odds, strict=True)
        if odd <= max(ODD * usual, RELATIVE_SCATTER * sqrt(step.weight) * abs(middle * step.current))
    ]


def _median(weighted: Iterable[tuple[float, float]]) -> float:
    """Return the value that half of the weight lies below."""
    ordered = sorted(weighted)
    below = list(accumulate(weight for _, weight in ordered))
    return ordered[bisect_left(below, 0.5 * below[-1])][0]
