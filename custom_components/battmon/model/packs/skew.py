"""Which samples of members tell of the same moment (rules 5, skew).

Members are read one after the other, each at its own pace. What was read at different times may be compared
if the current stood still in between: a load that came or went there would look like a fault of a member.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from ..reading import Reading
from .members import Contribution, Member, Why, cells_in_series

TOGETHER = 2.0
"""Seconds between samples that tell of the same moment (rules 5)."""
STEADY = 0.1
"""Part of a current by which it may change and still is the same (rules 5)."""
STEADY_CURRENT = 0.5
"""A by which a small current may change: half of the smallest spread between currents that is of interest."""
LONGEST_GAP = 60.0
"""Seconds between two samples at least beyond which nobody knows what happened in between (design 4)."""
GAP_IN_STALE_TIMES = 5 / 3
"""The same, in times that make a sample stale: 5 polls in units of 3."""


class Compared(NamedTuple):
    """A member whose newest sample is compared with those of others. Values may be unknown."""

    key: str
    name: str
    at: float
    """When it was sampled, in s."""
    longest_gap: float
    """Seconds between two samples beyond which nobody knows what happened in between."""
    voltage: float | None
    current: float | None
    state_of_charge: float | None
    uncertainty: float
    """Of the state of charge, in points."""
    full_capacity: float | None
    lowest_cell: float | None
    highest_cell: float | None
    mean_cell: float | None
    cells: int | None
    """In series."""


class Steady(NamedTuple):
    """Since when a member's current has stood still."""

    at: float
    """Of the newest sample, in s."""
    since: float
    """Of the oldest sample like it."""
    lowest: float
    """A, since then."""
    highest: float


def longest_gap(member: Member) -> float:
    """Return how many seconds after a sample nobody knows any more what has happened since."""
    return max(LONGEST_GAP, GAP_IN_STALE_TIMES * member.stale_after)


def compared(members: Sequence[Member], contributions: Sequence[Contribution]) -> list[Compared]:
    """Return the members that may be compared: neither missing nor off the bus."""
    used = {given.key: given for given in contributions if given.used and given.why is not Why.OFF_THE_BUS}
    return [_compared(member, used[member.key]) for member in members if member.key in used]


def steadied(kept: Mapping[str, Steady], members: Sequence[Compared]) -> Mapping[str, Steady]:
    """Return since when each member's current has stood still, with their newest samples."""
    if all(member.key in kept and kept[member.key].at == member.at for member in members):
        return kept
    return {
        member.key: _steadied(kept.get(member.key), member, member.current)
        for member in members
        # Of a current that nobody knows nobody knows that it stood still.
        if member.current is not None
    }


def skew_of(members: Sequence[Compared]) -> float:
    """Return how many seconds the newest samples of members are apart."""
    times = [member.at for member in members]
    return max(times) - min(times)


def stood_still(members: Sequence[Compared], steady: Mapping[str, Steady]) -> bool:
    """Whether no current has changed between the newest samples of members."""
    oldest = min([member.at for member in members])
    return all(
        member.at - oldest <= TOGETHER or (member.key in steady and steady[member.key].since <= oldest)
        for member in members
    )


def known(members: Sequence[Compared], name: str) -> list[tuple[float, Compared]]:
    """Return a quantity of each member that knows it."""
    value = attrgetter(name)
    return [(number, member) for member in members if (number := value(member)) is not None]


def _compared(member: Member, given: Contribution) -> Compared:
    state = member.state
    assert state is not None
    assert state.reading is not None
    assert state.sampled_at is not None
    lowest, highest, mean, _ = state.cells
    charge = state.estimate.state_of_charge
    return Compared(
        member.key,
        member.name,
        state.sampled_at.monotonic,
        longest_gap(member),
        given.voltage,
        given.current,
        given.state_of_charge,
        0.0 if charge is None else charge.uncertainty or 0.0,
        given.full_capacity,
        None if lowest is None else lowest.voltage,
        None if highest is None else highest.voltage,
        mean,
        _cells(state.reading),
    )


def _cells(reading: Reading) -> int | None:
    if reading.cell_voltages is None:
        return None
    return cells_in_series(reading) or len(reading.cell_voltages)


def _steadied(before: Steady | None, member: Compared, current: float) -> Steady:
    if before is None or not 0.0 <= member.at - before.at <= member.longest_gap:
        return Steady(member.at, member.at, current, current)
    lowest, highest = min(before.lowest, current), max(before.highest, current)
    allowed = max(STEADY_CURRENT, STEADY * max(-lowest, highest))
    if highest - lowest > allowed:
        return Steady(member.at, member.at, current, current)
    return Steady(member.at, before.since, lowest, highest)
