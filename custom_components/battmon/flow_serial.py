"""Adding a battery on a serial port."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components import usb
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult

from . import sources
from .flow_forms import SECTION_LINE, serial_schema
from .flow_reading import ReadingSteps
from .sources.settings import (
    CONF_BAUD_RATE,
    CONF_DEVICE,
    CONF_PROTOCOL,
    CONF_WIRE,
    WIRE_SERIAL,
)


class SerialSteps(ReadingSteps):
    """Asks for a port. It opens at once, so the battery is read while the form is shown."""

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the port and read the battery behind it."""
        if user_input is not None:
            self._form_before, self._typed = "serial", user_input
            device = await self._port(user_input[CONF_DEVICE])
            await self.async_set_unique_id(device)
            self._abort_if_unique_id_configured()
            if await self._port_is_taken(device):
                return self.async_abort(reason="already_configured")
            self._data = serial_data(user_input, device)
            return await self._connect()
        return self._form("serial", serial_schema())

    async def _port(self, device: str) -> str:
        """Return the name of a port that it keeps when ports are plugged in another order."""
        device = device.strip()
        if not device.startswith("/dev/"):
            return device
        return await self.hass.async_add_executor_job(usb.get_serial_by_id, device)

    async def _port_is_taken(self, device: str, but: ConfigEntry | None = None) -> bool:
        """Whether a battery is set up on this port, under this or another of its names."""
        ports = [
            entry.data[CONF_DEVICE]
            for entry in self._async_current_entries(include_ignore=False)
            if entry is not but and CONF_DEVICE in entry.data
        ]
        return await self.hass.async_add_executor_job(sources.is_one_of, device, ports)


def serial_data(user_input: Mapping[str, Any], device: str) -> dict[str, Any]:
    """Return an entry's data about its port."""
    protocol = user_input[CONF_PROTOCOL]
    baud_rate = user_input.get(SECTION_LINE, {}).get(CONF_BAUD_RATE) or sources.baud_rate_of(protocol)
    return {
        CONF_WIRE: WIRE_SERIAL,
        CONF_PROTOCOL: protocol,
        CONF_DEVICE: device,
        CONF_BAUD_RATE: int(baud_rate),
    }
