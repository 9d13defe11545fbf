"""One fold: a state and a reading make the next state, and say what changed.

State changes only here. Every sample is folded, whether it is published or not.
"""

from dataclasses import replace

from .cell import cell_figures
from .estimation import charge
from .estimation.estimate import estimate
from .estimation.limits_sensing import Sensors
from .estimation.span import Span
from .failsafe import drill, judging, silence
from .failsafe.failsafe import Failsafe
from .failsafe.levels import Kind, Level, Reason, Side
from .failsafe.members import LIVE, with_members, without_members
from .failsafe.view import View
from .instant import Instant
from .judgement import Settings, Step, judged, silent, view_of
from .memory import BatteryMemory
from .packs.members import PackReading, Quality, Why, is_released
from .packs.viewing import with_origin
from .plausible import plausible
from .reading import Reading
from .sleep import is_idle
from .state import STARTING, BatteryState

__all__ = ["Settings", "Step"]


def begin(memory: BatteryMemory, now: Instant, settings: Settings) -> BatteryState:
    """Return the state of a battery that was not seen since the start: it is as it was remembered."""
    state = BatteryState(
        started_at=now,
        seen_before=memory.seen_at,
        estimators=memory.estimators,
        # Nobody waits for the end of a drill that began before the start.
        failsafe=drill.end_drill(memory.failsafe),
    )
    return judged(state, state, state.failsafe, settings).state


def step(state: BatteryState, reading: Reading | None, now: Instant, settings: Settings) -> Step:
    """Fold one sample, or one that failed (`None`), into `state`.

    A reading older than the newest one is dropped: time does not run backwards.
    """
    if reading is None:
        return _failed(state, now, settings)
    if isinstance(reading, PackReading) and not _is_old(now, state):
        return _step_of_pack(state, reading, now, settings)
    if state.paused or _is_old(now, state):
        return look(state, now, settings)
    after, failsafe, view = _folded(state, reading, now, settings)
    return judged(state, after, failsafe, settings, view)


def _step_of_pack(state: BatteryState, reading: PackReading, now: Instant, settings: Settings) -> Step:
    """Fold a combination of members. What they say themselves counts while they say it, and no longer."""
    if is_released(reading):
        after = pause(replace(state, pack=reading), settings).state
        return judged(state, after, after.failsafe, settings)
    state = resume(state, now, settings).state
    before = replace(state, pack=reading, failsafe=without_members(state.failsafe))
    if reading.quality is Quality.UNAVAILABLE:
        # Its members had their time: nothing of it is shown any longer than of them.
        before = replace(before, healthy=False) if before.healthy else before
        after = _failed(before, now, settings).state
        return judged(state, after, _with_members(state, after, after.failsafe, now), settings)
    after, failsafe, view = _folded(before, reading, now, settings)
    return judged(state, after, _with_members(state, after, failsafe, now), settings, view)


def _folded(
    state: BatteryState, reading: Reading, now: Instant, settings: Settings
) -> tuple[BatteryState, Failsafe, View | None]:
    """Return the state after a good sample, and what its failsafe is by that."""
    reading = plausible(reading)
    span = _span(state, now, settings)
    cells = cell_figures(reading.cell_voltages)
    previous = state.reading if span.seconds is not None else None
    estimators, worked_out = estimate(
        state.estimators,
        previous,
        reading,
        span,
        cells,
        settings.battery,
        low_capacity=settings.low_capacity,
        low_state_of_charge=settings.low_state_of_charge,
        stale_after=settings.stale_after,
    )
    if isinstance(reading, PackReading):
        worked_out = with_origin(worked_out, reading)
    after = BatteryState(
        reading=reading,
        sampled_at=now,
        healthy=True,
        last_healthy_at=now,
        idle_since=_idle_since(state, reading, now),
        started_at=state.started_at,
        armed=state.armed,
        observed=state.observed.after(reading),
        power=_power(reading),
        cells=cells,
        estimators=estimators,
        estimate=worked_out,
        failsafe=state.failsafe,
        not_ready=state.not_ready,
        pack=state.pack,
    )
    if not after.armed:
        return after, state.failsafe, None
    view = view_of(after, settings)
    return after, judging.judge(state.failsafe, view, span, settings.failsafe), view


def look(state: BatteryState, now: Instant, settings: Settings) -> Step:
    """See whether a good sample is overdue."""
    since = state.watched_since
    after = state
    if (
        (state.healthy or state.resumed_at is not None)
        and since is not None
        and now.monotonic - since.monotonic >= settings.unhealthy_after
    ):
        after = replace(state, healthy=False, resumed_at=None)
    silence_counts = after.silence_counts_from
    if silence_counts is None or now.monotonic < silence_counts:
        return judged(state, after, after.failsafe, settings) if after is not state else Step(state, ())
    return judged(state, after, silent(after, settings), settings)


def pause(state: BatteryState, settings: Settings) -> Step:
    """Stop judging: nobody reads the battery from now on, and its values are not shown."""
    if state.paused:
        return Step(state, ())
    after = replace(state, paused=True, healthy=False, resumed_at=None)
    return judged(state, after, state.failsafe, settings)


