"""What BattMon knows of a battery: the newest reading and what is derived from it."""

from dataclasses import dataclass
from typing import NamedTuple

from .alarms import NOT_A_PROBLEM, Alarm
from .instant import Instant
from .reading import Reading

NO_ALARMS: frozenset[Alarm] = frozenset()


class Cell(NamedTuple):
    """One cell among its neighbours."""

    number: int
    """From 1."""
    voltage: float
    """In V."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryState:
    """A reading plus what BattMon derives. Changed only by the functions of `model.monitor`."""

    reading: Reading | None = None
    """The newest good reading. Old when the battery is not healthy: show nothing of it then."""
    sampled_at: Instant | None = None
    healthy: bool = False
    """Whether the newest good sample is younger than `unhealthy_after`."""
    last_healthy_at: Instant | None = None
    paused: bool = False
    """Whether nobody reads it, by the person's wish. Neither healthy nor unhealthy then."""
    resumed_at: Instant | None = None
    """Since when it is looked for, at the start or after a pause; `None` once it was seen or given up."""
    idle_since: Instant | None = None
    """Since when no current worth mentioning has flowed, in any sample."""
    power: float | None = None
    """In W, positive while charging."""
    lowest_cell: Cell | None = None
    highest_cell: Cell | None = None
    mean_cell_voltage: float | None = None
    """In V."""
    cell_imbalance: float | None = None
    """Highest minus lowest cell, in V."""

    @property
    def watched_since(self) -> Instant | None:
        """Since when a good sample is due: the time without one counts from here."""
        return self.resumed_at or self.sampled_at

    @property
    def lost(self) -> bool:
        """Whether it is out of sight against the person's wish, and had its time to be seen."""
        return not self.healthy and not self.paused and self.resumed_at is None

    @property
    def problems(self) -> frozenset[Alarm] | None:
        """The device's alarms without those that are wanted conditions."""
        if self.reading is None or self.reading.alarms is None:
            return None
        return self.reading.alarms - NOT_A_PROBLEM

    @property
    def locked(self) -> bool | None:
        """Whether a MOSFET is held off by command."""
        if self.reading is None or self.reading.alarms is None:
            return None
        return Alarm.SOFTWARE_LOCK in self.reading.alarms
