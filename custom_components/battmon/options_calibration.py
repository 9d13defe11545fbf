"""Calibration of a power monitor: what the multimeter says makes a new factor, seen before it is saved."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .flow_entities_forms import number
from .model.calibration import Adjust, CannotCalibrate
from .model.reading import Reading
from .model.trim import Trim
from .options_entities import FLAWS
from .options_judgement import JudgementOptions
from .sources.settings import CALIBRATED

CONF_MEASURED_VOLTAGE = "measured_voltage"
CONF_MEASURED_CURRENT = "measured_current"
CONF_ADJUST_CURRENT = "adjust_current"
CONF_RESET = "reset"
CONF_INVERT = "invert"
ADJUSTS = SelectSelector(
    SelectSelectorConfig(
        options=[Adjust.GAIN, Adjust.OFFSET], translation_key="adjust", mode=SelectSelectorMode.LIST
    )
)
METER_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_MEASURED_VOLTAGE): number(0.01, 1000, "V"),
        vol.Optional(CONF_MEASURED_CURRENT): number(-10_000, 10_000, "A"),
        vol.Required(CONF_ADJUST_CURRENT, default=Adjust.GAIN.value): ADJUSTS,
        vol.Required(CONF_RESET, default=False): BooleanSelector(),
    }
)
VOLTAGE, CURRENT = "voltage", "current"
QUANTITIES = (VOLTAGE, CURRENT)


class NothingToCompare(Exception):
    """Nothing was measured, or nothing is shown of what was."""


class CalibrationOptions(JudgementOptions):
    """Asks for one pair at a time: what BattMon shows now, and what is measured."""

    _trims: Mapping[str, Trim] = {}
    """As they are proposed, by quantity."""
    _shown: Mapping[str, float | None] = {}
    """What was shown when they were worked out."""

    async def async_step_meter(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the multimeter says."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_RESET]:
                return self._save(CALIBRATED, {})
            self._shown = self._values_now()
            try:
                self._trims = self._measured(user_input)
            except CannotCalibrate as cannot:
                errors = {"base": FLAWS[cannot.flaw]}
            except NothingToCompare:
                errors = {"base": "nothing_to_compare"}
            else:
                return await self.async_step_metered()
        return self.async_show_form(
            step_id="meter",
            data_schema=self.add_suggested_values_to_schema(METER_SCHEMA, user_input or {}),
            errors=errors,
            description_placeholders=_told(self._values_now(), self._trims_before()),
        )

    async def async_step_metered(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the new factors make of what was shown, before they are saved."""
        before = self._trims_before()
        if user_input is not None:
            return self._save(CALIBRATED, {**self._unchanged(), **_changes(before, self._trims)})
        after = {
            quantity: None if shown is None else self._trims[quantity].shown(before[quantity].counted(shown))
            for quantity, shown in self._shown.items()
        }
        new = _told(after, self._trims)
        return self.async_show_form(
            step_id="metered",
            data_schema=vol.Schema({}),
            description_placeholders={
                **_told(self._shown, before),
                "new_voltage": new[VOLTAGE],
                "new_voltage_gain": new["voltage_gain"],
                "new_current": new[CURRENT],
                "new_current_gain": new["current_gain"],
                "new_current_offset": new["current_offset"],
            },
        )

    def _measured(self, user_input: Mapping[str, Any]) -> dict[str, Trim]:
        """Return the trims that a form asks for."""
        trims, adjust = self._trims_before(), Adjust(user_input[CONF_ADJUST_CURRENT])
        given = {quantity: user_input.get(f"measured_{quantity}") for quantity in QUANTITIES}
        if all(measured is None for measured in given.values()):
            raise NothingToCompare
        for quantity, measured in given.items():
            shown = self._shown[quantity]
            if measured is None:
                continue
            if shown is None:
                raise NothingToCompare
            by_offset = quantity == CURRENT and adjust is Adjust.OFFSET
            trim = trims[quantity]
            trims[quantity] = (trim.by_offset if by_offset else trim.by_gain)(shown, measured)
        return trims

    def _values_now(self) -> dict[str, float | None]:
        """Return what is shown now."""
        entry = self.config_entry
        loaded = entry.state is ConfigEntryState.LOADED and entry.runtime_data.state.healthy
        reading = (entry.runtime_data.state.reading if loaded else None) or Reading()
        return {VOLTAGE: reading.voltage, CURRENT: reading.current}

    def _trims_before(self) -> dict[str, Trim]:
        told = {**self.config_entry.data, **self.config_entry.options}
        # A power monitor counts what flows into the load, and BattMon what flows into the battery.
        signs = {VOLTAGE: 1, CURRENT: 1 if told.get(CONF_INVERT) else -1}
        return {
            quantity: Trim(told.get(f"{quantity}_gain", 1.0), told.get(f"{quantity}_offset", 0.0), sign)
            for quantity, sign in signs.items()
        }

    def _unchanged(self) -> dict[str, Any]:
        return {name: value for name, value in self.config_entry.options.items() if name in CALIBRATED}


def _changes(before: Mapping[str, Trim], after: Mapping[str, Trim]) -> dict[str, float]:
    """Return the options that change."""
    return {
        f"{quantity}_{part}": getattr(after[quantity], part)
        for quantity in QUANTITIES
        for part in ("gain", "offset")
        if getattr(after[quantity], part) != getattr(before[quantity], part)
    }


def _told(values: Mapping[str, float | None], trims: Mapping[str, Trim]) -> dict[str, str]:
    """Describe both quantities and how they are made right."""
    voltage, current = trims[VOLTAGE], trims[CURRENT]
    return {
        VOLTAGE: _figure(values[VOLTAGE], 4),
        "voltage_gain": _figure(voltage.gain),
        "voltage_offset": _figure(voltage.offset),
        CURRENT: _figure(values[CURRENT], 4),
        "current_gain": _figure(current.gain),
        "current_offset": _figure(current.offset),
    }


def _figure(value: float | None, digits: int = 6) -> str:
    return "?" if value is None else f"{value:.{digits}g}"
