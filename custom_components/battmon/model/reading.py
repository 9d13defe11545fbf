"""What a device says of its battery: one frozen snapshot, and who it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from .alarms import Alarm

IN_JSON = "in_json"
"""Metadata of a field: whether it is shown as JSON."""


class Place(StrEnum):
    """Where a temperature is measured."""

    CELL = "cell"
    MOSFET = "mosfet"
    BOARD = "board"
    AMBIENT = "ambient"
    UNKNOWN = "unknown"


class Temperature(NamedTuple):
    """One temperature sensor."""

    value: float | None
    """In degC; `None` for a sensor that is broken or not fitted."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a device reported at one moment. Every field may be unknown (`None`)."""

    voltage: float | None = None
    """Terminal voltage of the pack, in V."""
    current: float | None = None
    """In A, positive while charging."""
    state_of_charge: float | None = None
    """In %, 0 to 100."""
    state_of_health: float | None = None
    """In %."""
    remaining_capacity: float | None = None
    """Charge left, in Ah."""
    full_capacity: float | None = None
    """Charge when full, in Ah."""
    design_capacity: float | None = None
    """Charge when full as designed, in Ah."""
    cycle_count: int | None = None
    cell_voltages: tuple[float | None, ...] | None = None
    """In V, cell 1 first. A broken sense wire reads 0 and stays in its place."""
    temperatures: tuple[Temperature, ...] | None = None
    balancing_cells: tuple[int, ...] | None = None
    """Numbers of the cells that are bled right now, from 1."""
    balancing_enabled: bool | None = None
    """Whether the device may balance at all."""
    charging_enabled: bool | None = None
    """Whether the charge MOSFET is on."""
    discharging_enabled: bool | None = None
    """Whether the discharge MOSFET is on."""
    alarms: frozenset[Alarm] | None = None
    charge_voltage_limit: float | None = None
    """In V."""
    charge_current_limit: float | None = None
    """In A."""
    discharge_current_limit: float | None = None
    """In A, a positive number."""
    time_to_empty: float | None = None
    """In s."""
    time_to_full: float | None = None
    """In s."""
    humidity: float | None = None
    """In %."""
    balance_current: float | None = None
    """In A."""
    protection_counts: Mapping[str, int] | None = None
    """How often each protection has tripped, by alarm name, and `restarts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GappedReading(Reading):
    """Of a device that has nothing to read some of its cells by, though it reads those beside them."""

    unmeasured_cells: tuple[int, ...] = field(default=(), metadata={IN_JSON: False})
    """Their numbers, from 1. That `cell_voltages` has no value there is no fault."""


def unmeasured_cells(reading: Reading) -> tuple[int, ...]:
    """Return the numbers of the cells that a device was not made to measure."""
    return reading.unmeasured_cells if isinstance(reading, GappedReading) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a battery is. Read once and again after every reconnect."""

    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    """Text; a numeric serial number in decimal."""
    firmware: str | None = None
    hardware: str | None = None
    chemistry: str | None = None
    manufactured: date | None = None


def hottest(reading: Reading) -> float | None:
    """Return the highest temperature of all sensors, in degC."""
    known = [value for value, _ in reading.temperatures or () if value is not None]
    return max(known) if known else None
