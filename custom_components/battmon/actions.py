"""Actions: what automations can do with a battery."""

from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr

from .const import CONF_FORCE, DOMAIN, SERVICE_SET_SWITCHES
from .coordinator import BattmonCoordinator
from .errors import command_failure
from .model.errors import BattMonError
from .model.switching import Wanted

SET_SWITCHES_SCHEMA = vol.Schema(
    vol.All(
        {
            vol.Required(ATTR_DEVICE_ID): cv.string,
            **{vol.Optional(switch): cv.boolean for switch in Wanted._fields},
            vol.Optional(CONF_FORCE, default=False): cv.boolean,
        },
        cv.has_at_least_one_key(*Wanted._fields),
    )
)


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions once, whether or not a battery is loaded."""

    async def set_switches(call: ServiceCall) -> None:
        fields: dict[str, Any] = {name: call.data.get(name) for name in Wanted._fields}
        coordinator = _coordinator_of(hass, call.data[ATTR_DEVICE_ID])
        await async_switch(coordinator, Wanted(**fields), force=call.data[CONF_FORCE])

    hass.services.async_register(DOMAIN, SERVICE_SET_SWITCHES, set_switches, schema=SET_SWITCHES_SCHEMA)


async def async_switch(coordinator: BattmonCoordinator, wanted: Wanted, *, force: bool = False) -> None:
    """Command a battery; raises what Home Assistant shows to the person."""
    forbidden = {name for name, on in wanted._asdict().items() if on is not None}
    forbidden -= coordinator.source.switches
    if forbidden:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_permitted",
            translation_placeholders={"switches": ", ".join(sorted(forbidden))},
        )
    try:
        obeyed = await coordinator.async_command(wanted, force=force)
    except BattMonError as error:
        raise command_failure(error) from error
    if not obeyed:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_obeyed",
            translation_placeholders={"alarms": _alarms_in_words(coordinator)},
        )


def _alarms_in_words(coordinator: BattmonCoordinator) -> str:
    problems = coordinator.state.problems
    return ", ".join(alarm.replace("_", " ") for alarm in sorted(problems or ())) or "-"


def _coordinator_of(hass: HomeAssistant, device_id: str) -> BattmonCoordinator:
    device = dr.async_get(hass).async_get(device_id)
    entry = device and hass.config_entries.async_get_entry(device.config_entry_id)
    if entry and entry.domain == DOMAIN and entry.state is ConfigEntryState.LOADED:
        coordinator: BattmonCoordinator = entry.runtime_data
        return coordinator
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_a_battery",
        translation_placeholders={"device": device_id},
    )
