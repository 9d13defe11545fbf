"""Charge and energy, in and out: trapezoids between samples, split where the current changes its sign."""

from math import inf, sqrt
from typing import NamedTuple

from ..reading import Reading
from .span import Span

LARGEST_CURRENT = 10_000.0
"""A; no battery of a house, a van, a boat or a workshop carries more, a corrupt value easily says so."""
LARGEST_VOLTAGE = 2_000.0
"""V; above every battery that one meets outside of a power station."""
NOISE_FLOOR = 3.0
"""Standard deviations: one sample in 400 of a resting battery is still counted, as 0.4 % of the noise."""
QUIET_CURRENT = 1.0
"""A; a battery whose current is larger does not rest."""
QUIET_SAMPLES = 32
"""As many make one look at the noise."""
LARGEST_NOISE = 0.25
"""A; what varies more at rest is an inverter that hunts around zero, and that is real."""
LARGEST_MEAN = 1.0
"""Standard deviations; a mean further from zero is a current."""


class Counting(NamedTuple):
    """Totals since the counters were reset; they never fall."""

    charge_in: float = 0.0
    """In Ah."""
    charge_out: float = 0.0
    """In Ah."""
    energy_in: float = 0.0
    """In Wh."""
    energy_out: float = 0.0
    """In Wh."""
    noise: float = 0.0
    """Standard deviation of the current at rest, in A; 0 until it was seen."""
    quiet_samples: int = 0
    """Of the present look at the noise."""
    quiet_sum: float = 0.0
    """Of their currents, in A."""
    quiet_squares: float = 0.0
    """Of their differences, squared."""


def count(counting: Counting, previous: Reading | None, reading: Reading, span: Span) -> Counting:
    """Add what flowed since `previous`.

    In and out stand still while the current is inside its own noise, which would be counted as both.
    """
    interval = _interval(previous, reading, span)
    if interval is None or previous is None:
        return counting
    first, last, hours = interval
    if -QUIET_CURRENT <= last <= QUIET_CURRENT:
        counting = _listen(counting, first, last)
    floor = NOISE_FLOOR * counting.noise
    if -floor <= first <= floor:
        first = 0.0
    if -floor <= last <= floor:
        last = 0.0
    if first == last == 0.0:
        return counting
    more_in, more_out = _split(first, last, hours)
    charge_in, charge_out, energy_in, energy_out, noise, samples, total, squares = counting
    charge_in, charge_out = charge_in + more_in, charge_out + more_out
    before, after = previous.voltage, reading.voltage
    if before is not None and after is not None and _are_possible(before, after):
        more_in, more_out = _split(first * before, last * after, hours)
        energy_in, energy_out = energy_in + more_in, energy_out + more_out
    return Counting(charge_in, charge_out, energy_in, energy_out, noise, samples, total, squares)


def net_charge(previous: Reading | None, reading: Reading, span: Span) -> float | None:
    """Return the charge that came in since `previous`, in Ah, negative if it went out; noise cancels out."""
    interval = _interval(previous, reading, span)
    if interval is None:
        return None
    first, last, hours = interval
    return 0.5 * (first + last) * hours


def _interval(previous: Reading | None, reading: Reading, span: Span) -> tuple[float, float, float] | None:
    """Return the currents at both ends and the hours between, if all are known and possible."""
    seconds = span.seconds
    if previous is None or seconds is None or not 0.0 < seconds < inf:
        return None
    first, last = previous.current, reading.current
    if first is None or last is None:
        return None
    # NaN and infinity are inside no bounds.
    if -LARGEST_CURRENT < first < LARGEST_CURRENT and -LARGEST_CURRENT < last < LARGEST_CURRENT:
        return first, last, seconds / 3600.0
    return None


def _split(first: float, last: float, hours: float) -> tuple[float, float]:
    """Return the areas above and below zero of a straight line from `first` to `last`."""
    if first >= 0.0 <= last:
        return 0.5 * (first + last) * hours, 0.0
    if first <= 0.0 >= last:
        return 0.0, -0.5 * (first + last) * hours
    part = first / (first - last)
    before, after = 0.5 * abs(first) * part * hours, 0.5 * abs(last) * (1.0 - part) * hours
    return (before, after) if first > 0.0 else (after, before)


def _are_possible(before: float, after: float) -> bool:
    # NaN and infinity are inside no bounds.
    return 0.0 <= before < LARGEST_VOLTAGE and 0.0 <= after < LARGEST_VOLTAGE


def _listen(counting: Counting, first: float, last: float) -> Counting:
    """Learn the noise of the current where its mean is zero as far as one can tell."""
    if not -QUIET_CURRENT <= first <= QUIET_CURRENT:
        return _unheard(counting, counting.noise) if counting.quiet_samples else counting
    # A value that repeats says how coarse the sensor is, not how quiet. Without those, the noise of one that
    # toggles between 0 and its resolution is 0.7 of that, and the floor above it.
    if first == last:
        return counting
    charge_in, charge_out, energy_in, energy_out, noise, samples, total, squares = counting
    samples, total, squares = samples + 1, total + last, squares + (last - first) ** 2
    if samples < QUIET_SAMPLES:
        return Counting(charge_in, charge_out, energy_in, energy_out, noise, samples, total, squares)
    # Differences between neighbours leave out what changes slowly. They have twice the variance.
    heard = sqrt(squares / (2 * samples))
    if heard > LARGEST_NOISE or abs(total) > LARGEST_MEAN * heard * samples:
        return _unheard(counting, noise)
    # Fast to less and slow to more: what is added to a sensor's noise for a while is not of the sensor.
    share = 1.0 if noise == 0.0 else 0.25 if heard < noise else 0.03
    return _unheard(counting, noise + share * (heard - noise))


def _unheard(counting: Counting, noise: float) -> Counting:
    return counting._replace(noise=noise, quiet_samples=0, quiet_sum=0.0, quiet_squares=0.0)
