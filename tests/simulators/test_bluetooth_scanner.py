"""The simulated radio under Home Assistant's own Bluetooth stack: manager, wrapper and retry connector."""

from typing import Any

import bleak_retry_connector
import pytest
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak_retry_connector import BleakConnectionError, BleakOutOfConnectionSlotsError
from habluetooth import BluetoothReachabilityIntent, get_manager

from homeassistant.components import bluetooth
from simulators.bluetooth.gatt import WRITE, WRITE_WITHOUT_RESPONSE
from simulators.bluetooth.jbd import ADDRESS
from simulators.bluetooth.scanner import SOURCE, Scanner

from .house import House
from .radio import BASIC_INFO, CELL_VOLTAGES, board, until

pytestmark = pytest.mark.usefixtures("enable_bluetooth")

INFO = board().receive(BASIC_INFO, 0.0)[0].data
CELLS = board().receive(CELL_VOLTAGES, 0.0)[0].data


# Connecting.


async def test_a_battery_answers_through_home_assistant(house: House) -> None:
    await house.scanner()
    client = await house.connect()
    assert await house.ask(client, BASIC_INFO) == INFO
    assert house.notified == [INFO[:20], INFO[20:]]
    assert client.mtu_size == 23
    assert client.services.get_characteristic("ff02").max_write_without_response_size == 20
    assert await client.read_gatt_char("2a00") == b"JBD-SP04S034"
    await client.stop_notify("ff01")
    await client.disconnect()
    assert not client.is_connected
    assert house.lost == 1
    assert not house.battery.connected


async def test_a_battery_is_heard_with_name_service_and_signal(house: House) -> None:
    await house.scanner(attenuation=12)
    assert house.heard.name == "JBD-SP04S034"
    assert house.heard.service_uuids == ["0000ff00-0000-1000-8000-00805f9b34fb"]
    assert house.heard.rssi == -72
    assert house.heard.source == SOURCE
    assert house.heard.connectable


async def test_notifying_characteristics_have_a_configuration_descriptor(house: House) -> None:
    await house.scanner()
    client = await house.connect(listen=False)
    rows = client.services.characteristics.values()
    found = {row.uuid[4:8]: [item.uuid[4:8] for item in row.descriptors] for row in rows}
    assert found == {"2a00": [], "ff01": ["2902"], "ff02": []}
    await client.disconnect()


async def test_a_link_that_drops_empties_the_services_and_tells(house: House) -> None:
    await house.scanner()
    client = await house.connect()
    house.battery.cut()
    assert house.lost == 1
    assert not client.is_connected
    assert list(client.services) == []
    with pytest.raises(BleakError):
        await client.write_gatt_char("ff02", BASIC_INFO, response=False)
    client = await house.connect()
    assert await house.ask(client, CELL_VOLTAGES) == CELLS
    await client.disconnect()


@pytest.mark.parametrize("mode", [WRITE, WRITE_WITHOUT_RESPONSE])
async def test_a_write_in_the_wrong_mode_raises(house: House, mode: str) -> None:
    house.battery.change_services("ff00", (mode,))
    await house.scanner()
    client = await house.connect()
    with pytest.raises(BleakGATTProtocolError):
        await client.write_gatt_char("ff02", BASIC_INFO, response=mode != WRITE)
    await client.write_gatt_char("ff02", BASIC_INFO, response=mode == WRITE)
    await until(lambda: b"".join(house.notified) == INFO)
    await client.disconnect()


async def test_errors_of_the_link_are_bleaks(house: House) -> None:
    await house.scanner()
    house.battery.link_faults.inject("fail_listen")
    with pytest.raises(BleakGATTProtocolError):
        await house.connect()
    house.battery.cut()
    client = await house.connect()
    house.battery.link_faults.inject("fail_write")
    with pytest.raises(BleakGATTProtocolError):
        await client.write_gatt_char("ff02", BASIC_INFO, response=True)
    house.battery.link_faults.inject("cut_at_write")
    with pytest.raises(BleakError, match="Disconnected"):
        await client.write_gatt_char("ff02", BASIC_INFO, response=True)
    assert house.lost == 2


@pytest.mark.usefixtures("impatient")
async def test_connecting_again_after_it_was_refused(house: House) -> None:
    await house.scanner()
    house.battery.link_faults.inject("refuse", count=2)
    client = await house.connect(attempts=4)
    assert house.battery.link_faults.count("connect") == 3
    await client.disconnect()


@pytest.mark.usefixtures("impatient")
async def test_connecting_that_hangs_times_out_and_frees_its_slot(house: House) -> None:
    scanner = await house.scanner()
    house.battery.link_faults.inject("hang")
    with pytest.raises(bleak_retry_connector.BleakNotFoundError):
        await house.connect()
    assert scanner.get_allocations().free == 3
    client = await house.connect()
    await client.disconnect()


@pytest.mark.usefixtures("impatient")
async def test_a_link_lost_as_soon_as_it_is_made_is_an_error(house: House) -> None:
    await house.scanner()
    battery, connect = house.battery, house.battery.connect

    async def short_lived(lost: Any) -> Any:
        link = await connect(lost)
        battery.cut()
        return link

    battery.connect = short_lived  # type: ignore[method-assign]
    with pytest.raises(BleakConnectionError, match="Disconnected"):
        await house.connect()


async def test_a_proxy_remembers_services_until_it_is_told_to_forget(house: House) -> None:
    await house.scanner()
    await (await house.connect()).disconnect()
    house.battery.change_services("dh04")
    client = await house.connect(listen=False)
    assert client.services.get_characteristic("ff02") is not None
    with pytest.raises(BleakGATTProtocolError):
        await client.write_gatt_char("ff02", BASIC_INFO, response=False)
    assert await client.clear_cache()
    await client.disconnect()
    client = await house.connect()
    assert client.services.get_characteristic("ff02") is None
    await client.write_gatt_char("fff2", BASIC_INFO, response=False)
    await until(lambda: b"".join(house.notified) == INFO)
    await client.disconnect()


# Slots.


async def test_a_link_takes_a_slot_and_gives_it_back(house: House) -> None:
    scanner = await house.scanner(slots=2)
    client = await house.connect()
    known = get_manager().async_current_allocations(SOURCE)
    assert known is not None
    assert (known[0].slots, known[0].free, known[0].allocated) == (2, 1, [ADDRESS])
    await client.disconnect()
    assert scanner.get_allocations().free == 2
    known = get_manager().async_current_allocations(SOURCE)
    assert known is not None
    assert known[0].free == 2


@pytest.mark.usefixtures("impatient")
async def test_without_a_free_slot_nobody_connects(house: House) -> None:
    scanner = await house.scanner()
    scanner.occupy()
    with pytest.raises(BleakOutOfConnectionSlotsError, match="slot allocations are all full"):
        await house.connect()
    told = bluetooth.async_address_reachability_diagnostics(
        house.hass, ADDRESS, BluetoothReachabilityIntent.CONNECTION
    )
    assert "slots=0/3" in told
    assert house.battery.link_faults.count("connect") == 0
    scanner.free()
    await (await house.connect()).disconnect()


@pytest.mark.usefixtures("impatient")
async def test_a_scanner_that_cannot_connect_only_hears(house: House) -> None:
    scanner = Scanner(house.air, connectable=False)
    scanner.register(house.hass)
    await until(lambda: bluetooth.async_last_service_info(house.hass, ADDRESS, False))
    assert bluetooth.async_ble_device_from_address(house.hass, ADDRESS, True) is None
