"""Which quantities can be worked out of what a battery offers."""

from collections.abc import Iterator

from .failsafe.levels import Kind
from .failsafe.settings import Thresholds
from .judgement import Settings


def derived(quantities: frozenset[str], settings: Settings) -> frozenset[str]:
    """Return the names of all that a battery offers and of all that follows from it."""
    return quantities | frozenset(_following(quantities, settings))


def _following(quantities: frozenset[str], settings: Settings) -> Iterator[str]:
    battery = settings.battery
    current = "current" in quantities
    capacity = battery.capacity is not None or "full_capacity" in quantities
    counted = current and capacity and not battery.current_is_unsigned
    if current:
        yield "charge"
    if current and "voltage" in quantities:
        yield from ("energy", "internal_resistance", "resting_voltage")
    if capacity:
        yield from ("charge_current_limit", "discharge_current_limit", "full_capacity")
    if counted:
        yield from ("counted_charge", "state_of_charge", "remaining_capacity", "state_of_health")
    if counted or (current and "remaining_capacity" in quantities):
        yield "time_left"
        if any(settings.failsafe.thresholds.get(kind, Thresholds()).low for kind in LOW_CHARGE):
            yield "time_to_low"
    if battery.chemistry is not None:
        yield "charge_voltage_limit"
        if counted:
            yield "days_since_full"


LOW_CHARGE = (Kind.LOW_STATE_OF_CHARGE, Kind.LOW_CAPACITY)
