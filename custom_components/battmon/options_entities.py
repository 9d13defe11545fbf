"""Options of a battery made of entities: which they are, and what makes their numbers right."""

from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .flow_entities import EntitySteps
from .flow_entities_forms import FIELDS, TIME_OUT, as_values, number
from .model.calibration import GAINS, Adjust, CannotCalibrate, Correction, Flaw, Pair, calibrated
from .options_judgement import JudgementOptions
from .sources.entity_settings import (
    CONF_CORRECTIONS,
    CONF_GAIN,
    CONF_OFFSET,
    CONF_REGISTRY_IDS,
    CONF_TIME_OUT,
    EntitySettings,
    chosen_in,
)
from .sources.entity_states import Unusable, number_in
from .sources.entity_units import MEASURES

CONF_ENTITY = "entity"
CONF_METHOD = "method"
CONF_ADJUST = "adjust"
POINTS = (("reported_1", "measured_1"), ("reported_2", "measured_2"))
LARGEST = 1e6

METHODS = SelectSelector(
    SelectSelectorConfig(
        options=["points", "correction"], translation_key="calibration_method", mode=SelectSelectorMode.LIST
    )
)
ADJUSTS = SelectSelector(
    SelectSelectorConfig(
        options=[Adjust.GAIN, Adjust.OFFSET], translation_key="adjust", mode=SelectSelectorMode.LIST
    )
)
ANY_NUMBER = vol.All(
    NumberSelector(NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)),
    vol.Range(-LARGEST, LARGEST),
)
CORRECTION_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_GAIN, default=1.0): number(*GAINS, ""),
        vol.Required(CONF_OFFSET, default=0.0): ANY_NUMBER,
        vol.Optional(CONF_TIME_OUT): TIME_OUT,
    }
)
POINTS_SCHEMA = vol.Schema(
    {
        vol.Required("reported_1"): ANY_NUMBER,
        vol.Required("measured_1"): ANY_NUMBER,
        vol.Optional("reported_2"): ANY_NUMBER,
        vol.Optional("measured_2"): ANY_NUMBER,
        vol.Required(CONF_ADJUST, default=Adjust.GAIN.value): ADJUSTS,
    }
)
FLAWS = {flaw: f"calibration_{flaw}" for flaw in Flaw}
UNCHANGED: Mapping[str, Any] = {}


class EntityOptions(EntitySteps, JudgementOptions):
    """Asks for entities, and for gain and offset of each."""

    _calibrated = ""
    """The one that is calibrated."""
    _correction: Mapping[str, Any] = UNCHANGED

    async def async_step_calibration(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which entity is wrong, and how that is known."""
        if user_input is not None:
            self._calibrated = user_input[CONF_ENTITY]
            if user_input[CONF_METHOD] == "points":
                return await self.async_step_points()
            return await self.async_step_correction()
        names = list(self._quantities())
        selector = EntitySelector(EntitySelectorConfig(include_entities=names))
        schema = vol.Schema(
            {
                vol.Required(CONF_ENTITY): selector,
                vol.Required(CONF_METHOD, default="points"): METHODS,
            }
        )
        return self.async_show_form(step_id="calibration", data_schema=schema)

    async def async_step_correction(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for gain, offset and time-out of one entity."""
        if user_input is not None:
            return await self._propose(user_input)
        return self.async_show_form(
            step_id="correction",
            data_schema=self.add_suggested_values_to_schema(CORRECTION_SCHEMA, self._correction_before()),
            description_placeholders=self._entity_told(),
        )

    async def async_step_points(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for one or two pairs of what was reported and what was measured."""
        errors: dict[str, str] = {}
        values: Mapping[str, Any] = {"reported_1": self._reported()}
        if user_input is not None:
            values = user_input
            pairs = [
                Pair(values[one], values[other]) for one, other in POINTS if {one, other} <= values.keys()
            ]
            if ("reported_2" in values) is not ("measured_2" in values):
                errors = {"measured_2": "half_a_pair"}
            else:
                try:
                    found = calibrated(
                        pairs, correction_of(self._correction_before()), Adjust(values[CONF_ADJUST])
                    )
                except CannotCalibrate as cannot:
                    errors = {"base": FLAWS[cannot.flaw]}
                else:
                    return await self._propose({**self._correction_before(), **found._asdict()})
        return self.async_show_form(
            step_id="points",
            data_schema=self.add_suggested_values_to_schema(POINTS_SCHEMA, values),
            errors=errors,
            description_placeholders=self._entity_told(),
        )

    async def async_step_calibrated(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the correction makes of the present value, before it is saved."""
        if user_input is not None:
            corrections = {
                **self.config_entry.options.get(CONF_CORRECTIONS, {}),
                self._entity_ref: self._correction,
            }
            return self._save(frozenset({CONF_CORRECTIONS}), {CONF_CORRECTIONS: corrections})
        rule, reported = correction_of(self._correction), self._reported()
        return self.async_show_form(
            step_id="calibrated",
            data_schema=vol.Schema({}),
            description_placeholders={
                **self._entity_told(),
                "new_gain": _figure(rule.gain),
                "new_offset": _figure(rule.offset),
                "new_value": _figure(None if reported is None else rule.corrected(reported)),
            },
        )

    async def _propose(self, correction: Mapping[str, Any]) -> ConfigFlowResult:
        self._correction = dict(correction)
        return await self.async_step_calibrated()

    @override
    async def _take_entities(self, made_of: dict[str, Any]) -> ConfigFlowResult:
        return self._save(FIELDS, made_of)

    @property
    @override
    def _changed_entry(self) -> ConfigEntry:
        return self.config_entry

    @property
    @override
    def _made_of(self) -> Mapping[str, Any]:
        return self.config_entry.options

    def _quantities(self) -> dict[str, str]:
        """Return what each entity with a number is for, by the name that it has now."""
        chosen = chosen_in({"entities": as_values(self.hass, self.config_entry.options)})
        return {name: field for field in MEASURES for name in chosen.get(field, ())}

    @property
    def _entity_ref(self) -> str:
        entry = er.async_get(self.hass).async_get(self._calibrated)
        ids = self.config_entry.options.get(CONF_REGISTRY_IDS, {})
        return entry.id if entry is not None and entry.id in ids.values() else self._calibrated

    def _correction_before(self) -> Mapping[str, Any]:
        """Return the entity's correction as it is."""
        corrections: Mapping[str, Mapping[str, Any]] = self.config_entry.options.get(CONF_CORRECTIONS, {})
        return corrections.get(self._entity_ref, UNCHANGED)

    def _reported(self) -> float | None:
        """Return what the entity says now, uncorrected."""
        measure = MEASURES[self._quantities()[self._calibrated]]
        any_unit = EntitySettings.of(self.config_entry.options).any_unit
        try:
            return number_in(self.hass.states.get(self._calibrated), measure, any_unit=any_unit)
        except Unusable:
            return None

    def _entity_told(self) -> dict[str, str]:
        """Describe the entity and what its correction makes of it."""
        rule, reported = correction_of(self._correction_before()), self._reported()
        return {
            "entity": self._calibrated,
            "unit": MEASURES[self._quantities()[self._calibrated]].unit,
            "reported": _figure(reported),
            "gain": _figure(rule.gain),
            "offset": _figure(rule.offset),
            "value": _figure(None if reported is None else rule.corrected(reported)),
        }


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.6g}"


def correction_of(stored: Mapping[str, Any]) -> Correction:
    """Return a correction as it lies among the options."""
    return Correction(stored.get(CONF_GAIN, 1.0), stored.get(CONF_OFFSET, 0.0))
