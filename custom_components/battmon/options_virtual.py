"""Options of a virtual battery: what it is made of, and how its members are judged together."""

from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.helpers.selector import BooleanSelector

from .flow_judgement import range_field
from .flow_members import MemberSteps
from .flow_virtual_forms import SchemaOf, members_schema, merged_schema
from .judgement_options import CHARGE, CURRENT, PERCENT, Range
from .model.packs.settings import Arrangement
from .options_judgement import JudgementOptions
from .sources.pack_settings import (
    CONF_CELL_IMBALANCE,
    CONF_CURRENT_SPREAD,
    CONF_MINIMUM_VOLTAGE,
    CONF_PACK_CAPACITY,
    CONF_PARTIAL_SUMS,
    CONF_RATED_FOR_STRING,
    CONF_STATE_OF_CHARGE_SPREAD,
    CONF_STRICT,
    CONF_VOLTAGE_SPREAD,
)
from .sources.settings import CONF_KIND
from .virtual_facts import cells_of_members, is_virtual

CAPACITY = Range(0.1, CHARGE.most, CHARGE.unit)
"""0 Ah would be no capacity, which is not what an empty field means."""
VOLTAGE_SPREAD = Range(0, 10, "V")
CELL_IMBALANCE = Range(0, 2, "V")
PACK_RANGES = {
    CONF_PACK_CAPACITY: CAPACITY,
    CONF_VOLTAGE_SPREAD: VOLTAGE_SPREAD,
    CONF_CURRENT_SPREAD: CURRENT,
    CONF_STATE_OF_CHARGE_SPREAD: PERCENT,
    CONF_CELL_IMBALANCE: CELL_IMBALANCE,
}
"""Empty is as the rules say; a limit of 0 is off."""
PACK_FLAGS = (CONF_MINIMUM_VOLTAGE, CONF_PARTIAL_SUMS, CONF_STRICT, CONF_RATED_FOR_STRING)
PACK_FIELDS = frozenset({*PACK_RANGES, *PACK_FLAGS})
PACK_FIELDS_OF = {
    Arrangement.SERIES: {
        CONF_PACK_CAPACITY,
        CONF_CURRENT_SPREAD,
        CONF_STATE_OF_CHARGE_SPREAD,
        CONF_CELL_IMBALANCE,
        CONF_RATED_FOR_STRING,
    },
    Arrangement.PARALLEL: {
        CONF_PACK_CAPACITY,
        CONF_MINIMUM_VOLTAGE,
        CONF_PARTIAL_SUMS,
        CONF_STRICT,
        CONF_VOLTAGE_SPREAD,
        CONF_STATE_OF_CHARGE_SPREAD,
        CONF_CELL_IMBALANCE,
    },
    Arrangement.MERGED: {CONF_PACK_CAPACITY, CONF_CELL_IMBALANCE},
}
"""What can be set where members are joined in this way."""


def pack_schema(arrangement: Arrangement) -> vol.Schema:
    """Return the form about how members are judged together."""
    fields = PACK_FIELDS_OF[arrangement]
    return vol.Schema(
        {
            vol.Optional(option): range_field(numbers)
            for option, numbers in PACK_RANGES.items()
            if option in fields
        }
        | {
            vol.Required(option, default=False): BooleanSelector()
            for option in PACK_FLAGS
            if option in fields
        }
    )


class VirtualOptions(MemberSteps, JudgementOptions):
    """Asks what a virtual battery is made of. Whatever changes, its history stays."""

    async def async_step_virtual(self, user_input: None = None) -> ConfigFlowResult:
        """Show the menu of a virtual battery."""
        return self.async_show_menu(
            step_id="virtual",
            menu_options=["members", "sources", "pack", "battery", "failsafe", "commands", "display"],
        )

    async def async_step_members(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the members and their order."""
        self._arrangement = self._kind
        schema: SchemaOf = members_schema
        if self._arrangement is Arrangement.MERGED:
            schema = merged_schema
        return await self._ask_for_members("members", schema, user_input)

    async def async_step_pack(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how members are judged together."""
        if user_input is not None:
            return self._save(PACK_FIELDS, user_input)
        schema = pack_schema(self._kind)
        return self.async_show_form(
            step_id="pack",
            data_schema=self.add_suggested_values_to_schema(schema, self.config_entry.options),
        )

    @property
    @override
    def _edited(self) -> ConfigEntry | None:
        return self.config_entry

    @property
    def _kind(self) -> Arrangement:
        return Arrangement(self.config_entry.data[CONF_KIND])

    @override
    async def _go_on_with_members(self) -> ConfigFlowResult:
        return self._save_whole(self._with_members())

    def _save_whole(self, options: Mapping[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data=options)

    @override
    def _cells_read(self) -> int | None:
        entry = self.config_entry
        return cells_of_members(self.hass, entry) if is_virtual(entry) else super()._cells_read()
