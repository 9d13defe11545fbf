"""Services and characteristics as a central sees them, and the errors of the attribute protocol."""

from collections.abc import Iterable
from dataclasses import dataclass

BASE = "0000{:04x}-0000-1000-8000-00805f9b34fb"
CCCD = BASE.format(0x2902)
"""Client characteristic configuration: where a central switches notifications on."""
GENERIC_ACCESS = BASE.format(0x1800)
DEVICE_NAME = BASE.format(0x2A00)

MTU = 23
"""Of a link on which nobody asked for more, in bytes; a packet carries three less."""

WRITE = "write"
WRITE_WITHOUT_RESPONSE = "write-without-response"
READ = "read"
NOTIFY = "notify"

# Bluetooth core specification, volume 3, part F, 3.4.1.1.
INVALID_HANDLE = 0x01
READ_NOT_PERMITTED = 0x02
WRITE_NOT_PERMITTED = 0x03
REQUEST_NOT_SUPPORTED = 0x06
INVALID_LENGTH = 0x0D
UNLIKELY_ERROR = 0x0E


class LinkError(Exception):
    """A link could not be made, or is no more."""


class AttError(Exception):
    """The peripheral, or the central's own stack, refused an operation."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A characteristic, with the handle of its value."""

    uuid: str
    handle: int
    properties: tuple[str, ...]
    value: bytes = b""
    """What reading it gives."""

    @property
    def configuration(self) -> int | None:
        """Handle of the descriptor that switches notifications on."""
        return self.handle + 1 if NOTIFY in self.properties else None


@dataclass(frozen=True, slots=True)
class Service:
    """A service and what is in it."""

    uuid: str
    handle: int
    characteristics: tuple[Characteristic, ...]


def find(services: Iterable[Service], handle: int) -> Characteristic:
    """Return the characteristic with this value handle."""
    for service in services:
        for characteristic in service.characteristics:
            if characteristic.handle == handle:
                return characteristic
    raise AttError(INVALID_HANDLE)


def generic_access(name: str) -> Service:
    """Every peripheral has it."""
    return Service(GENERIC_ACCESS, 0x0001, (Characteristic(DEVICE_NAME, 0x0003, (READ,), name.encode()),))
