"""The form about the entities of a battery, and what is wrong with those that were named."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .entity_loops import leads_back
from .model.calibration import LoadCurve
from .sources.entity_settings import (
    CONF_ANY_UNIT,
    CONF_CURRENT_IS_UNSIGNED,
    CONF_DISCHARGING_IS_POSITIVE,
    CONF_ENTITIES,
    CONF_FULL_LOAD_CURRENT,
    CONF_FULL_LOAD_VOLTAGE,
    CONF_IDLE_CURRENT,
    CONF_LOAD_CURVE,
    CONF_REGISTRY_IDS,
    CONF_TANK,
    CONF_TIME_OUT,
    DEFAULT_TIME_OUT,
    chosen_in,
)
from .sources.entity_states import SILENT, is_number, is_there
from .sources.entity_units import MEASURES, SWITCHES

NUMBER_DOMAINS = ["sensor", "number", "input_number"]
SHORTEST_TIME_OUT = 5.0
LONGEST_TIME_OUT = 86400.0


def number(least: float, most: float, unit: str) -> vol.All:
    """Return the field of a number; what is no number is out of range, too."""
    config = NumberSelectorConfig(
        min=least, max=most, step="any", mode=NumberSelectorMode.BOX, unit_of_measurement=unit
    )
    return vol.All(NumberSelector(config), vol.Range(min=least, max=most))


ONE = EntitySelector(EntitySelectorConfig(domain=NUMBER_DOMAINS))
SEVERAL = EntitySelector(EntitySelectorConfig(domain=NUMBER_DOMAINS, multiple=True, reorder=True))
SWITCH = EntitySelector(EntitySelectorConfig(domain=["switch", "input_boolean", "binary_sensor"]))
CURVES = SelectSelector(
    SelectSelectorConfig(
        options=[LoadCurve.LINEAR, LoadCurve.SQUARE],
        translation_key="load_curve",
        mode=SelectSelectorMode.LIST,
    )
)
TIME_OUT = number(SHORTEST_TIME_OUT, LONGEST_TIME_OUT, UnitOfTime.SECONDS)

MAIN = {
    "voltage": ONE,
    "current": ONE,
    "power": ONE,
    "state_of_charge": ONE,
    "remaining_capacity": ONE,
    "full_capacity": ONE,
    "cell_voltages": SEVERAL,
    "temperatures": SEVERAL,
    "mosfet_temperatures": SEVERAL,
}
"""What the form shows at first; the rest is in sections to be opened."""
SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "understanding": {
        CONF_DISCHARGING_IS_POSITIVE: BooleanSelector(),
        CONF_CURRENT_IS_UNSIGNED: BooleanSelector(),
        CONF_ANY_UNIT: BooleanSelector(),
    },
    "switches": {"charging": SWITCH, "discharging": SWITCH, "balancing": SWITCH},
    "synthetic": {
        "load": ONE,
        CONF_FULL_LOAD_CURRENT: number(0.01, 5000, "A"),
        CONF_IDLE_CURRENT: number(0, 5000, "A"),
        CONF_LOAD_CURVE: CURVES,
        CONF_FULL_LOAD_VOLTAGE: number(1, 1000, "V"),
    },
    "fuel": {"fuel_left": ONE, "fuel_used": ONE, CONF_TANK: number(0.01, 1_000_000, "L")},
}
SETTINGS = frozenset(
    {
        CONF_TIME_OUT,
        CONF_DISCHARGING_IS_POSITIVE,
        CONF_CURRENT_IS_UNSIGNED,
        CONF_ANY_UNIT,
        CONF_FULL_LOAD_CURRENT,
        CONF_IDLE_CURRENT,
        CONF_LOAD_CURVE,
        CONF_FULL_LOAD_VOLTAGE,
        CONF_TANK,
    }
)
"""What lies among the options by its own name."""
FIELDS = SETTINGS | {CONF_ENTITIES, CONF_REGISTRY_IDS}
"""All options that the form is about."""


class Problem(StrEnum):
    """What can be wrong."""

    NO_ENTITIES = "no_entities"
    MISSING = "missing"
    LOOP = "loop"
    UNIT = "unit"
    TEXT = "text"
    TWICE = "twice"
    POWER_ALONE = "power_alone"
    LOAD_INCOMPLETE = "load_incomplete"
    TANK_MISSING = "tank_missing"
    SIGN = "sign"


PROBLEMS = {problem: f"entities_{problem}" for problem in Problem}
"""What the form says about each."""


class Complaint(NamedTuple):
    """A problem, the field that it is about, and the entity with it."""

    field: str
    problem: Problem
    detail: str = ""

    @property
    def place(self) -> str:
        """Where the form says it: a section speaks for its fields."""
        return next((name for name, fields in SECTIONS.items() if self.field in fields), self.field)


def entities_schema(opened: Mapping[str, str]) -> vol.Schema:
    """Return the form; `opened` has the sections that are not to be collapsed."""
    return vol.Schema(
        {vol.Optional(field): selector for field, selector in MAIN.items()}
        | {vol.Required(CONF_TIME_OUT, default=DEFAULT_TIME_OUT): TIME_OUT}
        | {
            vol.Optional(name): section(
                vol.Schema({vol.Optional(field): selector for field, selector in fields.items()}),
                {"collapsed": name not in opened},
            )
            for name, fields in SECTIONS.items()
        }
    )


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in without its sections; what is empty is not there."""
    values: dict[str, Any] = {}
    for key, value in user_input.items():
        values.update(value if key in SECTIONS else {key: value})
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the form shows them."""
    parts = {
        name: {field: values[field] for field in fields if field in values}
        for name, fields in SECTIONS.items()
    }
    return parts | {field: values[field] for field in (*MAIN, CONF_TIME_OUT) if field in values}


def as_options(hass: HomeAssistant, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in as it lies among an entry's options."""
    registry = er.async_get(hass)
    named = {name: values[name] for name in (*MEASURES, *SWITCHES) if name in values}
    chosen = [one for several in chosen_in({CONF_ENTITIES: named}).values() for one in several]
    entries = {one: entry.id for one in chosen if (entry := registry.async_get(one)) is not None}
    settings = {key: value for key, value in values.items() if key in SETTINGS and value is not False}
    return {CONF_ENTITIES: named, CONF_REGISTRY_IDS: entries, **settings}


