"""What BMS_BLE-HA 2.15 does with a battery, at our interval: aiobmsble, a coordinator and 21 entities.

Rebuilt from its documented behaviour, to be measured against. Its entities are all enabled here, and
those of its link hang on the coordinator as well.
"""

from datetime import timedelta

from aiobmsble import BMSConfig, basebms
from aiobmsble.bms.jbd_bms import BMS
from habluetooth.wrappers import HaBleakClientWrapper

from homeassistant.components.bluetooth import async_ble_device_from_address
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .coordinator import PeerConfigEntry, PeerCoordinator

PLATFORMS = (Platform.BINARY_SENSOR, Platform.SENSOR)
INTERVAL = timedelta(seconds=2)


async def async_setup_entry(hass: HomeAssistant, entry: PeerConfigEntry) -> bool:
    """Set up one battery."""
    # In Home Assistant it is imported when Bluetooth is already there, and so finds this.
    basebms.BleakClient = HaBleakClientWrapper
    device = async_ble_device_from_address(hass, entry.data["address"], connectable=True)
    assert device is not None
    bms = BMS(device, BMSConfig(keep_alive=True))
    entry.runtime_data = coordinator = PeerCoordinator(hass, entry, bms, device.address, INTERVAL)
    await coordinator.async_config_entry_first_refresh()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True
