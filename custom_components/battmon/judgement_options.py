"""What a person set about judgement and estimation, read from an entry's options.

Thresholds lie flat among the options: `low_voltage` and `low_voltage_critical`, and so on for every
kind. What is absent is off. An option that cannot be understood is left out, with a line in the log.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from homeassistant.core import valid_entity_id

from .const import (
    CONF_ARMED_ENTITY,
    CONF_CAPACITY,
    CONF_CELLS,
    CONF_CHARGE_CURRENT_CAP,
    CONF_CHEMISTRY,
    CONF_CRITICAL_VOLTAGE_DELAY,
    CONF_CURRENT_IS_UNSIGNED,
    CONF_DISCHARGE_CURRENT_CAP,
    CONF_IGNORE_DEVICE_STATE_OF_CHARGE,
    CONF_LOW_VOLTAGE_DELAY,
    CONF_READY_CAPACITY,
    CONF_READY_STATE_OF_CHARGE,
    CONF_READY_VOLTAGE,
    CONF_USE,
    CONF_USE_RESTING_VOLTAGE,
)
from .model.chemistry import Chemistry
from .model.estimation.settings import BatterySettings
from .model.failsafe.levels import Kind
from .model.failsafe.settings import FailsafeSettings, Thresholds, Use

_LOGGER = logging.getLogger(__name__)

LEAD_ACID_CRITICAL_VOLTAGE_DELAY = 15.0
"""Seconds: engines crank."""


class Range(NamedTuple):
    """The numbers that an option may have. 0 is off where it says nothing."""

    least: float
    most: float
    unit: str
    zero_is_off: bool = True

    def read(self, value: object) -> float | None:
        """Return a number of this range, `None` for off. Raises `TypeError` and `ValueError`."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("no number")
        if not self.least <= value <= self.most:
            raise ValueError("out of range")
        return None if value == 0 and self.zero_is_off else float(value)


PACK_VOLTAGE = Range(0, 1000, "V")
CELL_VOLTAGE = Range(0, 5, "V")
PERCENT = Range(0, 100, "%")
CHARGE = Range(0, 10_000, "Ah")
CURRENT = Range(0, 5000, "A")
TEMPERATURE = Range(-40, 120, "°C", zero_is_off=False)
"""Beyond these a sensor is taken to be missing (rules 1)."""
DELAY = Range(0, 120, "s", zero_is_off=False)
CELL_COUNT = Range(1, 400, "", zero_is_off=False)


def critical_of(kind: Kind) -> str:
    """Return the option that holds the critical threshold of a kind."""
    return f"{kind}_critical"


THRESHOLDS = {
    Kind.LOW_VOLTAGE: PACK_VOLTAGE,
    Kind.HIGH_VOLTAGE: PACK_VOLTAGE,
    Kind.LOW_CELL: CELL_VOLTAGE,
    Kind.HIGH_CELL: CELL_VOLTAGE,
    Kind.LOW_STATE_OF_CHARGE: PERCENT,
    Kind.LOW_CAPACITY: CHARGE,
    Kind.CHARGE_COLD: TEMPERATURE,
    Kind.CHARGE_HOT: TEMPERATURE,
    Kind.DISCHARGE_COLD: TEMPERATURE,
    Kind.DISCHARGE_HOT: TEMPERATURE,
    Kind.MOSFET_HOT: TEMPERATURE,
    Kind.CHARGE_OVERCURRENT: CURRENT,
    Kind.DISCHARGE_OVERCURRENT: CURRENT,
}
"""Every kind that has a low and a critical threshold, and what these may be."""
NUMBERS: Mapping[str, Range] = {
    **{str(kind): numbers for kind, numbers in THRESHOLDS.items()},
    **{critical_of(kind): numbers for kind, numbers in THRESHOLDS.items()},
    CONF_READY_VOLTAGE: PACK_VOLTAGE,
    CONF_READY_CAPACITY: CHARGE,
    CONF_READY_STATE_OF_CHARGE: PERCENT,
    CONF_LOW_VOLTAGE_DELAY: DELAY,
    CONF_CRITICAL_VOLTAGE_DELAY: DELAY,
    CONF_CELLS: CELL_COUNT,
    CONF_CAPACITY: CHARGE,
    CONF_CHARGE_CURRENT_CAP: CURRENT,
    CONF_DISCHARGE_CURRENT_CAP: CURRENT,
}
"""Every option that is a number."""


