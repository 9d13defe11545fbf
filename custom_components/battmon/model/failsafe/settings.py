"""What a person may set about the failsafe of one battery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ..chemistry import FACTS, Chemistry
from .levels import Kind
from .lines import Lines, lines_of

CLEARING_MARGIN = 0.10
"""V a cell, where the chemistry is not known (rules 1)."""


class Use(StrEnum):
    """What the battery is used for."""

    STATIONARY = "stationary"
    """Levels clear by themselves."""
    VEHICLE = "vehicle"
    """Levels only rise, until they are reset; judged only while armed."""


class Thresholds(NamedTuple):
    """Where a quantity raises its two levels; `None` is off."""

    low: float | None = None
    """The warning, also for what is too high."""
    critical: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsafeSettings:
    """Thresholds and delays. Delays in s."""

    use: Use = Use.STATIONARY
    thresholds: Mapping[Kind, Thresholds] = field(default_factory=dict)
    """In the unit of what is measured: V of the pack, V of a cell, %, Ah, degC, A (positive)."""
    low_voltage_delay: float = 10.0
    """0 to 120; 0 is two samples in a row."""
    critical_voltage_delay: float = 0.0
    """0 is two samples in a row, the second read at once. Lead-acid: 15 (engines crank)."""
    use_resting_voltage: bool = False
    """Judge low voltage by the resting voltage where that is known, instead of the terminals'."""
    chemistry: Chemistry | None = None
    cells: int | None = None
    """As configured; `None` goes by what was learned."""
    ready_voltage: float | None = None
    """V; the battery is not ready below it."""
    ready_capacity: float | None = None
    """Ah; the battery is not ready below it."""
    ready_state_of_charge: float | None = None
    """%; the battery is not ready below it."""
    lines: Lines = field(init=False, repr=False, compare=False)
    """The thresholds as they are judged."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", lines_of(self))

    @property
    def clearing_margin(self) -> float:
        """How far beyond its threshold the pack's voltage has to be before a level clears, in V a cell."""
        return CLEARING_MARGIN if self.chemistry is None else FACTS[self.chemistry].clearing_margin
