"""What the entities of a battery come to together."""

from collections.abc import Mapping

from ..model.calibration import current_from_power, filled, gauged
from ..model.reading import Place, Reading, Temperature
from .entity_settings import EntitySettings
from .entity_states import Sample

PLACES = {"temperatures": Place.CELL, "mosfet_temperatures": Place.MOSFET}

type Values = Mapping[str, tuple[float | None, ...]]


def has_values(sample: Sample) -> bool:
    """Whether any number is known."""
    return any(value is not None for values in sample.values.values() for value in values)


def reading_of(sample: Sample, settings: EntitySettings) -> Reading:
    """Return a sample as a reading: what was not named, or is not known, is unknown."""
    values = sample.values
    voltage = _one(values, "voltage")
    return Reading(
        voltage=voltage,
        current=_current(values, voltage, settings),
        state_of_charge=_state_of_charge(values, settings.tank),
        remaining_capacity=_one(values, "remaining_capacity"),
        full_capacity=_one(values, "full_capacity"),
        cell_voltages=_cells(values),
        temperatures=_temperatures(values),
        charging_enabled=sample.switches.get("charging"),
        discharging_enabled=sample.switches.get("discharging"),
        balancing_enabled=sample.switches.get("balancing"),
    )


def _one(values: Values, name: str) -> float | None:
    return values[name][0] if name in values else None


def _current(values: Values, voltage: float | None, settings: EntitySettings) -> float | None:
    """Return the current of the first of the three that was named: another would be another's error."""
    sign = -1.0 if settings.discharging_is_positive else 1.0
    if "current" in values:
        current = _one(values, "current")
        return None if current is None else sign * current
    if "power" in values:
        power = _one(values, "power")
        return None if power is None else current_from_power(sign * power, voltage)
    load = _one(values, "load")
    if load is None or settings.synthetic is None:
        return None
    return settings.synthetic.current(load, voltage)


def _state_of_charge(values: Values, tank: float | None) -> float | None:
    if "state_of_charge" in values:
        percent = _one(values, "state_of_charge")
        return None if percent is None else gauged(percent)
    left, used = _one(values, "fuel_left"), _one(values, "fuel_used")
    if tank is None:
        return None
    if "fuel_left" in values:
        return None if left is None else filled(left, tank)
    return None if used is None else filled(tank - used, tank)


def _cells(values: Values) -> tuple[float | None, ...] | None:
    """Return the cells, each in its place; `None` if none of them is known: they were not read at all."""
    cells = values.get("cell_voltages", ())
    return cells if any(cell is not None for cell in cells) else None


def _temperatures(values: Values) -> tuple[Temperature, ...] | None:
    found = tuple(
        Temperature(value, place) for name, place in PLACES.items() for value in values.get(name, ())
    )
    return found or None
