"""A battery that advertises: it is offered, and connected to only when a person wants it."""

import asyncio

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon import flow_reading
from custom_components.battmon.const import DOMAIN
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.bluetooth.advertisement import Advertisement
from simulators.bluetooth.jbd import ADDRESS
from simulators.bluetooth.peripheral import Peripheral

from ..battery import jbd, shown, until
from .bluetooth_dialogs import (
    CARD,
    FOREIGN,
    OTHER,
    UNIQUE_ID,
    asks,
    battery,
    cards,
    detail,
    discovered,
    ends,
    entry_for,
    guarded,
    heard,
    is_let_go,
    named,
    open_card,
    put_into_the_air,
    submit,
)

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "quick")


async def test_a_battery_is_offered_and_left_alone_until_submit(hass: HomeAssistant) -> None:
    peripheral = battery()
    await heard(hass, peripheral)
    result = await open_card(hass)
    (card,) = cards(hass)
    assert card["context"]["title_placeholders"] == {"name": CARD}
    assert card["context"]["unique_id"] == UNIQUE_ID
    assert card["context"]["confirm_only"]
    placeholders = result["description_placeholders"] or {}
    assert (placeholders["name"], placeholders["address"]) == (CARD, ADDRESS)
    assert peripheral.link_faults.count("connect") == 0

    waiting = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    assert (waiting["type"], waiting["step_id"]) == (FlowResultType.SHOW_PROGRESS, "connect")
    assert waiting["description_placeholders"] == {"name": CARD}
    await hass.async_block_till_done()
    found = await hass.config_entries.flow.async_configure(result["flow_id"])
    assert asks(found, "battery")
    assert (found["description_placeholders"] or {})["facts"].startswith("4 cells, ")
    assert not peripheral.connected, "the link is for who sets the battery up"

    entry = await named(hass, found, "Boat")
    assert (entry.title, entry.unique_id) == ("Boat", UNIQUE_ID)
    assert {key: value for key, value in entry.data.items() if key != "battery_key"} == {
        "wire": "bluetooth",
        "protocol": "jbd",
        "address": ADDRESS,
    }
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    assert cards(hass) == []


async def test_what_only_has_the_service_is_not_offered(hass: HomeAssistant) -> None:
    gadget = battery(address=FOREIGN, advertisement=Advertisement("Lamp", (0xFF00,)))
    await heard(hass, gadget, battery())
    assert [card["context"]["unique_id"] for card in cards(hass)] == [UNIQUE_ID]
    assert ends(await discovered(hass, FOREIGN), "not_supported")


async def test_a_battery_without_a_name_is_told_from_others_by_its_address(hass: HomeAssistant) -> None:
    await heard(hass, battery(name_in_scan_response=True))
    (card,) = cards(hass)
    assert card["context"]["title_placeholders"] == {"name": "JBD (0001)"}


async def test_a_battery_that_is_here_is_not_offered_again(hass: HomeAssistant) -> None:
    peripheral = battery(advertises_while_connected=True)
    entry_for().add_to_hass(hass)
    await heard(hass, peripheral)
    assert cards(hass) == []
    assert ends(await discovered(hass), "already_configured")


async def test_a_battery_is_known_by_its_address_whatever_its_entry_is_called(hass: HomeAssistant) -> None:
    entry = entry_for()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, unique_id="something else")
    await heard(hass, battery(advertises_while_connected=True))
    assert cards(hass) == []
    assert ends(await discovered(hass), "already_configured")


async def test_a_battery_that_another_integration_has_is_not_offered(hass: HomeAssistant) -> None:
    MockConfigEntry(domain="led_ble", data={"address": ADDRESS}).add_to_hass(hass)
    await heard(hass, battery())
    assert cards(hass) == []
    result = await discovered(hass)
    assert ends(result, "taken")
    assert result["description_placeholders"] == {"integration": "LED BLE"}


async def test_a_battery_that_appears_wakes_the_entry_that_waits_for_it(hass: HomeAssistant) -> None:
    # Renamed: no advertisement says any more that this is a battery, except to its entry.
    peripheral = battery(advertisement=Advertisement("Renamed", (0xFF00,)), address=FOREIGN)
    entry = entry_for(FOREIGN)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    put_into_the_air(hass, peripheral)
    await until(hass, lambda: entry.state is ConfigEntryState.LOADED)