def resume(state: BatteryState, now: Instant, settings: Settings) -> Step:
    """Judge again: the battery has its time to be seen, and nothing is shown before it was."""
    if not state.paused:
        return Step(state, ())
    after = replace(state, paused=False, resumed_at=now, idle_since=None)
    return judged(state, after, state.failsafe, settings)


def look_for(state: BatteryState, now: Instant) -> BatteryState:
    """Begin to judge a battery that was not seen yet: it has its time, for its wire may come late."""
    return replace(state, resumed_at=now)


# What people do.


def reset_failsafe(state: BatteryState, now: Instant, settings: Settings) -> Step:
    """Judge afresh: held levels fall to what is true now, and timers begin anew."""
    if state.healthy and state.armed:
        failsafe = judging.reset(state.failsafe, view_of(state, settings), Span(now, None), settings.failsafe)
    else:
        failsafe = judging.reset(state.failsafe, None, Span(now, None), settings.failsafe)
    return judged(state, state, _with_members(state, state, failsafe, now), settings)


def set_armed(state: BatteryState, armed: bool, settings: Settings) -> Step:
    """A vehicle begins or ends to be used. Disarmed, nothing is judged; held levels stay."""
    if state.armed == armed:
        return Step(state, ())
    after = replace(state, armed=armed)
    return judged(state, after, judging.disarmed(state.failsafe), settings)


def start_drill(state: BatteryState, level: Level, side: Side, seconds: float, settings: Settings) -> Step:
    """Raise a level marked as a test."""
    return judged(state, state, drill.start_drill(state.failsafe, level, side, seconds), settings)


def end_drill(state: BatteryState, settings: Settings) -> Step:
    """Take a drill's level back."""
    return judged(state, state, drill.end_drill(state.failsafe), settings)


def set_state_of_charge(state: BatteryState, percent: float, settings: Settings) -> Step | None:
    """Take a person's word for the state of charge; `None` where none is counted."""
    reading, estimators = state.reading, state.estimators
    if (
        reading is None
        or reading.current is None
        or settings.battery.current_is_unsigned
        or charge.full_capacity(estimators.charge, reading, settings.battery) is None
    ):
        return None
    counting = charge.set_state_of_charge(estimators.charge, percent)
    return Step(replace(state, estimators=state.estimators._replace(charge=counting)), ())


def reset_counters(state: BatteryState) -> Step:
    """Begin to count charge and energy, in and out, from zero. What was learned of the battery stays.

    Which sensors it had is forgotten: one that was removed on purpose would hold the limits down for ever.
    """
    before = state.estimators
    counting = before.counting._replace(charge_in=0.0, charge_out=0.0, energy_in=0.0, energy_out=0.0)
    keeping = before.limits._replace(had=Sensors(), cells_lost=None, sensor_lost=None)
    return Step(replace(state, estimators=before._replace(counting=counting, limits=keeping)), ())


def _with_members(before: BatteryState, after: BatteryState, failsafe: Failsafe, now: Instant) -> Failsafe:
    """Return `failsafe` with what the members of a virtual battery say, as its own level is `before`."""
    if after.pack is None or not after.armed:
        return failsafe
    started = after.started_at
    starting = started is not None and now.monotonic - started.monotonic < STARTING
    reasons = [
        Reason(kind, level, side, subject=name)
        for name, level, side, kind in after.pack.levels
        # Batteries start one after the other.
        if not (starting and kind is Kind.MEMBER_LOST)
    ]
    # One that was not heard of yet is as it was remembered.
    unseen = {given.name for given in after.pack.contributions if starting and given.why is Why.NOT_SEEN}
    reasons += (
        reason for reason in before.failsafe.reasons if reason.kind in LIVE and reason.subject in unseen
    )
    return with_members(failsafe, before.failsafe, reasons)


def _failed(state: BatteryState, now: Instant, settings: Settings) -> Step:
    if not (state.healthy and state.armed):
        return look(state, now, settings)
    failsafe = silence.reread_failed(state.failsafe, settings.failsafe)
    if failsafe is state.failsafe:
        return look(state, now, settings)
    after, _ = look(replace(state, failsafe=failsafe), now, settings)
    return judged(state, after, after.failsafe, settings)


def _idle_since(state: BatteryState, reading: Reading, now: Instant) -> Instant | None:
    return (state.idle_since or now) if is_idle(reading) else None


def _is_old(now: Instant, state: BatteryState) -> bool:
    return state.sampled_at is not None and now.monotonic < state.sampled_at.monotonic


def _span(state: BatteryState, now: Instant, settings: Settings) -> Span:
    if state.sampled_at is None:
        if state.seen_before is None:
            return Span(now, None)
        # A clock that was set back says nothing about how long it was.
        return Span(now, None, max(0.0, (now.utc - state.seen_before).total_seconds()))
    seconds = now.monotonic - state.sampled_at.monotonic
    return Span(now, seconds) if seconds <= settings.longest_gap else Span(now, None, seconds)


def _power(reading: Reading) -> float | None:
    if isinstance(reading, PackReading) and reading.power is not None:
        return reading.power
    if reading.voltage is None or reading.current is None:
        return None
    return reading.voltage * reading.current
