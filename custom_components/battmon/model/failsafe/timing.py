"""How long a condition has to last before it is believed, and to be gone before it is forgotten."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .failsafe import Failsafe, Held, Timer
from .finding import Finding, Key, key_of
from .levels import Level, Reason
from .settings import Use

SLACK = 1e-6
"""Seconds: a hundred times 0.1 s is a little less than 10 s in binary, or a little more."""
CLEARING: Mapping[Level, float] = {Level.UNHEALTHY: 0.0, Level.LOW: 60.0, Level.CRITICAL: 300.0}
"""Seconds that a condition has to be gone for (rules 1)."""
SUSPICION_PARTS = 4
SUSPICION_INTERVAL = 1.0
"""Seconds; a timer that runs is looked at four times in its delay, but not more often than this."""


class Timed(NamedTuple):
    """What a sample makes of the timers."""

    timers: tuple[Timer, ...]
    begun: tuple[Reason, ...]
    """What has lasted long enough."""
    is_urgent: bool
    """Whether to read again at once."""


def time(failsafe: Failsafe, findings: Mapping[Key, Finding], seconds: float) -> Timed:
    """Let `seconds` pass for every condition that is there; a condition that is gone starts anew."""
    running = {key_of(timer.reason): timer for timer in failsafe.timers}
    present = {key_of(held.reason) for held in failsafe.held if not held.ended}
    timers, begun = [], []
    is_urgent = False
    for key, finding in findings.items():
        timer = running.get(key)
        if finding.excess is None and timer is not None:
            timers.append(timer)
        if not finding.is_there or key in present:
            continue
        elapsed = 0.0 if timer is None else timer.elapsed + seconds
        if finding.at_once or elapsed > finding.delay + SLACK:
            begun.append(finding.reason)
        else:
            timers.append(Timer(finding.reason, elapsed))
            is_urgent = is_urgent or (timer is None and finding.is_urgent and finding.delay == 0)
    return Timed(tuple(timers), tuple(begun), is_urgent)


def suspicion(timers: Sequence[Timer]) -> float | None:
    """Return within how many seconds to read a battery of which something is suspected."""
    if not timers:
        return None
    return max(SUSPICION_INTERVAL, min(timer.reason.delay for timer in timers) / SUSPICION_PARTS)


def keep(held: Held, finding: Finding | None, seconds: float, use: Use) -> Held | None:
    """Return what becomes of a reason in force, `None` if it is over. No finding: the condition is gone."""
    if finding is not None and finding.excess is None:
        return held
    if finding is not None and not finding.is_clear:
        return held if held.clear_for is None else held._replace(clear_for=None)
    if use is Use.VEHICLE:
        return held if held.ended else held._replace(ended=True)
    clear_for = 0.0 if held.clear_for is None else held.clear_for + seconds
    if clear_for >= CLEARING[held.reason.level] - SLACK:
        return None
    return held._replace(ended=True, clear_for=clear_for)


def without(timers: Sequence[Timer], held: Iterable[Held]) -> tuple[Timer, ...]:
    """Return the timers of conditions that are not in force."""
    present = {key_of(entry.reason) for entry in held if not entry.ended}
    return tuple(timer for timer in timers if key_of(timer.reason) not in present)
