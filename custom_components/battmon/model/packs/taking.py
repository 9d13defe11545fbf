"""What is taken from a source: of a merged battery, or beside the members of another."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..failsafe.levels import Level
from .given import Given, give, is_partial
from .members import Contribution, Member, PackReading, Why
from .settings import Source

QUANTITIES: tuple[str, ...] = (
    "voltage", "current", "power", "state_of_charge", "remaining_capacity", "full_capacity",
    "design_capacity", "state_of_health", "cycle_count", "cell_voltages", "balancing_cells", "temperatures",
    "humidity", "alarms", "charging_enabled", "discharging_enabled", "balancing_enabled", "balance_current",
    "charge_voltage_limit", "charge_current_limit", "discharge_current_limit", "protection_counts",
)  # fmt: skip
"""What may be taken from a source, in the order in which it is offered."""

WORKED_OUT: Mapping[str, str] = {
    "voltage": "voltage",
    "current": "current",
    "power": "power",
    "state_of_charge": "state_of_charge",
    "remaining_capacity": "remaining",
    "full_capacity": "full",
    "state_of_health": "health",
}
"""What is taken from the estimate, in which counted charge is: names in `Given`."""
LIMITS: Mapping[str, str] = {
    "charge_voltage_limit": "charge_voltage",
    "charge_current_limit": "charge_current",
    "discharge_current_limit": "discharge_current",
}


class Taken(NamedTuple):
    """A source at the moment of combination."""

    source: Source
    given: Given

    def tells(self, quantity: str) -> Any:
        """Return what it tells of a quantity that is taken from it; `None` if it does not know."""
        given = self.given
        if given.why is not None or not self.source.gives(quantity):
            return None
        if quantity in WORKED_OUT:
            return getattr(given, WORKED_OUT[quantity])
        if quantity in LIMITS and self.source.quantities:
            return getattr(given.estimate.limits, LIMITS[quantity])
        # A limit that nobody asked for is the device's own: what is worked out for a shunt knows of no cell.
        value = getattr(given.reading, quantity)
        return None if value == () and quantity in {"cell_voltages", "temperatures"} else value

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the person named and it does not know."""
        named = self.source.quantities
        return tuple(name for name in QUANTITIES if name in named and self.tells(name) is None)


def take(sources: Iterable[Source], members: Mapping[str, Member], now: float) -> list[Taken]:
    """Return the sources as they are at `now`. One that nobody knows any more is not left out."""
    return [Taken(source, give(members.get(source.key) or _removed(source), now)) for source in sources]


def _removed(source: Source) -> Member:
    return Member(source.key, source.key, absent=Why.REMOVED)


def first(sources: Sequence[Taken], quantity: str) -> tuple[int, Any] | None:
    """Return the first that knows a quantity, by its place, and what it tells."""
    for place, taken in enumerate(sources):
        value = taken.tells(quantity)
        if value is not None:
            return place, value
    return None


def fields(taken: Taken, quantity: str, value: Any) -> dict[str, Any]:
    """Return the fields of a `PackReading` that tell a quantity."""
    match quantity:
        case "state_of_charge":
            return {
                "state_of_charge": value,
                "state_of_charge_origin": taken.given.origin,
                "state_of_charge_uncertainty": taken.given.uncertainty,
            }
        case "cell_voltages":
            reading = taken.given.reading
            whole = reading if isinstance(reading, PackReading) else PackReading()
            return {
                "cell_voltages": value,
                "cell_names": whole.cell_names,
                "cells_in_series": whole.cells_in_series,
            }
    return {quantity: value}


def contribution(taken: Taken, gives: Iterable[str]) -> Contribution:
    """Return what becomes of a source that gives these quantities."""
    given = taken.given
    member, why, state = given.member, given.why, given.member.state
    lacks = taken.lacks if why is None else ()
    return Contribution(
        member.key,
        member.name,
        why is None,
        Why.INCOMPLETE if why is None and (lacks or is_partial(given.reading)) else why,
        lacks,
        given.age,
        given.voltage,
        given.current,
        given.state_of_charge,
        given.remaining,
        given.full,
        Level.NONE if state is None else state.failsafe.level,
        tuple(gives),
    )