def failsafe_settings(options: Mapping[str, Any]) -> FailsafeSettings:
    """Return what is set about the failsafe and about being ready."""
    # Whoever asks for this asks for the battery's settings as well, which complain of what both share.
    settings = _read(options, _SHARED, complain=False) | _read(options, _FAILSAFE)
    if settings.get(CONF_CHEMISTRY) is Chemistry.LEAD_ACID:
        settings.setdefault(CONF_CRITICAL_VOLTAGE_DELAY, LEAD_ACID_CRITICAL_VOLTAGE_DELAY)
    return FailsafeSettings(thresholds=thresholds_in(options), **settings)


def battery_settings(options: Mapping[str, Any], *, dead_band: float) -> BatterySettings:
    """Return what is said about the battery; below `dead_band` (A) its device reads 0."""
    return BatterySettings(device_dead_band=dead_band, **_read(options, _SHARED), **_read(options, _BATTERY))


def thresholds_in(options: Mapping[str, Any]) -> dict[Kind, Thresholds]:
    """Return the thresholds of all kinds that have any."""
    values = _read(options, _THRESHOLDS)
    found = {kind: Thresholds(values.get(kind), values.get(critical_of(kind))) for kind in THRESHOLDS}
    return {kind: thresholds for kind, thresholds in found.items() if thresholds != Thresholds()}


def armed_entity(options: Mapping[str, Any]) -> str | None:
    """Return the entity that says whether the vehicle is armed; only a vehicle has one."""
    is_vehicle = _read(options, {CONF_USE: Use}, complain=False).get(CONF_USE) is Use.VEHICLE
    return _read(options, {CONF_ARMED_ENTITY: _entity_id}).get(CONF_ARMED_ENTITY) if is_vehicle else None


def chemistry_in(options: Mapping[str, Any]) -> Chemistry | None:
    """Return the chemistry that was named."""
    return _read(options, _SHARED, complain=False).get(CONF_CHEMISTRY)


def _read(
    options: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]], *, complain: bool = True
) -> dict[str, Any]:
    """Return the options that are set and can be understood."""
    found = {}
    for key, reader in readers.items():
        if (value := options.get(key)) is None:
            continue
        try:
            read = reader(value)
        except TypeError, ValueError:
            if complain:
                _LOGGER.warning("The option %s cannot be understood and is left out: %r", key, value)
            continue
        if read is not None:
            found[key] = read
    return found


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError("neither true nor false")


def _entity_id(value: object) -> str:
    if isinstance(value, str) and valid_entity_id(value):
        return value
    raise ValueError("no entity")


def _count(value: object) -> int | None:
    number = CELL_COUNT.read(value)
    if number is not None and not number.is_integer():
        raise ValueError("no whole number")
    return None if number is None else int(number)


def _numbers(*keys: str) -> dict[str, Callable[[Any], Any]]:
    return {key: NUMBERS[key].read for key in keys}


_SHARED: Mapping[str, Callable[[Any], Any]] = {CONF_CHEMISTRY: Chemistry, CONF_CELLS: _count}
_THRESHOLDS = _numbers(*THRESHOLDS, *map(critical_of, THRESHOLDS))
_FAILSAFE = {
    CONF_USE: Use,
    CONF_USE_RESTING_VOLTAGE: _flag,
    **_numbers(
        CONF_LOW_VOLTAGE_DELAY,
        CONF_CRITICAL_VOLTAGE_DELAY,
        CONF_READY_VOLTAGE,
        CONF_READY_CAPACITY,
        CONF_READY_STATE_OF_CHARGE,
    ),
}
"""Options that bear the names of the fields they are for."""
_BATTERY = {
    CONF_IGNORE_DEVICE_STATE_OF_CHARGE: _flag,
    CONF_CURRENT_IS_UNSIGNED: _flag,
    **_numbers(CONF_CAPACITY, CONF_CHARGE_CURRENT_CAP, CONF_DISCHARGE_CURRENT_CAP),
}
"""Options that bear the names of the fields they are for."""
