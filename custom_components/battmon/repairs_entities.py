"""Repair of a battery made of entities of which some are gone."""

from typing import Any

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry

from .sources.entity_settings import CONF_ENTITIES, EntitySettings, chosen_in
from .sources.entity_states import EntityStates
from .sources.entity_units import MEASURES


class EntityGoneFlow(RepairsFlow):
    """Others are chosen, or the battery goes on without them."""

    def __init__(self, entry_id: str) -> None:
        super().__init__()
        self._entry_id = entry_id

    async def async_step_init(self, user_input: None = None) -> RepairsFlowResult:
        """Ask which it is."""
        return self.async_show_menu(step_id="init", menu_options=["choose", "leave_out"])

    async def async_step_choose(self, user_input: None = None) -> RepairsFlowResult:
        """Open the options where entities are chosen."""
        if self._entry is None:
            return self.async_create_entry(data={})
        options = self.hass.config_entries.options
        menu = await options.async_init(self._entry_id)
        await options.async_configure(menu["flow_id"], {"next_step_id": "entities"})
        # The repair stays until something was chosen there.
        return self.async_abort(reason="choose_entities", next_flow=(FlowType.OPTIONS_FLOW, menu["flow_id"]))

    async def async_step_leave_out(self, user_input: None = None) -> RepairsFlowResult:
        """Forget them; where nothing would be left, others must be chosen."""
        if (entry := self._entry) is None:
            return self.async_create_entry(data={})
        left = self._left(entry)
        if not left.keys() & MEASURES.keys():
            return await self.async_step_choose()
        self.hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_ENTITIES: left})
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})

    def _left(self, entry: ConfigEntry) -> dict[str, Any]:
        settings = EntitySettings.of(entry.options)
        gone = set(EntityStates(self.hass, settings).gone())
        left: dict[str, Any] = {}
        for field, names in chosen_in(entry.options).items():
            refs = settings.entities[field]
            there = [name for name, ref in zip(names, refs, strict=True) if ref not in gone]
            if there:
                left[field] = there if isinstance(entry.options[CONF_ENTITIES][field], list) else there[0]
        return left

    @property
    def _entry(self) -> ConfigEntry | None:
        """The battery, `None` if it was removed while the dialog was open."""
        return self.hass.config_entries.async_get_entry(self._entry_id)
