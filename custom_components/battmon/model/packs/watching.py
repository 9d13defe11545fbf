"""How long members have been too far apart: what has to last, and what ends it (rules 5, skew)."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from ..alarms import Alarm
from .skew import Compared

CLEARED = 0.7
"""Part of its limit at which an alarm is over (rules 5)."""
OUTLIER = 2.0
"""A member that is this much farther from the middle than the one at the other end is to blame alone."""

type Names = tuple[str, ...]
type Key = tuple[Alarm, float]
"""What is watched, and for how long it has to last in s."""
type Known = Sequence[tuple[float, Compared]]
"""Of each member that knows a quantity."""


class Apart(NamedTuple):
    """How far members are apart in one quantity, now."""

    alarm: Alarm
    hold: float
    """Seconds for which it has to last."""
    ratio: float
    """In limits: above 1 it is too far."""
    low: Compared
    high: Compared
    known: Known = ()

    @property
    def names(self) -> Names:
        """Of those that are to blame: the one that is far from all others, else both ends."""
        both = tuple(dict.fromkeys((self.low.name, self.high.name)))
        if len(self.known) < 3:
            return both
        values = sorted(value for value, _ in self.known)
        middle = values[len(values) // 2]
        below, above = middle - values[0], values[-1] - middle
        if below > OUTLIER * above:
            return both[:1]
        return both[1:] if above > OUTLIER * below else both


class Watch(NamedTuple):
    """Members that are too far apart, or were and are not near enough yet."""

    since: float
    """From when on, in s, both samples show it. One alone may be a spike, as long as it is the newest."""
    seen: float
    """Until when both samples show it."""
    raised: bool
    names: Names


def ends(known: Known) -> tuple[float, Compared, Compared]:
    """Return how far the lowest and the highest are apart, and who they are."""
    low, high = min(known, key=itemgetter(0)), max(known, key=itemgetter(0))
    return high[0] - low[0], low[1], high[1]


def watched(
    kept: Mapping[Key, Watch], found: Iterable[Apart], members: Iterable[Compared]
) -> dict[Key, Watch]:
    """Return what is watched from now on.

    What cannot be compared now stays as it is, as long as those that it is about are still there.
    """
    there = {member.name for member in members} if kept else set()
    after = {key: watch for key, watch in kept.items() if there.issuperset(watch.names)}
    for apart in found:
        key = (apart.alarm, apart.hold)
        watch = _watched(after.pop(key, None), apart)
        if watch is not None:
            after[key] = watch
    return after


def raised(watches: Mapping[Key, Watch]) -> dict[Alarm, Names]:
    """Return the alarms that are raised, and whom they are about."""
    alarms: dict[Alarm, Names] = {}
    for (alarm, _), watch in watches.items():
        if watch.raised:
            alarms[alarm] = tuple(dict.fromkeys((*alarms.get(alarm, ()), *watch.names)))
    return alarms


def joined(one: Mapping[str, Names], other: Iterable[tuple[str, Names]]) -> Mapping[str, Names]:
    """Return who raised each alarm, in both."""
    return {**one, **{alarm: tuple(dict.fromkeys((*one.get(alarm, ()), *names))) for alarm, names in other}}


def _watched(before: Watch | None, apart: Apart) -> Watch | None:
    if apart.ratio < CLEARED or (apart.ratio <= 1.0 and (before is None or not before.raised)):
        return None
    first, last = sorted((apart.low.at, apart.high.at))
    if before is None:
        return Watch(last, last, False, apart.names)
    if before.raised:
        return before._replace(seen=first, names=apart.names)
    if first - before.seen > max(apart.low.longest_gap, apart.high.longest_gap):
        # Nobody knows whether it lasted through a gap.
        return Watch(last, last, False, apart.names)
    seen = max(before.seen, first)
    return Watch(before.since, seen, seen - before.since >= apart.hold, apart.names)
