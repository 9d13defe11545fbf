"""The component that brings a room of another process into a running Home Assistant."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bleak_retry_connector
import pytest
from bleak_retry_connector import establish_connection

import custom_components
import simulators.bluetooth.radio
from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import ADDRESS
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.relay import Relay
from simulators.bluetooth.scanner import SOURCE

from .radio import BASIC_INFO, board, quick, until

pytestmark = pytest.mark.usefixtures("enable_bluetooth")

DOMAIN = "simulated_radio"
INFO = board().receive(BASIC_INFO, 0.0)[0].data


@pytest.fixture
def battery() -> Peripheral:
    return quick()


@pytest.fixture
def relay(battery: Peripheral, tmp_path: Path, unix_sockets: None) -> Iterator[Relay]:
    """The room, in a thread of its own."""
    with Relay(Air(battery, interval=0.02), tmp_path / "radio") as relay:
        yield relay


@pytest.fixture(autouse=True)
def _component(
    relay: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enable_custom_integrations: None
) -> None:
    """Link the component into a configuration folder, and nothing else."""
    folder = tmp_path / "custom_components"
    folder.mkdir()
    (folder / DOMAIN).symlink_to(Path(simulators.bluetooth.radio.__file__).parent)
    monkeypatch.setattr(custom_components, "__path__", [str(folder)])


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture, _component: None) -> Iterator[None]:
    yield
    complaints = [row.getMessage() for row in caplog.get_records("call") if row.levelno >= logging.WARNING]
    assert [text for text in complaints if "has not been tested by Home Assistant" not in text] == []


async def start(hass: HomeAssistant, relay: Relay, **settings: object) -> None:
    assert await async_setup_component(hass, DOMAIN, {DOMAIN: {"socket": str(relay.path)} | settings})
    await until(lambda: bluetooth.async_ble_device_from_address(hass, ADDRESS))


async def test_a_battery_in_another_process_answers(
    hass: HomeAssistant, relay: Relay, battery: Peripheral
) -> None:
    await start(hass, relay)
    device = bluetooth.async_ble_device_from_address(hass, ADDRESS)
    assert device is not None
    received = bytearray()
    client = await establish_connection(
        bleak_retry_connector.BleakClientWithServiceCache, device, "battery", max_attempts=1
    )
    await client.start_notify("ff01", lambda _, data: received.extend(data))
    await client.write_gatt_char("ff02", BASIC_INFO, response=False)
    await until(lambda: received == INFO)
    relay.run(battery.cut)
    await until(lambda: not client.is_connected)


async def test_one_proxy_by_default(hass: HomeAssistant, relay: Relay) -> None:
    await start(hass, relay)
    scanner = bluetooth.async_scanner_by_source(hass, SOURCE)
    assert scanner is not None
    assert scanner.name == f"simulated proxy ({SOURCE})"


async def test_proxies_as_they_are_described(hass: HomeAssistant, relay: Relay) -> None:
    proxies: list[dict[str, Any]] = [
        {"source": "AA:BB:CC:00:00:05", "name": "kitchen", "mode": "active"},
        {"source": "AA:BB:CC:00:00:06", "slots": 1, "attenuation": 20},
    ]
    await start(hass, relay, proxies=proxies)
    kitchen, other = (bluetooth.async_scanner_by_source(hass, row["source"]) for row in proxies)
    assert kitchen is not None
    assert other is not None
    assert kitchen.name == "kitchen (AA:BB:CC:00:00:05)"
    assert kitchen.current_mode is bluetooth.BluetoothScanningMode.ACTIVE
    allocations = other.get_allocations()
    assert allocations is not None
    assert allocations.slots == 1
    await until(lambda: len(bluetooth.async_scanner_devices_by_address(hass, ADDRESS, True)) == 2)
    found = bluetooth.async_scanner_devices_by_address(hass, ADDRESS, True)
    assert {row.scanner.source[-2:]: row.advertisement.rssi for row in found} == {"05": -60, "06": -80}


async def test_the_proxies_leave_when_home_assistant_stops(
    hass: HomeAssistant, relay: Relay, battery: Peripheral
) -> None:
    await start(hass, relay)
    device = bluetooth.async_ble_device_from_address(hass, ADDRESS)
    assert device is not None
    await establish_connection(
        bleak_retry_connector.BleakClientWithServiceCache, device, "battery", max_attempts=1
    )
    assert battery.connected
    await hass.async_stop(force=True)
    await until(lambda: not battery.connected)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "simulated radio"]
