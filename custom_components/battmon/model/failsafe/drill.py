"""Levels raised for a test, so that automations can be proven without draining anything."""

from .failsafe import Drill, Failsafe, with_held
from .levels import Kind, Level, Reason, Side


def start_drill(failsafe: Failsafe, level: Level, side: Side, seconds: float) -> Failsafe:
    """Raise a level for a test."""
    begun = 1 if failsafe.drill is None else failsafe.drill.begun + 1
    return _with_drill(failsafe, Drill(Reason(Kind.DRILL, level, side), seconds, begun))


def end_drill(failsafe: Failsafe) -> Failsafe:
    """End a test before its time."""
    return _with_drill(failsafe, None)


def tick_drill(failsafe: Failsafe, seconds: float) -> Failsafe:
    """Let time pass for a test when no samples come."""
    return _with_drill(failsafe, ticked(failsafe.drill, seconds))


def ticked(drill: Drill | None, seconds: float) -> Drill | None:
    """Return what is left of a test after `seconds`."""
    if drill is None or drill.remaining <= seconds:
        return None
    return drill._replace(remaining=drill.remaining - seconds)


def _with_drill(failsafe: Failsafe, drill: Drill | None) -> Failsafe:
    return with_held(failsafe, failsafe.held, failsafe.timers, drill, failsafe.read_within)
