"""Options of a battery that an action feeds."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from .flow_pushed import TIME_OUT_SCHEMA
from .options_judgement import JudgementOptions
from .sources.pushed import CONF_TIME_OUT


class PushedOptions(JudgementOptions):
    """Asks how long a reading holds."""

    async def async_step_pushed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask after how long without a reading the battery is out of sight."""
        if user_input is not None:
            return self._save(frozenset({CONF_TIME_OUT}), user_input)
        schema = self.add_suggested_values_to_schema(TIME_OUT_SCHEMA, self.config_entry.options)
        return self.async_show_form(step_id="pushed", data_schema=schema)
