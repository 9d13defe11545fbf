"""A battery over Bluetooth that changes its module or its wire, or gets one."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.bluetooth.jbd import ADDRESS

from ..battery import Bench, jbd, shown, until
from .bluetooth_dialogs import (
    OTHER,
    UNIQUE_ID,
    asks,
    battery,
    cards,
    choose,
    ends,
    entry_for,
    guarded,
    heard,
    is_let_go,
    offered,
    set_up,
    submit,
    suggested,
)
from .house import add, device_of
from .test_reauth_bluetooth import locked, works

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "quick", "short_sight")


async def change(hass: HomeAssistant, entry: MockConfigEntry, choice: str) -> ConfigFlowResult:
    """Start to reconfigure and choose from the menu."""
    menu: ConfigFlowResult = await entry.start_reconfigure_flow(hass)
    assert asks(menu, "reconfigure")
    assert (menu["description_placeholders"] or {})["name"] == entry.title
    result = await choose(hass, menu, choice)
    assert asks(result, choice)
    return result


async def test_a_battery_gets_another_module(hass: HomeAssistant) -> None:
    device = jbd()
    old, new = battery(device), guarded(device=device, address=OTHER)
    await heard(hass, old, new)
    entry = await set_up(hass, entry_for())
    (card,) = [card for card in cards(hass) if card["context"]["unique_id"] == OTHER.lower()]
    result = await change(hass, entry, "reconfigure_bluetooth")
    assert suggested(result) == {"address": ADDRESS, "protocol": "jbd"}
    assert OTHER in offered(result)
    result = await submit(hass, result, {"address": OTHER})
    assert asks(result, "reconfigure_bluetooth", base="bluetooth_password_needed")
    await works(hass, entry, old)
    fields = {"address": OTHER, "bluetooth_password": "123123"}
    waiting = await hass.config_entries.flow.async_configure(result["flow_id"], fields)
    assert waiting["type"] is FlowResultType.SHOW_PROGRESS
    assert waiting["description_placeholders"] == {"name": "JBD-SP04S034 (0002)"}
    await hass.async_block_till_done()
    # It is done even if nobody comes back to the dialog.
    assert (entry.unique_id, entry.data["address"]) == (OTHER.lower(), OTHER)
    await works(hass, entry, new)
    assert device_of(hass, entry).connections == {("bluetooth", OTHER)}
    assert card["flow_id"] not in [card["flow_id"] for card in cards(hass)]
    result = await hass.config_entries.flow.async_configure(result["flow_id"])
    assert ends(result, "reconfigure_successful")
    assert entry.data == {
        "battery_key": "KEY",
        "wire": "bluetooth",
        "protocol": "jbd",
        "address": OTHER,
        "bluetooth_password": "123123",
    }
    await is_let_go(hass, old)


async def test_a_wired_battery_becomes_wireless_and_goes_back(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(locked())
    peripheral = battery(port.device)
    await heard(hass, peripheral)
    entry = await add(hass, port, password="123456")
    key = entry.data["battery_key"]
    result = await change(hass, entry, "reconfigure_bluetooth")
    assert suggested(result) == {"protocol": "jbd"}
    assert ends(await submit(hass, result, {"address": ADDRESS}), "reconfigure_successful")
    await works(hass, entry, peripheral)
    assert (entry.unique_id, entry.data["password"]) == (UNIQUE_ID, "123456")
    assert device_of(hass, entry).connections == {("bluetooth", ADDRESS)}
    assert "device" not in entry.data

    result = await change(hass, entry, "reconfigure_serial")
    assert suggested(result) == {"protocol": "jbd"}
    assert ends(await submit(hass, result, {"device": port.path}), "reconfigure_successful")
    await is_let_go(hass, peripheral)
    await until(hass, lambda: entry.state is ConfigEntryState.LOADED)
    await hass.async_block_till_done()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert entry.unique_id == port.path
    assert device_of(hass, entry).connections == set()
    assert entry.data == {
        "battery_key": key,
        "wire": "serial",
        "protocol": "jbd",
        "device": port.path,
        "baud_rate": 9600,
        "password": "123456",
    }


async def test_a_password_alone_is_changed(hass: HomeAssistant) -> None:
    peripheral = guarded(device=jbd(password="123456", password_scope="factory"))
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for(bluetooth_password="123123"))
    result = await change(hass, entry, "reconfigure_bluetooth")
    for password, error in (
        ("12", {"password": "invalid_password"}),
        ("999999", {"base": "wrong_password"}),
    ):
        result = await submit(hass, result, {"address": ADDRESS, "password": password})
        assert asks(result, "reconfigure_bluetooth", **error)
    await works(hass, entry, peripheral)
    result = await submit(hass, result, {"address": ADDRESS, "password": "123456"})
    assert ends(result, "reconfigure_successful")
    await works(hass, entry, peripheral)
    assert (entry.data["password"], entry.data["bluetooth_password"]) == ("123456", "123123")


async def test_another_battery_is_not_taken_for_the_old_one(hass: HomeAssistant) -> None:
    old, other = battery(), battery(jbd(8), address=OTHER)
    await heard(hass, old, other)
    entry = await set_up(hass, entry_for())
    result = await change(hass, entry, "reconfigure_bluetooth")
    result = await submit(hass, result, {"address": OTHER})
    assert asks(result, "reconfigure_bluetooth", base="wrong_battery")
    assert suggested(result)["address"] == OTHER
    await works(hass, entry, old)
    await is_let_go(hass, other)
    assert entry.data["address"] == ADDRESS


async def test_what_cannot_be_is_said_before_anything_is_touched(hass: HomeAssistant) -> None:
    peripheral = battery()
    await heard(hass, peripheral, battery(address=OTHER))
    entry = await set_up(hass, entry_for())
    result = await change(hass, entry, "reconfigure_bluetooth")
    result = await submit(hass, result, {"address": "nonsense"})
    assert asks(result, "reconfigure_bluetooth", address="invalid_address")
    other = MockConfigEntry(domain="led_ble", unique_id=OTHER)
    other.add_to_hass(hass)
    result = await submit(hass, result, {"address": OTHER})
    assert asks(result, "reconfigure_bluetooth", base="taken")
    assert (result["description_placeholders"] or {})["integration"] == "LED BLE"
    entry_for(OTHER, "KEY2").add_to_hass(hass)
    assert ends(await submit(hass, result, {"address": OTHER}), "already_configured")
    assert peripheral.link_faults.count("connect") == 1
    assert peripheral.connected


async def test_an_ignored_discovery_makes_room(hass: HomeAssistant) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=OTHER.lower(), source=SOURCE_IGNORE).add_to_hass(hass)
    device = jbd()
    new = battery(device, address=OTHER)
    await heard(hass, battery(device), new)
    entry = await set_up(hass, entry_for())
    result = await change(hass, entry, "reconfigure_bluetooth")
    assert ends(await submit(hass, result, {"address": OTHER}), "reconfigure_successful")
    await works(hass, entry, new)
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


async def test_an_entry_that_waits_to_be_set_up_again_can_be_reconfigured(hass: HomeAssistant) -> None:
    new = battery(address=OTHER)
    await heard(hass, new)
    entry = await set_up(hass, entry_for())
    assert entry.state is ConfigEntryState.SETUP_RETRY
    result = await change(hass, entry, "reconfigure_bluetooth")
    assert ends(await submit(hass, result, {"address": OTHER}), "reconfigure_successful")
    await works(hass, entry, new)


async def test_a_dialog_that_is_closed_while_it_connects_leaves_the_battery_as_it_was(
    hass: HomeAssistant,
) -> None:
    old, new = battery(), battery(address=OTHER)
    await heard(hass, old, new)
    entry = await set_up(hass, entry_for())
    result = await change(hass, entry, "reconfigure_bluetooth")
    new.link_faults.inject("hang")
    await hass.config_entries.flow.async_configure(result["flow_id"], {"address": OTHER})
    await until(hass, lambda: new.link_faults.count("connect") == 1)
    assert entry.state is ConfigEntryState.NOT_LOADED
    hass.config_entries.flow.async_abort(result["flow_id"])
    await works(hass, entry, old)
    assert entry.data["address"] == ADDRESS
    await is_let_go(hass, new)


async def test_without_an_adapter_bluetooth_cannot_be_chosen(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in())
    menu: ConfigFlowResult = await entry.start_reconfigure_flow(hass)
    for adapter in hass.config_entries.async_entries("bluetooth"):
        await hass.config_entries.async_unload(adapter.entry_id)
    assert ends(await choose(hass, menu, "reconfigure_bluetooth"), "no_adapter")
