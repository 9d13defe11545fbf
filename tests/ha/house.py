"""What a person does with a battery in Home Assistant, and what he sees of it."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.coordinator import BattmonCoordinator
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from simulators.battery import FixedBattery
from simulators.bluetooth.peripheral import Peripheral
from simulators.jbd import JbdDevice

from ..battery import Place, Port, entity_id, make_entry

BASIC_INFO = 0x03
FAST = {"interval": 0.1, "publish_interval": 0.1}
"""Options of a battery that is read and shown ten times a second."""


def fixed(*cells: float, probes: tuple[float, ...] = (), demand: float = 0.0, **settings: Any) -> JbdDevice:
    """Return a board on a battery that measures exactly this."""
    settings.setdefault("sensors", len(probes))
    settings.setdefault("delay", 0.001)
    return JbdDevice(FixedBattery(cells or (3.3, 3.301, 3.302, 3.303), demand, probes), **settings)


def cells_of(device: JbdDevice) -> FixedBattery:
    """Return the battery of a board made with `fixed`."""
    assert isinstance(device.battery, FixedBattery)
    return device.battery


async def add(
    hass: HomeAssistant,
    place: Place,
    options: Mapping[str, Any] = FAST,
    *,
    unique_id: str | None = None,
    **data: Any,
) -> MockConfigEntry:
    """Add an entry with further data and set it up."""
    entry = make_entry(place, **options)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, **data}, unique_id=unique_id or entry.unique_id
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def coordinator_of(entry: MockConfigEntry) -> BattmonCoordinator:
    """Return what reads the battery of a loaded entry."""
    coordinator: BattmonCoordinator = entry.runtime_data
    return coordinator


def state_of(hass: HomeAssistant, entry: MockConfigEntry, platform: str, key: str) -> State:
    """Return an entity's state with its attributes."""
    state = hass.states.get(entity_id(hass, entry, platform, key))
    assert state is not None
    return state


def registered(hass: HomeAssistant, entry: MockConfigEntry, platform: str, key: str) -> er.RegistryEntry:
    """Return what the registry knows of an entity."""
    found = er.async_get(hass).async_get(entity_id(hass, entry, platform, key))
    assert found is not None
    return found


def keys(hass: HomeAssistant, entry: MockConfigEntry, platform: str) -> set[str]:
    """Return the keys of all entities that a battery has on a platform."""
    prefix = f"{entry.data[CONF_BATTERY_KEY]}_"
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {entity.unique_id.removeprefix(prefix) for entity in entities if entity.domain == platform}


def device_of(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    """Return the battery in the device registry."""
    identifier = (DOMAIN, entry.data[CONF_BATTERY_KEY])
    device = dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
    assert device is not None
    return device


async def set_switches(hass: HomeAssistant, entry: MockConfigEntry, **fields: Any) -> None:
    """Call the action for a battery."""
    data = {"device_id": device_of(hass, entry).id, **fields}
    await hass.services.async_call(DOMAIN, "set_switches", data, blocking=True)


async def turn(hass: HomeAssistant, entry: MockConfigEntry, key: str, *, on: bool) -> None:
    """Use a switch."""
    target = {"entity_id": entity_id(hass, entry, "switch", key)}
    await hass.services.async_call("switch", "turn_on" if on else "turn_off", target, blocking=True)


async def read_now(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Press the button."""
    target = {"entity_id": entity_id(hass, entry, "button", "read_now")}
    await hass.services.async_call("button", "press", target, blocking=True)


def flows(hass: HomeAssistant) -> list[ConfigFlowResult]:
    """Return what BattMon asks for now; other integrations may ask, too."""
    return hass.config_entries.flow.async_progress_by_handler(DOMAIN)


def polls(battery: Port | Peripheral) -> int:
    """Count how often a battery was asked for its values."""
    return asked(battery, BASIC_INFO)


def asked(battery: Port | Peripheral, register: int) -> int:
    """Count how often a register of a battery was read or written."""
    return sum(seen.register == register for seen in battery.faults.log)


def log_of(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return what BattMon said, from information on."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.battmon") and record.levelno >= logging.INFO
    ]
