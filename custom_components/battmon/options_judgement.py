"""Options about the battery itself and about its failsafe."""

from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import BooleanSelector, EntitySelector, EntitySelectorConfig

from .const import (
    CONF_ARMED_ENTITY,
    CONF_BATTERY_KEY,
    CONF_CAPACITY,
    CONF_CELLS,
    CONF_CHARGE_CURRENT_CAP,
    CONF_CHEMISTRY,
    CONF_DISCHARGE_CURRENT_CAP,
    CONF_IGNORE_DEVICE_STATE_OF_CHARGE,
    CONF_SUGGEST,
    CONF_USE,
)
from .flow_chemistry import CHEMISTRY_SELECTOR, USE_SELECTOR
from .flow_judgement import THRESHOLD_FIELDS, ThresholdSteps, count_field, number_field, presets
from .judgement_options import chemistry_in, thresholds_in
from .memory import STORE
from .model.failsafe.settings import Use
from .virtual_facts import is_virtual

ARMED_SELECTOR = EntitySelector(EntitySelectorConfig(domain=["binary_sensor", "input_boolean", "switch"]))
BATTERY_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_CHEMISTRY): CHEMISTRY_SELECTOR,
        vol.Optional(CONF_CELLS): count_field(CONF_CELLS),
        vol.Optional(CONF_CAPACITY): number_field(CONF_CAPACITY),
        vol.Required(CONF_IGNORE_DEVICE_STATE_OF_CHARGE, default=False): BooleanSelector(),
        vol.Optional(CONF_CHARGE_CURRENT_CAP): number_field(CONF_CHARGE_CURRENT_CAP),
        vol.Optional(CONF_DISCHARGE_CURRENT_CAP): number_field(CONF_DISCHARGE_CURRENT_CAP),
        vol.Required(CONF_USE, default=Use.STATIONARY.value): USE_SELECTOR,
        vol.Optional(CONF_ARMED_ENTITY): ARMED_SELECTOR,
    }
)
VIRTUAL_BATTERY_SCHEMA = vol.Schema(
    {field: value for field, value in BATTERY_SCHEMA.schema.items() if field != CONF_CAPACITY}
)
"""The capacity of several is asked for where the others of their common settings are."""
BATTERY_FIELDS = frozenset(map(str, BATTERY_SCHEMA.schema))
PRESET_FIELDS = frozenset({CONF_CHEMISTRY, CONF_CELLS, CONF_USE})


def preset_schema(*, suggest: bool) -> vol.Schema:
    """Return the form that decides what the next one suggests."""
    return vol.Schema(
        {
            vol.Optional(CONF_CHEMISTRY): CHEMISTRY_SELECTOR,
            vol.Optional(CONF_CELLS): count_field(CONF_CELLS),
            vol.Required(CONF_USE, default=Use.STATIONARY.value): USE_SELECTOR,
            vol.Required(CONF_SUGGEST, default=suggest): BooleanSelector(),
        }
    )


class JudgementOptions(ThresholdSteps, OptionsFlowWithReload):
    """Asks what a battery is, and when to act."""

    _battery: Mapping[str, Any] = {}
    """What the first of the failsafe's two forms was filled in with."""

    async def async_step_battery(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the device does not know."""
        if user_input is not None:
            return self._save(BATTERY_FIELDS, user_input)
        schema = VIRTUAL_BATTERY_SCHEMA if is_virtual(self.config_entry) else BATTERY_SCHEMA
        return self.async_show_form(
            step_id="battery",
            data_schema=self.add_suggested_values_to_schema(schema, self.config_entry.options),
        )

    async def async_step_failsafe(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what to suggest thresholds for."""
        options = self.config_entry.options
        if user_input is not None:
            self._battery = {key: value for key, value in user_input.items() if key in PRESET_FIELDS}
            self._proposed = self._proposal(anew=user_input[CONF_SUGGEST])
            return await self.async_step_thresholds()
        schema = preset_schema(suggest=not thresholds_in(options))
        return self.async_show_form(
            step_id="failsafe", data_schema=self.add_suggested_values_to_schema(schema, options)
        )

    def _proposal(self, *, anew: bool) -> dict[str, Any]:
        """Return what was set, or what suits the battery if that is wanted or if it is another one now."""
        options = self.config_entry.options
        present = {key: value for key, value in options.items() if key in THRESHOLD_FIELDS}
        chemistry = chemistry_in(self._battery)
        is_other = any(self._battery.get(key) != options.get(key) for key in (CONF_CHEMISTRY, CONF_CELLS))
        if chemistry is None or not (anew or is_other):
            return present
        return present | presets(chemistry, self._battery.get(CONF_CELLS) or self._cells_read())

    def _cells_read(self) -> int | None:
        """Return how many cells the battery tells of."""
        known = self.hass.data[STORE].get(self.config_entry.data[CONF_BATTERY_KEY]).fingerprint
        return None if known is None else known.cells

    @override
    def _save_thresholds(self, thresholds: dict[str, Any]) -> ConfigFlowResult:
        return self._save(PRESET_FIELDS | THRESHOLD_FIELDS, {**self._battery, **thresholds})

    def _save(self, fields: frozenset[str], values: Mapping[str, Any]) -> ConfigFlowResult:
        """Save what a form was filled in with; what it left empty is no option any more."""
        others = {key: value for key, value in self.config_entry.options.items() if key not in fields}
        return self.async_create_entry(data={**others, **values})