async def test_an_ignored_battery_is_not_offered(hass: HomeAssistant) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=UNIQUE_ID, source=SOURCE_IGNORE).add_to_hass(hass)
    await heard(hass, battery())
    assert cards(hass) == []


async def test_two_batteries_are_two_cards(hass: HomeAssistant) -> None:
    await heard(hass, battery(), battery(address=OTHER))
    assert len(cards(hass)) == 2


# What goes wrong while connecting, and then right.


def refuse(peripheral: Peripheral) -> None:
    peripheral.link_faults.inject("refuse", None)


def fall_silent(peripheral: Peripheral) -> None:
    peripheral.faults.inject("silence", None)


def talk_nonsense(peripheral: Peripheral) -> None:
    peripheral.faults.inject("truncate", None)


def lose_the_link(peripheral: Peripheral) -> None:
    peripheral.link_faults.inject("cut_at_write", None)


def lose_the_link_early(peripheral: Peripheral) -> None:
    peripheral.link_faults.inject("cut_at_listen", None)


@pytest.mark.parametrize(
    ("harm", "error", "said"),
    [
        (refuse, "bluetooth_link_down", "ESP_GATT_CONN_FAIL_ESTABLISH"),
        (fall_silent, "bluetooth_no_reply", "no answer"),
        (talk_nonsense, "bluetooth_bad_frame", ""),
        (lose_the_link, "bluetooth_link_down", ""),
        (lose_the_link_early, "bluetooth_link_down", ""),
    ],
)
async def test_an_error_is_shown_and_submit_tries_again(
    hass: HomeAssistant, harm: object, error: str, said: str
) -> None:
    peripheral = battery()
    await heard(hass, peripheral)
    result = await open_card(hass)
    assert callable(harm)
    harm(peripheral)
    result = await submit(hass, result, {})
    assert asks(result, "bluetooth_confirm", base=error)
    assert said in detail(result)
    assert (result["description_placeholders"] or {})["address"] == ADDRESS
    await is_let_go(hass, peripheral)
    peripheral.faults.clear()
    peripheral.link_faults.clear()
    entry = await named(hass, await submit(hass, result, {}))
    assert entry.state is ConfigEntryState.LOADED


async def test_a_battery_out_of_range_is_said_to_be(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_reading, "CONNECT_TIME", 0.5)
    peripheral = battery()
    await heard(hass, peripheral)
    result = await open_card(hass)
    peripheral.vanish()
    result = await submit(hass, result, {})
    assert asks(result, "bluetooth_confirm", base="bluetooth_link_down")
    assert detail(result).startswith("not within 0.5 s; ")
    assert "simulated proxy" in detail(result), "where it was heard last"
    peripheral.reappear()
    await named(hass, await submit(hass, result, {}))


async def test_adapters_without_a_free_connection_are_told_of(hass: HomeAssistant) -> None:
    proxy = await heard(hass, battery())
    result = await open_card(hass)
    proxy.occupy()
    result = await submit(hass, result, {})
    assert asks(result, "bluetooth_confirm", base="bluetooth_link_down")
    assert "slot" in detail(result)
    proxy.free()
    await named(hass, await submit(hass, result, {}))


async def test_a_dialog_that_hangs_gives_up_in_time_and_lets_go(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_reading, "CONNECT_TIME", 0.5)
    peripheral = battery()
    proxy = await heard(hass, peripheral)
    result = await open_card(hass)
    peripheral.link_faults.inject("hang")
    result = await submit(hass, result, {})
    assert asks(result, "bluetooth_confirm", base="bluetooth_link_down")
    assert proxy.get_allocations().free == proxy.slots
    await named(hass, await submit(hass, result, {}))


@pytest.mark.parametrize("harm", ["hang", "slow"])
async def test_a_dialog_that_is_closed_while_it_connects_lets_go(hass: HomeAssistant, harm: str) -> None:
    peripheral = battery()
    proxy = await heard(hass, peripheral)
    result = await open_card(hass)
    peripheral.link_faults.inject(harm)
    await hass.config_entries.flow.async_configure(result["flow_id"], {})
    await until(hass, lambda: proxy.get_allocations().free < proxy.slots)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await until(hass, lambda: proxy.get_allocations().free == proxy.slots)
    await asyncio.sleep(1.1)  # a slow connection would have been made by now
    assert not peripheral.connected
    assert hass.config_entries.flow.async_progress_by_handler(DOMAIN) == []


