"""What a bus demands before a member joins it (rules 6). Unknown is not allowed."""

from collections.abc import Collection, Sequence
from math import inf
from typing import NamedTuple

from ..chemistry import Chemistry
from ..errors import CommandBlocked
from .standing import Bank, Standing, amperes, names

FRESH = 5.0
"""Seconds. Both sides of a contact are read at most so long before it closes."""
CONTACT_RESISTANCE = 0.003
"""Ohm, of what lies between a member and its bus."""
JOINING_RATE = 0.3
"""C of the smaller side: the most that may flow between the two."""
LIMITS_PART = 0.5
"""Of the limits of either side, in the same way."""
CELL_DIFFERENCE = 0.050
"""V a cell between both sides, where a resistance is not known."""
CELL_DIFFERENCES = {Chemistry.SODIUM_ION: 0.040, Chemistry.LTO: 0.015, Chemistry.LIPO: 0.010}
"""The same, where less is borne."""
CHARGE_DIFFERENCE = 30.0
"""Points between the states of charge of both sides, beyond which to warn."""


class Joining(NamedTuple):
    """What a member that joins a bus is held to a moment later."""

    bank: str
    most_in: float
    """A; the largest current that may charge it."""
    most_out: float
    """A; the largest current that may discharge it, positive."""
    charge_difference: float | None = None
    """Points between its state of charge and that of the bus, where that is a reason to warn."""

    def limit(self, current: float) -> float:
        """Return the most that may flow in the direction of a current, in A."""
        return self.most_in if current > 0 else self.most_out

    def is_exceeded(self, current: float | None) -> bool:
        """Whether a current in A is more than was allowed; one that is not known is."""
        return current is None or abs(current) > self.limit(current)


def may_join(bank: Bank, joining: Collection[str], switches: Collection[str]) -> Joining | None:
    """Raise `CommandBlocked` if too much would flow between a bus and members that join it.

    `None` if nobody joins, for they are on already, or because nobody is on the bus.
    """
    entering = [one for one in bank.of(joining) if any(one.switch(switch) is not True for switch in switches)]
    if not entering:
        return None
    on_bus = [one for one in bank.others(joining) if one.is_on]
    doubtful = [one for one in bank.others(joining) if not one.is_on and not one.is_off]
    # What is on for one direction only need not have the voltage of the bus.
    if doubtful and not any(one.charging and one.discharging for one in on_bus):
        raise CommandBlocked("bus_unread", {"pack": bank.name, "members": names(doubtful)})
    if not on_bus:
        return None
    found = [_join(bank.name, one, on_bus, bus_is_certain=not doubtful) for one in entering]
    differences = [one.charge_difference for one in found if one.charge_difference is not None]
    return Joining(
        bank.name,
        min(one.most_in for one in found),
        min(one.most_out for one in found),
        max(differences, default=None),
    )


def _join(bank: str, one: Standing, bus: Sequence[Standing], *, bus_is_certain: bool) -> Joining:
    difference = _difference(bank, one, bus)
    joining = Joining(
        bank,
        _most(bank, one, bus, into="charging", out_of="discharging"),
        _most(bank, one, bus, into="discharging", out_of="charging"),
        _charge_difference(one, bus),
    )
    # Of members that were not heard nobody knows how little they resist.
    resistance = _parallel(bus) if bus_is_certain else 0.0
    if one.resistance is None or resistance is None:
        _must_be_near(bank, one, difference)
        return joining
    current = abs(difference) / (one.resistance + resistance + CONTACT_RESISTANCE)
    # The side with the higher voltage is discharged.
    limit = joining.limit(-difference)
    if current > limit:
        raise CommandBlocked(
            "join_current",
            {
                "pack": bank,
                "member": one.name,
                "difference": f"{difference:+.2f}",
                "current": amperes(current),
                "limit": amperes(limit),
            },
        )
    return joining


def _difference(bank: str, one: Standing, bus: Sequence[Standing]) -> float:
    """Return by how many V it rests above that member of the bus that is farthest from it."""
    unread = [side for side in (one, *bus) if side.voltage is None]
    if unread:
        raise CommandBlocked("bus_unread", {"pack": bank, "members": names(unread)})
    own = one.resting_voltage
    others = [side.resting_voltage for side in bus]
    apart = [own - other for other in others if own is not None and other is not None]
    if len(apart) < len(others):
        moving = [side for side in (one, *bus) if side.resting_voltage is None]
        raise CommandBlocked("join_voltage_unknown", {"pack": bank, "members": names(moving)})
    return max(apart, key=abs)


def _most(bank: str, one: Standing, bus: Sequence[Standing], *, into: str, out_of: str) -> float:
    """Return the most in A that may flow through the switch `into` of one side and `out_of` of the other."""
    # A bus whose members are all off in this direction gives or takes nothing, whatever their limits.
    giving = [side for side in bus if side.switch(out_of) is not False]
    capacities = [side.capacity for side in bus]
    limits = [one.limit(into), *(side.limit(out_of) for side in giving)]
    if not one.capacity or not all(capacities) or None in limits:
        unknown = [
            side
            for side, limit in ((one, one.limit(into)), *((side, side.limit(out_of)) for side in bus))
            if not side.capacity or limit is None
        ]
        raise CommandBlocked("join_limits_unknown", {"pack": bank, "members": names(unknown)})
    own, *others = (limit or 0.0 for limit in limits)
    smaller = min(one.capacity, sum(capacity or 0.0 for capacity in capacities))
    return min(JOINING_RATE * smaller, LIMITS_PART * own, LIMITS_PART * sum(others) if giving else inf)


def _must_be_near(bank: str, one: Standing, difference: float) -> None:
    """Judge by the voltage alone."""
    if not one.cells:
        raise CommandBlocked("join_cells_unknown", {"pack": bank, "member": one.name})
    # A chemistry that nobody named may be the one that bears least.
    a_cell = (
        min(CELL_DIFFERENCES.values())
        if one.chemistry is None
        else CELL_DIFFERENCES.get(one.chemistry, CELL_DIFFERENCE)
    )
    if abs(difference) > one.cells * a_cell:
        raise CommandBlocked(
            "join_voltage",
            {
                "pack": bank,
                "member": one.name,
                "difference": f"{difference:+.3f}",
                "limit": f"{one.cells * a_cell:.3f}",
            },
        )


def _parallel(bus: Sequence[Standing]) -> float | None:
    conductances = [1 / one.resistance for one in bus if one.resistance is not None]
    return 1 / sum(conductances) if len(conductances) == len(bus) else None


def _charge_difference(one: Standing, bus: Sequence[Standing]) -> float | None:
    own = one.state_of_charge
    apart = [
        abs(own - side.state_of_charge)
        for side in bus
        if own is not None and side.state_of_charge is not None
    ]
    return max((points for points in apart if points > CHARGE_DIFFERENCE), default=None)