def as_values(hass: HomeAssistant, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they are filled in: entities by the names that they have now."""
    registry, ids = er.async_get(hass), options.get(CONF_REGISTRY_IDS, {})

    def present(name: str) -> str:
        return er.async_resolve_entity_id(registry, ids.get(name, name)) or name

    named = {
        name: present(one) if isinstance(one, str) else [present(each) for each in one]
        for name, one in options.get(CONF_ENTITIES, {}).items()
    }
    return named | {key: options[key] for key in SETTINGS if key in options}


def complaints(
    hass: HomeAssistant, values: Mapping[str, Any], entry: ConfigEntry | None
) -> Iterator[Complaint]:
    """Yield what is wrong with what was filled in; `entry` is that of the battery, if there is one."""
    chosen = chosen_in({CONF_ENTITIES: values})
    if not chosen.keys() & MEASURES.keys():
        yield Complaint("base", Problem.NO_ENTITIES)
    for field, names in chosen.items():
        for name in names:
            problem, detail = _problem_of(hass, field, name, entry, any_unit=bool(values.get(CONF_ANY_UNIT)))
            if problem is not None:
                yield Complaint(field, problem, detail)
        yield from (Complaint(field, Problem.TWICE, name) for name in names if names.count(name) > 1)
    if "power" in chosen and not chosen.keys() & {"voltage", "current"}:
        yield Complaint("power", Problem.POWER_ALONE)
    if ("load" in chosen) is not (CONF_FULL_LOAD_CURRENT in values):
        yield Complaint("load", Problem.LOAD_INCOMPLETE)
    if chosen.keys() & {"fuel_left", "fuel_used"} and CONF_TANK not in values:
        yield Complaint(CONF_TANK, Problem.TANK_MISSING)
    if values.get(CONF_DISCHARGING_IS_POSITIVE) and values.get(CONF_CURRENT_IS_UNSIGNED):
        yield Complaint(CONF_CURRENT_IS_UNSIGNED, Problem.SIGN)


def _problem_of(
    hass: HomeAssistant, field: str, name: str, entry: ConfigEntry | None, *, any_unit: bool
) -> tuple[Problem | None, str]:
    """Return what is wrong with an entity. One that says nothing yet is taken on trust."""
    if not is_there(hass, name):
        return Problem.MISSING, name
    if entry is not None and leads_back(hass, name, entry):
        return Problem.LOOP, name
    state, measure = hass.states.get(name), MEASURES.get(field)
    if measure is None or state is None:
        return None, name
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if state.state not in SILENT and not is_number(state.state):
        return Problem.TEXT, f"{name}: {state.state}"
    if any_unit or measure.takes(unit) or (unit is None and state.state in SILENT):
        return None, name
    return Problem.UNIT, f"{name}: {unit or '-'} → {measure.unit}"
