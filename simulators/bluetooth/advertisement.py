"""Advertising packets, byte by byte. Source: Bluetooth core specification supplement, part A."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

LONGEST = 31
"""Bytes in an advertising packet or a scan response at most."""

_FLAGS = 0x01
_UUIDS_16 = 0x03
_UUIDS_128 = 0x07
_NAME = 0x09
_MANUFACTURER = 0xFF
_GENERAL_DISCOVERABLE_NO_CLASSIC = b"\x06"


@dataclass(frozen=True)
class Advertisement:
    """What a peripheral tells everybody."""

    name: str = ""
    services: tuple[int | str, ...] = ()
    """UUIDs: an int of 16 bits, or 128 bits as text."""
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)
    """Data by company number."""
    name_in_scan_response: bool = False
    """Only a scanner that asks, an active one, learns the name."""

    def __post_init__(self) -> None:
        """Refuse what no radio could send."""
        for packet in (self.packet, self.scan_response):
            if len(packet) > LONGEST:
                raise ValueError(f"{len(packet)} bytes do not fit into a packet of {LONGEST}")

    @property
    def packet(self) -> bytes:
        """What every scanner hears."""
        parts = [(_FLAGS, _GENERAL_DISCOVERABLE_NO_CLASSIC), *self._services()]
        parts += [
            (_MANUFACTURER, key.to_bytes(2, "little") + data) for key, data in self.manufacturer.items()
        ]
        return _joined(parts if self.name_in_scan_response else [*parts, *self._name()])

    @property
    def scan_response(self) -> bytes:
        """What a scanner hears that asks."""
        return _joined(self._name() if self.name_in_scan_response else [])

    def _name(self) -> list[tuple[int, bytes]]:
        return [(_NAME, self.name.encode())] if self.name else []

    def _services(self) -> list[tuple[int, bytes]]:
        short = b"".join(uuid.to_bytes(2, "little") for uuid in self.services if isinstance(uuid, int))
        long = b"".join(UUID(uuid).bytes[::-1] for uuid in self.services if isinstance(uuid, str))
        return [(kind, data) for kind, data in ((_UUIDS_16, short), (_UUIDS_128, long)) if data]


def _joined(parts: list[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes((len(data) + 1, kind)) + data for kind, data in parts)
