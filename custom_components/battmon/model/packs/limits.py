"""How much current members may be asked for together, and up to which voltage (rules 5, aggregation 8)."""

from collections.abc import Sequence

from ..estimation.limits import Limits
from .given import Given, finite, known

LIKE_EACH_OTHER = 3.0
"""Resistance times capacity is much the same for batteries of a kind. A member whose product is more times
another's has not learned its resistance yet: elsewhere, one was once given millions of times its share."""
LEAST_RESISTANCE = 1e-6
"""Ohm. No battery and no wire has less."""

type Limit = float | None


def limits_in_parallel(used: Sequence[Given]) -> Limits:
    """Return what a bank may be asked for: until the first member reaches its limit; 0 if none may be."""
    # A battery without MOSFETs has nothing that could forbid it.
    charging = [one for one in used if one.reading.charging_enabled is not False]
    discharging = [one for one in used if one.reading.discharging_enabled is not False]
    parts = shares(charging)
    voltages = finite([one.estimate.limits.charge_voltage for one in charging])
    return Limits(
        min([limit for limit in voltages if limit is not None], default=None),
        _together([one.estimate.limits.charge_current for one in charging], parts),
        _together(
            [one.estimate.limits.discharge_current for one in discharging],
            parts if len(charging) == len(discharging) == len(used) else shares(discharging),
        ),
    )


def limits_in_series(given: Sequence[Given], cells: Sequence[int | None]) -> Limits:
    """Return what a string may be asked for: what its weakest member may.

    `cells` in series of each member: no cell may exceed what is the limit for its own.
    """
    limits = [one.estimate.limits for one in given]
    return Limits(
        _string_voltage([limit.charge_voltage for limit in limits], cells),
        _weakest([limit.charge_current for limit in limits], [one.reading.charging_enabled for one in given]),
        _weakest(
            [limit.discharge_current for limit in limits], [one.reading.discharging_enabled for one in given]
        ),
    )


def shares(given: Sequence[Given]) -> list[float]:
    """Return which part of the current each of these members in parallel takes.

    By conductance where resistances are credible, which is how current divides; else by capacity; else equal.
    """
    weights = _conductances(given) or [one.full for one in given if one.full is not None]
    if len(weights) < len(given):
        return [1 / len(given)] * len(given)
    total = sum(weights)
    return [weight / total for weight in weights]


def _conductances(given: Sequence[Given]) -> list[float] | None:
    """Return those of all members, in S; `None` where they are not known or not credible."""
    found: list[float] = []
    products: list[float] = []
    for one in given:
        ohms = known(one.estimate.internal_resistance)
        if ohms is None or ohms < LEAST_RESISTANCE or one.full is None:
            return None
        found.append(1 / ohms)
        products.append(ohms * one.full)
    return found if found and max(products) <= LIKE_EACH_OTHER * min(products) else None


def _together(limits: Sequence[Limit], parts: Sequence[float]) -> Limit:
    """Return the current at which the first member reaches its limit, at most the sum of all limits.

    A member whose limit is not known adds nothing to that sum.
    """
    if not limits:
        return 0.0
    reached = [
        (limit / part, limit) for limit, part in zip(finite(limits), parts, strict=True) if limit is not None
    ]
    if not reached:
        return None
    return min(min(reached)[0], sum([limit for _, limit in reached]))


def _weakest(limits: Sequence[Limit], switches: Sequence[bool | None]) -> Limit:
    """Return the lowest limit; 0 if a member forbids current.

    A switch that only some members tell counts as off where it is not told. Where nobody has any, as with
    batteries that are only measured, there is none to be off.
    """
    if not all(switches) and any(switch is not None for switch in switches):
        return 0.0
    return _lowest(limits)


def _string_voltage(limits: Sequence[Limit], cells: Sequence[int | None]) -> Limit:
    counts = [count for count in cells if count]
    if len(counts) < len(limits):
        # As if all were like the lowest: too low for a string of unlike members, never too high.
        lowest = _lowest(limits)
        return None if lowest is None else lowest * len(limits)
    a_cell = _lowest([limit and limit / count for limit, count in zip(limits, counts, strict=True)])
    return None if a_cell is None else a_cell * sum(counts)


def _lowest(limits: Sequence[Limit]) -> Limit:
    """Return the lowest, unless some are not known: any of these may be lower."""
    found = [limit for limit in finite(limits) if limit is not None]
    return min(found) if len(found) == len(limits) else None
