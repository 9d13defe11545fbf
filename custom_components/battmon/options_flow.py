"""Options: a menu, and one short form each. Saving reloads the battery."""

from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
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
    CONF_INTERVAL,
    CONF_PUBLISH_INTERVAL,
    DEFAULT_INTERVAL,
    DEFAULT_PUBLISH_INTERVAL,
    LONGEST_INTERVAL,
    SHORTEST_INTERVAL,
)
from .model.switching import Wanted
from .sources.settings import ALLOW, CONF_PROTOCOL

SECONDS = NumberSelector(
    NumberSelectorConfig(
        min=SHORTEST_INTERVAL,
        max=LONGEST_INTERVAL,
        step="any",
        mode=NumberSelectorMode.BOX,
        unit_of_measurement=UnitOfTime.SECONDS,
    )
)
SAMPLING_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): SECONDS,
        vol.Required(CONF_PUBLISH_INTERVAL, default=DEFAULT_PUBLISH_INTERVAL): SECONDS,
        vol.Required(CONF_CELL_ENTITIES, default=True): BooleanSelector(),
    }
)


class BattmonOptionsFlow(OptionsFlowWithReload):
    """Changes how one battery is read and what it may be commanded."""

    async def async_step_init(self, user_input: None = None) -> ConfigFlowResult:
        """Show the menu."""
        return self.async_show_menu(step_id="init", menu_options=["sampling", "commands"])

    async def async_step_sampling(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how often to read and to show."""
        return self._ask("sampling", SAMPLING_SCHEMA, user_input)

    async def async_step_commands(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which switches are allowed; the form says what each risks."""
        offered = sources.switches_of(self.config_entry.data[CONF_PROTOCOL])
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
