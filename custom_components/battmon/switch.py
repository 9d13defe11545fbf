"""Switches: charging, discharging and balancing, where the person allowed them; Bluetooth let go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .commands import async_switch
from .const import DOMAIN
from .coordinator import BattmonConfigEntry
from .entity import BattmonEntity, add_as_they_appear
from .model.packs.switching import SwitchStates
from .model.profile import Profile
from .model.switching import Wanted
from .sources import MOSFETS, guarding_of, roster_of
from .sources.pack_settings import CONF_MEMBERS

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
    """Shows what the device was seen to do, never what was merely asked for.

    That of a virtual battery is on or off where all its members are.
    """

    _forbidden = False
    """Whether a string that it is a part of does not let it be switched."""
    _members: list[bool | None]
    """How it was seen last at each member of a virtual battery."""

    @override
    async def async_added_to_hass(self) -> None:
        self._look_at_strings()
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)
        )
        members = self.coordinator.config_entry.options.get(CONF_MEMBERS, ())
        roster = roster_of(self.hass)
        self._members = roster.switches(members, self.entity_description.key)

        @callback
        def heard() -> None:
            seen = roster.switches(members, self.entity_description.key)
            if seen != self._members:
                self._members = seen
                self._handle_coordinator_update()

        self.async_on_remove(roster.listen(members, heard))

    @callback
    def _entry_changed(self, _change: object, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self._look_at_strings()
            self._handle_coordinator_update()

    def _look_at_strings(self) -> None:
        kinship = guarding_of(self.hass).kinship
        self._forbidden = (
            self.entity_description.key in MOSFETS
            and kinship.forbidden_by(self.coordinator.battery_key) is not None
        )

    @property
    @override
    def available(self) -> bool:
        return super().available and not self._forbidden

    @override
    def shown(self) -> object:
        return self.is_on, self.extra_state_attributes

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        states = self._states
        if states is not None:
            return {"on": list(states.on), "off": list(states.off), "unknown": list(states.unknown)}
        difference = self.coordinator.interlock.charge_difference
        if difference is None or self.entity_description.key not in MOSFETS:
            return None
        return {"charge_difference": round(difference, 1)}

    @property
    def _states(self) -> SwitchStates | None:
        return self.coordinator.source.switch_states(self.entity_description.key)

    @property
    @override
    def is_on(self) -> bool | None:
        if (states := self._states) is not None:
            return states.is_on
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

    always_available = True

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
