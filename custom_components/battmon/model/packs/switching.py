"""What a virtual battery demands before a member is switched off (rules 6). Unknown is not allowed."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from ..errors import CommandBlocked
from ..reading import Reading
from ..switching import Wanted, approve
from .standing import Bank, Standing, amperes, names

OPENING_CURRENT = 1.0
"""A, of a string that may be opened."""


class SwitchStates(NamedTuple):
    """How a switch stands at the members of a virtual battery, by their names."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, told: Iterable[tuple[str, bool | None]]) -> SwitchStates:
        """Sort members by how their switch stands."""
        each = list(told)
        return cls(*(tuple(name for name, on in each if on is state) for state in (True, False, None)))

    @property
    def is_on(self) -> bool | None:
        """Whether all are on, or all off; `None` where they differ."""
        if self.unknown or bool(self.on) is bool(self.off):
            return None
        return bool(self.on)


def may_open(name: str, string: Sequence[Standing], *, force: bool) -> None:
    """Raise `CommandBlocked` if a string may not be opened under its current."""
    if force:
        return
    currents = [abs(one.current) for one in string if one.current is not None]
    if not currents:
        raise CommandBlocked("string_current_unknown", {"pack": name, "members": names(string)})
    if max(currents) > OPENING_CURRENT:
        raise CommandBlocked(
            "string_current",
            {"pack": name, "current": amperes(max(currents)), "limit": amperes(OPENING_CURRENT)},
        )


def may_leave(
    bank: Bank, leaving: Collection[str], switch: str, *, force: bool, together: Collection[str] = ()
) -> None:
    """Raise `CommandBlocked` if the others could not carry what the bus draws.

    `together` are those that the same command switches off. By force they may all go, for nobody remains
    to be overloaded; one at a time, the last may.
    """
    if all(one.switch(switch) is False for one in bank.of(leaving)):
        return
    staying = [one for one in bank.others(leaving) if one.switch(switch) is not False]
    remaining = [one for one in staying if one.key not in together]
    if together and not remaining and (force or not staying):
        return
    flow = bank.flow(switch)
    if flow is None:
        if force:
            return
        raise CommandBlocked("bus_current_unknown", {"pack": bank.name, "members": names(bank.silent())})
    _must_carry(bank.name, staying, flow, switch, force=force)


def order_of_leaving(
    bank: Bank, leaving: Collection[str], switch: str, *, force: bool
) -> tuple[Standing, ...]:
    """Return members in the order in which they are to be switched off, the strongest last.

    Raises `CommandBlocked` if any step of that would be refused: nothing is switched then.
    """
    order = sorted(bank.of(leaving), key=lambda one: one.limit(switch) or 0.0)
    flow = bank.flow(switch)
    left = bank if flow is None else bank._replace(measured=(flow if switch == "charging" else -flow,))
    for one in order:
        may_leave(left, {one.key}, switch, force=force, together=leaving)
        off = one.opened(switch)
        left = left._replace(members=tuple(off if other.key == one.key else other for other in left.members))
    if switch == "charging" and all(one.charging is False for one in bank.others(leaving)):
        # The last one breaks the whole current.
        still_on = any(one.charging is not False for one in order)
        last = Reading(current=flow, full_capacity=order[-1].capacity, charging_enabled=still_on)
        approve(last, Wanted(charging=False), force=force)
    return tuple(order)


def _must_carry(name: str, staying: Sequence[Standing], flow: float, switch: str, *, force: bool) -> None:
    certain = [one for one in staying if one.switch(switch) is True and one.limit(switch) is not None]
    limit = _together([(one.limit(switch) or 0.0, one.capacity) for one in certain])
    if flow <= limit:
        return
    unknown = [one for one in staying if one not in certain]
    if not unknown:
        raise CommandBlocked(
            "remaining_overloaded",
            {"pack": name, "current": amperes(flow), "limit": amperes(limit), "members": names(staying)},
        )
    if not force:
        raise CommandBlocked(
            "remaining_limits_unknown", {"pack": name, "current": amperes(flow), "members": names(unknown)}
        )


def _together(members: Sequence[tuple[float, float | None]]) -> float:
    """Return what members may carry, of limits in A and capacities in Ah, until the first is at its limit.

    Current divides by capacity, as the limits of a virtual battery do.
    """
    if not members:
        return 0.0
    known = [capacity for _, capacity in members if capacity]
    total = sum(known)
    if len(known) < len(members):
        return min(limit for limit, _ in members) * len(members)
    reached = min(limit * total / (capacity or total) for limit, capacity in members)
    return min(reached, sum(limit for limit, _ in members))
