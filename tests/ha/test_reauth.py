"""A battery that asks for its password while it is in use, and one that is moved to another port."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ..battery import Bench, Port, jbd, shown, until
from .house import FAST, add, fixed, polls, set_switches
from .test_config_flow import asks, serial, submit

pytestmark = pytest.mark.usefixtures("quick", "short_sight")


def locked(password: str = "123456", scope: Any = "all", cells: int = 4) -> Any:
    """Return a board that answers nothing, or obeys nothing, without its password."""
    return jbd(cells, password=password, password_scope=scope)


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    """Return the dialogs that ask for a password."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


def change_password(port: Port, password: str) -> None:
    """Change it behind BattMon's back."""
    port.device.password = password
    port.device.unlocked = False


async def is_asked(hass: HomeAssistant) -> ConfigFlowResult:
    """Wait until the one dialog about the password is there and open it."""
    await until(hass, lambda: bool(reauth_flows(hass)))
    await hass.async_block_till_done()
    (flow,) = reauth_flows(hass)
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert asks(result, "reauth_confirm")
    return result


async def test_a_password_that_was_changed_is_asked_for_and_the_battery_is_left_alone(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(locked())
    entry = await add(hass, port, password="123456")
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    change_password(port, "654321")
    result = await is_asked(hass)
    assert (result["description_placeholders"] or {})["name"] == entry.title
    asked = len(port.faults.log)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    assert len(port.faults.log) == asked, "too many attempts lock some batteries for good"

    for password, error in (
        ("1", {"password": "invalid_password"}),
        ("111111", {"base": "wrong_password"}),
        ("", {"base": "wrong_password"}),  # the old one again
    ):
        result = await submit(hass, result, {"password": password})
        assert asks(result, "reauth_confirm", **error)
    result = await submit(hass, result, {"password": "654321"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await hass.async_block_till_done()
    assert entry.data["password"] == "654321"
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    before = polls(port)
    await until(hass, lambda: polls(port) > before)
    assert reauth_flows(hass) == []


async def test_an_entry_that_never_had_the_password_asks_for_it_once(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(locked())
    entry = await add(hass, port)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    result = await submit(hass, await is_asked(hass), {"password": ""})
    assert asks(result, "reauth_confirm", base="password_needed")
    await submit(hass, result, {"password": "123456"})
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_a_command_that_needs_the_password_asks_for_it_and_reading_goes_on(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(locked(scope="factory"))
    entry = await add(hass, port, {**FAST, "allow_charging": True})
    with pytest.raises(Exception, match="asks for a password"):
        await set_switches(hass, entry, charging=False)
    assert port.device.charge_fet
    result = await is_asked(hass)
    before = polls(port)
    await until(hass, lambda: polls(port) > before + 2)
    assert shown(hass, entry, "binary_sensor", "connected") == "on"
    assert shown(hass, entry, "switch", "charging") == "on"
    await submit(hass, result, {"password": "123456"})
    await hass.async_block_till_done()
    await set_switches(hass, entry, charging=False)
    assert not port.device.charge_fet


async def test_a_battery_that_loses_its_password_is_read_after_any(hass: HomeAssistant, bench: Bench) -> None:
    """Firmware without passwords does not know the command: whatever is typed will do."""
    port = bench.plug_in(locked())
    entry = await add(hass, port)
    port.line.replace(fixed(3.3, 3.3, 3.3, 3.3))
    port.faults.inject("error", None, register=0x06, status=0x80)
    await submit(hass, await is_asked(hass), {"password": "123456"})
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Start to reconfigure; the form shows what is."""
    menu: ConfigFlowResult = await entry.start_reconfigure_flow(hass)
    assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "reconfigure")
    assert menu["menu_options"] == ["reconfigure_bluetooth", "reconfigure_serial"]
    result = await submit(hass, menu, {"next_step_id": "reconfigure_serial"})
    assert asks(result, "reconfigure_serial")
    assert result["data_schema"] is not None
    suggested = {str(key): key.description for key in result["data_schema"].schema if key.description}
    assert suggested["device"] == {"suggested_value": entry.data["device"]}
    assert "password" not in suggested
    return result


def is_done(result: ConfigFlowResult) -> bool:
    """Whether the dialog ended well."""
    return (result["type"], result.get("reason")) == (FlowResultType.ABORT, "reconfigure_successful")


async def works(hass: HomeAssistant, entry: MockConfigEntry, port: Port) -> None:
    """Assert that the entry is loaded and reads from this port."""
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    before = polls(port)
    await until(hass, lambda: polls(port) > before)


async def test_a_battery_moves_to_another_port(hass: HomeAssistant, bench: Bench) -> None:
    old, new = bench.plug_in(), bench.plug_in()
    entry = await add(hass, old)
    key = entry.data["battery_key"]
    old.line.vanish()
    assert is_done(await submit(hass, await begin(hass, entry), serial(new.path, baud_rate=19200)))
    await works(hass, entry, new)
    assert entry.unique_id == new.path
    assert entry.data == {
        "battery_key": key,
        "wire": "serial",
        "protocol": "jbd",
        "device": new.path,
        "baud_rate": 19200,
    }
    assert new.line.line_settings.baud_rate == 19200


async def test_another_battery_is_not_taken_for_the_old_one(hass: HomeAssistant, bench: Bench) -> None:
    old, other = bench.plug_in(), bench.plug_in(jbd(8))
    entry = await add(hass, old)
    result = await submit(hass, await begin(hass, entry), serial(other.path))
    assert asks(result, "reconfigure_serial", base="wrong_battery")
    await works(hass, entry, old)
    other.line.replace(jbd())
    assert is_done(await submit(hass, result, serial(other.path)))
    await works(hass, entry, other)


async def test_the_port_of_another_battery_is_not_taken(hass: HomeAssistant, bench: Bench) -> None:
    mine, taken = bench.plug_in(), bench.plug_in()
    entry = await add(hass, mine)
    await add(hass, taken)
    result = await submit(hass, await begin(hass, entry), serial(taken.path))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    await works(hass, entry, mine)


async def test_the_line_speed_alone_is_changed(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await add(hass, port)
    assert is_done(await submit(hass, await begin(hass, entry), serial(port.path, baud_rate=115200)))
    await works(hass, entry, port)
    assert port.line.line_settings.baud_rate == 115200
    # Leaving it empty means the usual speed.
    assert is_done(await submit(hass, await begin(hass, entry), serial(port.path)))
    await works(hass, entry, port)
    assert port.line.line_settings.baud_rate == 9600


async def test_a_password_is_kept_unless_another_is_given(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(locked())
    entry = await add(hass, port, password="123456")
    assert is_done(await submit(hass, await begin(hass, entry), serial(port.path)))
    assert entry.data["password"] == "123456"
    result = await submit(hass, await begin(hass, entry), {**serial(port.path), "password": "12"})
    assert asks(result, "reconfigure_serial", password="invalid_password")
    result = await submit(hass, result, {**serial(port.path), "password": "999999"})
    assert asks(result, "reconfigure_serial", base="wrong_password")
    await works(hass, entry, port)
    port.device.password = "999999"
    assert is_done(await submit(hass, result, {**serial(port.path), "password": "999999"}))
    await works(hass, entry, port)
    assert entry.data["password"] == "999999"


async def test_a_failure_leaves_everything_as_it_was(hass: HomeAssistant, bench: Bench) -> None:
    port, silent = bench.plug_in(), bench.plug_in()
    silent.faults.inject("silence", None)
    entry = await add(hass, port)
    data = dict(entry.data)
    result = await submit(hass, await begin(hass, entry), serial(silent.path))
    assert asks(result, "reconfigure_serial", base="no_reply")
    assert entry.data == data
    await works(hass, entry, port)


async def test_the_next_attempt_waits_until_the_battery_is_back(hass: HomeAssistant, bench: Bench) -> None:
    port, silent = bench.plug_in(), bench.plug_in()
    silent.faults.inject("silence", None)
    entry = await add(hass, port)
    result = await begin(hass, entry)
    port.device.delay = 0.1
    result = await submit(hass, result, serial(silent.path))
    assert entry.state is ConfigEntryState.SETUP_IN_PROGRESS
    # While it is being set up it has its port, at the old speed.
    assert is_done(await submit(hass, result, serial(port.path, baud_rate=19200)))
    await works(hass, entry, port)
    assert port.line.line_settings.baud_rate == 19200


async def test_an_entry_that_waits_to_be_set_up_again_can_be_reconfigured(
    hass: HomeAssistant, bench: Bench
) -> None:
    old, new = bench.plug_in(), bench.plug_in()
    old.faults.inject("silence", None)
    entry = await add(hass, old)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    new.faults.inject("silence", 3)
    result = await submit(hass, await begin(hass, entry), serial(new.path))
    assert asks(result, "reconfigure_serial", base="no_reply")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert is_done(await submit(hass, result, serial(new.path)))
    await works(hass, entry, new)


async def test_an_entry_that_failed_for_its_password_can_be_reconfigured(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(locked())
    entry = await add(hass, port)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    result = await submit(hass, await begin(hass, entry), serial(port.path))
    assert asks(result, "reconfigure_serial", base="password_needed")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert is_done(await submit(hass, result, {**serial(port.path), "password": "123456"}))
    await works(hass, entry, port)


async def test_a_dialog_that_fails_and_is_closed_leaves_one_sampler(
    hass: HomeAssistant, bench: Bench
) -> None:
    port, silent = bench.plug_in(), bench.plug_in()
    silent.faults.inject("silence", None)
    entry = await add(hass, port)
    result = await submit(hass, await begin(hass, entry), serial(silent.path))
    hass.config_entries.flow.async_abort(result["flow_id"])
    await works(hass, entry, port)
    samplers = [task for task in asyncio.all_tasks() if task.get_name().startswith("battmon sampler")]
    assert len(samplers) == 1
