"""Config flow: the battery is read before it is added."""

from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback

from .const import DOMAIN
from .flow_changes import ReauthSteps, ReconfigureSteps
from .flow_found import FoundSteps
from .options_flow import BattmonOptionsFlow


class BattmonConfigFlow(FoundSteps, ReauthSteps, ReconfigureSteps, domain=DOMAIN):
    """Adds one battery, or changes how it is reached."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return BattmonOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how the battery is reached."""
        return self.async_show_menu(
            step_id="user", menu_options=["bluetooth_scan", "bluetooth_manual", "serial"]
        )
