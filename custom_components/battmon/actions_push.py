"""The action that brings a battery's readings, and all that such a reading may hold."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import voluptuous as vol

from homeassistant.core import ServiceResponse
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .coordinator import BattmonCoordinator
from .judgement_options import CELL_COUNT, CELL_VOLTAGE, CHARGE, CURRENT, PACK_VOLTAGE, PERCENT, TEMPERATURE
from .model.alarms import Alarm
from .model.as_json import as_json
from .model.reading import Place, Reading, Temperature
from .sources.pushed import PushedSource

SERVICE_PUSH_READING = "push_reading"
MOST_CELLS = int(CELL_COUNT.most)
YEAR = 366 * 86400
MOST_COUNTS = 1_000_000
RESTARTS = "restarts"
OVERFULL = 1.1
"""A counter that was never corrected may say a little more than full."""

type Check = Callable[[Any], Any]


def number(least: float, most: float, unit: str) -> Check:
    """Return a check for a number of this range; `null` is unknown."""

    def check(value: Any) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise vol.Invalid(f"{value!r} is no number")
        if not least <= value <= most:
            raise vol.Invalid(f"{value:g} does not lie between {least:g} and {most:g} {unit}".rstrip())
        return float(value)

    return check


def count(least: int, most: int) -> Check:
    """Return a check for a whole number of this range."""
    in_range = number(least, most, "")

    def check(value: Any) -> int | None:
        found = in_range(value)
        if found is None:
            return None
        if not found.is_integer():
            raise vol.Invalid(f"{value!r} is no whole number")
        return int(found)

    return check


def flag(value: Any) -> bool | None:
    """Check whether something is true or false, or unknown."""
    if value is None or isinstance(value, bool):
        return value
    raise vol.Invalid(f"{value!r} is neither true nor false")


def several(check: Check, *, least: int = 0, known: bool = False) -> Check:
    """Return a check for a list, or nothing; `known`: none of it may be unknown."""

    def check_all(value: Any) -> tuple[Any, ...] | None:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise vol.Invalid(f"{value!r} is no list")
        if not least <= len(value) <= MOST_CELLS:
            raise vol.Invalid(f"{len(value)} values, and not between {least} and {MOST_CELLS}")
        return tuple(_one(check, number, each, known=known) for number, each in enumerate(value, 1))

    return check_all


def _one(check: Check, place: int, value: Any, *, known: bool) -> Any:
    try:
        found = check(value)
    except vol.Invalid as invalid:
        raise vol.Invalid(f"number {place}: {invalid.msg}") from invalid
    if known and found is None:
        raise vol.Invalid(f"number {place} is not there")
    return found


def _temperature(value: Any) -> Temperature:
    if not isinstance(value, Mapping):
        return Temperature(_degrees(value), Place.CELL)
    if not value.keys() <= {"value", "place"}:
        raise vol.Invalid(f"{dict(value)!r} has more than a value and a place")
    place = value.get("place", Place.CELL)
    if place not in list(Place):
        raise vol.Invalid(f"{place!r} is no place; there are {', '.join(Place)}")
    return Temperature(_degrees(value.get("value")), Place(place))


def _alarm(value: Any) -> Alarm:
    if value not in list(Alarm):
        raise vol.Invalid(f"{value!r} is no alarm; there are {', '.join(Alarm)}")
    return Alarm(value)


def _alarms(value: Any) -> frozenset[Alarm] | None:
    found = _list_of_alarms(value)
    return None if found is None else frozenset(found)


def _protection_counts(value: Any) -> dict[str, int] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise vol.Invalid(f"{value!r} does not name alarms")
    unknown = value.keys() - {*Alarm, RESTARTS}
    if unknown:
        raise vol.Invalid(f"{min(map(str, unknown))!r} is no alarm")
    check = count(0, MOST_COUNTS)
    return {str(name): found for name, one in value.items() if (found := check(one)) is not None}


def _of(numbers: Any) -> Check:
    return number(numbers.least, numbers.most, numbers.unit)


_degrees = _of(TEMPERATURE)
_list_of_alarms = several(_alarm, known=True)
CURRENT_BOTH_WAYS = number(-CURRENT.most, CURRENT.most, CURRENT.unit)
SECONDS = number(0, YEAR, "s")

CHECKS: Mapping[str, Check] = {
    "voltage": _of(PACK_VOLTAGE),
    "current": CURRENT_BOTH_WAYS,
    "state_of_charge": _of(PERCENT),
    "state_of_health": _of(PERCENT),
    "remaining_capacity": _of(CHARGE),
    "full_capacity": _of(CHARGE),
    "design_capacity": _of(CHARGE),
    "cycle_count": count(0, MOST_COUNTS),
    "cell_voltages": several(_of(CELL_VOLTAGE), least=1),
    "temperatures": several(_temperature),
    "balancing_cells": several(count(1, MOST_CELLS), known=True),
    "balancing_enabled": flag,
    "charging_enabled": flag,
    "discharging_enabled": flag,
    "alarms": _alarms,
    "charge_voltage_limit": _of(PACK_VOLTAGE),
    "charge_current_limit": _of(CURRENT),
    "discharge_current_limit": _of(CURRENT),
    "time_to_empty": SECONDS,
    "time_to_full": SECONDS,
    "humidity": _of(PERCENT),
    "balance_current": CURRENT_BOTH_WAYS,
    "protection_counts": _protection_counts,
}
"""Every field of a reading, and what it may be."""


def says_something(data: dict[str, Any]) -> dict[str, Any]:
    """Refuse a reading in which nothing is known, and one that contradicts itself."""
    if all(data.get(name) is None for name in CHECKS):
        raise vol.Invalid(f"a reading needs at least one of: {', '.join(CHECKS)}")
    cells, balancing = data.get("cell_voltages"), data.get("balancing_cells")
    if cells is not None and balancing and max(balancing) > len(cells):
        raise vol.Invalid(f"there are {len(cells)} cells", path=["balancing_cells"])
    remaining, full = data.get("remaining_capacity"), data.get("full_capacity")
    if remaining is not None and full is not None and remaining > OVERFULL * full:
        raise vol.Invalid(f"more than the full capacity of {full:g} Ah", path=["remaining_capacity"])
    return data


async def push_reading(coordinator: BattmonCoordinator, data: Mapping[str, Any]) -> ServiceResponse:
    """Fold a reading at once, and return what was accepted of it."""
    source = coordinator.source
    if not isinstance(source, PushedSource):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_pushed",
            translation_placeholders={"name": coordinator.name},
        )
    reading = Reading(**{name: data.get(name) for name in CHECKS})
    source.push(reading)
    await coordinator.async_sample()
    accepted = {name: value for name, value in as_json(reading).items() if value is not None}
    return {"accepted": accepted, "time_out": source.time_out}


FIELDS = {vol.Optional(name): check for name, check in CHECKS.items()}
