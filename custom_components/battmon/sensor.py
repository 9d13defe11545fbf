"""Sensors: what a battery measures, what is worked out of that, and how well it is heard."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, override

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
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CELL_ENTITIES
from .coordinator import BattmonConfigEntry, BattmonCoordinator
from .entity import BattmonEntity, add_as_they_appear
from .model.derived import derived
from .model.packs.settings import Arrangement
from .model.profile import Profile
from .sensor_failsafe import failsafe_sensors
from .sensor_member_cells import member_cell_rows
from .sensor_pack import QualitySensor, pack_rows
from .sensor_rows import BattmonSensorDescription, Value, descriptions
from .sensor_totals import total_sensors
from .sources.pack_settings import arrangement_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class LinkSensorDescription(SensorEntityDescription):
    """A sensor of a wireless link."""

    value: Callable[[BattmonCoordinator], Value]


def _link_quality(coordinator: BattmonCoordinator) -> Value:
    quality = coordinator.pace.link_quality
    return None if quality is None else round(quality)


LINK_SENSORS = (
    LinkSensorDescription(
        key="link_quality",
        translation_key="link_quality",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=_link_quality,
    ),
    LinkSensorDescription(
        key="signal_strength",
        translation_key="signal_strength",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=lambda coordinator: coordinator.source.signal_strength(),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: BattmonConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of one battery."""
    arrangement = arrangement_of(entry.data)
    cells = entry.options.get(CONF_CELL_ENTITIES, arrangement is None)
    coordinator = entry.runtime_data

    def entities(profile: Profile) -> Iterator[BattmonEntity]:
        quantities = derived(profile.quantities, coordinator.pace.settings)
        own_cells = arrangement in (None, Arrangement.MERGED)
        rows = descriptions(profile, quantities, cells=cells and own_cells)
        if arrangement is not None:
            rows = pack_rows(rows, arrangement, quantities)
            yield QualitySensor(coordinator)
        if cells and not own_cells:
            rows = chain(rows, member_cell_rows(coordinator))
        for row in rows:
            yield (BattmonSensor if row.attributes is None else AttributedSensor)(coordinator, row)
        yield from failsafe_sensors(coordinator)
        yield from total_sensors(coordinator, quantities)
        if coordinator.source.address is not None:
            for link_row in LINK_SENSORS:
                yield LinkSensor(coordinator, link_row)

    add_as_they_appear(entry, Platform.SENSOR, async_add_entities, entities)


class BattmonSensor(BattmonEntity, SensorEntity):
    """One sensor."""

    entity_description: BattmonSensorDescription
    # Home Assistant asks for what was worked out a moment before, to see whether it is worth writing.
    _value: Value = None

    def __init__(self, coordinator: BattmonCoordinator, description: BattmonSensorDescription) -> None:
        super().__init__(coordinator, description)
        self._attr_translation_placeholders = dict(description.placeholders)
        self._value_of = description.value

    @override
    def shown(self) -> object:
        published = self.coordinator.data
        self._value = None if published.state.reading is None else self._value_of(published)
        return self._value

    @property
    @override
    def native_value(self) -> Value:
        return self._value


class AttributedSensor(BattmonSensor):
    """Tells more than its value: which cell it is, or where it comes from."""

    _attributes: Mapping[str, Any] | None = None

    @override
    def shown(self) -> object:
        assert self.entity_description.attributes is not None
        self._attributes = self.entity_description.attributes(self.coordinator.data)
        return super().shown(), self._attributes

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        return self._attributes


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
