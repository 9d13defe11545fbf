"""How much charge a span puts into a battery and takes from it, as the battery feels it."""

from math import pow
from typing import NamedTuple

from ..chemistry import ChemistryFacts

HOUR = 3600.0
RATED_TIME = 20.0
"""Hours of discharge for which the capacity of a lead-acid battery is stated."""


class Passed(NamedTuple):
    """Charges in Ah, none negative."""

    taken_in: float
    """At the terminals."""
    given_out: float
    """At the terminals."""
    gained: float
    """Of what was taken in, what comes out again."""
    lost: float
    """What was given out, and what a large current costs beyond that."""


def passed(
    before: float, after: float, seconds: float, capacity: float, facts: ChemistryFacts | None
) -> Passed:
    """Return what passes while the current goes straight from `before` to `after`, in A.

    In and out are parted at the zero crossing, so that cutting a span in two changes nothing.
    """
    hours = seconds / HOUR
    if before >= 0.0 and after >= 0.0:
        taken_in, given_out = (before + after) / 2 * hours, 0.0
    elif before <= 0.0 and after <= 0.0:
        taken_in, given_out = 0.0, (before + after) / -2 * hours
    else:
        span = abs(before - after)
        taken_in = max(before, after) ** 2 / (2 * span) * hours
        given_out = min(before, after) ** 2 / (2 * span) * hours
    if facts is None:
        return Passed(taken_in, given_out, taken_in, given_out)
    lost = given_out
    if given_out and facts.peukert > 1.0:
        first, last, rated = max(0.0, -before), max(0.0, -after), capacity / RATED_TIME
        # By its ends: loads come and go in steps, of which a sample sees either side.
        felt = _felt(first, rated, facts.peukert) + _felt(last, rated, facts.peukert)
        lost = given_out * felt / (first + last)
    return Passed(taken_in, given_out, taken_in * facts.charge_efficiency, lost)


def _felt(current: float, rated: float, exponent: float) -> float:
    """Return what the battery feels of a current out of it, in A.

    Peukert: i (i / rated)^(k - 1) above the rated current; below it nothing is won.
    """
    return current * pow(max(1.0, current / rated), exponent - 1)
