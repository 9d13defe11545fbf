"""The names under which an entry keeps what its source needs, and their typed form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model.errors import DoesNotFit
from ..model.switching import SwitchMemory, Wanted
from ..protocols import PROTOCOLS
from ..protocols.bus import BusProtocol, BusSettings
from ..protocols.power_monitor import CALIBRATION
from ..protocols.protocol import Protocol
from .places import (
    CONF_ADDRESS,
    CONF_BAUD_RATE,
    CONF_BUS,
    CONF_BUS_ADDRESS,
    CONF_DEVICE,
    CONF_WIRE,
    WIRE_BLUETOOTH,
    WIRE_I2C,
    WIRE_SERIAL,
    Place,
    place_of,
)

__all__ = [
    "ALLOW",
    "CALIBRATED",
    "CONF_ADDRESS",
    "CONF_BAUD_RATE",
    "CONF_BLUETOOTH_PASSWORD",
    "CONF_BUS",
    "CONF_BUS_ADDRESS",
    "CONF_DEVICE",
    "CONF_KIND",
    "CONF_PASSWORD",
    "CONF_PROTOCOL",
    "CONF_WIRE",
    "KIND_DEVICE",
    "KIND_ENTITIES",
    "KIND_MERGED",
    "KIND_PARALLEL",
    "KIND_PUSHED",
    "KIND_SERIES",
    "VIRTUAL_KINDS",
    "WIRE_BLUETOOTH",
    "WIRE_I2C",
    "WIRE_SERIAL",
    "DeviceSettings",
]

CONF_KIND = "kind"
"""What an entry's source is; a device where it is not there."""
KIND_DEVICE = "device"
KIND_ENTITIES = "entities"
"""Entities of Home Assistant."""
KIND_PUSHED = "pushed"
"""Readings that an action brings."""
KIND_SERIES = "series"
KIND_PARALLEL = "parallel"
KIND_MERGED = "merged"
VIRTUAL_KINDS = frozenset({KIND_SERIES, KIND_PARALLEL, KIND_MERGED})
"""Made of other batteries."""

CONF_PROTOCOL = "protocol"
CONF_PASSWORD = "password"
CONF_BLUETOOTH_PASSWORD = "bluetooth_password"
"""Of the radio module in front of a battery."""

CALIBRATED = CALIBRATION - {"invert"}
"""Fields of `BusSettings` that make what a device measures right. They may be options as well."""
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
    bus: BusSettings | None = None
    """Of a device on an I2C bus."""

    @classmethod
    def of(cls, data: Mapping[str, Any], options: Mapping[str, Any]) -> DeviceSettings:
        """Read an entry's data and options."""
        return cls(
            protocol=data[CONF_PROTOCOL],
            place=place_of(data),
            password=data.get(CONF_PASSWORD) or None,
            bluetooth_password=data.get(CONF_BLUETOOTH_PASSWORD) or None,
            bus=_bus_settings(data, options) if data[CONF_WIRE] == WIRE_I2C else None,
            permitted=frozenset(name for name, option in ALLOW.items() if options.get(option)),
        )

    def conversations(self, switches: SwitchMemory | None) -> Protocol:
        """Return the conversations with the device. Raises `DoesNotFit`."""
        kind = PROTOCOLS[self.protocol]
        if issubclass(kind, BusProtocol):
            assert self.bus is not None
            try:
                return kind(self.bus)
            except ValueError as error:
                raise DoesNotFit(str(error)) from error
        return kind(
            self.password,
            switches,
            address=self.place.address,
            bluetooth_password=self.bluetooth_password,
        )


def _bus_settings(data: Mapping[str, Any], options: Mapping[str, Any]) -> BusSettings:
    """Calibration is an option; what the device is stands in the data."""
    # Not all options: among them is what the person says of the cells, which may be more than can be read.
    corrections = {name: options[name] for name in CALIBRATED if name in options}
    return BusSettings.of({**data, **corrections, "address": data[CONF_BUS_ADDRESS]})
