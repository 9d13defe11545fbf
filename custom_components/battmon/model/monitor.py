"""One fold: a state and a reading make the next state, and say what changed.

State changes only here. Every sample is folded, whether it is published or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from .alarms import Alarm
from .changes import Change, Transition
from .instant import Instant
from .reading import Reading
from .sleep import is_idle
from .state import NO_ALARMS, BatteryState, Cell


class Step(NamedTuple):
    """What `step` returns."""

    state: BatteryState
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What people may set about the judgement of one battery."""

    unhealthy_after: float
    """Seconds without a good sample until the battery is no longer healthy."""


SWITCHES = ("charging_enabled", "discharging_enabled", "balancing_enabled")


def step(state: BatteryState, reading: Reading | None, now: Instant, settings: Settings) -> Step:
    """Fold one sample, or the lack of one (`None`), into `state`.

    A reading older than the newest one is dropped: time does not run backwards.
    """
    if reading is None or state.paused or _is_older(now, state):
        return _without_reading(state, now, settings)
    cells = _cell_figures(reading.cell_voltages)
    after = BatteryState(
        reading=reading,
        sampled_at=now,
        healthy=True,
        last_healthy_at=now,
        resumed_at=None,
        idle_since=_idle_since(state, reading, now),
        power=_power(reading),
        lowest_cell=cells.lowest,
        highest_cell=cells.highest,
        mean_cell_voltage=cells.mean,
        cell_imbalance=cells.imbalance,
    )
    return Step(after, tuple(_changes(state, after)))


def pause(state: BatteryState) -> Step:
    """Stop judging: nobody reads the battery from now on, and its values are not shown."""
    if state.paused:
        return Step(state, ())
    return Step(replace(state, paused=True, healthy=False, resumed_at=None), (Transition(Change.PAUSED),))


def resume(state: BatteryState, now: Instant) -> Step:
    """Judge again: the battery has its time to be seen, and nothing is shown before it was."""
    if not state.paused:
        return Step(state, ())
    return Step(replace(state, paused=False, resumed_at=now, idle_since=None), ())


def look_for(state: BatteryState, now: Instant) -> BatteryState:
    """Begin to judge a battery that was not seen yet: it has its time, for its wire may come late."""
    return replace(state, resumed_at=now)


def _without_reading(state: BatteryState, now: Instant, settings: Settings) -> Step:
    since = state.watched_since
    if (
        not (state.healthy or state.resumed_at is not None)  # it is lost already, or paused
        or since is None
        or now.monotonic - since.monotonic < settings.unhealthy_after
    ):
        return Step(state, ())
    return Step(replace(state, healthy=False, resumed_at=None), (Transition(Change.HEALTH_LOST),))


def _idle_since(state: BatteryState, reading: Reading, now: Instant) -> Instant | None:
    return (state.idle_since or now) if is_idle(reading) else None


def _is_older(now: Instant, state: BatteryState) -> bool:
    return state.sampled_at is not None and now.monotonic < state.sampled_at.monotonic


def _power(reading: Reading) -> float | None:
    if reading.voltage is None or reading.current is None:
        return None
    return reading.voltage * reading.current


class _CellFigures(NamedTuple):
    lowest: Cell | None = None
    highest: Cell | None = None
    mean: float | None = None
    imbalance: float | None = None


def _cell_figures(voltages: tuple[float | None, ...] | None) -> _CellFigures:
    known = [voltage for voltage in voltages or () if voltage is not None]
    if voltages is None or not known:
        return _CellFigures()
    lowest, highest = min(known), max(known)
    return _CellFigures(
        Cell(voltages.index(lowest) + 1, lowest),
        Cell(voltages.index(highest) + 1, highest),
        sum(known) / len(known),
        highest - lowest,
    )


def _changes(before: BatteryState, after: BatteryState) -> Iterator[Transition]:
    if not before.healthy:
        yield Transition(Change.HEALTH_REGAINED if before.resumed_at is None else Change.RESUMED)
    old, new = before.reading, after.reading
    if old is None or new is None:
        return
    if old.alarms != new.alarms:
        yield from _alarm_changes(old.alarms or NO_ALARMS, new.alarms or NO_ALARMS)
    for switch in SWITCHES:
        if getattr(old, switch) != getattr(new, switch):
            yield Transition(Change.SWITCH_CHANGED, switch)


def _alarm_changes(old: frozenset[Alarm], new: frozenset[Alarm]) -> Iterator[Transition]:
    for alarm in sorted(new - old):
        yield Transition(Change.ALARM_APPEARED, alarm)
    for alarm in sorted(old - new):
        yield Transition(Change.ALARM_CLEARED, alarm)
