"""A battery over Bluetooth that asks for its password: there may be two."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon import flow_reading
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from simulators.bluetooth.login import Login
from simulators.bluetooth.peripheral import Peripheral

from ..battery import jbd, shown, until
from .bluetooth_dialogs import (
    asks,
    battery,
    detail,
    ends,
    entry_for,
    guarded,
    heard,
    set_up,
    submit,
)
from .house import set_switches
from .test_reauth import reauth_flows

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "quick", "short_sight")


def locked(password: str = "123456") -> Any:
    """Return a board that answers nothing without its password."""
    return jbd(password=password, password_scope="all")


async def is_asked(hass: HomeAssistant, *fields: str) -> ConfigFlowResult:
    """Wait until the one dialog about a password is there and open it; it asks for these."""
    await until(hass, lambda: bool(reauth_flows(hass)))
    await hass.async_block_till_done()
    (flow,) = reauth_flows(hass)
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert asks(result, "reauth_confirm")
    assert result["data_schema"] is not None
    assert [str(field) for field in result["data_schema"].schema] == list(fields)
    return result


async def works(hass: HomeAssistant, entry: MockConfigEntry, peripheral: Peripheral) -> None:
    """Assert that the entry is loaded and reads from this module."""
    await until(hass, lambda: entry.state is ConfigEntryState.LOADED)
    await hass.async_block_till_done()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    before = len(peripheral.faults.log)
    await until(hass, lambda: len(peripheral.faults.log) > before)


# A password that is missing or wrong.


async def test_an_entry_that_never_had_a_password_asks_for_either(hass: HomeAssistant) -> None:
    peripheral = guarded()
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for())
    assert entry.state is ConfigEntryState.SETUP_ERROR
    result = await is_asked(hass, "password", "bluetooth_password")
    assert (result["description_placeholders"] or {})["name"] == "Boat"
    for given, error in (
        ({}, {"base": "password_needed"}),
        ({"password": ""}, {"base": "password_needed"}),
        ({"bluetooth_password": "123"}, {"bluetooth_password": "invalid_bluetooth_password"}),
        ({"bluetooth_password": "000000"}, {"base": "wrong_bluetooth_password"}),
    ):
        result = await submit(hass, result, given)
        assert asks(result, "reauth_confirm", **error)
    assert ends(await submit(hass, result, {"bluetooth_password": "123123"}), "reauth_successful")
    await works(hass, entry, peripheral)
    assert entry.data["bluetooth_password"] == "123123"
    assert "password" not in entry.data


async def test_a_module_whose_password_was_changed_asks_for_that_alone(hass: HomeAssistant) -> None:
    peripheral = guarded()
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for(bluetooth_password="123123"))
    await works(hass, entry, peripheral)
    assert isinstance(peripheral.module.login, Login)
    peripheral.module.login.password = "secret"
    peripheral.cut()
    result = await is_asked(hass, "bluetooth_password")
    result = await submit(hass, result, {"bluetooth_password": "Secret"})
    assert asks(result, "reauth_confirm", base="wrong_bluetooth_password")
    assert ends(await submit(hass, result, {"bluetooth_password": "secret"}), "reauth_successful")
    await works(hass, entry, peripheral)
    assert entry.data["bluetooth_password"] == "secret"


async def test_a_board_whose_password_was_changed_asks_for_that_alone(hass: HomeAssistant) -> None:
    peripheral = battery(locked())
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for(password="123456"))
    await works(hass, entry, peripheral)
    peripheral.replace(locked("654321"))
    result = await is_asked(hass, "password")
    assert ends(await submit(hass, result, {"password": "654321"}), "reauth_successful")
    await works(hass, entry, peripheral)


async def test_both_passwords_can_be_given_one_after_the_other(hass: HomeAssistant) -> None:
    peripheral = guarded(device=locked())
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for())
    result = await is_asked(hass, "password", "bluetooth_password")
    result = await submit(hass, result, {"bluetooth_password": "123123"})
    assert asks(result, "reauth_confirm", base="password_needed")
    assert result["data_schema"] is not None
    assert list(result["data_schema"].schema) == ["password"], "by now it is known which"
    assert ends(await submit(hass, result, {"password": "123456"}), "reauth_successful")
    await works(hass, entry, peripheral)
    assert (entry.data["password"], entry.data["bluetooth_password"]) == ("123456", "123123")


async def test_a_wrong_password_that_was_not_asked_for_is_forgotten(hass: HomeAssistant) -> None:
    peripheral = guarded(device=jbd(password="123456", password_scope="factory"))
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for())
    result = await is_asked(hass, "password", "bluetooth_password")
    result = await submit(hass, result, {"password": "111111", "bluetooth_password": "123123"})
    assert asks(result, "reauth_confirm", base="wrong_password")
    assert ends(await submit(hass, result, {"password": ""}), "reauth_successful")
    await works(hass, entry, peripheral)
    assert "password" not in entry.data


async def test_a_command_that_needs_a_password_may_mean_either(hass: HomeAssistant) -> None:
    peripheral = battery(jbd(password="123456", password_scope="factory"))
    await heard(hass, peripheral)
    entry = entry_for()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={**entry.options, "allow_charging": True})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    with pytest.raises(Exception, match="asks for a password"):
        await set_switches(hass, entry, charging=False)
    result = await is_asked(hass, "password", "bluetooth_password")
    await works(hass, entry, peripheral)
    result = await submit(hass, result, {"password": "111111"})
    assert asks(result, "reauth_confirm", base="wrong_password")
    assert ends(await submit(hass, result, {"password": "123456"}), "reauth_successful")
    await works(hass, entry, peripheral)
    await set_switches(hass, entry, charging=False)


async def test_a_battery_out_of_range_is_asked_again(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_reading, "CONNECT_TIME", 0.5)
    peripheral = guarded()
    await heard(hass, peripheral)
    entry = await set_up(hass, entry_for())
    result = await is_asked(hass, "password", "bluetooth_password")
    peripheral.vanish()
    result = await submit(hass, result, {"bluetooth_password": "123123"})
    assert asks(result, "reauth_confirm", base="bluetooth_link_down")
    assert "not within" in detail(result)
    peripheral.reappear()
    monkeypatch.setattr(flow_reading, "CONNECT_TIME", 5.0)
    assert ends(await submit(hass, result, {"bluetooth_password": "123123"}), "reauth_successful")
    await works(hass, entry, peripheral)
