"""A battery that is judged: what its failsafe shows, what it tells, and how it is driven there."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.memory import STORE, MemoryStore
from custom_components.battmon.model.failsafe.levels import Level
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util.json import JsonValueType

from ..battery import Port, entity_id, shown, until
from .house import FAST, cells_of, coordinator_of, device_of, polls, state_of

LEVELS = ("failsafe", "discharge_level", "charge_level")
VOLTAGES = {"low_voltage": 13.0, "low_voltage_critical": 12.0, "low_voltage_delay": 0.0}
"""Thresholds of a battery of four cells that is low after two samples."""
JUDGED = {**FAST, **VOLTAGES}
SELDOM = {"interval": 3600, "publish_interval": 3600, **VOLTAGES}
"""Read only when somebody or something asks for it."""
NO_LEVEL = {"failsafe": "none", "discharge_level": "none", "charge_level": "none"}
LOW = {"failsafe": "low", "discharge_level": "low", "charge_level": "none"}
CRITICAL = {"failsafe": "critical", "discharge_level": "critical", "charge_level": "none"}
LOW_WORDS = "low voltage: 12.8 V < 13.0 V"
ALWAYS = {
    "sensor": (
        "failsafe",
        "discharge_level",
        "charge_level",
        "energy_in",
        "energy_out",
        "charge_in",
        "charge_out",
    ),
    "binary_sensor": ("low_battery", "ready", "connected"),
    "event": ("failsafe_event",),
    "button": ("read_now", "reset_failsafe"),
}
"""Entities that are there when the battery is not."""
WELL, NEARLY, WEAK, EMPTY = 13.6, 13.2, 12.8, 11.8
"""V of the pack: clear of the low threshold by the margin, above it, low, critical."""
HOLD = {Level.UNHEALTHY: 0.0, Level.LOW: 0.3, Level.CRITICAL: 0.6}
"""Seconds that a condition has to be gone for, instead of minutes."""


class Told(NamedTuple):
    """One event."""

    change: str
    subject: str | None
    level: str
    side: str | None
    reasons: list[str]
    test: bool


class Events:
    """All that the event entity of a battery tells from now on."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self.told: list[Told] = []
        self.levels: list[dict[str, str]] = []
        self._entity = entity_id(hass, entry, "event", "failsafe_event")
        self.stop = hass.bus.async_listen(EVENT_STATE_CHANGED, self._note)

    @property
    def changes(self) -> list[tuple[str, str | None]]:
        """What changed, and of what."""
        return [(told.change, told.subject) for told in self.told]

    @callback
    def _note(self, event: Event[Any]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if event.data["entity_id"] != self._entity or old is None or new is None:
            return
        if "unavailable" in (old.state, new.state) or old.state == new.state:
            return  # neither its coming nor its going is an event
        said = new.attributes
        self.levels.append({"failsafe": said["level"], **{key: said[key] for key in LEVELS[1:]}})
        self.told.append(
            Told(
                said["event_type"],
                said["subject"],
                said["level"],
                said["side"],
                said["reasons"],
                said["test"],
            )
        )


def levels(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return all levels that are shown."""
    return {key: shown(hass, entry, "sensor", key) for key in LEVELS}


def attribute(hass: HomeAssistant, entry: MockConfigEntry, name: str, key: str = "failsafe") -> Any:
    """Return an attribute of a level."""
    return state_of(hass, entry, "sensor", key).attributes[name]


def reasons(hass: HomeAssistant, entry: MockConfigEntry, key: str = "failsafe") -> list[str]:
    """Return why a level is raised."""
    found: list[str] = attribute(hass, entry, "reasons", key)
    return found


def is_on(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> bool:
    """Return whether a binary sensor is on; it is always available."""
    said = shown(hass, entry, "binary_sensor", key)
    assert said in ("on", "off")
    return said == "on"


def why_not_ready(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return what speaks against a battery."""
    ready = state_of(hass, entry, "binary_sensor", "ready")
    found: list[str] = ready.attributes["reasons"]
    assert (ready.state == "on") is (found == [])
    return found


def charge_to(port: Port, volts: float) -> None:
    """Let the pack have this voltage, all cells the same."""
    battery = cells_of(port.device)
    cells = len(battery.sensed_cell_voltages)
    battery.sensed_cell_voltages = (volts / cells,) * cells


async def becomes(hass: HomeAssistant, entry: MockConfigEntry, expected: dict[str, str]) -> None:
    """Wait until these levels are shown."""
    await until(hass, lambda: levels(hass, entry) == expected)


async def some_samples(hass: HomeAssistant, port: Port, count: int = 4) -> None:
    """Let the battery be read some more times."""
    before = polls(port)
    await until(hass, lambda: polls(port) > before + count)


async def act(hass: HomeAssistant, entry: MockConfigEntry, action: str, **data: Any) -> Any:
    """Call an action on a battery and return what it answers."""
    answer: JsonValueType = await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": device_of(hass, entry).id, **data},
        blocking=True,
        return_response=True,
    )
    return answer


async def press_reset(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Press the button."""
    target = {"entity_id": entity_id(hass, entry, "button", "reset_failsafe")}
    await hass.services.async_call("button", "press", target, blocking=True)


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Load the entry again, as Home Assistant does after options were changed."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


def samples_of(entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch, note: Callable[[], None]) -> None:
    """Call `note` when a reading arrives, before anything is made of it."""
    watch = coordinator_of(entry).watch
    take = watch.take

    def taking(reading: Any) -> None:
        note()
        take(reading)

    monkeypatch.setattr(watch, "take", taking)


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Start again with what is in the file: a crash, for nothing is written at the end."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    store = MemoryStore(hass)
    await store.async_load()
    hass.data[STORE] = store
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def in_file(storage: dict[str, Any], entry: MockConfigEntry, part: str) -> Any:
    """Return a part of what the file holds of a battery."""
    return storage[DOMAIN]["data"]["batteries"][entry.data[CONF_BATTERY_KEY]][part]
