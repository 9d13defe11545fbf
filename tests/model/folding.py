"""A battery that is watched: samples go in, its state and what changed come out."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.battmon.model import monitor
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.levels import Kind, Level
from custom_components.battmon.model.failsafe.settings import FailsafeSettings, Thresholds
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.memory import BatteryMemory, from_file, to_file
from custom_components.battmon.model.monitor import Settings, Step
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

START = datetime(2026, 11, 21, tzinfo=UTC)
NONE, UNHEALTHY, LOW, CRITICAL = Level
ROSE, FELL = Change.LEVEL_ROSE, Change.LEVEL_FELL
BEGAN, ENDED = Change.REASON_BEGAN, Change.REASON_ENDED
type Limits = Mapping[Kind, tuple[float | None, float | None]]
"""Low and critical thresholds."""
LIFEPO4 = BatterySettings(chemistry=Chemistry.LIFEPO4)


def at(seconds: float) -> Instant:
    return Instant(1000.0 + seconds, START + timedelta(seconds=seconds))


def settings(
    thresholds: Limits | None = None,
    battery: BatterySettings = LIFEPO4,
    *,
    unhealthy_after: float = 6.0,
    cells: int | None = None,
    **failsafe: Any,
) -> Settings:
    """Return the settings of a battery with these low and critical thresholds."""
    pairs = {kind: Thresholds(*pair) for kind, pair in (thresholds or {}).items()}
    return Settings(
        unhealthy_after=unhealthy_after,
        cells=cells,
        failsafe=FailsafeSettings(thresholds=pairs, **failsafe),
        battery=battery,
    )


class Folded:
    """Folds what happens to one battery, each at its second, and notes what changed."""

    def __init__(self, its: Settings, **usual: Any) -> None:
        self.settings = its
        self.usual = usual
        """What every sample says unless it says otherwise."""
        self.state = BatteryState()
        self.told: list[Transition] = []

    @property
    def level(self) -> Level:
        return self.state.failsafe.level

    @property
    def kinds(self) -> list[Kind]:
        """What the levels are raised for, worst first."""
        return [reason.kind for reason in self.state.failsafe.reasons]

    def see(self, seconds: float, **values: Any) -> Level:
        """Fold a good sample."""
        return self.fold(monitor.step(self.state, Reading(**self.usual | values), at(seconds), self.settings))

    def see_every(self, interval: float, start: float, end: float, **values: Any) -> Level:
        """Fold the same sample from the second `start` to `end`, both included."""
        for number in range(round((end - start) / interval) + 1):
            self.see(start + number * interval, **values)
        return self.level

    def miss(self, seconds: float) -> Level:
        """Fold a sample that failed."""
        return self.fold(monitor.step(self.state, None, at(seconds), self.settings))

    def look(self, seconds: float) -> Level:
        """See whether a sample is overdue."""
        return self.fold(monitor.look(self.state, at(seconds), self.settings))

    def fold(self, step: Step) -> Level:
        """Take a step."""
        self.state = step.state
        self.told += step.transitions
        return self.level

    def heard(self) -> list[Transition]:
        """Return what changed since this was asked last."""
        told, self.told = self.told, []
        return told

    def remembered(self) -> BatteryMemory:
        """Return what is in the file after this."""
        memory = BatteryMemory(
            estimators=self.state.estimators,
            failsafe=self.state.failsafe,
            seen_at=None if self.state.sampled_at is None else self.state.sampled_at.utc,
        )
        return from_file(to_file(memory))

    def restart(self, now: Instant) -> None:
        """Begin again with what is in the file."""
        self.state = monitor.begin(self.remembered(), now, self.settings)
        self.told = []
