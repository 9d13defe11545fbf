"""Sensors: one row each, and one entity class."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
    UnitOfTemperature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CELL_ENTITIES
from .coordinator import BattmonConfigEntry, BattmonCoordinator
from .entity import BattmonEntity, add_as_they_appear
from .model.profile import Profile
from .model.publishing import Published
from .model.reading import Place
from .model.state import Cell

PARALLEL_UPDATES = 0

AMPERE_HOURS = "Ah"

type Value = float | int | None


@dataclass(frozen=True, kw_only=True)
class BattmonSensorDescription(SensorEntityDescription):
    """A sensor of what is published."""

    value: Callable[[Published], Value]
    needs: tuple[str, ...]
    """Fields of `Reading` that the battery must be known to offer."""
    digits: int | None = None
    """Decimals worth showing of a derived value: further ones are noise that writes states."""
    cell: Callable[[Published], Cell | None] | None = None
    """The cell that the value is of, shown as an attribute."""
    placeholders: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkSensorDescription(SensorEntityDescription):
    """A sensor of a wireless link."""

    value: Callable[[BattmonCoordinator], Value]


def _of_reading(name: str) -> Callable[[Published], Value]:
    def value(shown: Published) -> Value:
        found: Value = getattr(shown.state.reading, name)
        return found

    return value


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
    cell: Callable[[Published], Cell | None] | None = None,
) -> BattmonSensorDescription:
    return BattmonSensorDescription(
        key=key,
        translation_key=key,
        device_class=device_class,
        native_unit_of_measurement=unit,
        suggested_display_precision=precision,
        state_class=state_class,
        entity_category=category,
        value=value or _of_reading(key),
        needs=needs or (key,),
        digits=digits,
        cell=cell,
    )


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
    ),
    _row("state_of_charge", SensorDeviceClass.BATTERY, PERCENTAGE, 0),
    _row("state_of_health", None, PERCENTAGE, 0, category=DIAGNOSTIC),
    _row("remaining_capacity", None, AMPERE_HOURS, 2),
    _row("full_capacity", None, AMPERE_HOURS, 1, category=DIAGNOSTIC),
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
        cell=lambda shown: shown.cells.lowest_cell,
    ),
    _row(
        "highest_cell",
        SensorDeviceClass.VOLTAGE,
        VOLT,
        3,
        lambda shown: _voltage(shown.cells.highest_cell),
        needs=CELLS,
        cell=lambda shown: shown.cells.highest_cell,
    ),
    _row(
        "cycle_count",
        None,
        None,
        0,
        state_class=SensorStateClass.TOTAL_INCREASING,
        category=DIAGNOSTIC,
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

    return BattmonSensorDescription(
        key=f"cell_{number}",
        translation_key="cell",
        placeholders=(("number", str(number)),),
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=VOLT,
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


def _link_quality(coordinator: BattmonCoordinator) -> Value:
    quality = coordinator.pace.link_quality
    return None if quality is None else round(quality)


LINK_SENSORS = (
    LinkSensorDescription(
        key="link_quality",
        translation_key="link_quality",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=DIAGNOSTIC,
        value=_link_quality,
    ),
    LinkSensorDescription(
        key="signal_strength",
        translation_key="signal_strength",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=lambda coordinator: coordinator.source.signal_strength(),
    ),
)


def descriptions(profile: Profile, *, cells: bool) -> Iterator[BattmonSensorDescription]:
    """Yield the rows of all that a battery with this profile offers."""
    for row in SENSORS:
        if profile.quantities.issuperset(row.needs):
            yield row
    yield from _temperature_rows(profile.temperatures)
    yield from map(_count_row, profile.counts)
    if cells:
        yield from map(_cell_row, range(1, profile.cells + 1))


async def async_setup_entry(
    hass: HomeAssistant,
    entry: BattmonConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of one battery."""
    cells = entry.options.get(CONF_CELL_ENTITIES, True)
    coordinator = entry.runtime_data

    def entities(profile: Profile) -> Iterator[BattmonEntity]:
        for row in descriptions(profile, cells=cells):
            yield BattmonSensor(coordinator, row)
        if coordinator.source.address is not None:
            for link_row in LINK_SENSORS:
                yield LinkSensor(coordinator, link_row)

    add_as_they_appear(entry, Platform.SENSOR, async_add_entities, entities)


class BattmonSensor(BattmonEntity, SensorEntity):
    """One sensor."""

    entity_description: BattmonSensorDescription

    def __init__(self, coordinator: BattmonCoordinator, description: BattmonSensorDescription) -> None:
        super().__init__(coordinator, description)
        self._attr_translation_placeholders = dict(description.placeholders)

    @override
    def shown(self) -> object:
        attributes = self.extra_state_attributes
        return self.native_value if attributes is None else (self.native_value, attributes)

    @property
    @override
    def native_value(self) -> Value:
        published = self.coordinator.data
        if published.state.reading is None:
            return None
        value = self.entity_description.value(published)
        digits = self.entity_description.digits
        return value if value is None or digits is None else round(value, digits)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, int] | None:
        if self.entity_description.cell is None:
            return None
        cell = self.entity_description.cell(self.coordinator.data)
        return None if cell is None else {"cell": cell.number}


class LinkSensor(BattmonEntity, SensorEntity):
    """How well the battery is heard, also while it is not."""

    entity_description: LinkSensorDescription

    @property
    @override
    def available(self) -> bool:
        return not self.coordinator.data.state.paused

    @override
    def shown(self) -> object:
        return self.native_value

    @property
    @override
    def native_value(self) -> Value:
        return self.entity_description.value(self.coordinator)
