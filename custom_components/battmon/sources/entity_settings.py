"""How the options of a battery made of entities are kept in its entry, and their typed form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import split_entity_id

from ..model.calibration import Correction, LoadCurve, SyntheticCurrent
from .entity_units import MEASURES, SWITCHES
from .settings import ALLOW

CONF_ENTITIES = "entities"
"""Quantity or switch to the entity as it was called when it was chosen, or to a list of several."""
CONF_REGISTRY_IDS = "registry_ids"
"""Entity to its registry id, where it has one: that stays when an entity is renamed."""
CONF_CORRECTIONS = "corrections"
"""Registry id, or entity without one, to its correction."""
CONF_GAIN = "gain"
CONF_OFFSET = "offset"
CONF_TIME_OUT = "time_out"
"""Seconds: of the battery, or among the corrections of one entity."""
CONF_ANY_UNIT = "any_unit"
"""Whether numbers whose unit cannot be converted are taken as they are."""
CONF_DISCHARGING_IS_POSITIVE = "discharging_is_positive"
CONF_CURRENT_IS_UNSIGNED = "current_is_unsigned"
CONF_FULL_LOAD_CURRENT = "full_load_current"
CONF_IDLE_CURRENT = "idle_current"
CONF_LOAD_CURVE = "load_curve"
CONF_FULL_LOAD_VOLTAGE = "full_load_voltage"
CONF_TANK = "tank"
"""Litres."""
CONF_CAPACITY = "capacity"

DEFAULT_TIME_OUT = 300.0
"""Seconds after which an entity that reports nothing is unknown: five times what ESPHome, Modbus and
REST sensors usually take between reports (60 s and 30 s), so that one that is late is no alarm."""
COMMANDABLE = frozenset({"switch", "input_boolean"})
"""Domains of entities that can be switched; others only tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySettings:
    """Which entities make up a battery, and how they are understood."""

    entities: Mapping[str, tuple[str, ...]]
    """References by quantity or switch: registry ids where there are any."""
    corrections: Mapping[str, Correction]
    """By reference."""
    time_out: float
    time_outs: Mapping[str, float]
    """Of single entities, by reference."""
    any_unit: bool
    discharging_is_positive: bool
    synthetic: SyntheticCurrent | None
    tank: float | None
    capacity: float | None
    """Ah, as the person says."""
    permitted: frozenset[str]
    """Switches that the person allowed and that can be commanded."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> EntitySettings:
        """Read an entry's options."""
        ids, corrections = options.get(CONF_REGISTRY_IDS, {}), options.get(CONF_CORRECTIONS, {})
        return cls(
            entities={
                name: tuple(ids.get(one, one) for one in chosen)
                for name, chosen in chosen_in(options).items()
            },
            corrections={
                ref: Correction(one.get(CONF_GAIN, 1.0), one.get(CONF_OFFSET, 0.0))
                for ref, one in corrections.items()
            },
            time_out=options.get(CONF_TIME_OUT, DEFAULT_TIME_OUT),
            time_outs={ref: one[CONF_TIME_OUT] for ref, one in corrections.items() if CONF_TIME_OUT in one},
            any_unit=bool(options.get(CONF_ANY_UNIT)),
            discharging_is_positive=bool(options.get(CONF_DISCHARGING_IS_POSITIVE)),
            synthetic=_synthetic(options),
            tank=options.get(CONF_TANK),
            capacity=options.get(CONF_CAPACITY),
            permitted=frozenset(name for name in commandable(options) if options.get(ALLOW[name])),
        )


def chosen_in(options: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the entities that were chosen, as they were called then, in lists all of them."""
    chosen = options.get(CONF_ENTITIES, {})
    names = (name for name in (*MEASURES, *SWITCHES) if chosen.get(name))
    return {name: [chosen[name]] if isinstance(chosen[name], str) else list(chosen[name]) for name in names}


def commandable(options: Mapping[str, Any]) -> frozenset[str]:
    """Return the switches whose entities can be commanded."""
    chosen = chosen_in(options)
    return frozenset(
        name for name in SWITCHES for one in chosen.get(name, ()) if split_entity_id(one)[0] in COMMANDABLE
    )


def _synthetic(options: Mapping[str, Any]) -> SyntheticCurrent | None:
    full_load = options.get(CONF_FULL_LOAD_CURRENT)
    if full_load is None:
        return None
    return SyntheticCurrent(
        full_load,
        options.get(CONF_IDLE_CURRENT) or 0.0,
        LoadCurve(options.get(CONF_LOAD_CURVE, LoadCurve.LINEAR)),
        options.get(CONF_FULL_LOAD_VOLTAGE) or None,
    )
