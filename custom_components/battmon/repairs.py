"""Repairs: where only a person can decide."""

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .const import CONF_BATTERY_KEY, ISSUE_MEMBER_GONE
from .memory import STORE
from .model.memory import BatteryMemory
from .repairs_entities import EntityGoneFlow
from .repairs_members import MemberGoneFlow, NewBatteryFlow
from .sources.entity_absence import ISSUE_ENTITY_GONE


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that repairs an issue."""
    assert data is not None
    entry_id = str(data["entry_id"])
    if issue_id.startswith(ISSUE_ENTITY_GONE):
        return EntityGoneFlow(entry_id)
    if (key := data.get("battery_key")) is None:
        return WrongBatteryFlow(entry_id)
    is_gone = issue_id.startswith(ISSUE_MEMBER_GONE)
    return (MemberGoneFlow if is_gone else NewBatteryFlow)(entry_id, str(key))


class WrongBatteryFlow(RepairsFlow):
    """Another battery answers: it takes the place of the old one, or it is in the wrong place."""

    def __init__(self, entry_id: str) -> None:
        super().__init__()
        self._entry_id = entry_id

    async def async_step_init(self, user_input: None = None) -> RepairsFlowResult:
        """Ask which it is."""
        return self.async_show_menu(step_id="init", menu_options=["adopt", "wrong"])

    async def async_step_adopt(self, user_input: None = None) -> RepairsFlowResult:
        """Forget the old battery and meet the new one."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is not None:
            store = self.hass.data[STORE]
            # What watches the old battery would take its memory along to the new one.
            if entry.state is ConfigEntryState.LOADED:
                await self.hass.config_entries.async_unload(entry.entry_id)
            store.put(entry.data[CONF_BATTERY_KEY], BatteryMemory())
            await store.async_save()
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})

    async def async_step_wrong(self, user_input: None = None) -> RepairsFlowResult:
        """Leave everything: the battery is unavailable until the right one is back."""
        return self.async_abort(reason="put_it_back")
