"""What entities say of a battery now, and why some say nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import NamedTuple

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..model.calibration import Correction
from .entity_settings import EntitySettings
from .entity_units import MEASURES, SWITCHES, Measure

SILENT = frozenset({STATE_UNKNOWN, STATE_UNAVAILABLE})
ON_OR_OFF = {STATE_ON: True, STATE_OFF: False}


class Unusable(Exception):
    """Why the state of an entity is no value, in words."""


class Sample(NamedTuple):
    """What was said at one moment."""

    values: Mapping[str, tuple[float | None, ...]]
    """By quantity, in our units, corrected, in the order of the entities."""
    switches: Mapping[str, bool | None]
    doubts: Mapping[str, str]
    """Entity to why it has no value."""
    reported: tuple[datetime, ...]
    """When each usable state was last reported."""


class EntityStates:
    """Looks at the states of the entities of one battery, under their present names."""

    def __init__(self, hass: HomeAssistant, settings: EntitySettings) -> None:
        self._hass = hass
        self._settings = settings
        self._registry = er.async_get(hass)

    @callback
    def entity_id(self, ref: str) -> str | None:
        """Return what an entity is called now, `None` if it was removed."""
        return er.async_resolve_entity_id(self._registry, ref)

    def entity_ids(self) -> set[str]:
        """Return the present names of all entities that there are."""
        return {name for ref in self.refs() if (name := self.entity_id(ref)) is not None}

    def refs(self) -> Iterator[str]:
        """Yield every reference."""
        for refs in self._settings.entities.values():
            yield from refs

    def gone(self) -> list[str]:
        """Return the references behind which there is no entity at all."""
        return [ref for ref in self.refs() if not is_there(self._hass, self.entity_id(ref))]

    def sample(self) -> Sample:
        """Look at all of them."""
        doubts: dict[str, str] = {}
        reported: list[datetime] = []

        def number(ref: str, measure: Measure) -> float | None:
            name = self.entity_id(ref)
            state = name and self._hass.states.get(name)
            try:
                value = self._value(ref, state or None, measure)
            except Unusable as unusable:
                doubts[name or ref] = str(unusable)
                return None
            assert state
            reported.append(state.last_reported)
            return value

        entities = self._settings.entities
        return Sample(
            {
                name: tuple(number(ref, measure) for ref in entities[name])
                for name, measure in MEASURES.items()
                if name in entities
            },
            {name: self.switch(name) for name in SWITCHES if name in entities},
            doubts,
            tuple(reported),
        )

    def switch(self, name: str) -> bool | None:
        """Return whether a switch is seen to be on. It says so once: it is believed while it is available."""
        state = self.switch_state(name)
        return None if state is None else ON_OR_OFF.get(state.state)

    def switch_state(self, name: str) -> State | None:
        """Return the state of a switch's entity."""
        entity_id = self.entity_id(self._settings.entities[name][0])
        return None if entity_id is None else self._hass.states.get(entity_id)

    def _value(self, ref: str, state: State | None, measure: Measure) -> float:
        settings = self._settings
        time_out = settings.time_outs.get(ref, settings.time_out)
        if state is not None and state.state not in SILENT:
            age = (dt_util.utcnow() - state.last_reported).total_seconds()
            if age > time_out:
                raise Unusable(f"has said nothing for more than {time_out:g} s")
        reported = number_in(state, measure, any_unit=settings.any_unit)
        return settings.corrections.get(ref, Correction()).corrected(reported)


def number_in(state: State | None, measure: Measure, *, any_unit: bool) -> float:
    """Return what a state says in our unit, uncorrected. Raises `Unusable`."""
    if state is None:
        raise Unusable("is not there")
    if state.state in SILENT:
        raise Unusable(f"is {state.state}")
    if not is_number(state.state):
        raise Unusable(f"says {state.state!r}, which is no number")
    number = float(state.state)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if measure.takes(unit):
        return measure.convert(number, str(unit))
    if any_unit:
        return number
    raise Unusable(f"has the unit {unit!r}, which cannot be converted to {measure.unit}")


def is_there(hass: HomeAssistant, entity_id: str | None) -> bool:
    """Whether an entity exists, be it that it says nothing yet."""
    return entity_id is not None and (
        hass.states.get(entity_id) is not None or er.async_get(hass).async_get(entity_id) is not None
    )


def is_number(text: str) -> bool:
    """Whether a state is a number; NaN and infinities are none."""
    try:
        return isfinite(float(text))
    except ValueError:
        return False
