"""Several proxies, proxies that come and go, and what they hear when they ask and when they do not."""

import asyncio

import pytest
from habluetooth import BluetoothScanningMode

from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import ADDRESS
from simulators.bluetooth.scanner import SOURCE, Scanner

from .house import House
from .radio import CELL_VOLTAGES, board, quick, until

pytestmark = pytest.mark.usefixtures("enable_bluetooth")

CELLS = board().receive(CELL_VOLTAGES, 0.0)[0].data
OTHER_SOURCE = "AA:BB:CC:00:00:02"


# Several scanners.


async def test_the_nearer_proxy_is_taken(house: House) -> None:
    far = await house.scanner(attenuation=30)
    near = await house.scanner(OTHER_SOURCE, "near proxy")
    client = await house.connect()
    assert near.get_allocations().allocated == [ADDRESS]
    assert far.get_allocations().allocated == []
    await client.disconnect()


async def test_the_other_proxy_is_taken_when_the_nearer_one_is_full(house: House) -> None:
    far = await house.scanner(attenuation=30)
    near = await house.scanner(OTHER_SOURCE, "near proxy")
    near.occupy()
    client = await house.connect()
    assert far.get_allocations().allocated == [ADDRESS]
    await client.disconnect()


async def test_a_battery_out_of_reach_of_one_proxy_is_heard_by_the_other(house: House) -> None:
    deaf = Scanner(house.air)
    deaf.attenuations[ADDRESS] = 1000
    deaf.register(house.hass)
    await house.scanner(OTHER_SOURCE, "near proxy")
    assert house.heard.source == OTHER_SOURCE
    assert list(deaf.discovered_addresses) == []


@pytest.mark.usefixtures("impatient")
async def test_a_proxy_goes_away_and_comes_back(house: House) -> None:
    scanner = await house.scanner()
    client = await house.connect()
    scanner.unregister()
    scanner.unregister()
    assert house.lost == 1
    assert not client.is_connected
    assert not house.battery.connected
    assert bluetooth.async_scanner_by_source(house.hass, SOURCE) is None
    assert not scanner.registered
    scanner.register(house.hass)
    await until(lambda: bluetooth.async_scanner_by_source(house.hass, SOURCE))
    client = await house.connect()
    assert await house.ask(client, CELL_VOLTAGES) == CELLS
    await client.disconnect()


# Passive and active.


@pytest.fixture
def shy(hass: HomeAssistant, house: House) -> House:
    """A house with a battery whose name only an active scanner learns."""
    house.battery = quick(name_in_scan_response=True)
    house.air = Air(house.battery, interval=0.02)
    return house


async def test_a_passive_scanner_does_not_learn_the_name(shy: House) -> None:
    await shy.scanner(mode=BluetoothScanningMode.PASSIVE)
    await asyncio.sleep(0.1)
    assert shy.heard.name == ADDRESS
    assert shy.heard.service_uuids == ["0000ff00-0000-1000-8000-00805f9b34fb"]


async def test_an_active_scanner_learns_the_name(shy: House) -> None:
    await shy.scanner(mode=BluetoothScanningMode.ACTIVE)
    assert shy.heard.name == "JBD-SP04S034"


async def test_a_passive_scanner_learns_the_name_when_it_is_asked_to_scan(shy: House) -> None:
    scanner = await shy.scanner()
    await asyncio.sleep(0.1)
    assert shy.heard.name == ADDRESS
    scan = asyncio.ensure_future(bluetooth.async_request_active_scan(shy.hass, 5.0))
    await until(lambda: shy.heard.name == "JBD-SP04S034")
    assert scanner.windows == [5.0]
    assert not scan.done()
    scan.cancel()
    await until(lambda: not scanner.active)


async def test_an_active_window_ends(shy: House) -> None:
    scanner = await shy.scanner()
    window = asyncio.ensure_future(scanner.async_request_active_window(0.05))
    await asyncio.sleep(0)
    assert scanner.active
    assert not await scanner.async_request_active_window(0.05)
    assert await window
    assert not scanner.active


@pytest.mark.parametrize("mode", [BluetoothScanningMode.ACTIVE, BluetoothScanningMode.PASSIVE])
async def test_only_a_scanner_in_between_opens_windows(shy: House, mode: BluetoothScanningMode) -> None:
    scanner = await shy.scanner(mode=mode)
    assert not await scanner.async_request_active_window(0.05)
    assert scanner.windows == []


async def test_a_radio_that_connects_does_not_scan(house: House) -> None:
    scanner = await house.scanner()
    before = scanner.discovered_device_timestamps[ADDRESS]
    with scanner.connecting():
        await asyncio.sleep(0.1)
        assert scanner.discovered_device_timestamps[ADDRESS] == before
    await until(lambda: scanner.discovered_device_timestamps[ADDRESS] > before)
