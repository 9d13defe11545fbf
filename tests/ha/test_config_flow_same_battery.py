"""A battery that is here already, and is found again over another wire."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.flow_found import is_probably
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.reading import Identity
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulators.bluetooth.jbd import ADDRESS
from simulators.jbd_registers import Register

from ..battery import Bench, Port, entity_id, jbd, shown, until
from .bluetooth_dialogs import (
    OTHER,
    UNIQUE_ID,
    asks,
    battery,
    begin,
    cards,
    choose,
    ends,
    entry_for,
    heard,
    hurry,
    is_let_go,
    named,
    open_card,
    set_up,
    submit,
)
from .house import add, polls

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "quick", "short_sight")


def with_cycles(device: Any, cycles: int) -> Any:
    """Let a board have gone through so many cycles."""
    device.registers[Register.CYCLES] = cycles
    return device


async def over_serial(hass: HomeAssistant, port: Port, **data: Any) -> MockConfigEntry:
    """Set up a battery on a port and call it by a name."""
    entry = await add(hass, port, **data)
    hass.config_entries.async_update_entry(entry, title="House")
    return entry


async def test_an_entry_moves_to_the_new_wire_with_all_that_it_has(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    peripheral = battery(port.device)
    await heard(hass, peripheral)
    entry = await over_serial(hass, port, password="123456")
    key, options = entry.data["battery_key"], dict(entry.options)
    er.async_get(hass).async_update_entity(
        entity_id(hass, entry, "sensor", "voltage"), new_entity_id="sensor.my_voltage"
    )

    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "same_battery")
    assert result["menu_options"] == ["replace", "keep_both"]
    placeholders = result["description_placeholders"] or {}
    assert placeholders["name"] == "House"
    assert placeholders["facts"].startswith("4 cells, ")
    again = await hass.config_entries.flow.async_configure(result["flow_id"])
    assert asks(again, "same_battery"), "a menu can be looked at twice"

    assert ends(await choose(hass, result, "replace"), "moved")
    await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN) == [entry]
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.title, entry.unique_id, entry.options) == ("House", UNIQUE_ID, options)
    assert entry.data == {
        "battery_key": key,
        "wire": "bluetooth",
        "protocol": "jbd",
        "address": ADDRESS,
        "password": "123456",
    }
    assert entity_id(hass, entry, "sensor", "voltage") == "sensor.my_voltage"
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    assert peripheral.connected
    asked = polls(port)
    heard_so_far = len(peripheral.faults.log)
    await until(hass, lambda: len(peripheral.faults.log) > heard_so_far + 2)
    assert polls(port) == asked
    assert cards(hass) == []


async def test_a_wireless_battery_moves_to_a_cable(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    peripheral = battery(port.device)
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for(bluetooth_password="123123"))
    result = await submit(hass, await begin(hass, "serial"), {"device": port.path})
    assert asks(result, "same_battery")
    assert ends(await choose(hass, result, "replace"), "moved")
    await hass.async_block_till_done()
    assert (entry.state, entry.unique_id) == (ConfigEntryState.LOADED, port.path)
    assert (entry.data["wire"], entry.data["device"]) == ("serial", port.path)
    assert "address" not in entry.data
    await is_let_go(hass, peripheral)


async def test_two_that_are_alike_can_both_be_kept(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    await heard(hass, battery())
    entry = await over_serial(hass, port)
    result = await submit(hass, await open_card(hass), {})
    result = await choose(hass, result, "keep_both")
    added = await named(hass, result, "Boat")
    assert {entry.data["wire"], added.data["wire"]} == {"serial", "bluetooth"}
    assert entry.state is added.state is ConfigEntryState.LOADED
    assert entry.data["battery_key"] != added.data["battery_key"]


@pytest.mark.parametrize(
    ("board", "same"),
    [({"cycles": 102}, True), ({"cycles": 103}, False), ({"cells": 8}, False), ({"name": "SP04"}, False)],
)
async def test_only_what_is_alike_is_taken_for_the_same(
    hass: HomeAssistant, bench: Bench, board: Mapping[str, Any], same: bool
) -> None:
    port = bench.plug_in(with_cycles(jbd(), 100))
    settings = {"cycles": 100, **board}
    cycles = settings.pop("cycles")
    await heard(hass, battery(with_cycles(jbd(**settings), cycles)))
    await over_serial(hass, port)
    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "same_battery" if same else "battery")


KNOWN = Fingerprint(
    identity=Identity(model="SP04", manufactured=date(2026, 4, 1), firmware="2.0"), cells=4, cycle_count=100
)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"firmware": "2.1"}, True),
        ({"cycle_count": 102}, True),
        ({"cycle_count": 103}, False),
        ({"cycle_count": 99}, False),
        ({"cycle_count": None}, False),
        ({"cells": 5}, False),
        ({"cells": None}, False),
        ({"model": "SP05"}, False),
        ({"model": None}, False),
        ({"manufactured": date(2026, 4, 2)}, False),
        ({"manufactured": None}, False),
    ],
)
def test_all_that_tells_batteries_apart_must_be_known_and_the_same(
    change: Mapping[str, Any], same: bool
) -> None:
    own = {name: value for name, value in change.items() if name in ("cells", "cycle_count")}
    identity = replace(KNOWN.identity, **{k: v for k, v in change.items() if k not in own})
    changed = replace(KNOWN, identity=identity, **own)
    assert is_probably(KNOWN, changed) is same
    if None in change.values():
        assert not is_probably(changed, KNOWN)
        assert not is_probably(changed, changed), "to know nothing on both sides proves nothing"


async def test_of_several_alike_the_one_that_is_out_of_sight_is_meant(
    hass: HomeAssistant, bench: Bench
) -> None:
    ports = [bench.plug_in() for _ in range(3)]
    await heard(hass, battery(ports[1].device))
    entries = [await over_serial(hass, port) for port in ports]
    ports[1].line.vanish()
    await until(hass, lambda: shown(hass, entries[1], "binary_sensor", "connected") == "off")
    result = await submit(hass, await open_card(hass), {})
    assert ends(await choose(hass, result, "replace"), "moved")
    await hass.async_block_till_done()
    assert [entry.data["wire"] for entry in entries] == ["serial", "bluetooth", "serial"]
    assert shown(hass, entries[1], "binary_sensor", "connected") == "on"


async def test_a_battery_that_was_never_read_is_not_recognised(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    port.faults.inject("silence", None)
    await heard(hass, battery(port.device))
    await over_serial(hass, port)
    assert asks(await submit(hass, await open_card(hass), {}), "battery")


async def test_a_disabled_entry_is_left_alone(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    await heard(hass, battery(port.device))
    entry = await over_serial(hass, port)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    assert asks(await submit(hass, await open_card(hass), {}), "battery")


async def test_an_ignored_discovery_makes_room(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=UNIQUE_ID, source=SOURCE_IGNORE).add_to_hass(hass)
    port = bench.plug_in()
    hurry(monkeypatch, await heard(hass, battery(port.device)))
    entry = await over_serial(hass, port)
    result = await submit(hass, await begin(hass, "bluetooth_scan"), {"address": ADDRESS})
    assert ends(await choose(hass, result, "replace"), "moved")
    await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN) == [entry]
    assert (entry.unique_id, entry.state) == (UNIQUE_ID, ConfigEntryState.LOADED)


async def test_a_card_for_the_same_battery_is_taken_away(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = bench.plug_in()
    hurry(monkeypatch, await heard(hass, battery(port.device), battery(address=OTHER)))
    await over_serial(hass, port)
    result = await submit(hass, await begin(hass, "bluetooth_scan"), {"address": ADDRESS})
    assert len(cards(hass)) == 2
    await choose(hass, result, "replace")
    assert [card["context"]["unique_id"] for card in cards(hass)] == [OTHER.lower()]


async def test_a_battery_that_another_dialog_has_added_is_not_replaced(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    await heard(hass, battery(port.device))
    entry = await over_serial(hass, port)
    result = await submit(hass, await open_card(hass), {})
    entry_for().add_to_hass(hass)
    assert ends(await choose(hass, result, "replace"), "already_configured")
    assert entry.data["wire"] == "serial"
