"""Members in parallel: the same voltage lies at all, and each gives its share (rules 5).

That a member's current has the wrong sign cannot be proven here: current may well flow from one to another.
"""

from collections.abc import Sequence

from .cells import cells_of
from .given import Given, contributions, give, quality_of
from .levels import levels, most_in_parallel
from .limits import limits_in_parallel
from .members import Member, MemberLevel, PackReading
from .settings import PackSettings
from .together import Charge, Value, design_capacities, mean, shared, total, unavailable, weighted


def parallel(members: Sequence[Member], settings: PackSettings, now: float) -> PackReading:
    """Return what a bank of members is. What some of them cannot tell for all is not told."""
    given = [give(member, now) for member in members]
    used = [one for one in given if one.why is None]
    if not used:
        return unavailable(given, in_parallel=True)
    cells = cells_of(given)
    charge = _charge(given, used, settings)
    found = contributions(given, in_parallel=True)
    on_bus = [one for one in used if not one.off_bus]
    limits = limits_in_parallel(used)
    missing = len(used) < len(given)
    flowing = _flowing(given, settings)
    current = total([one.current for one in flowing])
    return PackReading(
        **shared(used, cells, charge),
        voltage=_voltage([one.voltage for one in on_bus if one.voltage is not None], settings),
        current=current,
        power=total([one.power for one in flowing]),
        state_of_health=weighted([one.health for one in used], [one.full for one in used]),
        design_capacity=total(design_capacities(given)),
        charging_enabled=_any_on([one.reading.charging_enabled for one in used], missing=missing),
        discharging_enabled=_any_on([one.reading.discharging_enabled for one in used], missing=missing),
        charge_voltage_limit=limits.charge_voltage,
        charge_current_limit=limits.charge_current,
        discharge_current_limit=limits.discharge_current,
        cells_in_series=min(filter(None, cells.in_series), default=None),
        quality=quality_of(given, found),
        lacks_members=missing,
        contributions=found,
        levels=_levels(given, current, settings),
    )


def _charge(given: Sequence[Given], used: Sequence[Given], settings: PackSettings) -> Charge:
    """Return how full a bank is, with those off the bus. Without a member nobody knows the charge in Ah."""
    fulls = [one.full for one in used]
    remaining, full = total([one.remaining for one in used]), total(fulls)
    if remaining is not None and full is not None:
        percent: Value = min(100.0, 100 * remaining / full)
    else:
        percent = weighted([one.state_of_charge for one in used], fulls)
    charge = Charge(percent, _uncertainty(used, fulls))
    if len(used) < len(given):
        return charge
    return charge._replace(remaining=remaining, full=full).of(settings.capacity)


def _uncertainty(used: Sequence[Given], fulls: Sequence[Value]) -> Value:
    """Return the mean of the members'. A device's own state of charge has none, and counts as certain."""
    points = [one.uncertainty for one in used]
    if points.count(None) == len(points):
        return None
    return weighted([one or 0.0 for one in points], fulls)


def _voltage(known: list[float], settings: PackSettings) -> Value:
    return min(known, default=None) if settings.minimum_voltage else mean(known)


def _flowing(given: Sequence[Given], settings: PackSettings) -> Sequence[Given]:
    """Return the members whose current is summed."""
    # Nothing flows through a member that is off the bus, whether it says so or not.
    flowing = [one for one in given if one.current is not None or not one.off_bus]
    known = [one for one in flowing if one.current is not None] if settings.partial_sums else None
    return known or flowing


def _any_on(switches: Sequence[bool | None], *, missing: bool) -> bool | None:
    """Whether current may flow: through one member is enough. A missing one may be on."""
    if True in switches:
        return True
    return None if missing or None in switches else False


def _levels(given: Sequence[Given], current: Value, settings: PackSettings) -> tuple[MemberLevel, ...]:
    return levels(given) if settings.strict else levels(given, most_in_parallel(given, current))
