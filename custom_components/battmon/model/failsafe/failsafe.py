"""What the failsafe of one battery knows: the levels in force, why, and what is about to raise one."""

from typing import NamedTuple

from .finding import key_of
from .levels import Level, Reason, Side

DISCHARGE_SIDES = frozenset({Side.DISCHARGE, Side.BOTH})
CHARGE_SIDES = frozenset({Side.CHARGE, Side.BOTH})


class Held(NamedTuple):
    """A reason that is in force."""

    reason: Reason
    begun: int = 1
    """How often its condition began while it was in force."""
    ended: bool = False
    """Whether its condition was gone since, by the margin: it begins again if it comes back."""
    clear_for: float | None = None
    """For how long it has been gone by the margin, in s; `None` while it is not."""


class Timer(NamedTuple):
    """A condition that has to last before it is believed."""

    reason: Reason
    """The reason that it would be."""
    elapsed: float = 0.0
    """Seconds that were watched since it began."""


class Drill(NamedTuple):
    """A level raised for a test."""

    reason: Reason
    remaining: float
    """In s."""
    begun: int = 1


class Failsafe(NamedTuple):
    """All of it. Times are in s and were watched: downtime and gaps are not in them."""

    level: Level = Level.NONE
    """The highest of all."""
    discharge_level: Level = Level.NONE
    """The highest of what shedding loads would help against."""
    charge_level: Level = Level.NONE
    """The highest of what stopping chargers would help against."""
    held: tuple[Held, ...] = ()
    timers: tuple[Timer, ...] = ()
    drill: Drill | None = None
    read_within: float | None = None
    """Within how many seconds to read again; 0 is at once, out of turn. `None` is as usual."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why a level is raised, worst first and oldest first."""
        if not self.held and self.drill is None:
            return ()
        reasons = [held.reason for held in self.held]
        if self.drill is not None:
            reasons.append(self.drill.reason)
        return tuple(sorted(reasons, key=_severity))


def is_at_rest(failsafe: Failsafe) -> bool:
    """Whether nothing is in force and nothing is suspected."""
    return not (failsafe.level or failsafe.held or failsafe.timers or failsafe.drill)


def with_held(
    failsafe: Failsafe,
    held: tuple[Held, ...],
    timers: tuple[Timer, ...],
    drill: Drill | None,
    read_within: float | None,
) -> Failsafe:
    """Return the failsafe with these parts, and the levels that follow; the same one if it is equal."""
    level = discharge = charge = Level.NONE
    for reason in [entry.reason for entry in (*held, *((drill,) if drill else ()))]:
        level = max(level, reason.level)
        if reason.side in DISCHARGE_SIDES:
            discharge = max(discharge, reason.level)
        if reason.side in CHARGE_SIDES:
            charge = max(charge, reason.level)
    after = Failsafe(level, discharge, charge, held, timers, drill, read_within)
    return failsafe if after == failsafe else after


def begin(held: tuple[Held, ...], reason: Reason) -> tuple[Held, ...]:
    """Return what is in force when a condition begins, or begins again."""
    key = key_of(reason)
    for place, entry in enumerate(held):
        if key_of(entry.reason) == key:
            again = Held(reason, entry.begun + 1)
            return (*held[:place], again, *held[place + 1 :])
    return (*held, Held(reason))


def _severity(reason: Reason) -> int:
    return -reason.level
