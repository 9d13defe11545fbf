"""The form about thresholds, the same for a new battery as for one that is there, and what it suggests."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from .const import (
    CONF_CRITICAL_VOLTAGE_DELAY,
    CONF_LOW_VOLTAGE_DELAY,
    CONF_READY_CAPACITY,
    CONF_READY_STATE_OF_CHARGE,
    CONF_READY_VOLTAGE,
    CONF_USE_RESTING_VOLTAGE,
)
from .judgement_options import NUMBERS, THRESHOLDS, Range, critical_of, failsafe_settings, thresholds_in
from .model.chemistry import Chemistry
from .model.failsafe.levels import Kind
from .model.failsafe.presets import order_errors, suggested

MAIN = (
    Kind.LOW_VOLTAGE,
    critical_of(Kind.LOW_VOLTAGE),
    Kind.LOW_STATE_OF_CHARGE,
    critical_of(Kind.LOW_STATE_OF_CHARGE),
)
"""What the form shows at first; the rest is in sections to be opened."""
SECTIONS = {
    "voltage": (Kind.HIGH_VOLTAGE, critical_of(Kind.HIGH_VOLTAGE), CONF_USE_RESTING_VOLTAGE),
    "cells": (
        Kind.LOW_CELL,
        critical_of(Kind.LOW_CELL),
        Kind.HIGH_CELL,
        critical_of(Kind.HIGH_CELL),
    ),
    "charge": (Kind.LOW_CAPACITY, critical_of(Kind.LOW_CAPACITY)),
    "temperatures": (
        Kind.CHARGE_COLD,
        critical_of(Kind.CHARGE_COLD),
        Kind.CHARGE_HOT,
        critical_of(Kind.CHARGE_HOT),
        Kind.DISCHARGE_COLD,
        critical_of(Kind.DISCHARGE_COLD),
        Kind.DISCHARGE_HOT,
        critical_of(Kind.DISCHARGE_HOT),
        Kind.MOSFET_HOT,
        critical_of(Kind.MOSFET_HOT),
    ),
    "currents": (
        Kind.CHARGE_OVERCURRENT,
        critical_of(Kind.CHARGE_OVERCURRENT),
        Kind.DISCHARGE_OVERCURRENT,
        critical_of(Kind.DISCHARGE_OVERCURRENT),
    ),
    "readiness": (CONF_READY_VOLTAGE, CONF_READY_CAPACITY, CONF_READY_STATE_OF_CHARGE),
    "delays": (CONF_LOW_VOLTAGE_DELAY, CONF_CRITICAL_VOLTAGE_DELAY),
}
THRESHOLD_FIELDS = frozenset(MAIN).union(*SECTIONS.values())
"""Every option that the form is about."""
ORDER_ERRORS = {kind: f"{kind}_order" for kind in THRESHOLDS}
"""What the form says about a critical threshold that does not lie beyond the low one."""


def number_field(option: str) -> vol.All:
    """Return the field of an option that is a number."""
    return range_field(NUMBERS[option])


def range_field(numbers: Range) -> vol.All:
    """Return the field of a number in this range."""
    config = NumberSelectorConfig(
        min=numbers.least,
        max=numbers.most,
        step="any",
        mode=NumberSelectorMode.BOX,
        unit_of_measurement=numbers.unit,
    )
    # The selector takes what is not a number for one that is neither too small nor too large.
    return vol.All(NumberSelector(config), vol.Range(min=numbers.least, max=numbers.most))


def count_field(option: str) -> vol.All:
    """Return the field of an option that is a whole number."""
    numbers = NUMBERS[option]
    config = NumberSelectorConfig(min=numbers.least, max=numbers.most, step=1, mode=NumberSelectorMode.BOX)
    return vol.All(NumberSelector(config), vol.Coerce(int))


FIELDS = {
    **{option: number_field(option) for option in THRESHOLD_FIELDS if option in NUMBERS},
    CONF_USE_RESTING_VOLTAGE: BooleanSelector(),
}


def thresholds_schema(opened: Mapping[str, str]) -> vol.Schema:
    """Return the form about thresholds; `opened` has the sections that are not to be collapsed."""
    return vol.Schema(
        {vol.Optional(field): FIELDS[field] for field in MAIN}
        | {
            vol.Optional(name): section(
                vol.Schema({vol.Optional(field): FIELDS[field] for field in fields}),
                {"collapsed": name not in opened},
            )
            for name, fields in SECTIONS.items()
        }
    )


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in as it lies among the options."""
    options: dict[str, Any] = {}
    for key, value in user_input.items():
        options.update(value if key in SECTIONS else {key: value})
    return options


def nested(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as the form shows them."""
    shown: dict[str, Any] = {
        name: {field: options[field] for field in fields if field in options}
        for name, fields in SECTIONS.items()
    }
    return shown | {field: options[field] for field in MAIN if field in options}


def place_of(kind: Kind) -> str:
    """Return where the form tells what is wrong with a kind: a section tells for its fields."""
    for name, fields in SECTIONS.items():
        if kind in fields:
            return name
    return critical_of(kind)


def presets(chemistry: Chemistry, cells: int | None) -> dict[str, Any]:
    """Return the options that suit a chemistry; those of the whole pack only for a known number of cells."""
    options: dict[str, Any] = {}
    for kind, (low, critical) in suggested(chemistry, cells or None).items():
        options |= {kind.value: low, critical_of(kind): critical}
    settings = failsafe_settings({"chemistry": chemistry})
    options[CONF_LOW_VOLTAGE_DELAY] = settings.low_voltage_delay
    options[CONF_CRITICAL_VOLTAGE_DELAY] = settings.critical_voltage_delay
    return {option: value for option, value in options.items() if value is not None}


class ThresholdSteps(ConfigEntryBaseFlow):
    """Asks for thresholds and refuses a critical one that does not lie beyond the low one."""

    _proposed: Mapping[str, Any] = {}
    """The options that the form shows before anything is typed."""

    async def async_step_thresholds(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask at which values the battery is low and at which it is critical."""
        errors: dict[str, str] = {}
        options = self._proposed if user_input is None else flat(user_input)
        if user_input is not None:
            wrong = order_errors(thresholds_in(options))
            if not wrong:
                return self._save_thresholds(dict(options))
            errors = {place_of(kind): ORDER_ERRORS[kind] for kind in reversed(wrong)}
        return self.async_show_form(
            step_id="thresholds",
            data_schema=self.add_suggested_values_to_schema(thresholds_schema(errors), nested(options)),
            errors=errors,
            description_placeholders={field: f"{options[field]:g}" for field in options if field in NUMBERS},
        )

    @abstractmethod
    def _save_thresholds(self, thresholds: dict[str, Any]) -> ConfigFlowResult:
        """Go on with what was set; what is missing is off."""
