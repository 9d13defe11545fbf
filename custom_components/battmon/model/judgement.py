"""What a fold means: how a state is judged, whether it is ready, and what has changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .alarms import Alarm
from .changes import Change, Transition
from .estimation.charge_counting import Origin
from .estimation.settings import BatterySettings
from .failsafe import silence, transitions
from .failsafe.failsafe import Failsafe
from .failsafe.readiness import NotReady, not_ready
from .failsafe.settings import FailsafeSettings
from .failsafe.view import View
from .reading import Reading
from .sleep import dead_band
from .state import NO_ALARMS, BatteryState

SWITCHES = ("charging_enabled", "discharging_enabled", "balancing_enabled")


class Step(NamedTuple):
    """What every function of the monitor returns."""

    state: BatteryState
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What people may set about the judgement of one battery."""

    unhealthy_after: float
    """Seconds without a good sample until the battery is no longer healthy."""
    longest_gap: float = 60.0
    """Seconds between two samples beyond which nobody knows what happened in between."""
    stale_after: float = 30.0
    """Seconds after which a value that is missing in good samples is lost."""
    cells: int | None = None
    """How many cells the battery was ever seen to have."""
    failsafe: FailsafeSettings = field(default_factory=FailsafeSettings)
    battery: BatterySettings = field(default_factory=BatterySettings)


SWITCHES = ("charging_enabled", "discharging_enabled", "balancing_enabled")


def view_of(state: BatteryState, settings: Settings) -> View:
    """Return what the failsafe judges of a state with a good sample."""
    reading = state.reading
    assert reading is not None
    estimate = state.estimate
    known = estimate.state_of_charge
    return View(
        reading=reading,
        lowest_cell=state.cells.lowest,
        highest_cell=state.cells.highest,
        resting_voltage=estimate.trusted_resting_voltage,
        state_of_charge=known and known.value,
        state_of_charge_uncertainty=known and known.uncertainty,
        origin_is_counted=known is not None and known.origin is not Origin.DEVICE,
        remaining_capacity=estimate.remaining_capacity,
        cells_expected=settings.cells,
        idle_current=dead_band(reading),
    )


def silent(state: BatteryState, settings: Settings) -> Failsafe:
    """Return the failsafe of a battery that is out of sight."""
    if not state.armed:
        return state.failsafe
    known = state.estimate.state_of_charge
    return silence.judge_silence(
        state.failsafe, settings.failsafe, lost=state.lost, state_of_charge=known and known.value
    )


def judged(before: BatteryState, after: BatteryState, failsafe: Failsafe, settings: Settings) -> Step:
    """Return the step to `after` with this failsafe and what it means for readiness."""
    if failsafe is not after.failsafe:
        after = replace(after, failsafe=failsafe)
    why_not = _not_ready(after, settings)
    if why_not != after.not_ready:
        after = replace(after, not_ready=why_not)
    return Step(after, tuple(changes(before, after)))


def _not_ready(state: BatteryState, settings: Settings) -> tuple[NotReady, ...]:
    view = view_of(state, settings) if state.healthy else None
    return not_ready(view, state.failsafe, settings.failsafe, paused=state.paused)


def changes(before: BatteryState, after: BatteryState) -> Iterator[Transition]:
    """Yield what cannot wait for the next publication."""
    if before.healthy != after.healthy or before.paused != after.paused:
        yield from _health_changes(before, after)
    if after.reading is not before.reading and before.reading is not None and after.reading is not None:
        yield from _reading_changes(before.reading, after.reading)
    if after.failsafe is not before.failsafe:
        yield from transitions.changes(before.failsafe, after.failsafe)
    if bool(before.not_ready) != bool(after.not_ready):
        yield Transition(Change.READY_CHANGED)


def _health_changes(before: BatteryState, after: BatteryState) -> Iterator[Transition]:
    if after.paused:
        yield Transition(Change.PAUSED)
    elif after.healthy:
        yield Transition(Change.HEALTH_REGAINED if before.resumed_at is None else Change.RESUMED)
    elif after.lost:
        yield Transition(Change.HEALTH_LOST)


def _reading_changes(old: Reading, new: Reading) -> Iterator[Transition]:
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
