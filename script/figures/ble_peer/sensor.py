"""Its fifteen sensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from aiobmsble import BMSSample

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PeerConfigEntry, PeerCoordinator, PeerEntity

type Attributes = Callable[[BMSSample], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class PeerSensorDescription(SensorEntityDescription):
    """A sensor of one value of a sample."""

    value: Callable[[PeerCoordinator], float | int | None]
    attributes: Attributes | None = None


def _of_sample(key: str) -> Callable[[PeerCoordinator], float | int | None]:
    def value(coordinator: PeerCoordinator) -> float | int | None:
        found: float | int | None = coordinator.data.get(key)
        return found

    return value


def _lowest(coordinator: PeerCoordinator) -> float | None:
    return min(coordinator.data.get("cell_voltages", []), default=None)


def _highest(coordinator: PeerCoordinator) -> float | None:
    return max(coordinator.data.get("cell_voltages", []), default=None)


def _number_of(extreme: Callable[[list[float]], float]) -> Attributes:
    def attributes(sample: BMSSample) -> Mapping[str, Any]:
        cells = sample.get("cell_voltages", [])
        return {"cell_number": cells.index(extreme(cells))} if cells else {}

    return attributes


def _row(
    key: str,
    unit: str | None,
    device_class: SensorDeviceClass | None,
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT,
    *,
    precision: int | None = None,
    category: EntityCategory | None = None,
    value: Callable[[PeerCoordinator], float | int | None] | None = None,
    attributes: Attributes | None = None,
) -> PeerSensorDescription:
    return PeerSensorDescription(
        key=key,
        name=key,
        native_unit_of_measurement=unit,
        device_class=device_class,
        state_class=state_class,
        suggested_display_precision=precision,
        entity_category=category,
        value=value or _of_sample(key),
        attributes=attributes,
    )


DIAGNOSTIC = EntityCategory.DIAGNOSTIC
SENSORS = (
    _row("voltage", "V", SensorDeviceClass.VOLTAGE, precision=1),
    _row("battery_level", "%", SensorDeviceClass.BATTERY),
    _row("battery_health", "%", None),
    _row(
        "temperature",
        "°C",
        SensorDeviceClass.TEMPERATURE,
        precision=1,
        attributes=lambda sample: {
            "temperature_sensors": [sensor.value for sensor in sample.get("temp_values", [])]
        },
    ),
    _row("current", "A", SensorDeviceClass.CURRENT),
    _row("cycle_capacity", "Wh", SensorDeviceClass.ENERGY_STORAGE, precision=1),
    _row("cycles", None, None, SensorStateClass.TOTAL_INCREASING),
    _row("design_capacity", "Ah", None, None, category=DIAGNOSTIC),
    _row("power", "W", SensorDeviceClass.POWER, precision=1),
    _row("runtime", "s", SensorDeviceClass.DURATION),
    _row(
        "delta_voltage",
        "V",
        SensorDeviceClass.VOLTAGE,
        precision=3,
        category=DIAGNOSTIC,
        attributes=lambda sample: {"cell_voltages": sample.get("cell_voltages", [])},
    ),
    _row(
        "max_cell_voltage",
        "V",
        SensorDeviceClass.VOLTAGE,
        precision=3,
        category=DIAGNOSTIC,
        value=_highest,
        attributes=_number_of(max),
    ),
    _row(
        "min_cell_voltage",
        "V",
        SensorDeviceClass.VOLTAGE,
        precision=3,
        category=DIAGNOSTIC,
        value=_lowest,
        attributes=_number_of(min),
    ),
    _row(
        "rssi",
        "dBm",
        SensorDeviceClass.SIGNAL_STRENGTH,
        category=DIAGNOSTIC,
        value=lambda coordinator: coordinator.rssi,
    ),
    _row("link_quality", "%", None, category=DIAGNOSTIC, value=lambda coordinator: coordinator.link_quality),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PeerConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors."""
    async_add_entities(PeerSensor(entry.runtime_data, row) for row in SENSORS)


class PeerSensor(PeerEntity, SensorEntity):
    """One sensor, written on every poll."""

    entity_description: PeerSensorDescription

    @property
    @override
    def native_value(self) -> float | int | None:
        return self.entity_description.value(self.coordinator)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes = self.entity_description.attributes
        return None if attributes is None else attributes(self.coordinator.data)
