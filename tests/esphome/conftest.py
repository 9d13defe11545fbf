"""A simulated ESPHome proxy, set up in Home Assistant by the stock integration's own dialog."""

import sys
from collections.abc import AsyncIterator
from types import ModuleType

import pytest

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from simulators.bluetooth.air import Air
from simulators.bluetooth.esphome_proxy import HOST, EsphomeProxy
from simulators.bluetooth.jbd import jbd_peripheral
from simulators.bluetooth.peripheral import Peripheral
from simulators.jbd import JbdDevice

from ..battery import until

INTERVAL = 0.1
"""Seconds between advertisements."""

# Voice packages in C++, without wheels: ESPHome's dependencies import them, a proxy never uses them.
for package, name in (("pymicro_vad", "MicroVad"), ("pyspeex_noise", "AudioProcessor")):
    if package not in sys.modules:
        sys.modules[package] = ModuleType(package)
        setattr(sys.modules[package], name, object)


class ProxiedRoom:
    """Simulated batteries in reach of one proxy."""

    def __init__(self) -> None:
        self.air = Air(interval=INTERVAL)
        self.proxy = EsphomeProxy(self.air)

    def plug_in(self, device: JbdDevice) -> Peripheral:
        """Bring a battery in; its bytes take no time."""
        battery = jbd_peripheral(device, baud_rate=None, gap=0.0)
        self.air.add(battery)
        return battery


@pytest.fixture
async def room(
    hass: HomeAssistant,
    socket_enabled: None,
    enable_custom_integrations: None,
    enable_bluetooth: None,
    mock_async_zeroconf: object,
) -> AsyncIterator[ProxiedRoom]:
    """A room whose proxy is switched on and set up."""
    assert await async_setup_component(hass, "homeassistant", {})
    room = ProxiedRoom()
    await room.proxy.start()
    entry = await add_proxy(hass, room.proxy.port)
    await until(hass, lambda: "SubscribeBluetoothLEAdvertisementsRequest" in room.proxy.requests)
    yield room
    await hass.config_entries.async_unload(entry.entry_id)
    await room.proxy.stop()


async def add_proxy(hass: HomeAssistant, port: int) -> ConfigEntry:
    """Add the proxy as a person does, by host and port."""
    form = await hass.config_entries.flow.async_init("esphome", context={"source": SOURCE_USER})
    assert form["type"] is FlowResultType.FORM, form
    created = await hass.config_entries.flow.async_configure(
        form["flow_id"], {CONF_HOST: HOST, CONF_PORT: port}
    )
    assert created["type"] is FlowResultType.CREATE_ENTRY, created
    await hass.async_block_till_done()
    entry: ConfigEntry = created["result"]
    return entry
