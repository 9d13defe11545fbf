"""Looking for batteries nearby, and naming a device by hand."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.bluetooth.advertisement import Advertisement
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import ADDRESS

from ..battery import jbd
from .bluetooth_dialogs import (
    CARD,
    FOREIGN,
    OTHER,
    UNIQUE_ID,
    asks,
    battery,
    begin,
    cards,
    choose,
    ends,
    entry_for,
    guarded,
    heard,
    hurry,
    is_heard,
    named,
    offered,
    submit,
    suggested,
)

pytestmark = pytest.mark.usefixtures("quick")
with_adapter = pytest.mark.usefixtures("enable_bluetooth")

RENAMED = Advertisement("Boat", (0xFF00,))
"""What an owner calls a battery tells nobody what it is."""


@pytest.mark.parametrize("choice", ["bluetooth_scan", "bluetooth_manual"])
async def test_without_an_adapter_there_is_nothing_to_look_with(hass: HomeAssistant, choice: str) -> None:
    assert ends(await begin(hass, choice), "no_adapter")


@with_adapter
async def test_a_scan_shows_batteries_with_the_strongest_signal_first(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = battery(address=FOREIGN, advertisement=Advertisement("Lamp", (0xFF00,)), signal=-30)
    proxy = await heard(hass, battery(signal=-67), battery(address=OTHER, signal=-45), lamp)
    hurry(monkeypatch, proxy)
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    waiting = await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": "bluetooth_scan"}
    )
    assert (waiting["type"], waiting["step_id"]) == (FlowResultType.SHOW_PROGRESS, "scan")
    await hass.async_block_till_done()
    result = await hass.config_entries.flow.async_configure(menu["flow_id"])
    assert asks(result, "bluetooth_pick")
    assert list(offered(result).items()) == [
        (OTHER, f"JBD-SP04S034 ({OTHER}), -45 dBm"),
        (ADDRESS, f"JBD-SP04S034 ({ADDRESS}), -67 dBm"),
    ]
    entry = await named(hass, await submit(hass, result, {"address": ADDRESS}))
    assert (entry.unique_id, entry.data["address"]) == (UNIQUE_ID, ADDRESS)
    assert entry.state is ConfigEntryState.LOADED
    assert [card["context"]["unique_id"] for card in cards(hass)] == [OTHER.lower()]


@with_adapter
async def test_an_active_scan_learns_names_that_must_be_asked_for(hass: HomeAssistant) -> None:
    """Here the scan takes the time that it takes."""
    hidden = battery(address=FOREIGN, advertisement=Advertisement("JBD-X", name_in_scan_response=True))
    proxy = await heard(hass, hidden)
    assert cards(hass) == []
    result = await begin(hass, "bluetooth_scan")
    assert len(proxy.windows) == 1
    assert offered(result) == {FOREIGN: f"JBD-X ({FOREIGN}), -60 dBm"}
    await named(hass, await submit(hass, result, {"address": FOREIGN}))


@with_adapter
@pytest.mark.parametrize(("batteries", "step"), [(1, "bluetooth_pick"), (0, "bluetooth_none")])
async def test_adapters_that_scan_in_their_own_way_are_not_waited_for(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, batteries: int, step: str
) -> None:
    await heard(hass, *[battery() for _ in range(batteries)])
    hurry(monkeypatch, None)
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    choice = {"next_step_id": "bluetooth_scan"}
    assert asks(await hass.config_entries.flow.async_configure(menu["flow_id"], choice), step)


@with_adapter
async def test_a_scan_without_success_says_what_may_help(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    peripheral = battery()
    proxy = await heard(hass)
    hurry(monkeypatch, proxy)
    result = await begin(hass, "bluetooth_scan")
    assert asks(result, "bluetooth_none")
    assert result["menu_options"] == ["bluetooth_scan", "bluetooth_manual", "serial"]
    result = await choose(hass, result, "bluetooth_scan")
    assert asks(result, "bluetooth_none"), "still nothing"
    assert isinstance(proxy.radio, Air)
    proxy.radio.add(peripheral)
    result = await choose(hass, result, "bluetooth_scan")
    assert list(offered(result)) == [ADDRESS]
    await named(hass, await submit(hass, result, {"address": ADDRESS}))


@with_adapter
@pytest.mark.parametrize(("choice", "form"), [("bluetooth_manual", "bluetooth_manual"), ("serial", "serial")])
async def test_there_are_other_ways_than_a_scan(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, choice: str, form: str
) -> None:
    hurry(monkeypatch, await heard(hass))
    result = await choose(hass, await begin(hass, "bluetooth_scan"), choice)
    assert asks(result, form)


@with_adapter
async def test_no_choice_searches_again(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = await heard(hass, battery())
    hurry(monkeypatch, proxy)
    result = await begin(hass, "bluetooth_scan")
    assert list(offered(result)) == [ADDRESS]
    assert isinstance(proxy.radio, Air)
    proxy.radio.add(battery(address=OTHER))
    result = await submit(hass, result, {})
    assert asks(result, "bluetooth_pick")
    assert len(proxy.windows) == 2
    assert set(offered(result)) == {ADDRESS, OTHER}


@with_adapter
async def test_batteries_that_are_here_are_not_listed(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_for().add_to_hass(hass)
    proxy = await heard(hass, battery(), battery(address=OTHER))
    hurry(monkeypatch, proxy)
    assert list(offered(await begin(hass, "bluetooth_scan"))) == [OTHER]
    assert list(offered(await begin(hass, "bluetooth_manual"))) == [OTHER]


@with_adapter
async def test_an_ignored_battery_can_be_added_by_hand(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=UNIQUE_ID, source=SOURCE_IGNORE).add_to_hass(hass)
    hurry(monkeypatch, await heard(hass, battery()))
    result = await begin(hass, "bluetooth_scan")
    entry = await named(hass, await submit(hass, result, {"address": ADDRESS}))
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


@with_adapter
async def test_a_failure_leads_back_to_the_list(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    peripheral = battery()
    proxy = await heard(hass, peripheral, battery(address=OTHER))
    hurry(monkeypatch, proxy)
    result = await begin(hass, "bluetooth_scan")
    peripheral.link_faults.inject("fail_listen")
    result = await submit(hass, result, {"address": ADDRESS})
    assert asks(result, "bluetooth_pick", base="bluetooth_link_down")
    assert suggested(result) == {"address": ADDRESS}
    entry = await named(hass, await submit(hass, result, {"address": OTHER}))
    assert entry.data["address"] == OTHER


@with_adapter
async def test_a_password_is_asked_for_after_a_scan_too(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, await heard(hass, guarded()))
    result = await submit(hass, await begin(hass, "bluetooth_scan"), {"address": ADDRESS})
    assert asks(result, "bluetooth_password")
    await named(hass, await submit(hass, result, {"bluetooth_password": "123123"}))


@with_adapter
@pytest.mark.parametrize("choice", ["bluetooth_scan", "bluetooth_manual"])
async def test_a_battery_that_another_integration_has_is_not_taken_from_it(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    hurry(monkeypatch, await heard(hass, battery()))
    other = MockConfigEntry(domain="led_ble", unique_id=ADDRESS)
    other.add_to_hass(hass)
    result = await begin(hass, choice)
    form = str(result["step_id"])
    result = await submit(hass, result, {"address": ADDRESS})
    assert asks(result, form, base="taken")
    assert (result["description_placeholders"] or {})["integration"] == "LED BLE"
    hass.config_entries.async_update_entry(other, unique_id="something else")
    await named(hass, await submit(hass, result, {"address": ADDRESS}))


@with_adapter
@pytest.mark.parametrize("choice", ["bluetooth_scan", "bluetooth_manual"])
async def test_a_battery_that_came_meanwhile_is_not_added_twice(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    hurry(monkeypatch, await heard(hass, battery()))
    result = await begin(hass, choice)
    entry = entry_for()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, unique_id="something else")
    assert ends(await submit(hass, result, {"address": ADDRESS}), "already_configured")


# By hand.


@with_adapter
async def test_a_renamed_battery_is_chosen_by_hand(hass: HomeAssistant) -> None:
    await heard(hass, battery(address=FOREIGN, advertisement=RENAMED))
    assert cards(hass) == []
    result = await begin(hass, "bluetooth_manual")
    assert asks(result, "bluetooth_manual")
    assert offered(result) == {FOREIGN: f"Boat ({FOREIGN}), -60 dBm"}
    entry = await named(hass, await submit(hass, result, {"address": FOREIGN, "protocol": "jbd"}))
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == FOREIGN


@with_adapter
async def test_a_device_without_a_name_is_listed_by_its_address(hass: HomeAssistant) -> None:
    await heard(hass, battery(address=FOREIGN, advertisement=Advertisement("", (0xFF00,))))
    assert offered(await begin(hass, "bluetooth_manual")) == {FOREIGN: f"{FOREIGN}, -60 dBm"}


@with_adapter
@pytest.mark.parametrize("typed", [f" {ADDRESS} ", UNIQUE_ID, "a4-c1-37-00-00-01", "A4C137000001"])
async def test_an_address_can_be_typed(hass: HomeAssistant, typed: str) -> None:
    await heard(hass, battery())
    result = await submit(hass, await begin(hass, "bluetooth_manual"), {"address": typed})
    entry = await named(hass, result)
    assert (entry.data["address"], entry.unique_id) == (ADDRESS, UNIQUE_ID)


@with_adapter
@pytest.mark.parametrize("typed", ["", "JBD", "A4:C1:37:00:00", "A4:C1:37:00:00:0G", f"{ADDRESS}:02"])
async def test_what_is_no_address_is_said_to_be_none(hass: HomeAssistant, typed: str) -> None:
    await heard(hass, battery())
    result = await submit(hass, await begin(hass, "bluetooth_manual"), {"address": typed})
    assert asks(result, "bluetooth_manual", address="invalid_address")
    assert suggested(result)["address"] == typed
    await named(hass, await submit(hass, result, {"address": ADDRESS}))


@with_adapter
async def test_a_device_that_nobody_hears_may_be_typed_and_tried_again(hass: HomeAssistant) -> None:
    proxy = await heard(hass)
    result = await begin(hass, "bluetooth_manual")
    waiting: dict[str, Any] = {"address": ADDRESS, "protocol": "jbd"}
    result = await submit(hass, result, waiting)
    assert asks(result, "bluetooth_manual", base="bluetooth_link_down")
    assert suggested(result) == waiting
    assert isinstance(proxy.radio, Air)
    proxy.radio.add(battery())
    await is_heard(hass)
    looked_at_again = await hass.config_entries.flow.async_configure(result["flow_id"])
    assert suggested(looked_at_again) == waiting
    await named(hass, await submit(hass, result, waiting))


@with_adapter
async def test_something_else_than_a_battery_is_not_added(hass: HomeAssistant) -> None:
    thing = battery(jbd(), address=FOREIGN, advertisement=Advertisement("Thing", (0xFF00,)))
    thing.faults.inject("silence", None)
    await heard(hass, thing)
    result = await submit(hass, await begin(hass, "bluetooth_manual"), {"address": FOREIGN})
    assert asks(result, "bluetooth_manual", base="bluetooth_no_reply")


@with_adapter
async def test_the_dialog_and_the_card_are_about_one_battery(hass: HomeAssistant) -> None:
    await heard(hass, battery())
    (card,) = cards(hass)
    assert card["context"]["title_placeholders"] == {"name": CARD}
    result = await submit(hass, await begin(hass, "bluetooth_manual"), {"address": ADDRESS})
    await named(hass, result)
    assert cards(hass) == []
