"""Adding a battery that an action feeds."""

from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult

from .flow_entities_forms import TIME_OUT
from .flow_found import battery_schema
from .flow_named import NamedSteps
from .model.identity import Fingerprint
from .model.reading import Identity, Reading
from .sources.pushed import CONF_TIME_OUT, DEFAULT_TIME_OUT
from .sources.settings import CONF_KIND, KIND_PUSHED

UNKNOWN_BATTERY = Fingerprint(identity=Identity())
TIME_OUT_SCHEMA = vol.Schema({vol.Required(CONF_TIME_OUT, default=DEFAULT_TIME_OUT): TIME_OUT})


class PushedSteps(NamedSteps):
    """Asks for what its readings will not say."""

    async def async_step_pushed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a name, for what thresholds depend on, and how long a reading holds."""
        if user_input is not None:
            self._data = {CONF_KIND: KIND_PUSHED}
            return await self._take_name(user_input, "Battery")
        schema = battery_schema(UNKNOWN_BATTERY, Reading()).extend(TIME_OUT_SCHEMA.schema)
        return self.async_show_form(step_id="pushed", data_schema=schema)
