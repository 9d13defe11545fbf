"""Sensors as rows: what each shows, and what a battery must offer for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
)

from .model.cell import Cell
from .model.estimation.charge import days_since_full
from .model.profile import Profile
from .model.publishing import Published
from .model.reading import Place
from .sensor_steps import CHARGE, MINUTES, RESTING_VOLTS, WATTS, Steps, in_steps, to_digits

AMPERE_HOURS = "Ah"
MILLIOHM = "mΩ"
OF_CHARGE = frozenset({"high_cell", "charge_cold", "charge_hot", "charge_recovering"})
"""What reduces only the charge current."""
OF_DISCHARGE = frozenset({"low_cell", "discharge_cold", "discharge_hot", "discharge_recovering"})

type Value = float | int | None


@dataclass(frozen=True, kw_only=True)
class BattmonSensorDescription(SensorEntityDescription):
    """A sensor of what is published."""

    value: Callable[[Published], Value]
    """Asked for only when there is a reading."""
    needs: tuple[str, ...]
    """Quantities that the battery must be known to offer, or that can be derived of it."""
    attributes: Callable[[Published], Mapping[str, Any] | None] | None = None
    placeholders: tuple[tuple[str, str], ...] = ()


def _row(
    key: str,
    device_class: SensorDeviceClass | None,
    unit: str | None,
    precision: int | None,
    value: Callable[[Published], Value] | None = None,
    *,
    needs: tuple[str, ...] | None = None,
    state_class: SensorStateClass = SensorStateClass.MEASUREMENT,
    category: EntityCategory | None = None,
    digits: int | None = None,
    steps: Steps | None = None,
    attributes: Callable[[Published], Mapping[str, Any] | None] | None = None,
    suggested_unit: str | None = None,
) -> BattmonSensorDescription:
    """Return a row. `digits` and `steps` say how finely it is worth showing: noise would write states.

    A unit is always suggested: otherwise Home Assistant works it out anew for every state.
    """
    shown = value or attrgetter(f"state.reading.{key}")
    if steps is not None:
        shown = in_steps(shown, steps)
    if digits is not None:
        shown = to_digits(shown, digits)
    return BattmonSensorDescription(
        key=key,
        translation_key=key,
        device_class=device_class,
        native_unit_of_measurement=unit,
        suggested_display_precision=precision,
        state_class=state_class,
        entity_category=category,
        value=shown,
        needs=needs or (key,),
        attributes=attributes,
        suggested_unit_of_measurement=suggested_unit or unit,
    )


def _estimate(
    key: str, device_class: SensorDeviceClass | None, unit: str, precision: int, **more: Any
) -> BattmonSensorDescription:
    """Return the row of something that is worked out."""
    return _row(key, device_class, unit, precision, attrgetter(f"state.estimate.{key}"), **more)


def _limit(
    name: str, device_class: SensorDeviceClass, unit: str, precision: int, **more: Any
) -> BattmonSensorDescription:
    return _row(
        f"{name}_limit",
        device_class,
        unit,
        precision,
        attrgetter(f"state.estimate.limits.{name}"),
        category=EntityCategory.DIAGNOSTIC,
        **more,
    )


def _reduced(others: frozenset[str]) -> Callable[[Published], Mapping[str, Any]]:
    """Tell what reduces a current, `others` concern the other one, and which curves do not apply."""

    def attributes(shown: Published) -> Mapping[str, Any]:
        limits = shown.state.estimate.limits
        return {
            "reasons": [reason for reason in limits.reasons if reason not in others],
            "without": list(limits.without),
        }

    return attributes


def _charge(shown: Published, name: str) -> Any:
    return getattr(shown.state.estimate.state_of_charge, name, None)


def _counted(shown: Published, name: str) -> Any:
    return getattr(shown.state.estimate.counted, name, None)


def _milli(value: float | None) -> float | None:
    return None if value is None else 1000 * value


def _minutes(name: str) -> Callable[[Published], Value]:
    def value(shown: Published) -> Value:
        seconds: float | None = getattr(shown.state.estimate, name)
        return None if seconds is None else seconds / 60

    return value


def _number(cell: Cell | None) -> Mapping[str, int] | None:
    """Return the number of the cell that a value is of."""
    return None if cell is None else {"cell": cell.number}


VOLT = UnitOfElectricPotential.VOLT
AMPERE = UnitOfElectricCurrent.AMPERE
CELLS = ("cell_voltages",)
DIAGNOSTIC = EntityCategory.DIAGNOSTIC

SENSORS = (
    _row("voltage", SensorDeviceClass.VOLTAGE, VOLT, 2),
    _row("current", SensorDeviceClass.CURRENT, AMPERE, 2),
    _row(
        "power",
        SensorDeviceClass.POWER,
        UnitOfPower.WATT,
        0,
        lambda shown: shown.state.power,
        needs=("voltage", "current"),
        digits=1,
        steps=WATTS,
    ),
    _row(
        "state_of_charge",
        SensorDeviceClass.BATTERY,
        PERCENTAGE,
        0,
        lambda shown: _charge(shown, "value"),
        digits=1,
        attributes=lambda shown: {"origin": _charge(shown, "origin")},
    ),
    _row(
        "state_of_charge_uncertainty",
        None,
        PERCENTAGE,
        0,
        lambda shown: _counted(shown, "uncertainty"),
        needs=("counted_charge",),
        category=DIAGNOSTIC,
        digits=0,
    ),
    _estimate("state_of_health", None, PERCENTAGE, 0, category=DIAGNOSTIC, digits=1),
    _estimate("remaining_capacity", None, AMPERE_HOURS, 2, digits=2, steps=CHARGE),
    _estimate("full_capacity", None, AMPERE_HOURS, 1, category=DIAGNOSTIC, digits=2),
    _row("design_capacity", None, AMPERE_HOURS, 1, category=DIAGNOSTIC),
    _row(
        "cell_imbalance",
        SensorDeviceClass.VOLTAGE,
        VOLT,
        3,
        lambda shown: shown.cells.cell_imbalance,
        needs=CELLS,
        digits=4,
    ),
    _row(
        "lowest_cell",
        SensorDeviceClass.VOLTAGE,
        VOLT,
        3,
        lambda shown: _voltage(shown.cells.lowest_cell),
        needs=CELLS,
        attributes=lambda shown: _number(shown.cells.lowest_cell),
    ),
    _row(
        "highest_cell",
        SensorDeviceClass.VOLTAGE,
        VOLT,
        3,
        lambda shown: _voltage(shown.cells.highest_cell),
        needs=CELLS,
        attributes=lambda shown: _number(shown.cells.highest_cell),
    ),
    _row(
        "cycle_count",
        None,
        None,
        0,
        state_class=SensorStateClass.TOTAL_INCREASING,
        category=DIAGNOSTIC,
    ),
    _row(
        "internal_resistance",
        None,
        MILLIOHM,
        1,
        lambda shown: _milli(shown.state.estimate.internal_resistance),
        category=DIAGNOSTIC,
        digits=1,
    ),
    _estimate("resting_voltage", SensorDeviceClass.VOLTAGE, VOLT, 2, digits=2, steps=RESTING_VOLTS),
    *(
        _row(
            key,
            SensorDeviceClass.DURATION,
            UnitOfTime.MINUTES,
            1,
            _minutes(key),
            needs=(needs,),
            steps=MINUTES,
            suggested_unit=UnitOfTime.HOURS,
        )
        for key, needs in (
            ("time_to_empty", "time_left"),
            ("time_to_full", "time_left"),
            ("time_to_low", "time_to_low"),
        )
    ),
    _row(
        "days_since_full",
        SensorDeviceClass.DURATION,
        UnitOfTime.DAYS,
        1,
        lambda shown: days_since_full(shown.state.estimators.charge, shown.at),
        digits=1,
    ),
    _limit("charge_voltage", SensorDeviceClass.VOLTAGE, VOLT, 2, digits=2),
    _limit(
        "charge_current",
        SensorDeviceClass.CURRENT,
        AMPERE,
        0,
        digits=1,
        attributes=_reduced(OF_DISCHARGE),
    ),
    _limit(
        "discharge_current",
        SensorDeviceClass.CURRENT,
        AMPERE,
        0,
        digits=1,
        attributes=_reduced(OF_CHARGE),
    ),
    _row("humidity", SensorDeviceClass.HUMIDITY, PERCENTAGE, 0, category=DIAGNOSTIC),
    _row("balance_current", SensorDeviceClass.CURRENT, AMPERE, 3, category=DIAGNOSTIC),
)


def _voltage(cell: Cell | None) -> float | None:
    return None if cell is None else cell.voltage


def _cell_row(number: int) -> BattmonSensorDescription:
    def value(shown: Published) -> Value:
        cells = shown.cell_voltages or ()
        return cells[number - 1] if number <= len(cells) else None

    return cell_row(f"cell_{number}", value, translation_key="cell", number=str(number))


def cell_row(
    key: str, value: Callable[[Published], Value], *, translation_key: str, **placeholders: str
) -> BattmonSensorDescription:
    """Return the row of one cell's voltage, with the placeholders of its translation."""
    return BattmonSensorDescription(
        key=key,
        translation_key=translation_key,
        placeholders=tuple(placeholders.items()),
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=VOLT,
        suggested_unit_of_measurement=VOLT,
        suggested_display_precision=3,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=DIAGNOSTIC,
        value=value,
        needs=CELLS,
    )


