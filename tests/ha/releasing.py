"""Bluetooth that is released and taken back, and what is shown of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback

from ..battery import shown, until
from .house import (
    state_of,
    turn,
)

MINUTE = 60.0
NO = "no"
"""No words that make anybody try again at once."""

type Act = Callable[[HomeAssistant, MockConfigEntry], Awaitable[None]]


async def release(hass: HomeAssistant, entry: MockConfigEntry, *, on: bool = True) -> None:
    """Use the switch."""
    await turn(hass, entry, "release_bluetooth", on=on)


def voltage(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    return shown(hass, entry, "sensor", "voltage")


def is_released(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    return shown(hass, entry, "switch", "release_bluetooth") == "on"


def ends_at(hass: HomeAssistant, entry: MockConfigEntry) -> datetime | None:
    found = state_of(hass, entry, "switch", "release_bluetooth").attributes["ends_at"]
    assert found is None or isinstance(found, datetime)
    return found


async def back(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until values are there again."""
    await until(hass, lambda: voltage(hass, entry) != "unavailable", 2)


def all_shown(hass: HomeAssistant, entity: str) -> list[str]:
    """Return a list that grows with the states of an entity."""
    states: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        if event.data["entity_id"] == entity and event.data["new_state"] is not None:
            states.append(event.data["new_state"].state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return states