async def test_a_dialog_that_is_closed_while_it_reads_lets_go(hass: HomeAssistant) -> None:
    peripheral = battery()
    await heard(hass, peripheral)
    result = await open_card(hass)
    peripheral.faults.inject("silence", None)
    await hass.config_entries.flow.async_configure(result["flow_id"], {})
    await until(hass, lambda: peripheral.connected)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await is_let_go(hass, peripheral)


async def test_a_dialog_can_be_looked_at_again_while_it_connects(hass: HomeAssistant) -> None:
    peripheral = battery()
    await heard(hass, peripheral)
    result = await open_card(hass)
    peripheral.link_faults.inject("slow", delay=0.3)
    for _ in range(3):
        result = await hass.config_entries.flow.async_configure(result["flow_id"], None or {})
        assert result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    await named(hass, await hass.config_entries.flow.async_configure(result["flow_id"]))
    assert peripheral.link_faults.count("connect") == 2, "one for the dialog, one for the battery"


# Two passwords.


async def test_a_module_with_a_password_is_added_after_the_right_one(hass: HomeAssistant) -> None:
    peripheral = guarded()
    await heard(hass, peripheral)
    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "bluetooth_password")
    for password, error in (
        ("12345", {"bluetooth_password": "invalid_bluetooth_password"}),
        ("", {"base": "bluetooth_password_needed"}),
        ("000000", {"base": "wrong_bluetooth_password"}),
    ):
        result = await submit(hass, result, {"bluetooth_password": password})
        assert asks(result, "bluetooth_password", **error)
    entry = await named(hass, await submit(hass, result, {"bluetooth_password": "123123"}))
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["bluetooth_password"] == "123123"
    assert "password" not in entry.data


async def test_a_module_without_a_password_asks_for_none(hass: HomeAssistant) -> None:
    await heard(hass, guarded(None))
    entry = await named(hass, await submit(hass, await open_card(hass), {}))
    assert entry.state is ConfigEntryState.LOADED


async def test_a_board_with_a_password_is_added_after_the_right_one(hass: HomeAssistant) -> None:
    await heard(hass, battery(jbd(password="123456", password_scope="all")))
    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "password")
    for password, error in (
        ("12345x", {"password": "invalid_password"}),
        ("", {"base": "password_needed"}),
        ("000000", {"base": "wrong_password"}),
    ):
        result = await submit(hass, result, {"password": password})
        assert asks(result, "password", **error)
    entry = await named(hass, await submit(hass, result, {"password": "123456"}))
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["password"] == "123456"


async def test_both_passwords_are_asked_for_one_after_the_other(hass: HomeAssistant) -> None:
    await heard(hass, guarded(device=jbd(password="123456", password_scope="all")))
    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "bluetooth_password")
    result = await submit(hass, result, {"bluetooth_password": "123123"})
    assert asks(result, "password")
    entry = await named(hass, await submit(hass, result, {"password": "123456"}))
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.data["bluetooth_password"], entry.data["password"]) == ("123123", "123456")


async def test_a_link_that_is_lost_after_the_password_leads_back_to_it(hass: HomeAssistant) -> None:
    peripheral = guarded()
    await heard(hass, peripheral)
    result = await submit(hass, await open_card(hass), {})
    peripheral.link_faults.inject("refuse", None)
    result = await submit(hass, result, {"bluetooth_password": "123123"})
    assert asks(result, "bluetooth_password", base="bluetooth_link_down")
    peripheral.link_faults.clear()
    await named(hass, await submit(hass, result, {"bluetooth_password": "123123"}))


async def test_a_battery_that_another_dialog_has_added_is_not_added_twice(hass: HomeAssistant) -> None:
    await heard(hass, battery())
    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "battery")
    entry_for().add_to_hass(hass)
    assert ends(await submit(hass, result, {"name": "Van"}), "already_configured")
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1
