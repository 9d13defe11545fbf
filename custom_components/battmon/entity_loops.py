"""Whether a battery would be made of itself: by an entity of its own, or round about."""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .sources import roster_of
from .sources.entity_settings import CONF_REGISTRY_IDS, chosen_in
from .sources.pack_settings import CONF_AUXILIARY, CONF_MEMBERS, CONF_PRIMARY


def leads_back(hass: HomeAssistant, entity_id: str, entry: ConfigEntry) -> bool:
    """Whether an entity's value depends on the battery of `entry`."""
    registry = er.async_get(hass)
    waiting, seen = list(_battery_of(hass, registry, entity_id)), set[str]()
    while waiting:
        found = waiting.pop()
        if found.entry_id == entry.entry_id:
            return True
        if found.entry_id not in seen:
            seen.add(found.entry_id)
            waiting += _made_of(hass, registry, found.options)
    return False


def _battery_of(hass: HomeAssistant, registry: er.EntityRegistry, ref: str) -> Iterator[ConfigEntry]:
    """Yield the entry of the battery that an entity belongs to, if it is one of ours."""
    entity_id = er.async_resolve_entity_id(registry, ref)
    entity = None if entity_id is None else registry.async_get(entity_id)
    if entity is not None and entity.platform == DOMAIN and entity.config_entry_id is not None:
        entry = hass.config_entries.async_get_entry(entity.config_entry_id)
        if entry is not None:
            yield entry


def _made_of(
    hass: HomeAssistant, registry: er.EntityRegistry, options: Mapping[str, Any]
) -> Iterator[ConfigEntry]:
    """Yield the entries of the batteries that another one is made of, by its options."""
    ids = options.get(CONF_REGISTRY_IDS, {})
    for names in chosen_in(options).values():
        for name in names:
            yield from _battery_of(hass, registry, ids.get(name, name))
    keys = (*options.get(CONF_MEMBERS, ()), *options.get(CONF_PRIMARY, ()), *options.get(CONF_AUXILIARY, ()))
    for key in keys:
        if (entry := roster_of(hass).entry_of(key)) is not None:
            yield entry
