"""Dialogs about batteries in the air, as the browser and Home Assistant's own discovery lead them."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from homeassistant.components import bluetooth
from homeassistant.config_entries import SOURCE_BLUETOOTH, SOURCE_USER, ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import ADDRESS, jbd_peripheral
from simulators.bluetooth.login import Login
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.scanner import Scanner
from simulators.device import Device

from ..battery import jbd, until

UNIQUE_ID = ADDRESS.lower()
OTHER = "A4:C1:37:00:00:02"
FOREIGN = "11:22:33:44:55:66"
"""An address that says nothing about what is behind it."""
CARD = "JBD-SP04S034 (0001)"
"""What the battery at the first address is offered as."""


def battery(device: Device | None = None, **settings: Any) -> Peripheral:
    """Return a battery whose bytes take no time."""
    return jbd_peripheral(device or jbd(), **{"baud_rate": None, "gap": 0.0, **settings})


def guarded(password: str | None = "123123", **settings: Any) -> Peripheral:
    """Return a battery behind a module that wants its password."""
    return battery(login=Login(password, delay=0.0), **settings)


def put_into_the_air(hass: HomeAssistant, *batteries: Peripheral) -> Scanner:
    """Let batteries advertise all the time, and return the proxy that hears them."""
    proxy = Scanner(Air(*batteries, interval=0.02))
    proxy.register(hass)
    return proxy


async def heard(hass: HomeAssistant, *batteries: Peripheral) -> Scanner:
    """Do the same, and wait until Home Assistant has done what it does about all of them."""
    proxy = put_into_the_air(hass, *batteries)
    for one in batteries:
        await is_heard(hass, one.address)
    await hass.async_block_till_done(wait_background_tasks=True)
    return proxy


async def is_heard(hass: HomeAssistant, address: str = ADDRESS) -> None:
    """Wait until Home Assistant knows a device."""
    known = bluetooth.async_ble_device_from_address
    await until(hass, lambda: known(hass, address, connectable=True) is not None)


def hurry(monkeypatch: pytest.MonkeyPatch, proxy: Scanner | None, seconds: float = 0.1) -> None:
    """Let an active scan take a moment, not the five seconds that it takes at least.

    Without a proxy it takes no time: so it is where every scanner scans in its own way.
    """

    async def scan(_hass: HomeAssistant) -> None:
        if proxy is not None:
            await proxy.async_request_active_window(seconds)

    monkeypatch.setattr(bluetooth, "async_request_active_scan", scan)


def entry_for(address: str = ADDRESS, key: str = "KEY", **data: Any) -> MockConfigEntry:
    """Return an entry for a battery over Bluetooth."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Boat",
        unique_id=address.lower(),
        data={CONF_BATTERY_KEY: key, "wire": "bluetooth", "protocol": "jbd", "address": address, **data},
        options={"interval": 0.1, "publish_interval": 0.1},
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Add an entry and set it up."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def cards(hass: HomeAssistant) -> list[ConfigFlowResult]:
    """Return what Home Assistant offers to add."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow for flow in flows if flow["context"]["source"] == SOURCE_BLUETOOTH]


async def discovered(hass: HomeAssistant, address: str = ADDRESS) -> ConfigFlowResult:
    """Return what becomes of an advertisement."""
    info = bluetooth.async_last_service_info(hass, address, connectable=True)
    assert info is not None
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_BLUETOOTH}, data=info)


async def open_card(hass: HomeAssistant) -> ConfigFlowResult:
    """Open what is offered, which must be one battery."""
    (card,) = cards(hass)
    result = await hass.config_entries.flow.async_configure(card["flow_id"])
    assert asks(result, "bluetooth_confirm")
    return result


async def begin(hass: HomeAssistant, choice: str) -> ConfigFlowResult:
    """Start to add a battery and choose from the menu."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await choose(hass, menu, choice)


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: Mapping[str, Any]
) -> ConfigFlowResult:
    """Fill in what is shown and wait as long as the dialog says so."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], dict(user_input))
    return await outcome(hass, result)


async def outcome(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait as long as the dialog says so, and look what it shows then, as the browser does."""
    while result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        result = await hass.config_entries.flow.async_configure(result["flow_id"])
    return result


async def choose(hass: HomeAssistant, menu: ConfigFlowResult, choice: str) -> ConfigFlowResult:
    """Choose from a menu."""
    assert menu["type"] is FlowResultType.MENU
    return await submit(hass, menu, {"next_step_id": choice})


def asks(result: ConfigFlowResult, step: str, **errors: str) -> bool:
    """Whether this form or menu is shown, with exactly these errors."""
    return (result.get("step_id"), result.get("errors") or {}) == (step, errors)


def ends(result: ConfigFlowResult, reason: str) -> bool:
    """Whether the dialog ended for this reason."""
    return (result["type"], result.get("reason")) == (FlowResultType.ABORT, reason)


def detail(result: ConfigFlowResult) -> str:
    """Return what the form says about what went wrong."""
    return (result["description_placeholders"] or {})["detail"]


def offered(result: ConfigFlowResult) -> dict[str, str]:
    """Return the labels of the devices that a form lets a person choose from, by address."""
    assert result["data_schema"] is not None
    selector = next(value for key, value in result["data_schema"].schema.items() if key == "address")
    return {option["value"]: option["label"] for option in selector.config["options"]}


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form is filled in with already."""
    assert result["data_schema"] is not None
    markers: Iterable[Any] = result["data_schema"].schema
    return {str(key): key.description["suggested_value"] for key in markers if key.description}


async def named(hass: HomeAssistant, result: ConfigFlowResult, name: str = "Van") -> ConfigEntry:
    """Name the battery that was found and return its entry."""
    assert asks(result, "battery")
    created = await submit(hass, result, {"name": name})
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return created["result"]


async def is_let_go(hass: HomeAssistant, *batteries: Peripheral) -> None:
    """Wait until nobody is connected any more."""
    await until(hass, lambda: not any(one.connected for one in batteries))
    await asyncio.sleep(0)
