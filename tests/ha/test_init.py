"""Entries: set up, unloaded, reloaded, removed; ports that appear; the wire behind them."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.battmon import coordinator
from custom_components.battmon.const import DOMAIN
from custom_components.battmon.entity import BattmonEntity
from custom_components.battmon.memory import STORE
from custom_components.battmon.sources.device import WIRES
from custom_components.battmon.transports import serial
from custom_components.battmon.transports.wires import Wires
from homeassistant.components import usb
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.setup import async_setup_component

from ..battery import ALLOW_ALL, Bench, jbd, make_entry, shown, until
from .house import FAST, add, coordinator_of, device_of, flows, keys, polls
from .judged import ALWAYS

pytestmark = pytest.mark.usefixtures("quick")


async def test_unloading_frees_the_port_and_loading_takes_it_again(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await add(hass, port)
    wires = hass.data[WIRES]
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    asked = len(port.faults.log)
    # Nobody else has it: any speed may be asked for.
    wire = await wires.acquire_serial(port.path, 1200)
    await wires.release(wire)
    assert {state.state for state in hass.states.async_all()} == {STATE_UNAVAILABLE}
    assert len(port.faults.log) == asked
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, entry, "binary_sensor", "connected") == "on"


@pytest.mark.parametrize("fault", ["silence", "truncate"])
async def test_a_battery_that_was_never_met_is_tried_again_later(
    hass: HomeAssistant, bench: Bench, fault: str
) -> None:
    port = bench.plug_in()
    port.faults.inject(fault, None)
    entry = await add(hass, port)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id) == []
    # The port is free meanwhile.
    wire = await hass.data[WIRES].acquire_serial(port.path, 1200)
    await hass.data[WIRES].release(wire)
    port.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_a_port_in_use_at_another_speed_says_so(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    wires = hass.data.setdefault(WIRES, Wires())
    wire = await wires.acquire_serial(port.path, 1200)
    entry = await add(hass, port)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "wire_conflict"
    assert "1200" in str(entry.reason)
    await wires.release(wire)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_removing_leaves_nothing(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    entry, other = await add(hass, bench.plug_in()), await add(hass, bench.plug_in())
    store = hass.data[STORE]
    await store.async_save()
    key, kept = entry.data["battery_key"], other.data["battery_key"]
    assert hass_storage[DOMAIN]["data"]["batteries"].keys() == {key, kept}
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass_storage[DOMAIN]["data"]["batteries"].keys() == {kept}
    assert store.get(key).fingerprint is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id) == []


async def test_an_entry_that_was_never_read_is_removed_quietly(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    port = bench.plug_in()
    port.faults.inject("silence", None)
    entry = await add(hass, port)
    await hass.config_entries.async_remove(entry.entry_id)
    assert DOMAIN not in hass_storage


async def test_polling_that_was_switched_off_is_honoured(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = make_entry(port, **FAST)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    before = polls(port)
    await coordinator_of(entry).async_read_now()
    assert polls(port) == before + 1
    assert shown(hass, entry, "binary_sensor", "connected") == "on"


@pytest.mark.usefixtures("short_sight")
async def test_a_port_that_appears_is_tried_at_once(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial, "BACK_OFF", (3600.0,))
    callbacks: list[Any] = []
    with patch.object(usb, "async_register_port_event_callback", lambda _hass, call: callbacks.append(call)):
        await async_setup_component(hass, DOMAIN, {})
    (ports_changed,) = callbacks
    # Before any battery is set up there is nothing to do.
    ports_changed({"port"}, set())
    port = bench.plug_in()
    entry = await add(hass, port)
    port.line.vanish()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    await until(hass, lambda: "No such file" in str(coordinator_of(entry).last_error))
    port.line.reappear()
    ports_changed(set(), {"port"})
    await asyncio.sleep(0.3)
    assert shown(hass, entry, "binary_sensor", "connected") == "off", "the next try is an hour away"
    ports_changed({"port"}, set())
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on", 1.0)


async def test_a_remembered_battery_is_set_up_out_of_reach_and_comes_back(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "FIRST_TRY", 0.1)
    port = bench.plug_in(jbd(8, sensors=4, tail=True))
    entry = await add(hass, port, {**FAST, **ALLOW_ALL})
    platforms = ("sensor", "binary_sensor", "switch", "button")
    before = {platform: keys(hass, entry, platform) for platform in platforms}
    await hass.config_entries.async_unload(entry.entry_id)
    port.faults.inject("silence", None)

    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert {platform: keys(hass, entry, platform) for platform in platforms} == before
    assert shown(hass, entry, "binary_sensor", "connected") == "off"
    assert shown(hass, entry, "sensor", "cell_8") == STATE_UNAVAILABLE
    assert shown(hass, entry, "switch", "charging") == STATE_UNAVAILABLE
    assert device_of(hass, entry).model == "JBD-SP04S034-L4S-200A-B-U"

    port.faults.clear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert float(shown(hass, entry, "sensor", "cell_8")) > 3
    assert shown(hass, entry, "switch", "charging") == "on"


async def test_a_battery_that_was_not_read_yet_shows_nothing(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks an entity before the first reading is told that nothing is known."""
    monkeypatch.setattr(coordinator, "FIRST_TRY", 0.1)
    port = bench.plug_in(jbd(sensors=4, tail=True))
    entry = await add(hass, port, {**FAST, **ALLOW_ALL})
    await hass.config_entries.async_unload(entry.entry_id)
    port.faults.inject("silence", None)
    await hass.config_entries.async_setup(entry.entry_id)
    told = {
        entity.unique_id: entity.shown()
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if isinstance(entity, BattmonEntity) and entity.unique_id
    }
    told = {key.removeprefix(f"{entry.data['battery_key']}_"): what for key, what in told.items()}
    always = {key: told.pop(key) for keys in ALWAYS.values() for key in keys}
    assert always["connected"] == (False, None)
    assert always["ready"] == (False, {"reasons": ["no answer"]})
    assert always["failsafe"] == ("none", ())
    assert always["energy_in"] == 0
    assert told.pop("problem") == (None, {"alarms": []})
    assert told.pop("state_of_charge") == (None, {"origin": None})
    for side in ("charge", "discharge"):
        assert told.pop(f"{side}_current_limit") == (None, {"reasons": [], "without": []})
    assert {"voltage", "cell_4", "temperature_4", "charging", "locked"} <= told.keys()
    assert {repr(what) for what in told.values()} <= {"None", "(None, None)", "(None, {'cells': []})"}


async def test_a_platform_that_cannot_be_unloaded_goes_on(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = bench.plug_in()
    entry = await add(hass, port)

    async def refuse(*_: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(hass.config_entries, "async_unload_platforms", refuse)
        assert not await hass.config_entries.async_unload(entry.entry_id)
    before = polls(port)
    await until(hass, lambda: polls(port) > before + 1)
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    await coordinator_of(entry).async_shutdown()


async def test_a_password_that_is_wrong_at_start_does_not_hold_a_remembered_battery_back(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="all"))
    entry = await add(hass, port, password="123456")
    await hass.config_entries.async_unload(entry.entry_id)
    port.device.password = "654321"
    port.device.unlocked = False
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert [flow["step_id"] for flow in flows(hass)] == ["reauth_confirm"]
