"""Members in series: the same current flows through all, and the first that is empty ends it (rules 5)."""

from collections.abc import Sequence
from operator import itemgetter

from .cells import cells_of
from .given import Given, contributions, give, quality_of
from .levels import levels
from .limits import limits_in_series
from .members import Member, PackReading
from .settings import PackSettings
from .together import Charge, Value, design_capacities, mean, shared, total, unavailable


def series(members: Sequence[Member], settings: PackSettings, now: float) -> PackReading:
    """Return what a string of members is. Without one of them nothing is known of it."""
    given = [give(member, now) for member in members]
    if not given or any(one.why is not None for one in given):
        return unavailable(given, in_parallel=False)
    cells = cells_of(given)
    charge = _charge(given).of(settings.capacity)
    found = contributions(given, in_parallel=False)
    limits = limits_in_series(given, cells.in_series)
    return PackReading(
        **shared(given, cells, charge),
        voltage=total([one.voltage for one in given]),
        current=mean([one.current for one in given]),
        state_of_health=_least([one.health for one in given]),
        design_capacity=_least(design_capacities(given)),
        charging_enabled=_all_on([one.reading.charging_enabled for one in given]),
        discharging_enabled=_all_on([one.reading.discharging_enabled for one in given]),
        charge_voltage_limit=limits.charge_voltage,
        charge_current_limit=limits.charge_current,
        discharge_current_limit=limits.discharge_current,
        cells_in_series=None if None in cells.in_series else sum(filter(None, cells.in_series)),
        quality=quality_of(given, found),
        contributions=found,
        levels=levels(given),
    )


def _charge(given: Sequence[Given]) -> Charge:
    """Return how full a string is: the emptiest member ends the discharge, the fullest one the charge."""
    stores = [
        # Points of uncertainty are of the member's own capacity.
        (one.remaining, -(one.uncertainty or 0.0) * one.full, one.full - one.remaining)
        for one in given
        if one.remaining is not None and one.full is not None
    ]
    if len(stores) < len(given):
        return _by_percent(given)
    remaining, error, _ = min(stores)
    full = remaining + max(0.0, min([headroom for _, _, headroom in stores]))
    if full <= 0.0:
        # An empty member beside a full one: there is nothing to take, and no room for more.
        return Charge(0.0, None, 0.0)
    uncertainty = None if all(one.uncertainty is None for one in given) else min(100.0, -error / full)
    return Charge(100 * remaining / full, uncertainty, remaining, full)


def _by_percent(given: Sequence[Given]) -> Charge:
    """Return what is left to say where some member's charge in Ah is not known: it may be the least."""
    percents = [
        (one.state_of_charge, -(one.uncertainty or 0.0), one.uncertainty)
        for one in given
        if one.state_of_charge is not None
    ]
    if len(percents) < len(given):
        return Charge()
    percent, _, uncertainty = min(percents, key=itemgetter(0, 1))
    return Charge(percent, uncertainty)


def _least(values: list[Value]) -> Value:
    known = [value for value in values if value is not None]
    return min(known) if len(known) == len(values) else None


def _all_on(switches: list[bool | None]) -> bool | None:
    """Whether current may flow: one member that is off stops it, and one that does not tell might."""
    if False in switches:
        return False
    return None if None in switches else True