def _temperature_rows(places: tuple[Place, ...]) -> Iterator[BattmonSensorDescription]:
    """Sensors are counted within their place: "Cell temperature 2" is the second on the cells."""
    for index, place in enumerate(places):
        number = places[: index + 1].count(place)
        alone = places.count(place) == 1
        yield BattmonSensorDescription(
            key=f"temperature_{index + 1}",
            translation_key=f"temperature_{place}",
            placeholders=(("number", "" if alone else f" {number}"),),
            device_class=SensorDeviceClass.TEMPERATURE,
            native_unit_of_measurement=UnitOfTemperature.CELSIUS,
            suggested_display_precision=1,
            state_class=SensorStateClass.MEASUREMENT,
            value=_temperature(index),
            needs=("temperatures",),
        )


def _temperature(index: int) -> Callable[[Published], Value]:
    def value(shown: Published) -> Value:
        reading = shown.state.reading
        sensors = (reading.temperatures if reading is not None else None) or ()
        return sensors[index].value if index < len(sensors) else None

    return value


def _count_row(name: str) -> BattmonSensorDescription:
    def value(shown: Published) -> Value:
        reading = shown.state.reading
        return ((reading.protection_counts if reading is not None else None) or {}).get(name)

    return BattmonSensorDescription(
        key=f"count_{name}",
        translation_key=f"count_{name}",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=value,
        needs=("protection_counts",),
    )


def descriptions(
    profile: Profile, quantities: frozenset[str], *, cells: bool
) -> Iterator[BattmonSensorDescription]:
    """Yield the rows of all that a battery offers, and of what can be derived of that (`quantities`)."""
    for row in SENSORS:
        if quantities.issuperset(row.needs):
            yield row
    yield from _temperature_rows(profile.temperatures)
    yield from map(_count_row, profile.counts)
    if cells:
        yield from map(_cell_row, range(1, profile.cells + 1))
