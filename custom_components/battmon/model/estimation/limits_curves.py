"""By how much cell voltages and temperatures reduce the currents (rules 4)."""

from collections.abc import Callable
from typing import NamedTuple

from ..chemistry import Band, ChemistryFacts
from .limits_sensing import Sensed

CELL_START = 0.075
"""V below the charge voltage at which the highest cell begins to reduce the charge current."""
CELL_END = 0.050
"""V above the charge voltage at which it stops charging."""
MOSFET = Band(85.0, 95.0)
"""degC, also of the board: the same for every chemistry (rules 1)."""
SHAPE = ((0.0, 0.0), (0.4, 0.005), (0.6, 0.05), (0.8, 0.25), (1.0, 1.0))
"""(part of the way from where no current may flow to where all of it may, part of the current).

The shape of the charge curve by cell voltage of dbus-serialbattery's default settings, which leaves next to
nothing well before the end, because a cell's voltage runs away there. It serves both directions.
"""


class Reduction(NamedTuple):
    """What is left of the full currents, from 0 to 1, and why."""

    charge: float = 1.0
    discharge: float = 1.0
    reasons: tuple[str, ...] = ()


UNREDUCED = Reduction()


class _Curve(NamedTuple):
    reason: str
    part: Callable[[ChemistryFacts, Sensed], float]
    charge: bool
    discharge: bool


CURVES = (
    _Curve("high_cell", lambda facts, sensed: _high_cell(facts, sensed.highest_cell), True, False),
    _Curve("low_cell", lambda facts, sensed: _low_cell(facts, sensed.lowest_cell), False, True),
    _Curve("charge_cold", lambda facts, sensed: _band(facts.charge_cold, sensed.coldest), True, False),
    _Curve("charge_hot", lambda facts, sensed: _band(facts.charge_hot, sensed.hottest), True, False),
    _Curve("discharge_cold", lambda facts, sensed: _band(facts.discharge_cold, sensed.coldest), False, True),
    _Curve("discharge_hot", lambda facts, sensed: _band(facts.discharge_hot, sensed.hottest), False, True),
    _Curve("mosfet_hot", lambda _, sensed: _band(MOSFET, sensed.hottest_mosfet), True, True),
)
"""Reasons and what each leaves of which current. The harshest counts."""


def reduction(facts: ChemistryFacts, sensed: Sensed) -> Reduction:
    """Return what the curves of a chemistry leave of the currents."""
    if (
        sensed.highest_cell <= facts.charge_voltage - CELL_START
        and sensed.lowest_cell >= facts.low_voltage
        and sensed.coldest >= facts.charge_cold.warning
        and sensed.hottest <= facts.charge_hot.warning
        and sensed.hottest_mosfet <= MOSFET.warning
    ):
        return UNREDUCED
    charge = discharge = 1.0
    reasons = []
    for curve in CURVES:
        part = curve.part(facts, sensed)
        if part < 1.0:
            charge = min(charge, part) if curve.charge else charge
            discharge = min(discharge, part) if curve.discharge else discharge
            reasons.append(curve.reason)
    return Reduction(charge, discharge, tuple(reasons))


def _high_cell(facts: ChemistryFacts, voltage: float) -> float:
    return _shaped(_way(voltage, facts.charge_voltage + CELL_END, facts.charge_voltage - CELL_START))


def _low_cell(facts: ChemistryFacts, voltage: float) -> float:
    # Mirrored, the charge curve would begin 125 mV above critical: what is called low is always above that.
    return _shaped(_way(voltage, facts.critical_voltage, facts.low_voltage))


def _band(band: Band, value: float) -> float:
    """Return 1 up to the warning, and evenly less to 0 at critical, for cold and for heat."""
    return _way(value, band.critical, band.warning)


def _way(value: float, none: float, full: float) -> float:
    """Return how far a value is on its way from where nothing may flow to where everything may."""
    return min(max((value - none) / (full - none), 0.0), 1.0)


def _shaped(way: float) -> float:
    above = next(index for index in range(1, len(SHAPE)) if way <= SHAPE[index][0])
    (start, low), (end, high) = SHAPE[above - 1], SHAPE[above]
    return low + (high - low) * (way - start) / (end - start)
