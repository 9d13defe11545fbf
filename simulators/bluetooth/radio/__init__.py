"""Bluetooth proxies of Home Assistant that listen to a simulated room in another process.

To be linked into a configuration folder as `custom_components/simulated_radio`, of a Home Assistant that can
import `simulators`. In YAML: `socket`, that of the room, and `proxies` where a single one will not do.
"""

from pathlib import Path

import voluptuous as vol
from habluetooth import BluetoothScanningMode

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
from simulators.bluetooth.remote import RemoteAir
from simulators.bluetooth.scanner import SOURCE, Scanner

DOMAIN = "simulated_radio"

PROXY = vol.Schema(
    {
        vol.Optional("source", default=SOURCE): cv.string,
        vol.Optional("name", default="simulated proxy"): cv.string,
        vol.Optional("mode", default="auto"): vol.All(vol.Coerce(BluetoothScanningMode)),
        vol.Optional("slots", default=3): cv.positive_int,
        vol.Optional("attenuation", default=0): vol.Coerce(int),
    }
)
CONFIG_SCHEMA = vol.Schema(
    {
        DOMAIN: {
            vol.Required("socket"): cv.string,
            vol.Optional("proxies", default=[{}]): vol.All(cv.ensure_list, [PROXY]),
        }
    },
    extra=vol.ALLOW_EXTRA,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Bring the proxies to Home Assistant; they leave when it stops."""
    settings = config[DOMAIN]
    radio = RemoteAir(Path(settings["socket"]))
    for proxy in settings["proxies"]:
        Scanner(radio, **proxy).register(hass)
    return True
