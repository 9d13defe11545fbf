"""Sources beside the members: primary ones replace quantities, auxiliary ones fill holes (design 7).

So BatteryAggregator has it, with its `primaryServices` and `auxiliaryServices`: the first that knows a
quantity counts. A primary source that is lost gives its quantities back to the members at once: they are none
the worse. What follows from a quantity that was replaced is worked out anew: power, and remaining capacity by
state of charge. Alarms of sources are added to those of the members.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..state import NO_ALARMS
from .cells import alarms_of
from .members import Contribution, Member, PackReading, Quality
from .settings import PackSettings
from .taking import QUANTITIES, Taken, contribution, fields, first, take
from .watching import joined

__all__ = ["QUANTITIES", "overlay"]

LIVE = frozenset({"voltage", "current", "state_of_charge"})
"""What makes a reading, of a battery whose members tell none together."""
CHARGE = frozenset({"state_of_charge", "remaining_capacity", "full_capacity"})
"""What says how full a battery is."""

type Found = dict[str, tuple[Taken, Any]]
"""Quantity to the source that it is taken from, and what that tells."""


def overlay(
    reading: PackReading, members: Mapping[str, Member], settings: PackSettings, now: float
) -> PackReading:
    """Return `reading` with what the primary and auxiliary sources say."""
    primary, auxiliary = take(settings.primary, members, now), take(settings.auxiliary, members, now)
    # What a person says of the capacity is better than any device's word.
    names = [name for name in QUANTITIES if name != "full_capacity" or settings.capacity is None]
    replaced = _found(primary, names)
    filled = _found(auxiliary, [name for name in names if name not in replaced and _is_hole(reading, name)])
    found = replaced | filled
    if reading.quality is Quality.UNAVAILABLE and LIVE.isdisjoint(found):
        replaced = filled = found = {}
    values: dict[str, Any] = {}
    for name, (taken, value) in found.items():
        values |= fields(taken, name, value)
    if "alarms" in found:
        values |= _alarms(reading, primary if "alarms" in replaced else auxiliary)
    values |= _charge(reading, values, replaced, settings)
    values |= _power(reading, values, replaced)
    values |= _balancing(reading, values)
    contributions = tuple(contribution(taken, _given_by(taken, found)) for taken in (*primary, *auxiliary))
    return replace(
        reading,
        **values,
        contributions=(*reading.contributions, *contributions),
        quality=_quality(reading.quality, contributions, known=bool(found)),
    )


def _given_by(taken: Taken, found: Found) -> Iterator[str]:
    """Yield the quantities that come from a source."""
    return (name for name, (winner, _) in found.items() if winner is taken)


def _is_hole(reading: PackReading, name: str) -> bool:
    if name == "power" and reading.voltage is not None and reading.current is not None:
        return False
    return getattr(reading, name) is None


def _quality(quality: Quality, contributions: Sequence[Contribution], *, known: bool) -> Quality:
    if quality is Quality.UNAVAILABLE:
        return Quality.PARTIAL if known else quality
    return Quality.PARTIAL if any(one.why for one in contributions) else quality


def _alarms(reading: PackReading, sources: Sequence[Taken]) -> dict[str, Any]:
    told = alarms_of([taken.given for taken in sources if taken.tells("alarms") is not None])
    return {
        "alarms": (reading.alarms or NO_ALARMS) | (told.all or NO_ALARMS),
        "alarm_members": joined(reading.alarm_members, told.members.items()),
    }


def _power(reading: PackReading, values: Mapping[str, Any], replaced: Found) -> dict[str, Any]:
    """Return that power follows from voltage and current, where a source told one of these."""
    told = "voltage" in values or "current" in values
    whole = all(values.get(name, getattr(reading, name)) is not None for name in ("voltage", "current"))
    return {"power": None} if told and whole and "power" not in replaced else {}


def _charge(
    reading: PackReading, values: Mapping[str, Any], replaced: Found, settings: PackSettings
) -> dict[str, Any]:
    """Return state of charge and remaining capacity, which say the same, by the one that was replaced."""
    capacity = values.get("full_capacity", reading.full_capacity) or settings.capacity
    percent = values.get("state_of_charge", reading.state_of_charge)
    if not capacity or replaced.keys().isdisjoint(CHARGE):
        return {}
    if "remaining_capacity" not in replaced:
        left = None if percent is None else capacity * percent / 100
        return {"full_capacity": capacity, "remaining_capacity": left}
    if "state_of_charge" in replaced:
        return {}
    taken, remaining = replaced["remaining_capacity"]
    return {
        "full_capacity": capacity,
        **fields(taken, "state_of_charge", min(100.0, 100 * remaining / capacity)),
    }


def _balancing(reading: PackReading, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return that nobody knows which cells are bled, where those of a source are other ones."""
    cells = values.get("cell_voltages", reading.cell_voltages)
    if "balancing_cells" in values or not cells or len(cells) == len(reading.cell_voltages or cells):
        return {}
    return {"balancing_cells": None}


def _found(sources: Sequence[Taken], names: Sequence[str]) -> Found:
    """Return what the sources tell of these quantities, each by the first that knows it."""
    told = {name: one for name in names if (one := first(sources, name)) is not None}
    return {name: (sources[place], value) for name, (place, value) in told.items()}
