"""Where a device is reached: what a wire of each kind needs to know."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, override

from homeassistant.core import HomeAssistant

from ..model.errors import LinkDown
from ..protocols.protocol import Protocol
from ..transports.wire import Wire
from ..transports.wires import Wires
from .bluetooth import HomeAssistantRadio, signal_strength

CONF_WIRE = "wire"
CONF_DEVICE = "device"
"""Port or URL. Home Assistant finds out by this name who uses a port."""
CONF_BAUD_RATE = "baud_rate"
CONF_BUS = "bus"
"""Path of an I2C adapter."""
CONF_BUS_ADDRESS = "bus_address"
"""Of a device on a bus, as a number."""
CONF_ADDRESS = "address"
"""Of a Bluetooth device, upper case with colons."""
WIRE_SERIAL = "serial"
WIRE_BLUETOOTH = "bluetooth"
WIRE_I2C = "i2c"


class Place(ABC):
    """The way to one device."""

    default_interval: ClassVar[float]
    """Seconds between samples that the wire carries easily."""
    connection_is_device: ClassVar[bool] = False
    """Whether the device cannot be exchanged without the end of the connection."""

    @classmethod
    @abstractmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry's data."""

    @abstractmethod
    async def acquire(self, hass: HomeAssistant, wires: Wires, protocol: type[Protocol]) -> Wire:
        """Return the wire to it. Raises `WireConflict`."""

    @property
    def address(self) -> str | None:
        """The Bluetooth address, `None` on any other wire."""
        return None

    def signal_strength(self, hass: HomeAssistant) -> int | None:
        """Return how strong it is received, in dBm, if that is known."""
        return None


@dataclass(frozen=True, slots=True)
class SerialPlace(Place):
    """A serial port."""

    default_interval: ClassVar = 2.0
    url: str
    baud_rate: int

    @classmethod
    @override
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(data[CONF_DEVICE], int(data[CONF_BAUD_RATE]))

    @override
    async def acquire(self, hass: HomeAssistant, wires: Wires, protocol: type[Protocol]) -> Wire:
        return await wires.acquire_serial(self.url, self.baud_rate)


@dataclass(frozen=True, slots=True)
class BluetoothPlace(Place):
    """A Bluetooth address."""

    default_interval: ClassVar = 10.0
    connection_is_device: ClassVar = True  # the radio module is powered by its battery
    device: str

    @classmethod
    @override
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(data[CONF_ADDRESS])

    @property
    @override
    def address(self) -> str:
        return self.device

    @override
    async def acquire(self, hass: HomeAssistant, wires: Wires, protocol: type[Protocol]) -> Wire:
        if protocol.bluetooth is None:
            raise LinkDown(f"{protocol.name} has no Bluetooth")
        radio = HomeAssistantRadio(hass, self.device)
        return wires.acquire_bluetooth(self.device, radio, protocol.bluetooth.channels)

    @override
    def signal_strength(self, hass: HomeAssistant) -> int | None:
        return signal_strength(hass, self.device)


@dataclass(frozen=True, slots=True)
class BusPlace(Place):
    """An address on an I2C bus."""

    default_interval: ClassVar = 2.0
    bus: str
    bus_address: int

    @classmethod
    @override
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(data[CONF_BUS], int(data[CONF_BUS_ADDRESS]))

    @override
    async def acquire(self, hass: HomeAssistant, wires: Wires, protocol: type[Protocol]) -> Wire:
        return await wires.acquire_i2c(self.bus, self.bus_address)


PLACES: dict[str, type[Place]] = {
    WIRE_SERIAL: SerialPlace,
    WIRE_BLUETOOTH: BluetoothPlace,
    WIRE_I2C: BusPlace,
}


def place_of(data: Mapping[str, Any]) -> Place:
    """Return where an entry's device is reached."""
    return PLACES[data[CONF_WIRE]].of(data)
