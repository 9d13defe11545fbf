"""What a device says that no battery can be: taken for unknown, in place."""

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from operator import attrgetter
from typing import Any

from .reading import Reading, Temperature

_SCALARS = (
    "voltage", "current", "state_of_charge", "state_of_health", "remaining_capacity", "full_capacity",
    "design_capacity", "charge_voltage_limit", "charge_current_limit", "discharge_current_limit",
    "time_to_empty", "time_to_full", "humidity", "balance_current",
)  # fmt: skip
_scalars = attrgetter(*_SCALARS)


def plausible(reading: Reading) -> Reading:
    """Return `reading` with NaN, infinities and impossible shares taken for unknown.

    127 and 255 mean "unknown" to devices that send the state of charge as a byte.
    """
    charge = reading.state_of_charge
    if isfinite(_sum(reading)) and (charge is None or 0 <= charge <= 100):
        return reading
    return replace(reading, **dict(_mended(reading)))


def _sum(reading: Reading) -> float:
    """One sum of everything is not finite if any part of it is not: cheaper than looking at each."""
    total: float = sum(filter(None, _scalars(reading)))
    if reading.cell_voltages is not None:
        total += sum(filter(None, reading.cell_voltages))
    for value, _ in reading.temperatures or ():
        total += value or 0.0
    return total


def _mended(reading: Reading) -> Iterator[tuple[str, Any]]:
    for name in _SCALARS:
        yield name, _finite(getattr(reading, name))
    charge = _finite(reading.state_of_charge)
    yield "state_of_charge", charge if charge is not None and 0 <= charge <= 100 else None
    if reading.cell_voltages is not None:
        yield "cell_voltages", tuple(map(_finite, reading.cell_voltages))
    if reading.temperatures is not None:
        yield "temperatures", tuple(Temperature(_finite(t.value), t.place) for t in reading.temperatures)


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
