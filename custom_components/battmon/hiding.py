"""Batteries that are only there to be members: their entities are hidden, and still work."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_INTERNAL
from .coordinator import BattmonConfigEntry


@callback
def async_hide_or_show(hass: HomeAssistant, entry: BattmonConfigEntry) -> None:
    """Hide the entities of a battery, or show those that were hidden here. What a person hid stays hidden."""
    entities = er.async_get(hass)
    ours = er.RegistryEntryHider.INTEGRATION
    before, after = (None, ours) if entry.options.get(CONF_INTERNAL) else (ours, None)
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        if entity.hidden_by is before:
            entities.async_update_entity(entity.entity_id, hidden_by=after)
