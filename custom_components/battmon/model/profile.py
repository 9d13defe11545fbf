"""What a battery is known to offer: which quantities, how many cells, which temperature sensors.

Remembered, so that a battery that is out of reach at start still has its entities.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

from .reading import Place, Reading

_QUANTITIES = tuple(field.name for field in fields(Reading))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The shape of a battery's readings."""

    quantities: frozenset[str] = frozenset()
    """Names of the fields of `Reading` that were ever known."""
    cells: int = 0
    temperatures: tuple[Place, ...] = ()
    counts: tuple[str, ...] = ()
    """Names of the protection counters, in the device's order."""

    def widened(self, reading: Reading) -> Profile:
        """Return this profile with all that `reading` offers; the same object if nothing is new."""
        if not self._is_widened_by(reading):
            return self
        known = {name for name in _QUANTITIES if getattr(reading, name) is not None}
        places = tuple(sensor.place for sensor in reading.temperatures or ())
        counts = tuple(reading.protection_counts or ())
        return Profile(
            quantities=self.quantities | known,
            cells=max(self.cells, len(reading.cell_voltages or ())),
            temperatures=_longer(self.temperatures, places),
            counts=_longer(self.counts, counts),
        )

    def _is_widened_by(self, reading: Reading) -> bool:
        cells, temperatures, counts, *others = _beside(self.quantities)(reading)
        return (
            len(cells or ()) > self.cells
            or len(temperatures or ()) > len(self.temperatures)
            or len(counts or ()) > len(self.counts)
            or others.count(None) < len(others)
        )


@lru_cache(maxsize=64)
def _beside(quantities: frozenset[str]) -> Callable[[Reading], tuple[Any, ...]]:
    """Return what gets the fields that have a length, and all that are not among `quantities`."""
    others = [name for name in _QUANTITIES if name not in quantities]
    return attrgetter("cell_voltages", "temperatures", "protection_counts", *others)


def _longer[T](old: tuple[T, ...], new: tuple[T, ...]) -> tuple[T, ...]:
    return new if len(new) > len(old) else old
