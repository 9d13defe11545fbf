"""Its six binary sensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from aiobmsble import BMSSample

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PeerConfigEntry, PeerEntity


@dataclass(frozen=True, kw_only=True)
class PeerBinarySensorDescription(BinarySensorEntityDescription):
    """A binary sensor of one value of a sample."""

    attributes: Callable[[BMSSample], Mapping[str, Any]] | None = None


def _row(
    key: str,
    device_class: BinarySensorDeviceClass | None,
    attributes: Callable[[BMSSample], Mapping[str, Any]] | None = None,
    category: EntityCategory | None = EntityCategory.DIAGNOSTIC,
) -> PeerBinarySensorDescription:
    return PeerBinarySensorDescription(
        key=key, name=key, device_class=device_class, entity_category=category, attributes=attributes
    )


def _balanced(sample: BMSSample) -> Mapping[str, Any]:
    return {"cells": f"{sample.get('balancer', 0):0{sample.get('cell_count', 8)}b}"[::-1]}


BINARY_SENSORS = (
    _row("battery_charging", BinarySensorDeviceClass.BATTERY_CHARGING, category=None),
    _row("balancer", None, _balanced),
    _row("chrg_mosfet", BinarySensorDeviceClass.POWER),
    _row("dischrg_mosfet", BinarySensorDeviceClass.POWER),
    _row("heater", BinarySensorDeviceClass.HEAT),
    _row(
        "problem",
        BinarySensorDeviceClass.PROBLEM,
        lambda sample: {"problem_code": sample.get("problem_code", 0)},
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PeerConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors."""
    async_add_entities(PeerBinarySensor(entry.runtime_data, row) for row in BINARY_SENSORS)


class PeerBinarySensor(PeerEntity, BinarySensorEntity):
    """One binary sensor, written on every poll."""

    entity_description: PeerBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return bool(self.coordinator.data.get(self.entity_description.key))

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes = self.entity_description.attributes
        return None if attributes is None else attributes(self.coordinator.data)
