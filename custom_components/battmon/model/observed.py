"""What was last known of switches and alarms: what is not told for a while has not changed."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from .alarms import Alarm
from .changes import Change, Transition
from .reading import Reading

SWITCHES = ("charging_enabled", "discharging_enabled", "balancing_enabled")
switches_of = attrgetter(*SWITCHES)
"""What a reading says of each switch."""


class Observed(NamedTuple):
    """What each was last seen to be; `None` for what was never seen since the start."""

    charging_enabled: bool | None = None
    discharging_enabled: bool | None = None
    balancing_enabled: bool | None = None
    alarms: frozenset[Alarm] | None = None

    def after(self, reading: Reading) -> Observed:
        """Return what is known after a reading. What it does not tell of stays what was known."""
        told: tuple[Any, ...] = _observed_in(reading)
        if told == self:
            return self
        known: Iterator[Any] = (
            before if now is None else now for before, now in zip(self, told, strict=True)
        )
        return Observed(*known)


_observed_in = attrgetter(*Observed._fields)


def changes(before: Observed, after: Observed) -> Iterator[Transition]:
    """Yield what is known to be otherwise than before. To become known is no change."""
    if before.alarms is not None and after.alarms is not None:
        for alarm in sorted(after.alarms - before.alarms):
            yield Transition(Change.ALARM_APPEARED, alarm)
        for alarm in sorted(before.alarms - after.alarms):
            yield Transition(Change.ALARM_CLEARED, alarm)
    for name, then, now in zip(SWITCHES, before, after, strict=False):
        if then is not None and then is not now:
            yield Transition(Change.SWITCH_CHANGED, name)
