"""What changed in a failsafe: what automations wait for."""

from collections.abc import Iterator
from operator import gt

from ..changes import Change, Transition
from .failsafe import CHARGE_SIDES, DISCHARGE_SIDES, Failsafe
from .finding import Key, key_of
from .levels import Level, Reason


def changes(before: Failsafe, after: Failsafe) -> Iterator[Transition]:
    """Yield what changed: at most one change of levels, and the reasons that begin or end beside it."""
    if before is after:
        return
    old, new = before[:3], after[:3]
    begun = _begun(before, after)
    raising = [reason for reason in begun if _raises(before, reason)]
    if any(map(gt, new, old)):
        yield Transition(Change.LEVEL_ROSE, (raising or after.reasons)[0].kind)
    for reason in begun:
        if reason not in raising and not _was_critical(before, reason):
            yield Transition(Change.REASON_BEGAN, reason.kind)
    if new == old:
        yield from (Transition(Change.REASON_ENDED, reason.kind) for reason in _ended(before, after))
    elif not any(map(gt, new, old)):
        ended = _ended(before, after) or after.reasons
        yield Transition(Change.LEVEL_FELL, ended[0].kind if ended else None)


def _begun(before: Failsafe, after: Failsafe) -> list[Reason]:
    old, new = _times(before), _times(after)
    return [reason for reason in after.reasons if old.get(key_of(reason)) != new[key_of(reason)]]


def _ended(before: Failsafe, after: Failsafe) -> tuple[Reason, ...]:
    left = _times(after)
    return tuple(reason for reason in before.reasons if key_of(reason) not in left)


def _times(failsafe: Failsafe) -> dict[Key, int]:
    """Return how often the condition of each reason has begun."""
    times = {key_of(entry.reason): entry.begun for entry in failsafe.held}
    if failsafe.drill is not None:
        times[key_of(failsafe.drill.reason)] = failsafe.drill.begun
    return times


def _raises(before: Failsafe, reason: Reason) -> bool:
    return (
        reason.level > before.level
        or (reason.side in DISCHARGE_SIDES and reason.level > before.discharge_level)
        or (reason.side in CHARGE_SIDES and reason.level > before.charge_level)
    )


def _was_critical(before: Failsafe, reason: Reason) -> bool:
    """Whether a low reason says nothing new: the same quantity was critical already."""
    kind, level, subject = key_of(reason)
    return level is Level.LOW and (kind, Level.CRITICAL, subject) in _times(before)
