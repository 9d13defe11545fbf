"""The charge of a merged battery while the source that told it is lost (rules 5).

Two devices hardly ever agree on how full a battery is. So the charge is counted on from what the better one
said last, and only after a day another is believed.
"""

from typing import NamedTuple

from ..chemistry import FACTS, Chemistry
from ..estimation.anchors import IDLE
from ..estimation.charge_counting import ChargeCounting, credible, go_on
from ..estimation.span import Span
from ..instant import Instant

COUNTED_ON = 86400.0
"""Seconds for which charge is counted on before another source is believed (rules 5)."""


class Told(NamedTuple):
    """What the best source that is there says."""

    place: int
    """Of the source in the order of precedence."""
    value: float
    uncertainty: float | None = None
    """In points; `None` for a device's own state of charge."""


class Held(NamedTuple):
    """What a source said last, and where it is gone, since when."""

    told: Told
    lost_at: float | None = None
    """In s, as `now`."""
    charge: ChargeCounting = ChargeCounting()
    """What was said last and what has flowed since, in % of the full capacity."""

    def is_over(self, now: float) -> bool:
        """Whether another source may be believed."""
        return self.lost_at is not None and now - self.lost_at >= COUNTED_ON


class Measured(NamedTuple):
    """A sample of the current."""

    current: float
    """A"""
    at: Instant


class Flow(NamedTuple):
    """What has flowed since the combination before."""

    before: Measured | None
    after: Measured | None
    """`None` where nobody knows the current."""
    capacity: float | None
    """Ah when full."""
    chemistry: Chemistry | None
    longest_gap: float
    """Seconds between two samples beyond which nobody knows what has flowed."""

    @property
    def is_known(self) -> bool:
        """Whether charge can be counted at all."""
        return self.after is not None and bool(self.capacity)

    @property
    def measured(self) -> Measured | None:
        """The newest sample there ever was: what another source tells may be older."""
        before, after = self.before, self.after
        if before is None or after is None:
            return before or after
        return after if after.at.monotonic > before.at.monotonic else before

    def counted(self, charge: ChargeCounting) -> ChargeCounting:
        """Return `charge` with what has flowed."""
        before, after, capacity = self.before, self.after, self.capacity
        if charge.counted is None or before is None or after is None or not capacity:
            return charge
        seconds = after.at.monotonic - before.at.monotonic
        if seconds <= 0.0:
            return charge
        gap = seconds > self.longest_gap
        return go_on(
            charge,
            credible(before.current, capacity),
            credible(after.current, capacity),
            Span(after.at, None, seconds) if gap else Span(after.at, seconds),
            capacity,
            0.0,
            None if self.chemistry is None else FACTS[self.chemistry],
            IDLE,
        )


def hold(held: Held | None, told: Told | None, now: float) -> Held | None:
    """Return what counts from now on: what is told, or what a better source has told until a day ago."""
    if told is not None and (held is None or told.place <= held.told.place or held.is_over(now)):
        return Held(told, None, ChargeCounting() if held is None else held.charge)
    if held is None or held.is_over(now):
        return None
    return held if held.lost_at is not None else held._replace(lost_at=now)


def count_on(held: Held, flow: Flow, percent: float | None) -> Held:
    """Return `held` with what has flowed. `percent` is what is told of the charge, where it is not lost."""
    charge = flow.counted(held.charge)
    if held.lost_at is None:
        charge = charge._replace(counted=percent, uncertainty=held.told.uncertainty or 0.0)
    return held._replace(charge=charge)
