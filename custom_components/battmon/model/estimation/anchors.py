"""When the state of charge shows itself: at full, at empty, and by the voltage at rest (rules 3)."""

from collections.abc import Mapping
from typing import NamedTuple

from ..alarms import Alarm
from ..chemistry import Chemistry, ChemistryFacts
from ..reading import Reading
from .counting import NOISE_FLOOR

FULL_TIME = 300.0
"""Seconds for which a battery has to look full."""
FULL_UNCERTAINTY = 1.0
"""Points, of a full battery."""
FALL = 0.005
"""V a cell. A voltage that falls this far is no longer held by the charger."""
EMPTY_TIME = 60.0
"""Seconds for which a battery has to look empty."""
EMPTY_UNCERTAINTY = 3.0
"""Points, of an empty battery: where exactly it ends depends on its current and temperature."""
EMPTY_RATE = 0.2
"""C. Under a larger current a low voltage says little."""
BROKEN = 0.5
"""Part of the critical voltage below which a cell or its wire is broken, and says nothing of the charge."""
REST_RATE = 0.01
"""C. A smaller current leaves a battery at rest."""
ZERO_OFFSET = 0.05
"""A. What a current sensor may show while nothing flows."""
UNSETTLED = 3.0
"""How much less is known of the resting voltage as long as the battery has not rested for its time."""
SIGMAS = 2.0
"""Standard deviations that make an uncertainty."""
LEAST_UNCERTAINTY = 3.0
"""Points, of what any voltage at rest says: the curve is of another make."""
PLATEAUS: Mapping[Chemistry, tuple[float, float]] = {Chemistry.LIFEPO4: (20.0, 90.0)}
"""Between which states of charge, in %, the voltage says nothing."""
PLATEAU_SIGMAS = 3.0
"""Standard deviations from a plateau at which a voltage is surely not on it."""


class Timers(NamedTuple):
    """For how long each condition has held, in s; `None` for one that does not hold."""

    full: float | None = None
    highest: float | None = None
    """The mean cell's highest voltage since it looks full, in V."""
    empty: float | None = None
    rest: float | None = None


IDLE = Timers()

type Cells = tuple[float, float, float]
"""The lowest, the mean and the highest cell's voltage, in V."""


class RestEstimate(NamedTuple):
    """What the voltage at rest says."""

    state_of_charge: float
    """In %."""
    sigma: float
    """Its standard deviation, in points."""

    @property
    def uncertainty(self) -> float:
        """In points."""
        return max(LEAST_UNCERTAINTY, SIGMAS * self.sigma)


def watch(
    timers: Timers,
    cells: Cells,
    before: float | None,
    current: float,
    reading: Reading,
    noise: float,
    facts: ChemistryFacts,
    capacity: float | None,
    seconds: float | None,
) -> Timers:
    """Follow the conditions over one span; a gap (`None`) begins them anew.

    `noise` is the standard deviation of the current, in A.
    """
    lowest, mean, highest = cells
    if not facts.critical_voltage * BROKEN <= lowest <= highest <= facts.critical_high_voltage:
        return IDLE
    size = abs(current)
    zero = _zero(noise)
    if capacity is None:
        return Timers(rest=_elapsed(timers.rest, seconds)) if size < zero else IDLE
    full = (
        mean >= facts.full_voltage
        # A cell that was charged rests for long at the voltage of a full one: the charger has to be seen.
        and (timers.full is not None or current > zero or (before is not None and before > zero))
        and _looks_full(timers, cells, current, reading, zero, facts, capacity)
    )
    empty = lowest <= facts.critical_voltage and size < EMPTY_RATE * capacity
    rest = size < REST_RATE * capacity
    if not (full or empty or rest):
        return IDLE
    return Timers(
        _elapsed(timers.full, seconds) if full else None,
        max(mean, timers.highest or mean) if full else None,
        _elapsed(timers.empty, seconds) if empty else None,
        _elapsed(timers.rest, seconds) if rest else None,
    )


def is_full(before: Timers, after: Timers, current: float, noise: float) -> bool:
    """Whether the battery is full now: its time is over, or it was over and the charger still feeds it."""
    if after.full is None or after.full < FULL_TIME:
        return False
    return before.full is None or before.full < FULL_TIME or current > _zero(noise)


def is_empty(timers: Timers) -> bool:
    """Whether the battery is empty now."""
    return timers.empty is not None and timers.empty >= EMPTY_TIME


def has_rested(timers: Timers, facts: ChemistryFacts) -> bool:
    """Whether the voltage is that of rest."""
    return timers.rest is not None and timers.rest >= facts.rest_time


def _zero(noise: float) -> float:
    """Return the largest current that may be none, in A."""
    return max(NOISE_FLOOR * noise, ZERO_OFFSET)


def _elapsed(elapsed: float | None, seconds: float | None) -> float:
    return 0.0 if elapsed is None or seconds is None else elapsed + seconds


def _looks_full(
    timers: Timers,
    cells: Cells,
    current: float,
    reading: Reading,
    zero: float,
    facts: ChemistryFacts,
    capacity: float,
) -> bool:
    _, mean, highest = cells
    return (
        -zero <= current <= facts.full_tail * capacity
        and reading.charging_enabled is not False
        and Alarm.CELL_OVERVOLTAGE not in (reading.alarms or ())
        and highest < facts.high_voltage
        and (timers.highest is None or mean > timers.highest - FALL)
    )


def rest_estimate(voltage: float, facts: ChemistryFacts, *, settled: bool) -> RestEstimate | None:
    """Return what the mean cell's voltage at rest says; `None` for one that only a charger holds."""
    sigma = facts.rest_sigma if settled else facts.rest_sigma * UNSETTLED
    if not voltage <= facts.open_circuit_voltage(100.0) + SIGMAS * sigma:
        return None
    state_of_charge = facts.state_of_charge_at(voltage)
    return RestEstimate(state_of_charge, sigma / facts.slope(state_of_charge))


def is_on_plateau(voltage: float, chemistry: Chemistry, facts: ChemistryFacts) -> bool:
    """Whether a mean cell at rest may be where the curve is too flat to correct anything."""
    plateau = PLATEAUS.get(chemistry)
    if plateau is None:
        return False
    margin = PLATEAU_SIGMAS * facts.rest_sigma
    low, high = plateau
    return (
        facts.state_of_charge_at(voltage + margin) >= low
        and facts.state_of_charge_at(voltage - margin) <= high
    )
