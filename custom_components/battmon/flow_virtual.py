"""Adding a battery that is made of others, and changing what it is made of."""

from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_NAME

from .const import CONF_CELL_ENTITIES, CONF_CELLS
from .flow_changes import ReconfigureSteps
from .flow_found import FoundSteps
from .flow_judgement import presets
from .flow_members import FEWEST_MEMBERS, MemberSteps
from .flow_virtual_forms import (
    SchemaOf,
    members_schema,
    merged_schema,
    new_members_schema,
    new_merged_schema,
    virtual_battery_schema,
)
from .judgement_options import chemistry_in
from .model.packs.checks import cells_together, chemistry_together
from .model.packs.settings import Arrangement
from .sources.settings import CONF_KIND, KIND_MERGED, KIND_PARALLEL, KIND_SERIES
from .virtual_facts import all_batteries, facts_of


class VirtualSteps(MemberSteps, FoundSteps, ReconfigureSteps):
    """Nothing is read here: what a virtual battery shows comes from its members."""

    async def async_step_virtual(self, user_input: None = None) -> ConfigFlowResult:
        """Ask how the batteries are joined."""
        if len(all_batteries(self.hass)) < FEWEST_MEMBERS:
            return self.async_abort(reason="too_few_batteries")
        return self.async_show_menu(step_id="virtual", menu_options=["series", "parallel", "merged"])

    async def async_step_series(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for members one behind the other."""
        self._arrangement = Arrangement.SERIES
        self._data = {CONF_KIND: KIND_SERIES}
        return await self._ask_for_members("series", new_members_schema, user_input)

    async def async_step_parallel(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for members side by side."""
        self._arrangement = Arrangement.PARALLEL
        self._data = {CONF_KIND: KIND_PARALLEL}
        return await self._ask_for_members("parallel", new_members_schema, user_input)

    async def async_step_merged(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the devices that see one battery."""
        self._arrangement = Arrangement.MERGED
        self._data = {CONF_KIND: KIND_MERGED}
        return await self._ask_for_members("merged", new_merged_schema, user_input)

    async def async_step_virtual_battery(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what thresholds depend on, filled in with what the members are."""
        members = facts_of(self.hass, self._choice.members)
        if user_input is None:
            cells = cells_together(self._arrangement, members)
            return self.async_show_form(
                step_id="virtual_battery",
                data_schema=virtual_battery_schema(chemistry_together(members), cells),
            )
        name = self._filled_in.get(CONF_NAME, "").strip()
        self._title = name or " + ".join(member.name for member in members)
        # The members show their cells themselves.
        self._options = {**self._with_members(), CONF_CELL_ENTITIES: False, **user_input}
        if (chemistry := chemistry_in(user_input)) is None:
            return self._save_thresholds({})
        self._proposed = presets(chemistry, user_input.get(CONF_CELLS))
        return await self.async_step_thresholds()

    async def async_step_reconfigure_members(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the members of a virtual battery that is there."""
        self._arrangement = Arrangement(self._get_reconfigure_entry().data[CONF_KIND])
        schema: SchemaOf = members_schema
        if self._arrangement is Arrangement.MERGED:
            schema = merged_schema
        return await self._ask_for_members("reconfigure_members", schema, user_input)

    @property
    @override
    def _edited(self) -> ConfigEntry | None:
        return self._get_reconfigure_entry() if self.source == SOURCE_RECONFIGURE else None

    @override
    async def _go_on_with_members(self) -> ConfigFlowResult:
        if self._edited is None:
            return await self.async_step_virtual_battery()
        return self.async_update_reload_and_abort(self._edited, options=self._with_members())
