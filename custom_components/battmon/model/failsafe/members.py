"""What members mean for the failsafe of a virtual battery: live, not held once it is over (design 7)."""

from collections.abc import Iterable

from .failsafe import Failsafe, Held, with_held
from .finding import key_of
from .levels import Kind, Reason

LIVE = frozenset({Kind.MEMBER, Kind.MEMBER_LOST})


def without_members(failsafe: Failsafe) -> Failsafe:
    """Return what the battery itself is judged by."""
    own = tuple(entry for entry in failsafe.held if entry.reason.kind not in LIVE)
    return failsafe if len(own) == len(failsafe.held) else _with(failsafe, own)


def with_members(failsafe: Failsafe, before: Failsafe, reasons: Iterable[Reason]) -> Failsafe:
    """Return `failsafe` with what its members say now. `before`: what was in force, which may go on."""
    known = {key_of(entry.reason): entry for entry in before.held if entry.reason.kind in LIVE}
    live = tuple(known.get(key_of(reason)) or Held(reason) for reason in reasons)
    if not live:
        return failsafe
    joined = _with(failsafe, (*failsafe.held, *live))
    return before if joined == before else joined


def _with(failsafe: Failsafe, held: tuple[Held, ...]) -> Failsafe:
    return with_held(failsafe, held, failsafe.timers, failsafe.drill, failsafe.read_within)
