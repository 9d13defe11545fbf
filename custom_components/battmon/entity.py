"""What all entities of a battery share."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import override

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_INTERNAL, DOMAIN
from .coordinator import BattmonConfigEntry, BattmonCoordinator
from .model.profile import Profile
from .model.reading import Identity

UNAVAILABLE = object()
"""In the place of what an entity shows: unlike anything, `None` included."""


class BattmonEntity(CoordinatorEntity[BattmonCoordinator]):
    """Shows one thing of the published state and computes nothing."""

    _attr_has_entity_name = True
    always_available = False
    """Whether it is there when the battery is not: that is when a failsafe matters."""

    def __init__(self, coordinator: BattmonCoordinator, description: EntityDescription) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self.key = f"{coordinator.battery_key}_{description.key}"
        self._attr_unique_id = self.key
        self._attr_device_info = device_info(coordinator)
        internal = coordinator.config_entry.options.get(CONF_INTERNAL, False)
        self._attr_entity_registry_visible_default = not internal
        self._written: object = None

    @property
    @override
    def available(self) -> bool:
        """Measured values are there while the last good sample is young enough."""
        return self.always_available or self.coordinator.data.state.healthy

    @abstractmethod
    def shown(self) -> object:
        """Return what this entity shows; it is written only when that changes."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        # Home Assistant writes the first state itself, right after this.
        self._written = self.shown() if self.available else UNAVAILABLE

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        # Asking Home Assistant to write a state costs more than decoding a whole poll.
        visible = self.shown() if self.available else UNAVAILABLE
        if visible != self._written:
            self._written = visible
            self.async_write_ha_state()


def connections_of(coordinator: BattmonCoordinator) -> set[tuple[str, str]]:
    """Return by what other integrations may know the same device."""
    address = coordinator.source.address
    return set() if address is None else {(dr.CONNECTION_BLUETOOTH, address)}


def device_info(coordinator: BattmonCoordinator) -> DeviceInfo:
    """Describe the battery for the device registry."""
    fingerprint = coordinator.knowledge.memory.fingerprint
    identity = fingerprint.identity if fingerprint is not None else Identity()
    return DeviceInfo(
        identifiers={(DOMAIN, coordinator.battery_key)},
        connections=connections_of(coordinator),
        name=coordinator.config_entry.title,
        manufacturer=identity.manufacturer,
        model=identity.model,
        serial_number=identity.serial_number,
        sw_version=identity.firmware,
        hw_version=identity.hardware,
    )


def add_as_they_appear(
    entry: BattmonConfigEntry,
    platform: Platform,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[Profile], Iterable[BattmonEntity]],
) -> None:
    """Add the entities of all that the battery is known to offer, now and when it offers more."""
    coordinator = entry.runtime_data
    provided = coordinator.provided

    @callback
    def add() -> None:
        new = {
            (platform, entity.key): entity
            for entity in entities_of(coordinator.knowledge.profile)
            if (platform, entity.key) not in provided
        }
        provided.update(new)
        if new:
            async_add_entities(new.values())

    add()
    entry.async_on_unload(coordinator.knowledge.async_add_profile_listener(add))
