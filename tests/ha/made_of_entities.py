"""Batteries that are made of entities or fed by an action, and the entities that they are made of."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.model.reading import Reading
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..battery import until
from .house import coordinator_of

UNITS = {
    "voltage": "V",
    "current": "A",
    "power": "W",
    "state_of_charge": "%",
    "remaining_capacity": "Ah",
    "full_capacity": "Ah",
    "load": "%",
    "fuel_left": "L",
    "fuel_used": "L",
}


def say(hass: HomeAssistant, entity_id: str, value: object, unit: str | None = None) -> None:
    """Let an entity of another integration report."""
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    hass.states.async_set(entity_id, str(value), attributes)


def shunt(hass: HomeAssistant, **values: object) -> dict[str, str]:
    """Let a sensor for each of these quantities report, and return what they are for."""
    for name, value in values.items():
        say(hass, f"sensor.{name}", value, UNITS[name])
    return {name: f"sensor.{name}" for name in values}


def registered(hass: HomeAssistant, entity_id: str, **more: Any) -> er.RegistryEntry:
    """Put an entity of another integration into the registry."""
    domain, name = entity_id.split(".")
    return er.async_get(hass).async_get_or_create(
        domain, "elsewhere", f"id of {name}", suggested_object_id=name, **more
    )


async def set_up(
    hass: HomeAssistant, entities: Mapping[str, object], kind: str = "entities", **options: Any
) -> MockConfigEntry:
    """Add a battery that is made of these entities and set it up."""
    number = len(hass.config_entries.async_entries(DOMAIN))
    made_of = {"entities": dict(entities)} if kind == "entities" else {}
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="House",
        data={CONF_BATTERY_KEY: f"KEY{number}", "kind": kind},
        options={"publish_interval": 0.1, **made_of, **options},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def reading(entry: MockConfigEntry) -> Reading:
    """Return the newest reading of a battery."""
    found = coordinator_of(entry).state.reading
    assert found is not None
    return found


async def read(hass: HomeAssistant, entry: MockConfigEntry) -> Reading:
    """Take a sample now and return the newest reading."""
    await coordinator_of(entry).async_sample()
    return reading(entry)


async def heard(hass: HomeAssistant, entry: MockConfigEntry, **values: object) -> None:
    """Wait until a reading of its own accord has these values."""
    await until(
        hass, lambda: all(getattr(reading(entry), name) == value for name, value in values.items()), 5
    )


async def later(freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let the clock on the wall go on, while nothing else happens."""
    freezer.tick(timedelta(seconds=seconds))
