"""What one sample says about one condition."""

from typing import NamedTuple

from .levels import Kind, Level, Reason, Side
from .lines import Line

SLACK = 1e-9
"""Of a quantity: 11.5 and 0.4 make a little more than 11.9 in binary."""

type Key = tuple[Kind, Level, str | None]
"""What is one and the same condition from sample to sample, even if another cell is the lowest now."""


MANY = frozenset({Kind.DEVICE_ALARM, Kind.MEMBER, Kind.MEMBER_LOST})
"""Kinds of which every subject is a condition of its own."""


def key_of(reason: Reason) -> Key:
    """Return which condition a reason is about. Every alarm of the device is one of its own."""
    return reason.kind, reason.level, reason.subject if reason.kind in MANY else None


class Finding(NamedTuple):
    """How far a quantity is beyond a threshold, or that a condition without one is there."""

    kind: Kind
    level: Level
    side: Side
    excess: float | None = 1.0
    """Above 0 the condition is there; `None` is unknown."""
    margin: float = 0.0
    """How far on the good side of the threshold the quantity has to be before the condition clears."""
    value: float | None = None
    threshold: float | None = None
    delay: float = 0.0
    subject: str | None = None
    at_once: bool = False
    """Whether one sample is enough."""
    is_urgent: bool = False
    """Whether to read again out of turn at the first sample."""

    @property
    def is_there(self) -> bool:
        """Whether the condition is there in this sample."""
        return self.excess is not None and self.excess > 0

    @property
    def is_clear(self) -> bool:
        """Whether the condition is gone, by the margin."""
        return self.excess is not None and self.excess <= SLACK - self.margin

    @property
    def key(self) -> Key:
        """Which condition this is about."""
        return self.kind, self.level, self.subject if self.kind is Kind.DEVICE_ALARM else None

    @property
    def reason(self) -> Reason:
        """The reason that it would be."""
        return Reason(self.kind, self.level, self.side, self.value, self.threshold, self.delay, self.subject)


def unknown(kind: Kind, level: Level, subject: str | None = None) -> Finding:
    """Return that nothing is known of a condition: it neither goes on nor clears."""
    return Finding(kind, level, Side.FAULT, None, subject=subject)


def of_line(line: Line, excess: float | None = 1.0) -> Finding:
    """Return a condition of this line without a value."""
    return Finding(line.kind, line.level, line.side, excess, delay=line.delay, is_urgent=line.is_urgent)
