"""Events: every change that automations may wait for."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import BattmonConfigEntry
from .entity import BattmonEntity, add_as_they_appear
from .failsafe_words import failsafe_in_words
from .model.changes import Change, Transition
from .model.failsafe.levels import Kind

PARALLEL_UPDATES = 0

FAILSAFE_EVENT = EventEntityDescription(
    key="failsafe_event", translation_key="failsafe_event", event_types=[change.value for change in Change]
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: BattmonConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of one battery."""
    add_as_they_appear(
        entry,
        Platform.EVENT,
        async_add_entities,
        lambda _profile: [FailsafeEvent(entry.runtime_data, FAILSAFE_EVENT)],
    )


class FailsafeEvent(BattmonEntity, EventEntity):
    """Fires from the fold's own transitions, not from what is published: none is missed, none comes twice."""

    always_available = True

    # Home Assistant keeps the last event, whatever it was; the reasons can be long.
    _unrecorded_attributes = frozenset({"reasons"})

    @override
    def shown(self) -> object:
        return None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.watch.async_add_listener(self._fire))

    @callback
    def _fire(self, transitions: tuple[Transition, ...]) -> None:
        attributes = failsafe_in_words(self.coordinator.state.failsafe)
        subjects = {subject for _, subject in transitions if subject is not None}
        for change, subject in transitions:
            # Its beginning and its end are the drill's, whatever else is held; other changes are in earnest.
            test = (subjects if subject is None else {subject}) == {Kind.DRILL}
            self._trigger_event(change, {"subject": subject, **attributes, "test": test})
            self.async_write_ha_state()
