"""The names under which an entry keeps what its source needs, and their typed form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model.switching import Wanted
from .places import (
    CONF_ADDRESS,
    CONF_BAUD_RATE,
    CONF_DEVICE,
    CONF_WIRE,
    WIRE_BLUETOOTH,
    WIRE_SERIAL,
    Place,
    place_of,
)

__all__ = [
    "ALLOW",
    "CONF_ADDRESS",
    "CONF_BAUD_RATE",
    "CONF_BLUETOOTH_PASSWORD",
    "CONF_DEVICE",
    "CONF_PASSWORD",
    "CONF_PROTOCOL",
    "CONF_WIRE",
    "WIRE_BLUETOOTH",
    "WIRE_SERIAL",
    "DeviceSettings",
]

CONF_PROTOCOL = "protocol"
CONF_PASSWORD = "password"
CONF_BLUETOOTH_PASSWORD = "bluetooth_password"
"""Of the radio module in front of a battery."""

ALLOW = {switch: f"allow_{switch}" for switch in Wanted._fields}
"""The option that permits each switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """How one device is reached and what it may be commanded."""

    protocol: str
    place: Place
    password: str | None = None
    bluetooth_password: str | None = None
    permitted: frozenset[str] = frozenset()
    """Switches that the person allowed."""

    @classmethod
    def of(cls, data: Mapping[str, Any], options: Mapping[str, Any]) -> DeviceSettings:
        """Read an entry's data and options."""
        return cls(
            protocol=data[CONF_PROTOCOL],
            place=place_of(data),
            password=data.get(CONF_PASSWORD) or None,
            bluetooth_password=data.get(CONF_BLUETOOTH_PASSWORD) or None,
            permitted=frozenset(name for name, option in ALLOW.items() if options.get(option)),
        )
