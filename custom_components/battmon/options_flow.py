"""Options: a menu, and one short form each. Saving reloads the battery."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from . import sources
from .const import (
    CONF_CELL_ENTITIES,
    CONF_INTERNAL,
    CONF_INTERVAL,
    CONF_KEEP_CONNECTED,
    CONF_LET_IT_SLEEP,
    CONF_PUBLISH_INTERVAL,
    CONF_RELEASE_MINUTES,
    DEFAULT_PUBLISH_INTERVAL,
    DEFAULT_RELEASE_MINUTES,
    LONGEST_INTERVAL,
    LONGEST_RELEASE,
    SHORTEST_INTERVAL,
)
from .model.switching import Wanted
from .options_calibration import CalibrationOptions
from .options_entities import EntityOptions
from .options_pushed import PushedOptions
from .options_sources import SourceOptions
from .sources.bus import can_be_calibrated
from .sources.settings import (
    ALLOW,
    CONF_KIND,
    CONF_WIRE,
    KIND_ENTITIES,
    KIND_PUSHED,
    WIRE_BLUETOOTH,
    WIRE_I2C,
)
from .virtual_facts import is_virtual

SECONDS = NumberSelector(
    NumberSelectorConfig(
        min=SHORTEST_INTERVAL,
        max=LONGEST_INTERVAL,
        step="any",
        mode=NumberSelectorMode.BOX,
        unit_of_measurement=UnitOfTime.SECONDS,
    )
)
MINUTES = NumberSelector(
    NumberSelectorConfig(
        min=1,
        max=LONGEST_RELEASE,
        step=1,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement=UnitOfTime.MINUTES,
    )
)


DISPLAY: Mapping[vol.Marker, Any] = {
    vol.Required(CONF_PUBLISH_INTERVAL, default=DEFAULT_PUBLISH_INTERVAL): SECONDS,
    vol.Required(CONF_CELL_ENTITIES, default=True): BooleanSelector(),
    vol.Required(CONF_INTERNAL, default=False): BooleanSelector(),
}
"""What can be set of every battery, also of one that is not read at an interval of its own."""
MENUS = {
    KIND_ENTITIES: ["entities", "calibration", "battery", "failsafe", "commands", "display"],
    KIND_PUSHED: ["pushed", "battery", "failsafe", "display"],
    "power_monitor": ["meter", "sampling", "battery", "failsafe"],
    "smart_battery": ["sampling", "battery", "failsafe"],
    "bms": ["sampling", "battery", "failsafe", "commands"],
}
"""The forms of every battery that is not virtual."""


def _menu_of(data: Mapping[str, Any]) -> str:
    """Return which of the menus is that of a battery."""
    if (kind := data.get(CONF_KIND)) in MENUS:
        return str(kind)
    if can_be_calibrated(data):
        return "power_monitor"
    return "smart_battery" if data[CONF_WIRE] == WIRE_I2C else "bms"


def _sampling_schema(data: Mapping[str, Any], options: Mapping[str, Any]) -> vol.Schema:
    schema = {vol.Required(CONF_INTERVAL, default=sources.default_interval(data)): SECONDS, **DISPLAY}
    if data.get(CONF_WIRE) == WIRE_BLUETOOTH:
        schema[vol.Required(CONF_KEEP_CONNECTED, default=True)] = BooleanSelector()
    # Who never touched it has it as it follows from the field above, also when that is changed now.
    sleeps = None if options.get(CONF_KEEP_CONNECTED, True) else {"suggested_value": True}
    schema[vol.Optional(CONF_LET_IT_SLEEP, description=sleeps)] = BooleanSelector()
    if data.get(CONF_WIRE) == WIRE_BLUETOOTH:
        schema[vol.Required(CONF_RELEASE_MINUTES, default=DEFAULT_RELEASE_MINUTES)] = MINUTES
    return vol.Schema(schema)


class BattmonOptionsFlow(SourceOptions, EntityOptions, PushedOptions, CalibrationOptions):
    """Changes how one battery is read, how it is judged and what it may be commanded."""

    async def async_step_init(self, user_input: None = None) -> ConfigFlowResult:
        """Show the menu; that of a virtual battery tells of other things by the same names."""
        if is_virtual(self.config_entry):
            return await self.async_step_virtual()
        return self.async_show_menu(step_id="init", menu_options=MENUS[_menu_of(self.config_entry.data)])

    async def async_step_sampling(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how often to read and to show."""
        entry = self.config_entry
        return self._ask("sampling", _sampling_schema(entry.data, entry.options), user_input)

    async def async_step_display(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how to show a battery whose readings come by themselves."""
        return self._ask("display", vol.Schema(dict(DISPLAY)), user_input)

    async def async_step_commands(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which switches are allowed; the form says what each risks."""
        offered = sources.switches_of(self.hass, self.config_entry.data, self.config_entry.options)
        schema = vol.Schema(
            {
                vol.Required(ALLOW[switch], default=False): BooleanSelector()
                for switch in Wanted._fields
                if switch in offered
            }
        )
        return self._ask("commands", schema, user_input)

    def _ask(self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        options = self.config_entry.options
        if user_input is not None:
            return self.async_create_entry(data={**options, **user_input})
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(schema, options)
        )
