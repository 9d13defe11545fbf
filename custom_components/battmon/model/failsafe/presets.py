"""Suggested thresholds, and thresholds that contradict each other."""

from collections.abc import Mapping

from ..chemistry import FACTS, Band, Chemistry, ChemistryFacts
from .levels import Kind
from .quantities import QUANTITIES
from .settings import Thresholds

STATE_OF_CHARGE = Thresholds(20.0, 10.0)
"""% (rules 1)."""
MOSFET = Thresholds(85.0, 95.0)
"""degC; MOSFETs and boards of any chemistry (rules 1)."""


def suggested(chemistry: Chemistry, cells: int | None) -> dict[Kind, Thresholds]:
    """Return what suits a battery; the pack's voltages only for a known number of cells in series."""
    facts = FACTS[chemistry]
    low = (facts.low_voltage, facts.critical_voltage)
    high = (facts.high_voltage, facts.critical_high_voltage)
    found = {
        Kind.LOW_CELL: Thresholds(*low),
        Kind.HIGH_CELL: Thresholds(*high),
        Kind.LOW_STATE_OF_CHARGE: STATE_OF_CHARGE,
        **{kind: Thresholds(*band) for kind, band in _bands(facts).items()},
        Kind.MOSFET_HOT: MOSFET,
    }
    if cells is not None:
        found[Kind.LOW_VOLTAGE] = _of_pack(low, cells)
        found[Kind.HIGH_VOLTAGE] = _of_pack(high, cells)
    return {kind: found[kind] for kind in QUANTITIES if kind in found}


def order_errors(thresholds: Mapping[Kind, Thresholds]) -> tuple[Kind, ...]:
    """Return the kinds whose critical threshold does not lie beyond the low one."""
    return tuple(kind for kind, pair in thresholds.items() if QUANTITIES[kind].contradicts(*pair))


def _bands(facts: ChemistryFacts) -> dict[Kind, Band]:
    return {
        Kind.CHARGE_COLD: facts.charge_cold,
        Kind.CHARGE_HOT: facts.charge_hot,
        Kind.DISCHARGE_COLD: facts.discharge_cold,
        Kind.DISCHARGE_HOT: facts.discharge_hot,
    }


def _of_pack(pair: tuple[float, float], cells: int) -> Thresholds:
    low, critical = pair
    # 2.8 * 16 is 44.8 and a little more in binary.
    return Thresholds(round(low * cells, 3), round(critical * cells, 3))
