"""Diagnostics: what helps to find a fault, and nothing secret."""

import json
from dataclasses import replace
from math import nan
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.diagnostics import async_get_config_entry_diagnostics
from homeassistant.components.diagnostics import REDACTED
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulators.bluetooth.login import Login
from simulators.tcp_line import TcpLine

from ..battery import Bench, jbd, set_up, until
from .house import add, cells_of, coordinator_of, fixed, read_now, turn
from .judged import JUDGED, LOW, WEAK, becomes, charge_to
from .room import Room

pytestmark = pytest.mark.usefixtures("quick")

READ_BASIC_INFO = "dda50300fffd77"


async def downloaded(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the diagnostics as the file holds them: only JSON survives."""
    found: dict[str, Any] = json.loads(json.dumps(await async_get_config_entry_diagnostics(hass, entry)))
    return found


async def test_they_hold_the_reading_the_memory_and_what_was_said(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(3.3, 3.31, 3.32, 3.33, demand=-1.5, probes=(20.0, 21.0, 22.0)))
    entry = await set_up(hass, port)
    found = await downloaded(hass, entry)
    assert found.keys() == {
        "entry",
        "memory",
        "state",
        "reading",
        "pack",
        "failsafe",
        "not_ready",
        "estimate",
        "estimators",
        "conversations",
    }
    assert found["pack"] is None
    assert found["reading"]["cell_voltages"] == [3.3, 3.31, 3.32, 3.33]
    assert found["reading"]["temperatures"][0] == {"value": 20.0, "place": "mosfet"}
    assert found["reading"]["alarms"] == []
    assert found["state"]["healthy"] is True
    assert found["state"]["power"] == pytest.approx(-19.89)
    assert found["state"]["last_error"] is None
    assert found["memory"]["fingerprint"]["identity"]["manufacturer"] == "JBD"
    assert found["memory"]["profile"]["cells"] == 4
    spoken = {said["request"]: said["reply"] for said in found["conversations"]}
    assert spoken[READ_BASIC_INFO].startswith("dd0300")
    assert bytes.fromhex(spoken[READ_BASIC_INFO])[-1] == 0x77


async def test_they_say_how_the_battery_is_judged(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    delays = {"low_voltage_delay": 60.0, "low_state_of_charge": 70}
    entry = await add(hass, port, {**JUDGED, **delays, "use": "vehicle", "ready_voltage": 14.0})
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await until(hass, lambda: bool(coordinator_of(entry).state.failsafe.timers))
    found = await downloaded(hass, entry)
    (timer,) = found["failsafe"].pop("timers")
    assert timer["reason"] == "low voltage: 12.8 V < 13.0 V for 60 s"
    assert 0 <= timer["elapsed"] < 60
    said = "low state of charge: 60 % < 70 %"
    assert found["failsafe"] == {
        "level": "low",
        "discharge_level": "low",
        "charge_level": "none",
        "side": "discharge",
        "reasons": [said],
        "test": False,
        "held": [{"reason": said, "ended": False, "clear_for": None}],
        "read_within": 15.0,
    }
    assert found["not_ready"] == [said, "voltage too low: 12.8 V < 14.0 V", "low voltage: 12.8 V < 13.0 V"]
    assert found["estimate"]["state_of_charge"] == {"value": 60.0, "origin": "device", "uncertainty": None}
    assert found["estimate"]["limits"]["charge_current"] == 2.0
    assert found["estimators"]["counting"].keys() >= {"energy_in", "charge_out"}


async def test_an_estimate_that_no_file_can_hold_is_told_all_the_same(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await set_up(hass, bench.plug_in(), interval=3600)
    watch = coordinator_of(entry).watch
    watch.state = replace(watch.state, estimate=watch.state.estimate._replace(sag=nan))
    found = await downloaded(hass, entry)
    assert found["estimate"]["error"] == "sag: nan is not a finite number"
    assert "sag=nan" in found["estimate"]["text"]


async def test_password_port_and_name_are_not_in_them(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(jbd(password="907856", password_scope="all"))
    entry = await add(hass, port, password="907856")
    assert any(seen.register == 0x06 for seen in port.faults.log), "the password was sent"
    found = await downloaded(hass, entry)
    assert found["entry"]["data"]["password"] == found["entry"]["data"]["device"] == REDACTED
    assert found["entry"]["title"] == found["entry"]["unique_id"] == REDACTED
    assert REDACTED in [said["request"] for said in found["conversations"]]
    text = json.dumps(found)
    assert "907856" not in text
    assert bytes((9, 0, 7, 8, 5, 6)).hex() not in text
    assert port.path not in text


async def test_an_error_is_told_without_the_name_of_the_port(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=3600)
    port.line.vanish()
    for _ in range(2):
        with pytest.raises(HomeAssistantError, match="connection is down"):
            await read_now(hass, entry)
    found = await downloaded(hass, entry)
    assert "No such file" in found["state"]["last_error"]
    assert "No such file" in found["conversations"][-1]["reply"]
    assert port.path not in json.dumps(found)


@pytest.mark.usefixtures("socket_enabled")
async def test_an_error_is_told_without_the_name_of_the_host(hass: HomeAssistant) -> None:
    with TcpLine(jbd()) as line:
        entry = await add(hass, line.url)
        assert entry.state is ConfigEntryState.LOADED
        url = line.url
    for _ in range(2):
        with pytest.raises(HomeAssistantError, match="connection is down"):
            await read_now(hass, entry)
    assert "Connect call failed" in str(coordinator_of(entry).last_error)
    text = json.dumps(await downloaded(hass, entry))
    assert url not in text
    assert "127.0.0.1" not in text


async def test_an_entry_that_cannot_be_set_up_says_why(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    port.line.vanish()
    entry = await add(hass, port, password="907856")
    assert entry.state is ConfigEntryState.SETUP_RETRY
    found = await downloaded(hass, entry)
    assert found.keys() == {"entry", "memory", "reason"}
    assert "No such file" in found["reason"]
    assert port.path not in json.dumps(found)
    assert "907856" not in json.dumps(found)


async def test_a_battery_of_nothing_known_is_told_as_such(hass: HomeAssistant, bench: Bench) -> None:
    """Nothing that was not read is made up."""
    port = bench.plug_in(fixed(probes=(200.0,)))
    entry = await set_up(hass, port)
    cells_of(port.device).probes = ()
    found = await downloaded(hass, entry)
    assert found["reading"]["temperatures"] == [{"value": None, "place": "unknown"}]
    assert found["reading"]["state_of_health"] is None
    assert found["memory"]["switches"]["commanded"] is None


# Bluetooth.


def spellings(address: str) -> tuple[str, ...]:
    """Return how else a Bluetooth address is written: BlueZ has it in its paths, modules send its bytes."""
    plain = address.replace(":", "").lower()
    return (
        address.lower(),
        plain,
        bytes.fromhex(plain)[::-1].hex(),
        address.replace(":", "_").lower(),
        address.replace(":", "-").lower(),
    )


def is_in(address: str, found: dict[str, Any]) -> list[str]:
    """Return the spellings of an address that were told."""
    return [spelling for spelling in spellings(address) if spelling in json.dumps(found).lower()]


async def test_the_link_is_told_of(hass: HomeAssistant, room: Room) -> None:
    entry = await set_up(hass, room.plug_in(signal=-63))
    found = await downloaded(hass, entry)
    assert (found["state"]["link_quality"], found["state"]["signal_strength"]) == (100, -63)
    assert found["state"]["paused"] is False
    await turn(hass, entry, "release_bluetooth", on=True)
    assert (await downloaded(hass, entry))["state"]["paused"] is True


async def test_neither_address_nor_passwords_are_in_them(hass: HomeAssistant, room: Room) -> None:
    device = jbd(password="907856", password_scope="all")
    battery = room.plug_in(device, login=Login(password="564738"))
    entry = await add(hass, battery, password="907856", bluetooth_password="564738")
    assert entry.state is ConfigEntryState.LOADED
    sent = [seen.data for seen in battery.link_faults.log if seen.data.startswith(bytes.fromhex("ffaa"))]
    assert len(sent) >= 3, "it was logged in to"
    found = await downloaded(hass, entry)
    data = found["entry"]["data"]
    assert data["address"] == data["password"] == data["bluetooth_password"] == REDACTED
    assert found["entry"]["unique_id"] == REDACTED
    assert REDACTED in [said["request"] for said in found["conversations"]]
    assert is_in(battery.address, found) == []
    text = json.dumps(found)
    assert [frame for frame in sent if len(frame) > 10 and frame.hex() in text] == []
    for password in ("907856", "564738"):
        assert password not in text
        assert password.encode().hex() not in text
        assert bytes(map(int, password)).hex() not in text


@pytest.mark.parametrize(
    "words",
    [
        "{}: no such device",
        "/org/bluez/hci0/dev_{_}/service0010: not connected",
        "not found: {lower}",
        "{-} is gone",
    ],
)
async def test_an_error_is_told_without_the_address(hass: HomeAssistant, room: Room, words: str) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=3600)
    upper = battery.address
    said = words.replace("{}", upper).replace("{lower}", upper.lower())
    said = said.replace("{_}", upper.replace(":", "_")).replace("{-}", upper.replace(":", "-"))
    battery.link_faults.inject("refuse", count=None, error=said)
    battery.cut()
    with pytest.raises(HomeAssistantError, match="connection is down"):
        await read_now(hass, entry)
    found = await downloaded(hass, entry)
    assert "Failed to connect" in found["state"]["last_error"]
    assert "last advertisement" in found["state"]["last_error"], "how it can be reached"
    assert is_in(battery.address, found) == []
    assert is_in(room.proxy.source, found) == [], "where the proxy is says where the battery is"


async def test_a_bluetooth_battery_that_cannot_be_set_up_says_why(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in()
    battery.link_faults.inject("refuse", count=None, error="no")
    entry = await add(hass, battery, bluetooth_password="564738")
    assert entry.state is ConfigEntryState.SETUP_RETRY
    found = await downloaded(hass, entry)
    assert found.keys() == {"entry", "memory", "reason"}
    assert is_in(battery.address, found) == []
    assert "564738" not in json.dumps(found)
