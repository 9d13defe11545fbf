"""What BattMon knows of a battery: the newest reading and what is derived from it."""

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from .alarms import NOT_A_PROBLEM, Alarm
from .cell import Cell, CellFigures
from .estimation.estimate import NOTHING_ESTIMATED, Estimate, Estimators
from .failsafe.failsafe import Failsafe
from .failsafe.levels import Kind
from .failsafe.readiness import NotReady, NotReadyKind
from .instant import Instant
from .observed import Observed
from .reading import Reading

if TYPE_CHECKING:
    from datetime import datetime

    from .packs.members import PackReading

__all__ = ["NO_ALARMS", "BatteryState", "Cell"]

NO_ALARMS: frozenset[Alarm] = frozenset()
STARTING = 60.0
"""Seconds after a start in which silence raises no level (rules 1)."""


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
    started_at: Instant | None = None
    """When it was begun to watch the battery: wires and proxies come late after a start."""
    seen_before: datetime | None = None
    """When it was last seen before this start, as far as that is remembered; `None` once it was seen."""
    armed: bool = True
    """Whether a vehicle is in use. A stationary battery always is."""
    observed: Observed = Observed()
    """How each switch was last seen, across readings that do not tell."""
    power: float | None = None
    """In W, positive while charging."""
    cells: CellFigures = CellFigures()
    estimators: Estimators = Estimators()
    """What has been learned and counted so far."""
    estimate: Estimate = NOTHING_ESTIMATED
    failsafe: Failsafe = Failsafe()
    pack: PackReading | None = None
    """Of a virtual battery: the newest combination, also where too few members are there for a reading."""
    not_ready: tuple[NotReady, ...] = (NotReady(NotReadyKind.UNHEALTHY),)
    """All reasons why the battery should not be relied on now; one that was not seen yet is not ready."""

    @property
    def watched_since(self) -> Instant | None:
        """Since when a good sample is due: the time without one counts from here."""
        return self.resumed_at or self.sampled_at

    @property
    def lost(self) -> bool:
        """Whether it is out of sight against the person's wish, and had its time to be seen."""
        return not self.healthy and not self.paused and self.resumed_at is None

    @property
    def silence_counts_from(self) -> float | None:
        """From when on, on the monotonic clock, that it is lost raises a level; `None` if it does not."""
        if not self.lost or not self.armed or self._is_silent:
            return None
        if self.sampled_at is None and self.started_at is None:
            return None
        return -inf if self.started_at is None else self.started_at.monotonic + STARTING

    @property
    def _is_silent(self) -> bool:
        return any(held.reason.kind is Kind.SILENCE and not held.ended for held in self.failsafe.held)

    @property
    def lowest_cell(self) -> Cell | None:
        """The cell with the lowest voltage."""
        return self.cells.lowest

    @property
    def highest_cell(self) -> Cell | None:
        """The cell with the highest voltage."""
        return self.cells.highest

    @property
    def mean_cell_voltage(self) -> float | None:
        """In V."""
        return self.cells.mean

    @property
    def cell_imbalance(self) -> float | None:
        """Highest minus lowest cell, in V."""
        return self.cells.imbalance

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
