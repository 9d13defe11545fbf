"""One battery, seen by several devices (rules 5): for each quantity the first source counts that knows it.

A measured quantity falls to the next source as soon as its own is lost: both see the same volts and amperes.
How full the battery is does not: see `counting_on`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..estimation.charge_counting import Origin
from .cells import alarms_of
from .counting_on import Flow, Held, Measured, Told, count_on, hold
from .levels import levels
from .members import Member, PackReading, Quality
from .settings import PackSettings
from .skew import longest_gap
from .taking import QUANTITIES, Taken, contribution, fields, first, take

type Found = Mapping[str, tuple[int, Any]]
"""Quantity to the place of the source that tells it, in the order of precedence, and what it tells."""

CHARGE = ("state_of_charge", "remaining_capacity", "full_capacity")
"""What does not jump to another source."""


class MergeKeeping(NamedTuple):
    """What has to be kept from one combination to the next."""

    state_of_charge: Held | None = None
    remaining_capacity: Held | None = None
    full_capacity: Held | None = None
    """Nothing is counted here: a capacity stays what it was."""
    measured: Measured | None = None
    """The newest sample of the current."""


def merge(
    keeping: MergeKeeping, members: Mapping[str, Member], settings: PackSettings, now: float
) -> tuple[MergeKeeping, PackReading]:
    """Return what the devices that see one battery say of it together."""
    sources = take(settings.members, members, now)
    told = {name: one for name in QUANTITIES if (one := first(sources, name)) is not None}
    if "voltage" in told and "current" in told:
        # Power is that of these two, and not some source's own (rules 5).
        told.pop("power", None)
    keeping, flow = _followed(keeping, sources, told, settings, now)
    found = tuple(contribution(taken, _given_by(place, told, keeping)) for place, taken in enumerate(sources))
    status: dict[str, Any] = {
        "contributions": found,
        "levels": levels([taken.given for taken in sources]),
    }
    if not any(one.used for one in found):
        return keeping, PackReading(quality=Quality.UNAVAILABLE, **status)
    quality = Quality.PARTIAL if any(one.why for one in found) else Quality.OK
    values = {**_measured(sources, told), **_charge(keeping, flow, sources)}
    return keeping, PackReading(quality=quality, **status, **values)


def _given_by(place: int, told: Found, keeping: MergeKeeping) -> Iterator[str]:
    """Yield the quantities that come from the source at `place`."""
    for name, (winner, _) in told.items():
        held: Held | None = getattr(keeping, name) if name in CHARGE else None
        if winner == place and (held is None or (held.lost_at is None and held.told.place == place)):
            yield name


def _measured(sources: Sequence[Taken], told: Found) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, (place, value) in told.items():
        if name not in CHARGE:
            values |= fields(sources[place], name, value)
    alarms = alarms_of([taken.given for taken in sources if taken.tells("alarms") is not None])
    # What any of them complains of is not covered by another that does not.
    return {**values, "alarms": alarms.all, "alarm_members": alarms.members}


def _followed(
    keeping: MergeKeeping, sources: Sequence[Taken], told: Found, settings: PackSettings, now: float
) -> tuple[MergeKeeping, Flow]:
    full = hold(keeping.full_capacity, _told(told, "full_capacity"), now)
    capacity = settings.capacity or (None if full is None else full.told.value)
    flow = _flow(keeping.measured, sources, told, settings, capacity)
    charge, remaining = _agreeing(sources, told, capacity)
    held = hold(keeping.state_of_charge, charge, now)
    left = hold(keeping.remaining_capacity, remaining, now)
    return MergeKeeping(
        held and count_on(held, flow, held.told.value),
        left and count_on(left, flow, 100 * left.told.value / capacity if capacity else None),
        full,
        flow.measured,
    ), flow


def _told(told: Found, name: str) -> Told | None:
    return Told(*told[name]) if name in told else None


def _agreeing(
    sources: Sequence[Taken], told: Found, capacity: float | None
) -> tuple[Told | None, Told | None]:
    """Return state of charge in % and remaining capacity in Ah, which say the same.

    The better source's word decides the other's, unless a person named where to take that from.
    """
    charge, remaining = _told(told, "state_of_charge"), _told(told, "remaining_capacity")
    if charge is not None:
        charge = charge._replace(uncertainty=sources[charge.place].given.uncertainty)
    if not capacity:
        return charge, remaining
    if charge is not None and _decides(charge, remaining, "remaining_capacity", sources):
        remaining = Told(charge.place, capacity * charge.value / 100, charge.uncertainty)
    elif remaining is not None and _decides(remaining, charge, "state_of_charge", sources):
        charge = Told(remaining.place, min(100.0, 100 * remaining.value / capacity))
    return charge, remaining


def _decides(better: Told, other: Told | None, name: str, sources: Sequence[Taken]) -> bool:
    if other is None:
        return True
    return better.place < other.place and name not in sources[other.place].source.quantities


def _flow(
    before: Measured | None,
    sources: Sequence[Taken],
    told: Found,
    settings: PackSettings,
    capacity: float | None,
) -> Flow:
    if "current" not in told:
        return Flow(before, None, capacity, settings.chemistry, 0.0)
    place, current = told["current"]
    member = sources[place].given.member
    assert member.state is not None
    assert member.state.sampled_at is not None
    after = Measured(current, member.state.sampled_at)
    return Flow(before, after, capacity, settings.chemistry, longest_gap(member))


def _charge(keeping: MergeKeeping, flow: Flow, sources: Sequence[Taken]) -> dict[str, Any]:
    """Return the fields about charge: as told, or as counted on from what was told last."""
    charge, remaining, full, _ = keeping
    values: dict[str, Any] = {"full_capacity": full and full.told.value}
    if charge is not None and charge.lost_at is None:
        given = sources[charge.told.place].given
        values |= {
            "state_of_charge": charge.told.value,
            "state_of_charge_origin": given.origin,
            "state_of_charge_uncertainty": charge.told.uncertainty,
        }
    elif charge is not None and flow.is_known:
        values |= {
            "state_of_charge": charge.charge.counted,
            "state_of_charge_origin": Origin.COUNTED,
            "state_of_charge_uncertainty": charge.charge.uncertainty,
        }
    if remaining is not None and remaining.lost_at is None:
        values["remaining_capacity"] = remaining.told.value
    elif remaining is not None and remaining.charge.counted is not None and flow.is_known:
        values["remaining_capacity"] = remaining.charge.counted * (flow.capacity or 0.0) / 100
    return values
