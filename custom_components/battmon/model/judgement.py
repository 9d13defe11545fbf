"""What a fold means: how a state is judged, whether it is ready, and what has changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import NamedTuple

from . import observed
from .changes import Change, Transition
from .estimation.charge_counting import Origin
from .estimation.settings import BatterySettings
from .failsafe import silence, transitions
from .failsafe.failsafe import Failsafe
from .failsafe.levels import Kind, Level
from .failsafe.measuring import certain_charge
from .failsafe.readiness import not_ready
from .failsafe.settings import FailsafeSettings
from .failsafe.view import View
from .packs.members import PackReading
from .packs.viewing import as_whole
from .sleep import dead_band
from .state import BatteryState

TOO_VAGUE = 25.0
"""Points of uncertainty beyond which a state of charge is not judged. After a gap of a day anything may be
left: to take the least of it for true would raise a false critical."""


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
    low_capacity: float | None = field(init=False, repr=False, compare=False)
    """Of the failsafe's low threshold that is in force, in Ah. Looked up once for all samples."""
    low_state_of_charge: float | None = field(init=False, repr=False, compare=False)
    """In %."""

    def __post_init__(self) -> None:
        low = {line.kind: line.threshold for line in self.failsafe.lines.each if line.level is Level.LOW}
        object.__setattr__(self, "low_capacity", low.get(Kind.LOW_CAPACITY))
        object.__setattr__(self, "low_state_of_charge", low.get(Kind.LOW_STATE_OF_CHARGE))


def view_of(state: BatteryState, settings: Settings) -> View:
    """Return what the failsafe judges of a state with a good sample."""
    reading = state.reading
    assert reading is not None
    estimate = state.estimate
    value = uncertainty = None
    counted = False
    remaining = estimate.remaining_capacity
    if (known := estimate.state_of_charge) is not None:
        value, origin, uncertainty = known
        counted = origin is not Origin.DEVICE
    if counted and uncertainty is not None and uncertainty > TOO_VAGUE:
        value = uncertainty = None
    if counted and remaining is not reading.remaining_capacity:
        remaining = _certain_capacity(estimate.full_capacity, value, uncertainty)
    view = View(
        reading,
        state.cells.lowest,
        state.cells.highest,
        estimate.trusted_resting_voltage,
        value,
        uncertainty,
        counted,
        remaining,
        settings.cells,
        dead_band(reading),
    )
    return as_whole(view, reading) if isinstance(reading, PackReading) else view


def _certain_capacity(full: float | None, charge: float | None, uncertainty: float | None) -> float | None:
    """Return what is left for certain, in Ah, where the device does not say."""
    if full is None or charge is None:
        return None
    return full * max(0.0, charge - (uncertainty or 0.0)) / 100


def silent(state: BatteryState, settings: Settings) -> Failsafe:
    """Return the failsafe of a battery that is out of sight."""
    known = inf if state.reading is None else certain_charge(view_of(state, settings))
    state_of_charge = max(0.0, known) if isfinite(known) else None
    return silence.judge_silence(
        state.failsafe, settings.failsafe, lost=state.lost, state_of_charge=state_of_charge
    )


def judged(
    before: BatteryState,
    after: BatteryState,
    failsafe: Failsafe,
    settings: Settings,
    just_judged: View | None = None,
) -> Step:
    """Return the step to `after` with this failsafe and what it means for readiness.

    `just_judged` is what the failsafe was judged by, if it was a sample.
    """
    if failsafe is not after.failsafe:
        after = replace(after, failsafe=failsafe)
    view = just_judged
    if view is None and after.healthy:
        view = view_of(after, settings)
    why_not = not_ready(
        view, failsafe, settings.failsafe, paused=after.paused, judged=just_judged is not None
    )
    if why_not != after.not_ready:
        after = replace(after, not_ready=why_not)
    return Step(after, tuple(changes(before, after)))


def changes(before: BatteryState, after: BatteryState) -> Iterator[Transition]:
    """Yield what cannot wait for the next publication."""
    if (
        before.healthy != after.healthy
        or before.paused != after.paused
        or before.resumed_at is not after.resumed_at
    ):
        yield from _health_changes(before, after)
    if after.observed is not before.observed:
        yield from observed.changes(before.observed, after.observed)
    if _members_changed(before.pack, after.pack):
        yield Transition(Change.MEMBERS_CHANGED)
    if after.failsafe is not before.failsafe:
        yield from transitions.changes(before.failsafe, after.failsafe)
    if bool(before.not_ready) != bool(after.not_ready):
        yield Transition(Change.READY_CHANGED)


def _members_changed(before: PackReading | None, after: PackReading | None) -> bool:
    """Whether other members are used, or not for other reasons. At the start nothing has changed."""
    if before is None or after is None or before is after:
        return False
    return _members(before) != _members(after)


def _members(pack: PackReading) -> list[object]:
    return [(given.name, given.used, given.why) for given in pack.contributions]


def _health_changes(before: BatteryState, after: BatteryState) -> Iterator[Transition]:
    if after.paused:
        yield Transition(Change.PAUSED)
    elif after.healthy:
        yield Transition(Change.HEALTH_REGAINED if before.resumed_at is None else Change.RESUMED)
    elif after.lost:
        yield Transition(Change.HEALTH_LOST)
