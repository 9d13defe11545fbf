"""Config flow: the battery is read before it is added."""

from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback

from .const import DOMAIN
from .flow_changes import ReauthSteps, ReconfigureSteps
from .flow_entities import NewEntities
from .flow_found import FoundSteps
from .flow_i2c import I2cSteps
from .flow_pushed import PushedSteps
from .flow_virtual import VirtualSteps
from .options_flow import BattmonOptionsFlow
from .sources.settings import CONF_KIND, KIND_ENTITIES, KIND_PUSHED, VIRTUAL_KINDS


class BattmonConfigFlow(
    NewEntities,
    PushedSteps,
    VirtualSteps,
    I2cSteps,
    FoundSteps,
    ReauthSteps,
    ReconfigureSteps,
    domain=DOMAIN,
):
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
            step_id="user",
            menu_options=[
                "bluetooth_scan",
                "bluetooth_manual",
                "serial",
                "i2c",
                "virtual",
                "entities",
                "pushed",
            ],
        )

    @override
    async def async_step_reconfigure(self, user_input: None = None) -> ConfigFlowResult:
        """Ask for what makes a battery what it is: how it is reached, its members, its entities."""
        kind = self._get_reconfigure_entry().data.get(CONF_KIND)
        if kind in VIRTUAL_KINDS:
            return await self.async_step_reconfigure_members()
        if kind == KIND_ENTITIES:
            return await self.async_step_entities()
        if kind == KIND_PUSHED:
            return self.async_abort(reason="nothing_to_reconfigure")
        return await super().async_step_reconfigure()
