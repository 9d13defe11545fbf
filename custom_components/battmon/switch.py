"""Switches: charging, discharging and balancing, where the person allowed them; Bluetooth let go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .commands import async_switch
from .coordinator import BattmonConfigEntry
from .entity import BattmonEntity, add_as_they_appear
from .model.profile import Profile
from .model.switching import Wanted

PARALLEL_UPDATES = 1

SWITCHES = (
    SwitchEntityDescription(key="charging", translation_key="charging"),
    SwitchEntityDescription(key="discharging", translation_key="discharging"),
    SwitchEntityDescription(
        key="balancing", translation_key="balancing", entity_category=EntityCategory.CONFIG
    ),
)

RELEASE_BLUETOOTH = SwitchEntityDescription(key="release_bluetooth", translation_key="release_bluetooth")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: BattmonConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches that are allowed."""
    coordinator = entry.runtime_data
    source = coordinator.source

    def entities(_profile: Profile) -> Iterator[BattmonEntity]:
        for row in SWITCHES:
            if row.key in source.switches:
                yield BattmonSwitch(coordinator, row)
        if source.address is not None:
            yield ReleaseSwitch(coordinator, RELEASE_BLUETOOTH)

    add_as_they_appear(entry, Platform.SWITCH, async_add_entities, entities)


class BattmonSwitch(BattmonEntity, SwitchEntity):
    """Shows what the device was seen to do, never what was merely asked for."""

    @override
    def shown(self) -> object:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool | None:
        reading = self.coordinator.data.state.reading
        if reading is None:
            return None
        on: bool | None = getattr(reading, f"{self.entity_description.key}_enabled")
        return on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._switch(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._switch(on=False)

    async def _switch(self, *, on: bool) -> None:
        wanted = Wanted()._replace(**{self.entity_description.key: on})
        await async_switch(self.coordinator, wanted)


class ReleaseSwitch(BattmonEntity, SwitchEntity):
    """Lets go of the battery's only Bluetooth link for a while, so that a phone can have it."""

    @property
    @override
    def available(self) -> bool:
        return True

    @override
    def shown(self) -> object:
        return self.extra_state_attributes

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.release.ends_at is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, datetime | None]:
        return {"ends_at": self.coordinator.release.ends_at}

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.coordinator.async_release()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.coordinator.take_back()
