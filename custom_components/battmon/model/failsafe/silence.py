"""What it means that a battery does not answer."""

from .failsafe import Failsafe, begin, with_held
from .levels import Kind, Level, Reason, Side
from .lines import EMPTYING, URGENT
from .settings import FailsafeSettings, Thresholds
from .timing import suspicion, without

NEARLY_LOW = 5.0
"""Points of the state of charge above the low threshold (rules 1)."""
CUT_OFF = EMPTYING | {Kind.DEAD_TERMINALS}
"""What a battery says before its BMS cuts it off."""


def judge_silence(
    failsafe: Failsafe, settings: FailsafeSettings, *, lost: bool, state_of_charge: float | None
) -> Failsafe:
    """Judge that no good sample came. Nothing changes before the battery had its time (`lost`).

    `state_of_charge` is the last that was known, in %, as it is judged.
    """
    if not lost or any(_is_silence(entry.reason) and not entry.ended for entry in failsafe.held):
        return failsafe
    held = begin(failsafe.held, Reason(Kind.SILENCE, Level.UNHEALTHY, Side.FAULT))
    if _was_low(failsafe) or _was_nearly_low(settings, state_of_charge):
        held = begin(held, Reason(Kind.SILENCE_WHILE_LOW, Level.LOW, Side.DISCHARGE))
    return with_held(failsafe, held, failsafe.timers, failsafe.drill, failsafe.read_within)


def reread_failed(failsafe: Failsafe, settings: FailsafeSettings) -> Failsafe:
    """Believe one critical sample: the battery did not answer when it was read again out of turn."""
    if settings.critical_voltage_delay > 0:
        return failsafe
    held = failsafe.held
    for timer in failsafe.timers:
        if timer.reason.level is Level.CRITICAL and timer.reason.kind in URGENT:
            held = begin(held, timer.reason)
    timers = without(failsafe.timers, held)
    return with_held(failsafe, held, timers, failsafe.drill, suspicion(timers))


def _is_silence(reason: Reason) -> bool:
    return reason.kind is Kind.SILENCE


def _was_low(failsafe: Failsafe) -> bool:
    """Whether it was low or about to be."""
    reasons = [timer.reason for timer in failsafe.timers]
    reasons += [entry.reason for entry in failsafe.held if not entry.ended]
    return any(reason.kind in CUT_OFF for reason in reasons)


def _was_nearly_low(settings: FailsafeSettings, state_of_charge: float | None) -> bool:
    low, _ = settings.thresholds.get(Kind.LOW_STATE_OF_CHARGE, Thresholds())
    if not low or state_of_charge is None:
        return False
    return 0 <= state_of_charge < low + NEARLY_LOW
