"""All batteries but some: which of those that are there a virtual battery does not know yet."""

from collections.abc import Collection

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .model.packs.checks import below
from .sources.pack_settings import CONF_ALL_BUT, CONF_EXCLUDED
from .virtual_facts import all_batteries, is_virtual, taken_by_all, taken_in


def newcomers(hass: HomeAssistant, taken: Collection[str], excluded: Collection[str]) -> list[str]:
    """Return the keys of real batteries that are neither taken, nor a part of what is, nor excluded."""
    takes = taken_by_all(hass)
    known = {*taken, *excluded}.union(*(below(takes, key) for key in taken))
    return [
        key
        for key, entry in all_batteries(hass).items()
        if key not in known and not is_virtual(entry) and entry.disabled_by is None
    ]


def to_be_asked_about(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the keys of the batteries about which nobody has decided yet whether this one takes them in."""
    options = entry.options
    if not options.get(CONF_ALL_BUT):
        return []
    return newcomers(hass, taken_in(options), options.get(CONF_EXCLUDED, ()))
