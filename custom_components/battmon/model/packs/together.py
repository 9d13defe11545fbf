"""What members in series and in parallel have in common."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..estimation.charge_counting import Origin
from .cells import Cells, alarms_of, temperatures_of
from .given import Given, contributions
from .levels import levels
from .members import PackReading, Quality

type Value = float | None
CERTAINTY = (Origin.VOLTAGE, Origin.COUNTED, Origin.DEVICE)
"""The least certain first."""


class Charge(NamedTuple):
    """How full members are together. Charge in Ah."""

    state_of_charge: Value = None
    uncertainty: Value = None
    remaining: Value = None
    full: Value = None

    def of(self, capacity: Value) -> Charge:
        """Return the same with a full capacity that a person knows better than the members."""
        if capacity is None:
            return self
        percent = self.state_of_charge
        return self._replace(full=capacity, remaining=None if percent is None else capacity * percent / 100)


def unavailable(given: Sequence[Given], *, in_parallel: bool) -> PackReading:
    """Return what there is to say where too little is known for a reading."""
    return PackReading(
        quality=Quality.UNAVAILABLE,
        contributions=contributions(given, in_parallel=in_parallel),
        levels=levels(given),
    )


def shared(given: Sequence[Given], cells: Cells, charge: Charge) -> dict[str, Any]:
    """Return the fields of a reading that do not depend on how its members are joined."""
    alarms, alarm_members = alarms_of(given)
    cycles = [one.reading.cycle_count for one in given if one.reading.cycle_count is not None]
    return {
        "state_of_charge": charge.state_of_charge,
        "state_of_charge_uncertainty": charge.uncertainty,
        "state_of_charge_origin": None if charge.state_of_charge is None else least_certain(given),
        "lowest_member": _lowest_member(given),
        "remaining_capacity": charge.remaining,
        "full_capacity": charge.full,
        "cycle_count": max(cycles, default=None),
        "cell_voltages": cells.voltages,
        "cell_names": cells.names,
        "balancing_cells": cells.balancing,
        "balancing_enabled": _agreed([one.reading.balancing_enabled for one in given]),
        "temperatures": temperatures_of(given),
        "alarms": alarms,
        "alarm_members": alarm_members,
    }


def least_certain(given: Iterable[Given]) -> Origin | None:
    """Return the least certain origin of the members' states of charge."""
    origins = [one.origin for one in given]
    return next((origin for origin in CERTAINTY if origin in origins), None)


def total(values: Sequence[Value]) -> Value:
    """Return the sum, unless some value is missing: a sum of fewer would pose as that of all."""
    found = [value for value in values if value is not None]
    return sum(found) if len(found) == len(values) else None


def mean(values: Iterable[Value]) -> Value:
    """Return the mean of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def weighted(values: Sequence[Value], weights: Sequence[Value]) -> Value:
    """Return the mean of what is known, each by its weight.

    A value without a weight counts only where no weight is known at all, and all of them count alike then.
    """
    pairs = zip(values, weights, strict=True)
    both = [(value, weight) for value, weight in pairs if value is not None and weight is not None]
    if not both:
        return mean(values)
    return sum([value * weight for value, weight in both]) / sum([weight for _, weight in both])


def design_capacities(given: Iterable[Given]) -> list[Value]:
    """Return what each member was built for, in Ah, also where it is missing now: that does not change."""
    states = [one.member.state for one in given]
    return [
        None if state is None or state.reading is None else state.reading.design_capacity for state in states
    ]


def _lowest_member(given: Iterable[Given]) -> str | None:
    """Return the name of the one with the lowest state of charge."""
    percents = [(one.state_of_charge, one.member.name) for one in given if one.state_of_charge is not None]
    return min(percents)[1] if percents else None


def _agreed(switches: Iterable[bool | None]) -> bool | None:
    """Return what all say that have such a switch; mixed is unknown."""
    told = {switch for switch in switches if switch is not None}
    return told.pop() if len(told) == 1 else None
