"""Reasons in words. English: what is shown as an attribute cannot be translated."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .levels import Kind, Level, Reason
from .quantities import QUANTITIES, Direction
from .readiness import NotReady, NotReadyKind

NAMES: Mapping[Kind, str] = {
    Kind.LOW_VOLTAGE: "low voltage",
    Kind.HIGH_VOLTAGE: "high voltage",
    Kind.LOW_CELL: "low cell voltage",
    Kind.HIGH_CELL: "high cell voltage",
    Kind.LOW_STATE_OF_CHARGE: "low state of charge",
    Kind.LOW_CAPACITY: "low remaining capacity",
    Kind.CHARGE_COLD: "low temperature while charging",
    Kind.CHARGE_HOT: "high temperature while charging",
    Kind.DISCHARGE_COLD: "low temperature while discharging",
    Kind.DISCHARGE_HOT: "high temperature while discharging",
    Kind.MOSFET_HOT: "high MOSFET or board temperature",
    Kind.CHARGE_OVERCURRENT: "high charge current",
    Kind.DISCHARGE_OVERCURRENT: "high discharge current",
}
"""What is compared with a threshold."""


class Digits(NamedTuple):
    """How many digits follow the point."""

    least: int
    most: int


CELL_DIGITS = Digits(1, 3)
DIGITS: Mapping[str, Digits] = {"V": Digits(1, 2), "°C": Digits(0, 1), "A": Digits(0, 1)}
OTHER_DIGITS = Digits(0, 1)
EVERY_DIGIT = 9
"""Two values that would look equal are written with as many as it takes, up to this."""


def in_words(reason: Reason) -> str:
    """Return a reason as a person would say it: "low voltage: 13.5 V < 14.0 V for 10 s"."""
    if (sentence := SENTENCES.get(reason.kind)) is not None:
        return sentence(reason)
    return f"{_name(reason)}: {_comparison(reason, reason.kind)}"


def not_ready_in_words(why: NotReady) -> str:
    """Return what speaks against a battery as a person would say it."""
    if why.reason is not None:
        # Whether it lasts is not asked of a battery that is to set out.
        lasting = why.kind is NotReadyKind.FAILSAFE
        return in_words(why.reason if lasting else why.reason._replace(delay=0.0))
    if why.kind is NotReadyKind.THRESHOLD_ORDER:
        kind = Kind(why.subject or "")
        critical, low = _pair(kind, why.value, why.threshold)
        return f"thresholds of {NAMES[kind]} contradict each other: critical {critical}, low {low}"
    if why.kind in READY_KINDS:
        name, kind = READY_KINDS[why.kind]
        value, wanted = _pair(kind, why.value, why.threshold)
        return f"{name} too low: {value} < {wanted}" if why.value is not None else f"{name} unknown"
    return "Bluetooth released" if why.kind is NotReadyKind.RELEASED else "no answer"


def _name(reason: Reason) -> str:
    where = _place(reason) if reason.subject else ""
    level = "critical " if reason.level is Level.CRITICAL else ""
    return f"{level}{NAMES[reason.kind]}{where.format(reason.subject)}"


def _place(reason: Reason) -> str:
    """Return where it is: by a number, or by the name that cells of virtual batteries have."""
    return PLACES[QUANTITIES[reason.kind].unit] if (reason.subject or "").isdecimal() else " of {}"


def _comparison(reason: Reason, kind: Kind) -> str:
    """Return what was measured and for how long, in the unit of `kind`."""
    value, threshold = _pair(kind, reason.value, reason.threshold)
    sign = "<" if QUANTITIES[kind].direction is Direction.BELOW else ">"
    duration = f" for {reason.delay:g} s" if reason.delay else ""
    return f"{value} {sign} {threshold}{duration}"


def _pair(kind: Kind, value: float | None, threshold: float | None) -> tuple[str, str]:
    """Return two values as text, with as many digits as it takes to tell them apart."""
    unit = QUANTITIES[kind].unit
    digits = CELL_DIGITS if kind in (Kind.LOW_CELL, Kind.HIGH_CELL) else DIGITS.get(unit, OTHER_DIGITS)
    texts = "", ""
    for most in range(digits.most, EVERY_DIGIT):
        texts = _number(value, digits.least, most, unit), _number(threshold, digits.least, most, unit)
        if value == threshold or texts[0] != texts[1]:
            break
    return texts


def _number(value: float | None, least: int, most: int, unit: str) -> str:
    if value is None:
        return "unknown"
    whole, _, fraction = f"{value:.{most}f}".partition(".")
    fraction = fraction[:least] + fraction[least:].rstrip("0")
    return f"{whole}.{fraction} {unit}" if fraction else f"{whole} {unit}"


def _of_cells(pattern: str) -> Callable[[Reason], str]:
    def sentence(reason: Reason) -> str:
        numbers = reason.subject or ""
        return pattern.format(f"cells {numbers}" if "," in numbers else f"cell {numbers}")

    return sentence


def _device_alarm(reason: Reason) -> str:
    return f"device alarm: {(reason.subject or '').replace('_', ' ')}"


def _member(reason: Reason) -> str:
    return f"{reason.subject} is {reason.level.key}"


def _member_lost(reason: Reason) -> str:
    return f"{reason.subject} is missing"


def _drill(reason: Reason) -> str:
    return f"drill: {reason.level.key}, {reason.side}"


def _dead_terminals(reason: Reason) -> str:
    name = "no voltage at the terminals (fuse, wire or BMS cut-off)"
    return f"{name}: {_comparison(reason, Kind.LOW_VOLTAGE)}"


def _always(text: str) -> Callable[[Reason], str]:
    return lambda _: text


PLACES = {"°C": " of sensor {}", "V": " of cell {}"}
"""Where a reason's subject is, by the unit."""
READY_KINDS: Mapping[NotReadyKind, tuple[str, Kind]] = {
    NotReadyKind.READY_VOLTAGE: ("voltage", Kind.LOW_VOLTAGE),
    NotReadyKind.READY_CAPACITY: ("remaining capacity", Kind.LOW_CAPACITY),
    NotReadyKind.READY_STATE_OF_CHARGE: ("state of charge", Kind.LOW_STATE_OF_CHARGE),
}
"""What a wish is about, and the kind whose unit it is in."""
SENTENCES: Mapping[Kind, Callable[[Reason], str]] = {
    Kind.DEAD_TERMINALS: _dead_terminals,
    Kind.DEAD_CELL: _of_cells("{} at 0 V"),
    Kind.MISSING_CELL: _of_cells("{} missing"),
    Kind.SENSE_WIRE: _of_cells("{} at 0 V, but the pack's voltage is that of all cells: broken sense wire"),
    Kind.UNREAD_CELLS: _of_cells("{} not read"),
    Kind.DEVICE_ALARM: _device_alarm,
    Kind.SILENCE: _always("no answer"),
    Kind.SILENCE_WHILE_LOW: _always("no answer since it was low or nearly so"),
    Kind.MEMBER: _member,
    Kind.MEMBER_LOST: _member_lost,
    Kind.DRILL: _drill,
}
"""Reasons that compare nothing with a threshold, or say it in their own way."""
