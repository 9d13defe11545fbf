"""What a person sets about a virtual battery."""

from dataclasses import dataclass
from enum import StrEnum

from ..chemistry import Chemistry

STATE_OF_CHARGE_SPREAD_SERIES = 10.0
"""Points between members in series (rules 5)."""
STATE_OF_CHARGE_SPREAD_PARALLEL = 15.0
CELL_IMBALANCE_ALARM = 0.2
"""V between cells (rules 5); 0.3 for chemistries with a steep curve is set by hand."""


class Arrangement(StrEnum):
    """How members are joined."""

    SERIES = "series"
    PARALLEL = "parallel"
    MERGED = "merged"
    """One battery, seen by several devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where quantities are taken from. Names are those of the fields of `Reading`, `power` among them."""

    key: str
    """The battery key."""
    quantities: frozenset[str] = frozenset()
    """Empty: all."""

    def gives(self, quantity: str) -> bool:
        """Whether this quantity is taken from it."""
        return not self.quantities or quantity in self.quantities


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSettings:
    """Of one virtual battery. `None` is as the rules say; a limit of 0 is off."""

    arrangement: Arrangement
    members: tuple[Source, ...]
    """In order. `quantities` only count where they are merged, where the order is that of precedence."""
    primary: tuple[Source, ...] = ()
    """Replace quantities of the combination, the first that knows one first. No members."""
    auxiliary: tuple[Source, ...] = ()
    """Fill what the combination leaves unknown, the first that knows one first. No members."""
    capacity: float | None = None
    """Full capacity in Ah, instead of the members'."""
    minimum_voltage: bool = False
    """Parallel: the lowest member's voltage instead of the mean."""
    strict: bool = False
    """Parallel: take the highest of the members' levels as it is."""
    partial_sums: bool = False
    """Parallel: sum the current of those that are there. The sum is that of fewer batteries then."""
    chemistry: Chemistry | None = None
    voltage_spread: float | None = None
    """V between members in parallel beyond which to warn. Rules 5: 20 mV a cell, at least 1 %."""
    current_spread: float | None = None
    """A between members in series. Rules 5: 1 A, at least 5 %."""
    state_of_charge_spread: float | None = None
    """Points. Rules 5: 10 in series, 15 in parallel."""
    cell_imbalance: float | None = None
    """V between cells, inside and between members. Rules 5: 0.2."""
