"""Counting charge: what is remembered of it, and how far it may be wrong (rules 3)."""

from datetime import datetime
from enum import StrEnum
from math import expm1
from typing import NamedTuple

from ..chemistry import ChemistryFacts
from .anchors import IDLE, ZERO_OFFSET, Timers
from .capacity import Swing
from .charge_passed import HOUR, passed
from .span import Span

GAIN_ERROR = 0.01
"""Part of the throughput that a current sensor may be wrong by."""
NOT_QUITE_FULL = 99.0
"""%. Counting alone does not fill a battery: it has to look full."""
MEAN_TIME = 3600.0
"""Seconds over which the discharge is averaged, for the time in which nobody looks."""
UNWATCHED_RATE = 0.2
"""C. What may have flowed unseen, either way, into a capacity that is being learned."""
LARGEST_RATE = 100.0
"""C. No battery gives or takes more: a current beyond it is none."""


class Origin(StrEnum):
    """Where a state of charge comes from."""

    DEVICE = "device"
    COUNTED = "counted"
    VOLTAGE = "voltage"


class StateOfCharge(NamedTuple):
    """How full a battery is."""

    value: float
    """In %, 0 to 100."""
    origin: Origin
    uncertainty: float | None
    """In points; `None` for the device's own."""


class ChargeCounting(NamedTuple):
    """What must be remembered to go on counting."""

    counted: float | None = None
    """State of charge in %; `None` until there is something to count from."""
    uncertainty: float = 0.0
    """Of `counted`, in points."""
    mean_discharge: float = 0.0
    """Over the last hour, in A, positive."""
    watched: float = 0.0
    """Seconds over which it was averaged so far, an hour at most."""
    device_capacity: float | None = None
    """The last full capacity that the device told, in Ah."""
    learned_capacity: float | None = None
    """In Ah."""
    last_full_at: datetime | None = None
    """When the battery was last full, in UTC."""
    swing: Swing | None = None
    timers: Timers = IDLE
    by_voltage: StateOfCharge | None = None
    """Of a battery at rest whose charge cannot be counted."""


def credible(current: float | None, capacity: float | None) -> float | None:
    """Return a current in A that a battery can have, else `None`."""
    if current is None or capacity is None:
        return current
    return current if abs(current) <= LARGEST_RATE * capacity else None


def go_on(
    charge: ChargeCounting,
    before: float | None,
    after: float | None,
    span: Span,
    capacity: float,
    dead_band: float,
    facts: ChemistryFacts | None,
    timers: Timers,
) -> ChargeCounting:
    """Count the span between two currents, in A; what was counted before it is known."""
    if span.seconds is None or before is None or after is None:
        unknown = span.unwatched if span.seconds is None else span.seconds
        return _unwatched(charge, unknown, capacity, timers)
    taken_in, given_out, gained, lost = passed(before, after, span.seconds, capacity, facts)
    hours = span.seconds / HOUR
    # The device reads 0 for a current inside its dead band.
    unseen = ZERO_OFFSET if before or after else ZERO_OFFSET + dead_band
    error = GAIN_ERROR * (taken_in + given_out) + unseen * hours
    points = 100 / capacity
    swing = charge.swing
    return ChargeCounting(
        _moved(charge.counted or 0.0, gained * points, lost * points, charging_first=before > 0.0),
        min(100.0, charge.uncertainty + error * points),
        _mean(charge, given_out / hours, span.seconds),
        min(MEAN_TIME, charge.watched + span.seconds),
        charge.device_capacity,
        charge.learned_capacity,
        charge.last_full_at,
        None if swing is None else Swing(swing[0], swing[1] + gained - lost, swing[2] + error),
        timers,
    )


def _unwatched(charge: ChargeCounting, seconds: float, capacity: float, timers: Timers) -> ChargeCounting:
    """Let time pass in which the current is not known: it may have gone on as before."""
    error = (charge.mean_discharge + ZERO_OFFSET) * seconds / HOUR
    swing = charge.swing
    return charge._replace(
        uncertainty=min(100.0, charge.uncertainty + 100 * error / capacity),
        swing=None
        if swing is None
        else swing._replace(error=swing.error + UNWATCHED_RATE * capacity * seconds / HOUR),
        timers=timers,
    )


def _moved(counted: float, up: float, down: float, *, charging_first: bool) -> float:
    if charging_first:
        return max(0.0, _filled(counted, up) - down)
    return _filled(max(0.0, counted - down), up)


def _filled(counted: float, points: float) -> float:
    return min(counted + points, max(counted, NOT_QUITE_FULL))


def _mean(charge: ChargeCounting, discharge: float, seconds: float) -> float:
    share = -expm1(-seconds / MEAN_TIME)
    if charge.watched < MEAN_TIME:
        share = max(share, seconds / (charge.watched + seconds))
    return charge.mean_discharge + (discharge - charge.mean_discharge) * share
