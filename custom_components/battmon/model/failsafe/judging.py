"""The fold of the failsafe: what a sample or a reset makes of it."""

from collections.abc import Iterable, Iterator, Mapping

from ..estimation.span import Span
from .conditions import find, is_quiet
from .drill import ticked
from .failsafe import Drill, Failsafe, Held, begin, is_at_rest, with_held
from .finding import Finding, Key, key_of
from .levels import Kind, Level, Reason
from .lines import CAPACITY_KINDS
from .settings import FailsafeSettings
from .timing import Timed, keep, suspicion, time, without
from .view import View


def judge(failsafe: Failsafe, view: View, span: Span, settings: FailsafeSettings) -> Failsafe:
    """Judge one good sample. Returns the same object if nothing changed."""
    if is_at_rest(failsafe) and is_quiet(view, settings):
        return failsafe
    seconds = _watched(span)
    findings = find(view, settings, _keys(failsafe))
    kept: list[Held] = []
    over: list[Reason] = []
    for entry in failsafe.held:
        now = keep(entry, findings.get(key_of(entry.reason)), seconds, settings.use)
        if now is None:
            over.append(entry.reason)
        else:
            kept.append(now)
    timed = time(failsafe, findings, seconds)
    begun = (*timed.begun, *_left_low(over, findings))
    drill = ticked(failsafe.drill, seconds + span.unwatched)
    return _after(failsafe, kept, begun, timed, drill)


def reset(failsafe: Failsafe, view: View | None, span: Span, settings: FailsafeSettings) -> Failsafe:
    """Forget what is not there any more: levels become what this sample says, and may fall.

    Without a sample nothing is left but that there is none. A drill ends.
    """
    in_force = [entry for entry in failsafe.held if not entry.ended]
    if view is None:
        silent = tuple(entry for entry in in_force if entry.reason.kind is Kind.SILENCE)
        return with_held(failsafe, silent, (), None, None)
    findings = find(view, settings, _keys(failsafe))
    there = {key for key, finding in findings.items() if finding.is_there}
    kept = [entry for entry in in_force if key_of(entry.reason) in there]
    timed = time(failsafe._replace(held=tuple(kept)), findings, _watched(span))
    # Whoever says how much is left has said it for certain: it takes no second sample.
    said = [timer.reason for timer in timed.timers if timer.reason.kind in CAPACITY_KINDS]
    begun = (*timed.begun, *[reason for reason in said if key_of(reason) in there])
    return _after(failsafe, kept, begun, timed, None)


def disarmed(failsafe: Failsafe) -> Failsafe:
    """Stop all timers: nothing is judged, and what is in force stays so."""
    return with_held(failsafe, failsafe.held, (), failsafe.drill, None)


def _watched(span: Span) -> float:
    """Return the seconds that count. A clock that went back counts towards nothing."""
    return span.seconds if span.seconds is not None and span.seconds > 0 else 0.0


def _keys(failsafe: Failsafe) -> set[Key]:
    held = {key_of(entry.reason) for entry in failsafe.held}
    return held | {key_of(timer.reason) for timer in failsafe.timers}


def _left_low(over: Iterable[Reason], findings: Mapping[Key, Finding]) -> Iterator[Reason]:
    """Yield what is low still where it is not critical any more: one does not fall through a gap."""
    for reason in over:
        low = findings.get((reason.kind, Level.LOW, None))
        if reason.level is Level.CRITICAL and low is not None and low.is_there:
            yield low.reason


def _after(
    failsafe: Failsafe, kept: Iterable[Held], begun: Iterable[Reason], timed: Timed, drill: Drill | None
) -> Failsafe:
    held = tuple(kept)
    for reason in begun:
        held = begin(held, reason)
    timers = without(timed.timers, held)
    return with_held(failsafe, held, timers, drill, 0.0 if timed.is_urgent else suspicion(timers))
