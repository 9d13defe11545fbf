"""The names under which an entry keeps what its source needs, and their typed form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model.switching import Wanted

CONF_WIRE = "wire"
CONF_PROTOCOL = "protocol"
CONF_DEVICE = "device"
"""Port or URL. Home Assistant finds out by this name who uses a port."""
CONF_BAUD_RATE = "baud_rate"
CONF_PASSWORD = "password"
WIRE_SERIAL = "serial"

ALLOW = {switch: f"allow_{switch}" for switch in Wanted._fields}
"""The option that permits each switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """How one device is reached and what it may be commanded."""

    protocol: str
    url: str
    baud_rate: int
    password: str | None = None
    permitted: frozenset[str] = frozenset()
    """Switches that the person allowed."""

    @classmethod
    def of(cls, data: Mapping[str, Any], options: Mapping[str, Any]) -> DeviceSettings:
        """Read an entry's data and options."""
        return cls(
            protocol=data[CONF_PROTOCOL],
            url=data[CONF_DEVICE],
            baud_rate=int(data[CONF_BAUD_RATE]),
            password=data.get(CONF_PASSWORD) or None,
            permitted=frozenset(name for name, option in ALLOW.items() if options.get(option)),
        )
