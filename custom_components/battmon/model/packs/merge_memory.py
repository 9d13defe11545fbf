"""What is remembered of a merged battery: from where its charge is counted on after a restart (rules 5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ..estimation.charge_counting import ChargeCounting
from ..instant import Instant
from .counting_on import Held, Measured, Told
from .merged import MergeKeeping
from .settings import PackSettings, Source

PERCENT_OR_AH = ("state_of_charge", "remaining_capacity")
"""Each may be worked out from the other."""
TOLD_BY = {
    "state_of_charge": PERCENT_OR_AH,
    "remaining_capacity": PERCENT_OR_AH,
    "full_capacity": ("full_capacity",),
}
"""Which quantities of a source tell what does not jump to another one."""


class Remembered(NamedTuple):
    """What a source told last, and what was counted on from there."""

    source: str
    """Its battery key: its place may be another one after the options were changed."""
    value: float
    told_at: datetime
    """When it was there last, in UTC."""
    uncertainty: float | None = None
    charge: ChargeCounting = ChargeCounting()


class MergeMemory(NamedTuple):
    """What of `MergeKeeping` outlives a restart."""

    state_of_charge: Remembered | None = None
    remaining_capacity: Remembered | None = None
    full_capacity: Remembered | None = None
    current: float | None = None
    """The newest, in A."""
    measured_at: datetime | None = None
    """When that was sampled, in UTC."""


def remembered(keeping: MergeKeeping, settings: PackSettings, now: Instant) -> MergeMemory:
    """Return what is to be remembered of a merged battery."""
    charge, remaining, full, measured = keeping
    return MergeMemory(
        _remembered(charge, settings.members, now),
        _remembered(remaining, settings.members, now),
        _remembered(full, settings.members, now),
        None if measured is None else measured.current,
        None if measured is None else measured.at.utc,
    )


def restored(memory: MergeMemory, settings: PackSettings, now: Instant) -> MergeKeeping:
    """Go on from what is remembered: every source is lost, until it is there again.

    What a source told counts for nothing where it is not asked for that any more.
    """
    charge, remaining, full, current, measured_at = memory
    measured = None
    if current is not None and measured_at is not None:
        measured = Measured(current, Instant(_monotonic(measured_at, now), measured_at))
    return MergeKeeping(
        _held("state_of_charge", charge, settings.members, now),
        _held("remaining_capacity", remaining, settings.members, now),
        _held("full_capacity", full, settings.members, now),
        measured,
    )


def _remembered(held: Held | None, sources: Sequence[Source], now: Instant) -> Remembered | None:
    if held is None:
        return None
    told, lost_at, charge = held
    lost_for = 0.0 if lost_at is None else now.monotonic - lost_at
    told_at = now.utc - timedelta(seconds=lost_for)
    return Remembered(sources[told.place].key, told.value, told_at, told.uncertainty, charge)


def _held(quantity: str, memory: Remembered | None, sources: Sequence[Source], now: Instant) -> Held | None:
    if memory is None:
        return None
    places = (
        place
        for place, source in enumerate(sources)
        if source.key == memory.source and any(map(source.gives, TOLD_BY[quantity]))
    )
    if (place := next(places, None)) is None:
        return None
    told = Told(place, memory.value, memory.uncertainty)
    return Held(told, _monotonic(memory.told_at, now), memory.charge)


def _monotonic(then: datetime, now: Instant) -> float:
    """Return when a moment was on the clock of this run. A clock that was set back says that it is now."""
    return now.monotonic - max(0.0, (now.utc - then).total_seconds())
