"""Whether a battery is fit to set out with, and all that speaks against it."""

from collections.abc import Iterator
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from .conditions import find, is_quiet
from .failsafe import Failsafe, is_at_rest
from .finding import key_of
from .levels import Kind, Level, Reason
from .lines import EMPTYING
from .measuring import certain_charge
from .settings import FailsafeSettings
from .view import View


class NotReadyKind(StrEnum):
    """What speaks against it."""

    UNHEALTHY = "unhealthy"
    RELEASED = "released"
    """Nobody reads it, by the person's wish."""
    FAILSAFE = "failsafe"
    """A level is raised."""
    READY_VOLTAGE = "ready_voltage"
    READY_CAPACITY = "ready_capacity"
    READY_STATE_OF_CHARGE = "ready_state_of_charge"
    LOW = "low"
    """It is low right now; whether that lasts is not asked."""
    CRITICAL = "critical"
    THRESHOLD_ORDER = "threshold_order"
    """A critical threshold does not lie beyond the low one."""


class NotReady(NamedTuple):
    """One thing that speaks against it."""

    kind: NotReadyKind
    value: float | None = None
    """What was measured, or the critical threshold that is wrong; `None` is unknown."""
    threshold: float | None = None
    """What it has to reach, or the low threshold."""
    subject: str | None = None
    """The kind of reason or of threshold."""
    reason: Reason | None = None
    """Why a level is raised, or would be."""


def not_ready(
    view: View | None,
    failsafe: Failsafe,
    settings: FailsafeSettings,
    *,
    paused: bool = False,
    judged: bool = False,
) -> tuple[NotReady, ...]:
    """Return everything that speaks against setting out; nothing for a battery that is ready.

    `view` is the newest sample, `None` of a battery that is not healthy or not read (`paused`). `judged` says
    that `failsafe` was judged by this very sample.
    """
    if paused or view is None:
        kind = NotReadyKind.RELEASED if paused else NotReadyKind.UNHEALTHY
        return NotReady(kind), *_raised(failsafe, silent=True), *_contradictions(settings)
    # What is low in a sample that was judged has a timer at least.
    is_fine = is_at_rest(failsafe) if judged else is_quiet(view, settings)
    return (
        *(_raised(failsafe, silent=False) if failsafe.level else ()),
        *_not_reached(view, settings),
        *(() if is_fine else _low_now(failsafe, view, settings)),
        *(_contradictions(settings) if settings.lines.contradictions else ()),
    )


def _raised(failsafe: Failsafe, *, silent: bool) -> Iterator[NotReady]:
    if not failsafe.level:
        return
    for reason in failsafe.reasons:
        if not (silent and reason.kind is Kind.SILENCE):  # said already
            yield _of_reason(NotReadyKind.FAILSAFE, reason)


def _not_reached(view: View, settings: FailsafeSettings) -> Iterator[NotReady]:
    """Yield what is below what the person wants. What is not known may be below it."""
    if (wanted := settings.ready_voltage) and not _reaches(view.reading.voltage, wanted):
        yield NotReady(NotReadyKind.READY_VOLTAGE, _finite(view.reading.voltage), wanted)
    if (wanted := settings.ready_capacity) and not _reaches(view.remaining_capacity, wanted):
        yield NotReady(NotReadyKind.READY_CAPACITY, _finite(view.remaining_capacity), wanted)
    if wanted := settings.ready_state_of_charge:
        charge = _finite(certain_charge(view))
        if not _reaches(charge, wanted):
            yield NotReady(NotReadyKind.READY_STATE_OF_CHARGE, charge, wanted)


def _low_now(failsafe: Failsafe, view: View, settings: FailsafeSettings) -> Iterator[NotReady]:
    said = {key_of(entry.reason) for entry in failsafe.held}
    for key, finding in find(view, settings).items():
        if finding.kind in EMPTYING and finding.is_there and key not in said:
            kind = NotReadyKind.CRITICAL if finding.level is Level.CRITICAL else NotReadyKind.LOW
            yield _of_reason(kind, finding.reason)


def _contradictions(settings: FailsafeSettings) -> Iterator[NotReady]:
    for kind in settings.lines.contradictions:
        low, critical = settings.thresholds[kind]
        yield NotReady(NotReadyKind.THRESHOLD_ORDER, critical, low, kind.value)


def _of_reason(kind: NotReadyKind, reason: Reason) -> NotReady:
    return NotReady(kind, reason.value, reason.threshold, reason.kind.value, reason)


def _reaches(value: float | None, wanted: float) -> bool:
    return value is not None and isfinite(value) and value >= wanted


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
