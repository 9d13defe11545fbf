"""Joins the estimators: one sample in, all that is worked out of it out."""

from typing import NamedTuple

from ..cell import CellFigures
from ..reading import Place, Reading
from . import charge, limits, resistance, resting, time_left
from .charge_counting import ChargeCounting, StateOfCharge
from .counting import Counting, count
from .limits import LimitKeeping, Limits
from .resistance import ResistanceLearning
from .sample import Sample
from .settings import BatterySettings
from .span import Span
from .time_left import TimeLeft


class Estimators(NamedTuple):
    """What must be remembered to go on estimating, across restarts."""

    counting: Counting = Counting()
    resistance: ResistanceLearning = ResistanceLearning()
    charge: ChargeCounting = ChargeCounting()
    limits: LimitKeeping = LimitKeeping()
    time_left: TimeLeft = TimeLeft()


class Estimate(NamedTuple):
    """What the newest sample tells with the help of all before it. Every part may be unknown."""

    internal_resistance: float | None = None
    """In ohm, for the way the battery is sampled."""
    resting_voltage: float | None = None
    """Terminal voltage as it would be without current, in V."""
    trusted_resting_voltage: float | None = None
    """The same, where the failsafe may go by it."""
    sag: float | None = None
    """What the current takes from the resting voltage, in V; negative while charging."""
    state_of_charge: StateOfCharge | None = None
    """To show and to judge: the device's own, or counted, or by voltage."""
    counted: StateOfCharge | None = None
    """As counted, whatever the device says."""
    remaining_capacity: float | None = None
    """In Ah."""
    full_capacity: float | None = None
    """In Ah."""
    state_of_health: float | None = None
    """In %."""
    time_to_empty: float | None = None
    """In s."""
    time_to_full: float | None = None
    """In s."""
    time_to_low: float | None = None
    """To the low threshold of capacity or state of charge, in s."""
    limits: Limits = Limits()


NOTHING_ESTIMATED = Estimate()
_CELL, _UNKNOWN = Place.CELL, Place.UNKNOWN


def estimate(
    before: Estimators,
    previous: Reading | None,
    reading: Reading,
    span: Span,
    cells: CellFigures,
    settings: BatterySettings,
    *,
    low_capacity: float | None,
    low_state_of_charge: float | None,
    stale_after: float,
) -> tuple[Estimators, Estimate]:
    """Work out all that a good sample tells.

    `time_to_low` counts down to `low_capacity` in Ah or `low_state_of_charge` in %; `stale_after` in s.
    """
    counting = count(before.counting, previous, reading, span)
    sample = Sample(previous, reading, span, cells, cell_temperature(reading), counting.noise)
    known = charge.full_capacity(before.charge, reading, settings)
    learning = resistance.learn(before.resistance, sample, known)
    voltage = _behind_resistance(learning, sample)
    counted = charge.follow(before.charge, sample, settings, voltage.resting)
    full = charge.full_capacity(counted, reading, settings)
    remaining = charge.remaining_capacity(counted, reading, settings)
    left = time_left.follow(
        before.time_left,
        None if settings.current_is_unsigned else reading.current,
        span,
        remaining=remaining,
        full=full,
        low_capacity=low_capacity,
        low_state_of_charge=low_state_of_charge,
    )
    kept = limits.keep(before.limits, sample, settings, full_capacity=full, stale_after=stale_after)
    estimators = Estimators(counting, learning, counted, kept, left)
    return estimators, _told(estimators, reading, settings, voltage, full, remaining)


class _Voltage(NamedTuple):
    """What the resistance tells of the voltage: the first fields of an `Estimate`."""

    internal_resistance: float | None
    resting: float | None
    trusted_resting: float | None
    sag: float | None


def _behind_resistance(learning: ResistanceLearning, sample: Sample) -> _Voltage:
    ohms = resistance.internal_resistance(learning, sample.span.now, sample.temperature)
    voltage = sample.reading.voltage
    rest = resting.resting_voltage(voltage, sample.reading.current, ohms)
    return _Voltage(ohms, rest, resting.trustworthy(rest, voltage), resting.sag(voltage, rest))


def _told(
    estimators: Estimators,
    reading: Reading,
    settings: BatterySettings,
    voltage: _Voltage,
    full: float | None,
    remaining: float | None,
) -> Estimate:
    counted, left = estimators.charge, estimators.time_left
    return Estimate(
        *voltage,
        charge.state_of_charge(counted, reading, settings),
        charge.counted_state_of_charge(counted),
        remaining,
        full,
        charge.state_of_health(counted, reading, settings),
        left.time_to_empty,
        left.time_to_full,
        left.time_to_low,
        estimators.limits.limits,
    )


def cell_temperature(reading: Reading) -> float | None:
    """Return the mean temperature of the cells, in degC."""
    total, known = 0.0, 0
    for value, place in reading.temperatures or ():
        if value is not None and (place is _CELL or place is _UNKNOWN):
            total += value
            known += 1
    return total / known if known else None
