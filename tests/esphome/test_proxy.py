"""A battery that Home Assistant reaches through the stock ESPHome integration and a proxy on a TCP port.

Times are real ones, with the product's own time-outs; when a proxy is found again is for ESPHome to decide.
"""

import asyncio
import time

import pytest

from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from simulators.bluetooth.esphome_messages import number_of
from simulators.bluetooth.esphome_proxy import ADDRESS as PROXY
from simulators.bluetooth.peripheral import Peripheral

from ..battery import jbd, shown, until
from ..ha.bluetooth_dialogs import cards, is_heard, is_let_go, named, open_card, submit
from ..ha.watched import CELLS, DIGIT, Watched
from .conftest import ProxiedRoom

POLL = 1.0
"""Seconds."""
DOWN = 3.0
"""Seconds that a proxy takes to restart."""


class Proxied(Watched):
    """A battery whose voltages tell the time, in reach of the proxy."""

    def __init__(self, hass: HomeAssistant, room: ProxiedRoom) -> None:
        super().__init__(hass, room, "behind a proxy")  # type: ignore[arg-type]  # it only plugs in

    @property
    def peripheral(self) -> Peripheral:
        """The battery with its radio."""
        assert isinstance(self.port, Peripheral)
        return self.port


async def watched(hass: HomeAssistant, room: ProxiedRoom, monkeypatch: pytest.MonkeyPatch) -> Proxied:
    """Set up a battery and wait for its first values."""
    battery = Proxied(hass, room)
    await is_heard(hass, battery.peripheral.address)
    await battery.set_up(monkeypatch, interval=POLL, publish_interval=0.1)
    battery.watch()
    await battery.polled(1)
    assert battery.connected
    return battery


async def back(battery: Proxied, seconds: float) -> float:
    """Wait for a value that is newer than now and return how long it took, in s."""
    start, now = time.monotonic(), battery.battery.now

    def newest() -> float:
        return float(battery.shows("voltage")) / CELLS if battery.connected else 0.0

    await battery.until(lambda: newest() > now + DIGIT, seconds)
    return time.monotonic() - start


async def ended(hass: HomeAssistant, battery: Proxied, room: ProxiedRoom) -> None:
    """Unload: no link, no slot taken, nothing wrong shown on the way."""
    assert await hass.config_entries.async_unload(battery.entry.entry_id)
    await until(hass, lambda: not room.proxy.allocated)
    assert battery.wrong == []


async def test_a_battery_is_discovered_and_read(hass: HomeAssistant, room: ProxiedRoom) -> None:
    battery = room.plug_in(jbd())
    await until(hass, lambda: bool(cards(hass)), 30.0)
    entry = await named(hass, await submit(hass, await open_card(hass), {}))
    assert float(shown(hass, entry, "sensor", "voltage")) > 12
    assert room.proxy.allocated == [number_of(battery.address)]
    assert {
        "BluetoothGATTGetServicesRequest",
        "BluetoothGATTNotifyRequest",
        "BluetoothGATTWriteDescriptorRequest",
        "BluetoothGATTWriteRequest",
    } <= set(room.proxy.requests)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await is_let_go(hass, battery)
    await until(hass, lambda: not room.proxy.allocated)


async def test_a_link_that_is_lost_is_made_again(
    hass: HomeAssistant, room: ProxiedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = await watched(hass, room, monkeypatch)
    battery.peripheral.cut()
    print(f"link lost: {await back(battery, 15.0):.2f} s")  # noqa: T201 (seen with -s)
    await ended(hass, battery, room)


async def test_a_link_that_is_lost_in_a_poll_or_refused_is_made_again(
    hass: HomeAssistant, room: ProxiedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = await watched(hass, room, monkeypatch)
    faults = battery.peripheral.link_faults
    faults.inject("cut_at_write", skip=1)
    faults.inject("refuse", count=2)
    print(f"cut and refused twice: {await back(battery, 40.0):.2f} s")  # noqa: T201 (seen with -s)
    assert faults.count("connect") >= 4
    await ended(hass, battery, room)


async def test_a_battery_waits_for_a_free_slot(
    hass: HomeAssistant, room: ProxiedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = await watched(hass, room, monkeypatch)
    room.proxy.occupy()
    battery.peripheral.cut()
    (error,) = await battery.polled(1)
    assert error is not None
    assert "slot" in str(error)
    room.proxy.free()
    print(f"slot freed: {await back(battery, 30.0):.2f} s")  # noqa: T201 (seen with -s)
    await ended(hass, battery, room)


async def test_a_proxy_restarts_and_the_battery_comes_back(
    hass: HomeAssistant, room: ProxiedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = await watched(hass, room, monkeypatch)
    assert bluetooth.async_scanner_by_source(hass, PROXY) is not None
    await room.proxy.stop()
    await until(hass, lambda: bluetooth.async_scanner_by_source(hass, PROXY) is None)
    assert not battery.peripheral.connected
    await asyncio.sleep(DOWN)
    await room.proxy.start()
    print(f"proxy up again: {await back(battery, 60.0):.2f} s")  # noqa: T201 (seen with -s)
    assert bluetooth.async_scanner_by_source(hass, PROXY) is not None
    await ended(hass, battery, room)
