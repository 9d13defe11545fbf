"""One fold of a virtual battery: its members as they are now, and what they are together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from .members import Member, PackReading, Quality, Why
from .merged import MergeKeeping, merge
from .overlay import overlay
from .parallel import parallel
from .series import series
from .settings import Arrangement, PackSettings
from .spreads import SpreadKeeping, follow
from .together import Charge

JOINED = {Arrangement.SERIES: series, Arrangement.PARALLEL: parallel}


class Keeping(NamedTuple):
    """What has to be kept from one combination to the next. Of merging, a part outlives a restart."""

    merging: MergeKeeping = MergeKeeping()
    spreading: SpreadKeeping = SpreadKeeping()


def combined(
    keeping: Keeping, members: Mapping[str, Member], settings: PackSettings, now: float
) -> tuple[Keeping, PackReading]:
    """Return what `members` (by key: members, primary and auxiliary sources) are together.

    `now` in s on the clock of `Instant.monotonic`. A reading of quality unavailable has no quantities.
    """
    own = _own(members, settings)
    merging, spreading = keeping
    join = JOINED.get(settings.arrangement)
    if join is None:
        merging, reading = merge(merging, members, settings, now)
        reading = _with_capacity(reading, settings.capacity)
    else:
        reading = join(own, settings, now)
    if settings.primary or settings.auxiliary:
        reading = overlay(reading, members, settings, now)
    spreading, reading = follow(spreading, reading, own, settings, now)
    return Keeping(merging, spreading), reading


def _own(members: Mapping[str, Member], settings: PackSettings) -> list[Member]:
    """Return the members in order, each once. One that nobody knows any more is not left out."""
    keys = dict.fromkeys(source.key for source in settings.members)
    return [members.get(key) or Member(key, key, absent=Why.REMOVED) for key in keys]


def _with_capacity(reading: PackReading, capacity: float | None) -> PackReading:
    """Return a merged battery with a full capacity that a person knows better than its devices."""
    if capacity is None or reading.quality is Quality.UNAVAILABLE:
        return reading
    charge = Charge(reading.state_of_charge).of(capacity)
    return replace(reading, remaining_capacity=charge.remaining, full_capacity=charge.full)
