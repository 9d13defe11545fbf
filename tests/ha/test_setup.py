"""Setting up and unloading a battery."""

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..battery import ALLOW_ALL, Bench, entity_id, set_up, shown


async def test_a_battery_on_a_serial_port_becomes_entities(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    assert entry.state is ConfigEntryState.LOADED
    assert float(shown(hass, entry, "sensor", "voltage")) > 12
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("switch", "device_attribute"),
    [("charging", "charge_fet"), ("discharging", "discharge_fet"), ("balancing", "balancing_enabled")],
)
async def test_a_switch_moves_what_it_names(
    hass: HomeAssistant, bench: Bench, quick: None, switch: str, device_attribute: str
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    entity = entity_id(hass, entry, "switch", switch)
    assert shown(hass, entry, "switch", switch) == "on"
    await hass.services.async_call("switch", "turn_off", {"entity_id": entity}, blocking=True)
    assert getattr(port.device, device_attribute) is False
    assert shown(hass, entry, "switch", switch) == "off"
    assert await hass.config_entries.async_unload(entry.entry_id)
