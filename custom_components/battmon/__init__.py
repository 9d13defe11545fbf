"""BattMon: every battery that a house, van, boat or workshop can reach."""

from functools import partial

from homeassistant.components import usb
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.typing import ConfigType

from . import sources
from .actions import async_register_actions
from .const import CONF_BATTERY_KEY, DOMAIN
from .coordinator import BattmonConfigEntry, BattmonCoordinator
from .entity import connections_of
from .errors import translated
from .hiding import async_hide_or_show
from .member_watch import async_watch_members
from .memory import STORE, MemoryStore
from .model.errors import BattMonError, DoesNotFit
from .sources.bluetooth import forget
from .sources.settings import CONF_ADDRESS
from .troubles import issue_id

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Load the memory, register the actions and watch for ports that appear."""
    store = MemoryStore(hass)
    await store.async_load()
    hass.data[STORE] = store
    async_register_actions(hass)
    async_watch_members(hass)

    @callback
    def ports_changed(added: object, _removed: object) -> None:
        if added:
            sources.retry_now(hass)
            for entry in hass.config_entries.async_loaded_entries(DOMAIN):
                entry.runtime_data.retry_now()

    usb.async_register_port_event_callback(hass, ports_changed)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: BattmonConfigEntry) -> bool:
    """Set up one battery."""
    coordinator = BattmonCoordinator(hass, entry, hass.data[STORE])
    # What nobody watches any more is nobody's problem; loading again tells if it still is one.
    entry.async_on_unload(partial(ir.async_delete_issue, hass, DOMAIN, issue_id(entry)))
    try:
        await coordinator.async_start()
    except DoesNotFit as error:
        # A person has to change something: to try again would be in vain.
        raise translated(ConfigEntryError, error) from error
    except BattMonError as error:
        raise translated(ConfigEntryNotReady, error) from error
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    _remove_leftovers(hass, entry)
    async_hide_or_show(hass, entry)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: BattmonConfigEntry) -> bool:
    """Unload one battery, once no command is under way and the device is as it should be."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_shutdown()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: BattmonConfigEntry) -> None:
    """Forget a battery for good."""
    sources.roster_of(hass).forget(entry.data[CONF_BATTERY_KEY])
    await hass.data[STORE].async_forget(entry.data[CONF_BATTERY_KEY])
    if (address := entry.data.get(CONF_ADDRESS)) is not None:
        forget(hass, address)


def _remove_leftovers(hass: HomeAssistant, entry: BattmonConfigEntry) -> None:
    """Remove what options, another battery or another wire have taken away."""
    entities = er.async_get(hass)
    provided = entry.runtime_data.provided
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        if (entity.domain, entity.unique_id) not in provided:
            entities.async_remove(entity.entity_id)
    # Home Assistant only adds connections: a battery that was moved would keep the address that it had.
    devices = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        devices.async_update_device(device.id, new_connections=connections_of(entry.runtime_data))
