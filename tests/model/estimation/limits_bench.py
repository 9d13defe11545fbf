"""Batteries to ask for their limits."""

from datetime import UTC, datetime
from typing import Any

from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.limits import LimitKeeping, Limits, keep
from custom_components.battmon.model.estimation.sample import Sample
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Place, Reading, Temperature

NOW = Instant(1000.0, datetime(2026, 11, 21, tzinfo=UTC))
LIFEPO4 = BatterySettings(chemistry=Chemistry.LIFEPO4)
STALE_AFTER = 45.0
NEW = LimitKeeping()
C = 100.0
"""Full capacity in Ah: 0.5 C is 50 A, 1 C is 100 A."""


def span(seconds: float | None) -> Span:
    return Span(NOW, seconds, 0.0 if seconds is not None else 86400.0)


def pack(
    cells: tuple[float | None, ...] | None = (3.3,) * 4,
    cell_temperatures: tuple[float | None, ...] = (20.0,),
    mosfet: tuple[float | None, ...] = (30.0,),
    **other: Any,
) -> Reading:
    temperatures = [Temperature(value, Place.CELL) for value in cell_temperatures]
    temperatures += [Temperature(value, Place.MOSFET) for value in mosfet]
    return Reading(cell_voltages=cells, temperatures=tuple(temperatures), **other)


def kept(
    *samples: Reading,
    seconds: float | None = 10.0,
    settings: BatterySettings = LIFEPO4,
    capacity: float | None = C,
    before: LimitKeeping = NEW,
) -> LimitKeeping:
    """Return what is kept after samples that are `seconds` apart; of the very first nothing came before."""
    keeping = before
    for reading in samples:
        keeping = keep(
            keeping,
            Sample(
                None,
                reading,
                span(None if keeping is NEW else seconds),
                cell_figures(reading.cell_voltages),
            ),
            settings,
            full_capacity=capacity,
            stale_after=STALE_AFTER,
        )
    return keeping


def limits(*samples: Reading, **how: Any) -> Limits:
    return kept(*samples, **how).limits
