"""The quantities that have thresholds: unit, side, and which way is bad. One table, also for forms."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

from .levels import Kind, Side


class Direction(IntEnum):
    """Which way a quantity is bad. Times this sign, bad always means below the threshold."""

    BELOW = 1
    ABOVE = -1


class Quantity(NamedTuple):
    """What is the same for every threshold of a kind."""

    unit: str
    """Of the value and of its thresholds."""
    direction: Direction
    side: Side

    @property
    def zero_is_off(self) -> bool:
        """Whether a threshold of 0 is none. 0 degC is a threshold."""
        return self.unit != "°C"

    def threshold(self, wanted: float | None) -> float | None:
        """Return the threshold in force, or `None` for one that is off."""
        return None if wanted is None or (self.zero_is_off and wanted == 0) else wanted

    def contradicts(self, low: float | None, critical: float | None) -> bool:
        """Whether the critical threshold does not lie beyond the low one, where both are in force."""
        low, critical = self.threshold(low), self.threshold(critical)
        return low is not None and critical is not None and (critical - low) * self.direction >= 0


QUANTITIES: Mapping[Kind, Quantity] = MappingProxyType(
    {
        Kind.LOW_VOLTAGE: Quantity("V", Direction.BELOW, Side.DISCHARGE),
        Kind.HIGH_VOLTAGE: Quantity("V", Direction.ABOVE, Side.CHARGE),
        Kind.LOW_CELL: Quantity("V", Direction.BELOW, Side.DISCHARGE),
        Kind.HIGH_CELL: Quantity("V", Direction.ABOVE, Side.CHARGE),
        Kind.LOW_STATE_OF_CHARGE: Quantity("%", Direction.BELOW, Side.DISCHARGE),
        Kind.LOW_CAPACITY: Quantity("Ah", Direction.BELOW, Side.DISCHARGE),
        Kind.CHARGE_COLD: Quantity("°C", Direction.BELOW, Side.CHARGE),
        Kind.CHARGE_HOT: Quantity("°C", Direction.ABOVE, Side.CHARGE),
        Kind.DISCHARGE_COLD: Quantity("°C", Direction.BELOW, Side.DISCHARGE),
        Kind.DISCHARGE_HOT: Quantity("°C", Direction.ABOVE, Side.DISCHARGE),
        Kind.MOSFET_HOT: Quantity("°C", Direction.ABOVE, Side.BOTH),
        Kind.CHARGE_OVERCURRENT: Quantity("A", Direction.ABOVE, Side.CHARGE),
        Kind.DISCHARGE_OVERCURRENT: Quantity("A", Direction.ABOVE, Side.DISCHARGE),
    }
)
"""Every kind that may have thresholds, in the order in which people are asked for them."""
