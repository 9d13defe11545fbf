"""How much current a battery may be charged and discharged with, and up to which voltage (rules 4)."""

from math import inf
from typing import NamedTuple

from ..alarms import Alarm
from ..chemistry import FACTS, ChemistryFacts
from ..reading import Reading
from .limits_curves import UNREDUCED, Reduction, reduction
from .limits_sensing import Sensors, sense
from .sample import Sample
from .settings import BatterySettings

CHARGE_RATE = 0.5
"""C. For a device that tells no limit."""
DISCHARGE_RATE = 1.0
"""C."""
HOLD = 30.0
"""Seconds for which a higher limit has to be possible before a limit rises."""
RAMP = 60.0
"""Seconds in which a limit then rises from nothing to everything."""
CELLS_TIME = 60.0
"""Seconds after which cells that are no longer read stop both currents."""
BLIND_DISCHARGE = 0.25
"""What is left of the discharge current without a temperature sensor that was there before."""
NO_CHARGE = frozenset(
    {
        Alarm.CELL_OVERVOLTAGE,
        Alarm.PACK_OVERVOLTAGE,
        Alarm.CHARGE_OVERTEMPERATURE,
        Alarm.CHARGE_UNDERTEMPERATURE,
        Alarm.MOSFET_OVERTEMPERATURE,
        Alarm.FRONT_END_FAILURE,
        Alarm.CHARGE_MOSFET_FAILURE,
        Alarm.PERMANENT_FAILURE,
    }
)
"""Alarms of a device that charges no more. Over-currents are not among them: they end with the current."""
NO_DISCHARGE = frozenset(
    {
        Alarm.CELL_UNDERVOLTAGE,
        Alarm.PACK_UNDERVOLTAGE,
        Alarm.SHORT_CIRCUIT,
        Alarm.DISCHARGE_OVERTEMPERATURE,
        Alarm.DISCHARGE_UNDERTEMPERATURE,
        Alarm.MOSFET_OVERTEMPERATURE,
        Alarm.FRONT_END_FAILURE,
        Alarm.DISCHARGE_MOSFET_FAILURE,
        Alarm.PERMANENT_FAILURE,
    }
)


class Limits(NamedTuple):
    """What may be asked of a battery. `None` is unknown, and does not mean unlimited."""

    charge_voltage: float | None = None
    """In V, of the pack."""
    charge_current: float | None = None
    """In A."""
    discharge_current: float | None = None
    """In A, a positive number."""
    reasons: tuple[str, ...] = ()
    """What reduces the currents: a curve (`high_cell`, `low_cell`, `charge_cold`, `charge_hot`,
    `discharge_cold`, `discharge_hot`, `mosfet_hot`), `alarm`, `cells_lost`, `sensor_lost`,
    `charge_recovering` or `discharge_recovering`."""
    without: tuple[str, ...] = ()
    """Why curves do not apply: sensors that the battery never had (`cells`, `temperatures`, `mosfets`), or
    `chemistry`."""


class Held(NamedTuple):
    """A limit that falls at once and rises slowly."""

    current: float | None = None
    """In A; remembered while the limit is unknown."""
    seconds: float = 0.0
    """For how long it might have been higher."""


class LimitKeeping(NamedTuple):
    """The limits, and what must be remembered to keep them."""

    limits: Limits = Limits()
    charge: Held = Held()
    discharge: Held = Held()
    had: Sensors = Sensors()
    """The most sensors of each kind that were there at once."""
    cells_lost: float | None = None
    """For how long cells have been missing, in s; `None` while all are there."""
    sensor_lost: float | None = None
    """For how long a temperature sensor has been missing, in s; `None` while all are there."""


_WITHOUT_CHEMISTRY = ("chemistry",)
_RECOVERING = {
    (False, False): (),
    (True, False): ("charge_recovering",),
    (False, True): ("discharge_recovering",),
    (True, True): ("charge_recovering", "discharge_recovering"),
}
"""What is said of limits that rise: (that of the charge current, that of the discharge current)."""


def keep(
    keeping: LimitKeeping,
    sample: Sample,
    settings: BatterySettings,
    *,
    full_capacity: float | None,
    stale_after: float,
) -> LimitKeeping:
    """Work out the limits after a good sample; without a change the same object comes back.

    `full_capacity` in Ah, `stale_after` in s. Without a chemistry no curve applies.
    """
    reading = sample.reading
    facts = None if settings.chemistry is None else FACTS[settings.chemistry]
    seconds = max(sample.span.seconds or 0.0, 0.0)
    left = UNREDUCED
    if settings.limits_are_told:
        return _settled(keeping, reading, settings, facts, full_capacity, left, seconds)
    if facts is not None:
        sensed = sense(reading, sample.cells)
        left = reduction(facts, sensed)
        if sensed[:3] != keeping.had or _is_blind(keeping):
            keeping = _look(keeping, Sensors(*sensed[:3]), settings.cells, seconds)
            if _is_blind(keeping):
                left = _blinded(left, keeping, stale_after)
                # Nobody knows whether what held the limits down is over.
                seconds = 0.0
    if reading.alarms:
        left = _alarmed(left, reading.alarms)
    return _settled(keeping, reading, settings, facts, full_capacity, left, seconds)


