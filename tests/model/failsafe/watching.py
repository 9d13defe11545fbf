"""A battery that is watched: samples go in, the failsafe comes out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.judging import judge, reset
from custom_components.battmon.model.failsafe.levels import Kind, Level
from custom_components.battmon.model.failsafe.settings import FailsafeSettings, Thresholds, Use
from custom_components.battmon.model.failsafe.silence import judge_silence, reread_failed
from custom_components.battmon.model.failsafe.transitions import changes
from custom_components.battmon.model.failsafe.view import View
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Reading

type Limits = Mapping[Kind, tuple[float | None, float | None]]
"""Low and critical thresholds."""

START = datetime(2026, 11, 21, tzinfo=UTC)
NONE, UNHEALTHY, LOW, CRITICAL = Level
WIRE_TIME = 0.05
"""Seconds that a read takes."""
LONGEST_GAP = 3600.0
"""Seconds; what is longer is a gap."""

ROSE, FELL = Change.LEVEL_ROSE, Change.LEVEL_FELL
BEGAN, ENDED = Change.REASON_BEGAN, Change.REASON_ENDED


def at(seconds: float) -> Instant:
    return Instant(1000.0 + seconds, START + timedelta(seconds=seconds))


def span(seconds: float | None = 1.0, unwatched: float = 0.0) -> Span:
    return Span(at(0.0), seconds, unwatched)


def settings(thresholds: Limits | None = None, **others: Any) -> FailsafeSettings:
    pairs = {kind: Thresholds(*pair) for kind, pair in (thresholds or {}).items()}
    return FailsafeSettings(thresholds=pairs, **others)


def vehicle(thresholds: Limits, **others: Any) -> FailsafeSettings:
    return settings(thresholds, use=Use.VEHICLE, **others)


VIEW_FIELDS = frozenset(View._fields) - {"reading", "lowest_cell", "highest_cell"}


def view(**values: Any) -> View:
    """Return a view of what is given, by the names of a reading's or a view's fields."""
    own = {name: value for name, value in values.items() if name in VIEW_FIELDS}
    said = {
        name: value
        for name, value in values.items()
        if name not in VIEW_FIELDS or name in {"state_of_charge", "remaining_capacity"}
    }
    cells = cell_figures(said.get("cell_voltages"))
    return View(Reading(**said), cells.lowest, cells.highest, **own)


class Event(NamedTuple):
    """What happened when."""

    at: float
    change: Change
    kind: str | None
    level: Level
    """The one in force from then on."""


class Watched:
    """Feeds a failsafe and notes its transitions."""

    def __init__(self, thresholds: FailsafeSettings, **usual: Any) -> None:
        self.settings = thresholds
        self.usual = usual
        """What every sample says unless it says otherwise."""
        self.failsafe = Failsafe()
        self.now: float | None = None
        self.events: list[Event] = []

    @property
    def level(self) -> Level:
        return self.failsafe.level

    @property
    def kinds(self) -> list[Kind]:
        return [reason.kind for reason in self.failsafe.reasons]

    @property
    def levels(self) -> tuple[Level, Level, Level]:
        return self.failsafe[:3]

    def view(self, **values: Any) -> View:
        return view(**(self.usual | values))

    def see(self, seconds: float, **values: Any) -> Level:
        """Judge a sample at this second; what was longer ago than `LONGEST_GAP` is a gap."""
        since = None if self.now is None else seconds - self.now
        gap = since is not None and since > LONGEST_GAP
        passed = Span(at(seconds), None if gap else since, since or 0.0 if gap else 0.0)
        self._note(seconds, judge(self.failsafe, self.view(**values), passed, self.settings))
        self.now = seconds
        return self.level

    def see_all(self, seconds: Iterable[float], **values: Any) -> Level:
        for second in seconds:
            self.see(second, **values)
        return self.level

    def restart(self) -> None:
        """Begin again with what is remembered: the next sample has no time behind it."""
        self.now = None

    def lose(self, seconds: float, state_of_charge: float | None = None) -> Level:
        after = judge_silence(self.failsafe, self.settings, lost=True, state_of_charge=state_of_charge)
        self._note(seconds, after)
        return self.level

    def fail(self, seconds: float) -> Level:
        self._note(seconds, reread_failed(self.failsafe, self.settings))
        return self.level

    def reset(self, seconds: float, **values: Any) -> Level:
        self._note(seconds, reset(self.failsafe, self.view(**values), Span(at(seconds), None), self.settings))
        return self.level

    def run(
        self, signal: Callable[[float], float], interval: float, until: float, start: float = 1.0
    ) -> None:
        """Sample a voltage, as often as set and sooner where that is asked for."""
        step = 0
        second = start
        while second <= until + 1e-9:
            self.see(round(second, 6), voltage=signal(round(second, 6)))
            soon = self.failsafe.read_within
            if soon is None or soon >= interval:
                step += 1
                regular = start + step * interval
                while regular <= second + 1e-9:
                    step += 1
                    regular = start + step * interval
                second = regular
            else:
                second += max(soon, WIRE_TIME)

    def note(self, seconds: float, after: Failsafe) -> list[Transition]:
        return self._note(seconds, after)

    def _note(self, seconds: float, after: Failsafe) -> list[Transition]:
        found = list(changes(self.failsafe, after))
        self.failsafe = after
        self.events += [Event(seconds, change, kind, after.level) for change, kind in found]
        return found

    def times(self, change: Change) -> list[float]:
        return [event.at for event in self.events if event.change is change]


def steps(*points: tuple[float, float]) -> Callable[[float], float]:
    """Return a signal that has each value from its second on."""

    def signal(seconds: float) -> float:
        return [value for since, value in points if since <= seconds + 1e-9][-1]

    return signal


def every(interval: float, start: float, end: float) -> list[float]:
    """Return the seconds from `start` to `end`, both included."""
    count = round((end - start) / interval)
    return [round(start + step * interval, 6) for step in range(count + 1)]
