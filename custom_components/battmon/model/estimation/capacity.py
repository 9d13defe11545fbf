"""What a battery holds, learned from the charge counted between two known states of charge (rules 3)."""

from math import inf
from typing import NamedTuple

LARGEST_UNCERTAINTY = 3.0
"""Points. Of an anchor, and of the charge counted since, for which it is still learned from."""
LEAST_SWING = 50.0
"""Points that two anchors must lie apart."""
COLDEST, HOTTEST = 10.0, 40.0
"""degC between which a battery holds what it is rated for."""
LARGEST_STEP = 0.05
"""Part of the known capacity by which it moves at a time."""


class Swing(NamedTuple):
    """What was counted since the state of charge was last known for certain."""

    state_of_charge: float
    """There, in %."""
    net: float = 0.0
    """Charge stored since, in Ah; negative when more was taken out."""
    error: float = 0.0
    """How far `net` may be off, in Ah."""


class Learning(NamedTuple):
    """What there is after an anchor."""

    swing: Swing | None
    learned: float | None
    """In Ah."""


def is_capacity(value: float | None) -> bool:
    """Whether a capacity in Ah can be one: not 0, which devices say that were never told theirs."""
    return value is not None and 0.0 < value < inf


def learn(
    swing: Swing | None,
    learned: float | None,
    capacity: float,
    *,
    state_of_charge: float,
    uncertainty: float,
    temperature: float | None,
    at_end: bool,
) -> Learning:
    """Take an anchor into account.

    A full or an empty battery (`at_end`) begins a swing anew. A rest in between does not end a good one.
    """
    known = capacity if learned is None else learned
    suits = uncertainty <= LARGEST_UNCERTAINTY and temperature is not None
    if not suits or temperature is None or not COLDEST <= temperature <= HOTTEST:
        return Learning(None if at_end else swing, learned)
    anchor = Swing(state_of_charge)
    if swing is None or 100 * swing.error / known > LARGEST_UNCERTAINTY:
        return Learning(anchor, learned)
    points = state_of_charge - swing.state_of_charge
    if abs(points) < LEAST_SWING:
        return Learning(anchor if at_end else swing, learned)
    measured = 100 * swing.net / points
    # A sensor that is connected the wrong way round empties a battery by charging it.
    return Learning(anchor, _moved(known, measured) if measured > 0.0 else learned)


def _moved(known: float, measured: float) -> float:
    return min(max(measured, known * (1 - LARGEST_STEP)), known * (1 + LARGEST_STEP))