def _is_blind(keeping: LimitKeeping) -> bool:
    return keeping.cells_lost is not None or keeping.sensor_lost is not None


def _look(keeping: LimitKeeping, sensors: Sensors, cells: int | None, seconds: float) -> LimitKeeping:
    """Notice which sensors there are, and for how long any has been missing."""
    had = Sensors(*map(max, keeping.had, sensors))
    cells_lost = sensors.cells < (had.cells if cells is None else min(had.cells, cells))
    sensor_lost = sensors.temperatures < had.temperatures or sensors.mosfets < had.mosfets
    return keeping._replace(
        had=had,
        cells_lost=_longer(keeping.cells_lost, seconds) if cells_lost else None,
        sensor_lost=_longer(keeping.sensor_lost, seconds) if sensor_lost else None,
    )


def _longer(lost: float | None, seconds: float) -> float:
    return 0.0 if lost is None else lost + seconds


def _blinded(left: Reduction, keeping: LimitKeeping, stale_after: float) -> Reduction:
    charge, discharge, reasons = left
    if keeping.sensor_lost is not None and keeping.sensor_lost >= stale_after:
        charge, discharge, reasons = 0.0, min(discharge, BLIND_DISCHARGE), (*reasons, "sensor_lost")
    if keeping.cells_lost is not None and keeping.cells_lost >= CELLS_TIME:
        charge, discharge, reasons = 0.0, 0.0, (*reasons, "cells_lost")
    return Reduction(charge, discharge, reasons)


def _alarmed(left: Reduction, alarms: frozenset[Alarm]) -> Reduction:
    no_charge, no_discharge = not NO_CHARGE.isdisjoint(alarms), not NO_DISCHARGE.isdisjoint(alarms)
    if not no_charge and not no_discharge:
        return left
    charge = 0.0 if no_charge else left.charge
    return Reduction(charge, 0.0 if no_discharge else left.discharge, (*left.reasons, "alarm"))


def _settled(
    keeping: LimitKeeping,
    reading: Reading,
    settings: BatterySettings,
    facts: ChemistryFacts | None,
    full_capacity: float | None,
    left: Reduction,
    seconds: float,
) -> LimitKeeping:
    """Put the limits together, each lowered at once or raised slowly."""
    charge, charge_current, rising = _side(
        keeping.charge,
        _most(reading.charge_current_limit, CHARGE_RATE, full_capacity, settings.charge_current_cap),
        left.charge,
        seconds,
    )
    discharge, discharge_current, also_rising = _side(
        keeping.discharge,
        _most(reading.discharge_current_limit, DISCHARGE_RATE, full_capacity, settings.discharge_current_cap),
        left.discharge,
        seconds,
    )
    limits = (
        _charge_voltage(reading, facts, settings.cells or keeping.had.cells),
        charge_current,
        discharge_current,
        (*left.reasons, *_RECOVERING[rising, also_rising]),
        () if settings.limits_are_told else _WITHOUT_CHEMISTRY if facts is None else _without(keeping.had),
    )
    if charge is keeping.charge and discharge is keeping.discharge and limits == keeping.limits:
        return keeping
    return keeping._replace(limits=Limits(*limits), charge=charge, discharge=discharge)


def _without(had: Sensors) -> tuple[str, ...]:
    return (
        () if all(had) else tuple(kind for kind, sensors in zip(had._fields, had, strict=True) if not sensors)
    )


def _charge_voltage(reading: Reading, facts: ChemistryFacts | None, cells: int) -> float | None:
    told = reading.charge_voltage_limit
    if told is not None and 0.0 < told < inf:
        return told
    return None if facts is None or not cells else cells * facts.charge_voltage


def _most(told: float | None, rate: float, capacity: float | None, cap: float | None) -> float | None:
    """Return the current in A that a battery may have when nothing reduces it."""
    if told is not None and 0.0 <= told < inf:
        most = told
    elif capacity is not None and 0.0 < capacity < inf:
        most = rate * capacity
    else:
        return None
    return most if cap is None or most <= cap else max(cap, 0.0)


def _side(held: Held, most: float | None, left: float, seconds: float) -> tuple[Held, float | None, bool]:
    """Return what is held, the limit in A, and whether it is still below what would be possible."""
    if most is None:
        return held, None, False
    target = most * left
    current, waited = held
    if current is None or target <= current:
        return (held if target == current and not waited else Held(target)), target, False
    waited += seconds
    raised = current + most * max(0.0, min(seconds, waited - HOLD)) / RAMP
    if raised >= target:
        return Held(target), target, False
    return Held(raised, waited), raised, True
