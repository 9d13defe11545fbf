"""What is known of batteries before they are joined, from their options, their memory and the roster."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_BATTERY_KEY, CONF_CAPACITY, CONF_CELLS
from .flow_chemistry import likely_chemistry
from .judgement_options import chemistry_in
from .memory import STORE
from .model.chemistry import Chemistry
from .model.identity import Fingerprint
from .model.packs.checks import Facts, cells_together, chemistry_together
from .model.packs.settings import Arrangement
from .model.reading import Identity, Reading
from .model.state import BatteryState
from .sources import roster_of
from .sources.pack_settings import (
    CONF_AUXILIARY,
    CONF_EXCLUDED,
    CONF_MEMBER_NAMES,
    CONF_MEMBERS,
    CONF_PACK_CAPACITY,
    CONF_PRIMARY,
)
from .sources.settings import CONF_ADDRESS, CONF_DEVICE, CONF_KIND, VIRTUAL_KINDS


def is_virtual(entry: ConfigEntry) -> bool:
    """Whether a battery is made of others."""
    return entry.data.get(CONF_KIND) in VIRTUAL_KINDS


def all_batteries(hass: HomeAssistant) -> dict[str, ConfigEntry]:
    """Return the entries of all batteries by key, disabled ones too."""
    return {entry.data[CONF_BATTERY_KEY]: entry for entry in roster_of(hass).entries()}


def members_in(options: Mapping[str, Any]) -> list[str]:
    """Return the keys of the members that the options of a virtual battery name."""
    return list(options.get(CONF_MEMBERS, ()))


def taken_in(options: Mapping[str, Any]) -> list[str]:
    """Return the keys of all that a virtual battery takes something from: members and other sources."""
    keys = (*members_in(options), *options.get(CONF_PRIMARY, {}), *options.get(CONF_AUXILIARY, {}))
    return list(dict.fromkeys(keys))


def named_in(options: Mapping[str, Any]) -> list[str]:
    """Return the keys of all batteries that the options of a virtual one name."""
    return list(dict.fromkeys((*taken_in(options), *options.get(CONF_EXCLUDED, ()))))


def names_of(hass: HomeAssistant, options: Mapping[str, Any]) -> dict[str, str]:
    """Return what all batteries that options name are called, or were called last."""
    batteries, before = all_batteries(hass), options.get(CONF_MEMBER_NAMES, {})
    return {
        key: batteries[key].title if key in batteries else before.get(key, key) for key in named_in(options)
    }


def taken_by_all(hass: HomeAssistant) -> dict[str, list[str]]:
    """Return what every virtual battery takes something from."""
    return {key: taken_in(entry.options) for key, entry in all_batteries(hass).items() if is_virtual(entry)}


def members_of_all(hass: HomeAssistant) -> dict[str, list[str]]:
    """Return what every virtual battery has as members."""
    return {key: members_in(entry.options) for key, entry in all_batteries(hass).items() if is_virtual(entry)}


def labels(hass: HomeAssistant, keys: Iterable[str]) -> dict[str, str]:
    """Return the titles of batteries; with the place of those that are called alike."""
    batteries = all_batteries(hass)
    titles = [batteries[key].title for key in keys]
    return {
        key: _told_apart(batteries[key]) if titles.count(batteries[key].title) > 1 else batteries[key].title
        for key in keys
    }


def _told_apart(entry: ConfigEntry) -> str:
    where = entry.data.get(CONF_ADDRESS) or entry.data.get(CONF_DEVICE) or entry.data[CONF_BATTERY_KEY][-4:]
    return f"{entry.title} ({where})"


def facts_of(hass: HomeAssistant, keys: Iterable[str]) -> list[Facts]:
    """Return what is known of batteries that are there."""
    batteries = all_batteries(hass)
    return [_facts(hass, batteries[key], ()) for key in keys if key in batteries]


def cells_of_members(hass: HomeAssistant, entry: ConfigEntry) -> int | None:
    """Return how many cells in series the members of a virtual battery have together."""
    return cells_together(Arrangement(entry.data[CONF_KIND]), facts_of(hass, members_in(entry.options)))


def _facts(hass: HomeAssistant, entry: ConfigEntry, above: tuple[str, ...]) -> Facts:
    key, options = entry.data[CONF_BATTERY_KEY], entry.options
    state = roster_of(hass).member(key).state
    measured = state.reading if state is not None and state.healthy else None
    if is_virtual(entry):
        cells, chemistry = _of_members(hass, entry, (*above, key))
    else:
        cells, chemistry = _of_device(hass, key, measured)
    return Facts(
        name=entry.title,
        cells=options.get(CONF_CELLS) or cells,
        chemistry=chemistry_in(options) or chemistry,
        voltage=None if measured is None else measured.voltage,
        capacity=options.get(CONF_PACK_CAPACITY) or options.get(CONF_CAPACITY) or _capacity(state),
    )


def _of_members(
    hass: HomeAssistant, entry: ConfigEntry, above: tuple[str, ...]
) -> tuple[int | None, Chemistry | None]:
    batteries = all_batteries(hass)
    members = [
        _facts(hass, batteries[key], above)
        for key in members_in(entry.options)
        if key in batteries and key not in above
    ]
    return cells_together(Arrangement(entry.data[CONF_KIND]), members), chemistry_together(members)


def _of_device(
    hass: HomeAssistant, key: str, measured: Reading | None
) -> tuple[int | None, Chemistry | None]:
    memory = hass.data[STORE].get(key)
    fingerprint = memory.fingerprint or Fingerprint(identity=Identity())
    cells = memory.profile.cells or fingerprint.cells or len((measured and measured.cell_voltages) or ())
    return cells or None, likely_chemistry(fingerprint, measured or Reading())


def _capacity(state: BatteryState | None) -> float | None:
    if state is None:
        return None
    measured = state.reading.full_capacity if state.reading is not None else None
    return state.estimate.full_capacity or measured
