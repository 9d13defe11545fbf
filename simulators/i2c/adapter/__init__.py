"""An I2C adapter of Home Assistant's computer, whose bus is simulated in another process.

To be linked into a configuration folder as `custom_components/simulated_bus`, of a Home Assistant that can
import `simulators`. In YAML: `path`, under which the bus opens, and `socket`, where it is.
"""

from contextlib import ExitStack
from pathlib import Path

import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
from simulators.i2c.kernel import Kernel
from simulators.i2c.relay import RemoteBus

DOMAIN = "simulated_bus"
CONFIG_SCHEMA = vol.Schema(
    {DOMAIN: {vol.Required("path"): cv.string, vol.Required("socket"): cv.string}}, extra=vol.ALLOW_EXTRA
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Stand behind the path for as long as the process runs."""
    settings = config[DOMAIN]
    kernel = Kernel({settings["path"]: RemoteBus(Path(settings["socket"]))})
    hass.data[DOMAIN] = ExitStack()
    hass.data[DOMAIN].enter_context(kernel.installed())
    return True
