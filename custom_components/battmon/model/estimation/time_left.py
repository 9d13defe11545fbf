"""How long the present current can go on (rules 3)."""

from math import expm1, isfinite
from typing import NamedTuple

from .span import Span

SMOOTHING = 300.0
"""Seconds over which the current is averaged."""
SMALLEST_CURRENT = 0.2
"""A. With less nothing is foretold."""
SMALLEST_RATE = 1 / 200
"""C."""
LONGEST = 240 * 3600.0
"""Seconds. What lies further ahead is no prediction any more."""
HOUR = 3600.0


class TimeLeft(NamedTuple):
    """The smoothed current, and the times in s that follow from it; `None` for unknown or the other way."""

    current: float | None = None
    """In A, positive while charging."""
    averaged: float = 0.0
    """For how long the current has been averaged, in s."""
    time_to_empty: float | None = None
    time_to_full: float | None = None
    time_to_low: float | None = None
    """To the low threshold; 0 below it."""


UNKNOWN = TimeLeft()


def follow(
    before: TimeLeft,
    current: float | None,
    span: Span,
    *,
    remaining: float | None,
    full: float | None,
    low_capacity: float | None = None,
    low_state_of_charge: float | None = None,
) -> TimeLeft:
    """Average the current on and look ahead.

    `remaining`, `full` and `low_capacity` in Ah, `low_state_of_charge` in %; of two low thresholds the higher
    counts. The average begins anew after a gap, an unknown current and rest, and when the current turns.
    """
    if current is None or not isfinite(current):
        return UNKNOWN
    full = full if full is not None and full > 0.0 and isfinite(full) else None
    dead_band = SMALLEST_CURRENT if full is None else max(SMALLEST_CURRENT, SMALLEST_RATE * full)
    smooth, averaged = _average(before, current, span.seconds, dead_band)
    rate = abs(smooth)
    if rate < dead_band or remaining is None or not isfinite(remaining):
        return TimeLeft(smooth, averaged)
    remaining = max(remaining, 0.0)
    if smooth > 0.0:
        return TimeLeft(smooth, averaged, None, None if full is None else _time(full - remaining, rate))
    low = _low(full, low_capacity, low_state_of_charge)
    to_low = None if low is None else _time(remaining - low, rate)
    return TimeLeft(smooth, averaged, _time(remaining, rate), None, to_low)


def _average(
    before: TimeLeft, current: float, seconds: float | None, dead_band: float
) -> tuple[float, float]:
    """Return the averaged current and for how long it has been averaged.

    Only a current that counts ends a rest or turns round: noise about zero is averaged away.
    """
    smooth = before.current
    if smooth is None or seconds is None:
        return current, 0.0
    if abs(current) >= dead_band and (smooth * current < 0.0 or abs(smooth) < dead_band):
        return current, 0.0
    if seconds <= 0.0:
        return smooth, before.averaged
    averaged = before.averaged + seconds
    # A plain mean until there is enough to forget some of it.
    share = max(seconds / averaged, -expm1(-seconds / SMOOTHING))
    return smooth + share * (current - smooth), min(averaged, SMOOTHING)


def _low(full: float | None, capacity: float | None, state_of_charge: float | None) -> float | None:
    """Return the higher low threshold, in Ah."""
    by_share = None if full is None or state_of_charge is None else full * state_of_charge / 100
    return by_share if capacity is None else capacity if by_share is None else max(capacity, by_share)


def _time(charge: float, rate: float) -> float | None:
    """Return how long `charge` in Ah lasts, in s."""
    seconds = max(charge, 0.0) * HOUR / rate
    return seconds if seconds <= LONGEST else None
