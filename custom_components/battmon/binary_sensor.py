"""Binary sensors: what a battery does, and whether all is well."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .binary_sensor_pack import MemberProblem
from .coordinator import BattmonConfigEntry, BattmonCoordinator
from .entity import BattmonEntity, add_as_they_appear
from .model.failsafe.levels import Level
from .model.failsafe.words import not_ready_in_words
from .model.packs.members import PackReading
from .model.profile import Profile
from .model.state import BatteryState
from .sources.pack_settings import arrangement_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class BattmonBinarySensorDescription(BinarySensorEntityDescription):
    """A binary sensor of the published state."""

    is_on: Callable[[BatteryState], bool | None]
    needs: tuple[str, ...] = ()
    """Fields of `Reading` that the battery must be known to offer."""
    attributes: Callable[[BatteryState], Mapping[str, Any]] | None = None
    always: bool = False
    """Available also when the battery is not."""


def _of_reading(name: str) -> Callable[[BatteryState], bool | None]:
    def is_on(state: BatteryState) -> bool | None:
        return None if state.reading is None else getattr(state.reading, name)

    return is_on


def _charging(state: BatteryState) -> bool | None:
    reading = state.reading
    return None if reading is None or reading.current is None else reading.current > 0


def _problem(state: BatteryState) -> bool | None:
    return None if state.problems is None else bool(state.problems)


def _problems(state: BatteryState) -> Mapping[str, Any]:
    alarms = sorted(state.problems or ())
    if not isinstance(state.reading, PackReading):
        return {"alarms": alarms}
    raised_by = state.reading.alarm_members
    return {"alarms": alarms, "members": {alarm: list(raised_by.get(alarm, ())) for alarm in alarms}}


def _balancing(state: BatteryState) -> bool | None:
    reading = state.reading
    return None if reading is None or reading.balancing_cells is None else bool(reading.balancing_cells)


def _unlocked(state: BatteryState) -> bool | None:
    return None if state.locked is None else not state.locked


DIAGNOSTIC = EntityCategory.DIAGNOSTIC

BINARY_SENSORS = (
    BattmonBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        is_on=_charging,
        needs=("current",),
    ),
    BattmonBinarySensorDescription(
        key="problem",
        translation_key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on=_problem,
        needs=("alarms",),
        attributes=_problems,
    ),
    BattmonBinarySensorDescription(
        key="charge_mosfet",
        translation_key="charge_mosfet",
        entity_category=DIAGNOSTIC,
        is_on=_of_reading("charging_enabled"),
        needs=("charging_enabled",),
    ),
    BattmonBinarySensorDescription(
        key="discharge_mosfet",
        translation_key="discharge_mosfet",
        entity_category=DIAGNOSTIC,
        is_on=_of_reading("discharging_enabled"),
        needs=("discharging_enabled",),
    ),
    BattmonBinarySensorDescription(
        key="locked",
        translation_key="locked",
        device_class=BinarySensorDeviceClass.LOCK,  # on means unlocked
        entity_category=DIAGNOSTIC,
        is_on=_unlocked,
        needs=("alarms", "charging_enabled"),
    ),
    BattmonBinarySensorDescription(
        key="balancing",
        translation_key="balancing",
        device_class=BinarySensorDeviceClass.RUNNING,
        entity_category=DIAGNOSTIC,
        is_on=_balancing,
        needs=("balancing_cells",),
        attributes=lambda state: {"cells": list((state.reading and state.reading.balancing_cells) or ())},
    ),
    BattmonBinarySensorDescription(
        key="low_battery",
        device_class=BinarySensorDeviceClass.BATTERY,
        is_on=lambda state: state.failsafe.discharge_level >= Level.LOW,
        always=True,
    ),
    BattmonBinarySensorDescription(
        key="ready",
        translation_key="ready",
        is_on=lambda state: not state.not_ready,
        attributes=lambda state: {"reasons": [not_ready_in_words(reason) for reason in state.not_ready]},
        always=True,
    ),
    BattmonBinarySensorDescription(
        key="connected",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=DIAGNOSTIC,
        is_on=lambda state: state.healthy,
        always=True,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: BattmonConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of one battery."""
    coordinator = entry.runtime_data
    is_virtual = arrangement_of(entry.data) is not None

    def entities(profile: Profile) -> Iterator[BattmonEntity]:
        for row in BINARY_SENSORS:
            if profile.quantities.issuperset(row.needs):
                yield BattmonBinarySensor(coordinator, row)
        if is_virtual:
            yield MemberProblem(coordinator)

    add_as_they_appear(entry, Platform.BINARY_SENSOR, async_add_entities, entities)


class BattmonBinarySensor(BattmonEntity, BinarySensorEntity):
    """One binary sensor."""

    entity_description: BattmonBinarySensorDescription
    # Lists that change from second to second would fill the recorder.
    _unrecorded_attributes = frozenset({"cells", "reasons"})

    def __init__(self, coordinator: BattmonCoordinator, description: BattmonBinarySensorDescription) -> None:
        super().__init__(coordinator, description)
        self.always_available = description.always

    @override
    def shown(self) -> object:
        return self.is_on, self.extra_state_attributes

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on(self.coordinator.data.state)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes = self.entity_description.attributes
        return None if attributes is None else attributes(self.coordinator.data.state)
