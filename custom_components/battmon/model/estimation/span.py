"""The time between two samples, which is measured and never assumed."""

from typing import NamedTuple

from ..instant import Instant


class Span(NamedTuple):
    """From the previous good sample to this one."""

    now: Instant
    seconds: float | None
    """How long it was; `None` for the first sample, and for a gap too long to say anything about."""
    unwatched: float = 0.0
    """Seconds before this sample in which nobody looked: the length of that gap, never negative."""
