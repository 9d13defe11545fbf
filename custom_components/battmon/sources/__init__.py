"""What can be read as a battery: the only part that the top level knows."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.core import HomeAssistant

from ..model.errors import Refusal, Refused
from ..model.identity import Fingerprint
from ..model.memory import BatteryMemory
from ..model.reading import Reading
from ..protocols import PROTOCOLS
from ..transports.wires import canonical_port
from .device import WIRES, DeviceSource, open_device
from .guarding import MOSFETS, guarding_of
from .interlock import Interlock
from .kind import Opening
from .kinds import kind_of
from .roster import Roster, Seat, roster_of
from .settings import DeviceSettings
from .source import KeepSwitches, Source

__all__ = [
    "MOSFETS",
    "Interlock",
    "Roster",
    "Seat",
    "Source",
    "baud_rate_of",
    "bluetooth_password_is_valid",
    "bluetooth_protocols",
    "current_is_unsigned",
    "dead_band",
    "default_interval",
    "guarding_of",
    "has_interval",
    "is_one_of",
    "open_source",
    "password_is_valid",
    "probe",
    "protocols",
    "retry_now",
    "roster_of",
    "switches_of",
]


async def open_source(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    memory: BatteryMemory,
    keep: KeepSwitches,
) -> Source:
    """Return the source of an entry. Raises `DoesNotFit` and `WireConflict`."""
    return await kind_of(data).open(Opening(hass, data, options, memory, keep))


async def probe(
    hass: HomeAssistant, data: Mapping[str, Any], *, check_password: bool = False
) -> tuple[Fingerprint, Reading]:
    """Read a battery once, as a form does before it adds it. Raises `BattMonError`."""
    source = await open_device(hass, DeviceSettings.of(data, {}))
    try:
        reading = await source.read()
        if check_password:
            await _check_password(source)
    finally:
        await source.close()
    assert source.fingerprint is not None
    return source.fingerprint, reading


async def _check_password(source: DeviceSource) -> None:
    try:
        await source.log_in()
    except Refused as refused:
        if refused.reason is not Refusal.UNKNOWN_COMMAND:  # without passwords any will do
            raise


def is_one_of(port: str, ports: Iterable[str]) -> bool:
    """Whether a port is among others, under this or another of its names. Looks at the file system."""
    return canonical_port(port) in map(canonical_port, ports)


def retry_now(hass: HomeAssistant) -> None:
    """Let every wire that waits to reconnect try at once."""
    if WIRES in hass.data:
        hass.data[WIRES].retry_now()


def protocols() -> dict[str, str]:
    """Return the names of the serial protocols by key."""
    return {key: protocol.name for key, protocol in PROTOCOLS.items() if not protocol.is_on_bus}


def bluetooth_protocols() -> dict[str, str]:
    """Return the names of the protocols that are spoken over Bluetooth, by key."""
    return {key: protocol.name for key, protocol in PROTOCOLS.items() if protocol.bluetooth is not None}


def default_interval(data: Mapping[str, Any]) -> float:
    """Return how often a battery is read unless the person says otherwise, in s."""
    return kind_of(data).default_interval(data)


def has_interval(data: Mapping[str, Any]) -> bool:
    """Whether a battery is read at an interval that can be set."""
    return kind_of(data).has_interval


def dead_band(data: Mapping[str, Any]) -> float:
    """Return the current in A below which a battery's own electronics read 0."""
    return kind_of(data).dead_band(data)


def current_is_unsigned(data: Mapping[str, Any]) -> bool:
    """Whether a battery's own electronics cannot tell charging from discharging."""
    return kind_of(data).current_is_unsigned(data)


def baud_rate_of(protocol: str) -> int:
    """Return the usual line speed of a protocol, in baud."""
    return PROTOCOLS[protocol].serial_line.baud_rate


def password_is_valid(protocol: str, password: str) -> bool:
    """Whether a password has the form that the protocol's devices use."""
    return PROTOCOLS[protocol].password_is_valid(password)


def bluetooth_password_is_valid(protocol: str, password: str) -> bool:
    """Whether a password has the form that the protocol's radio modules use."""
    return PROTOCOLS[protocol].bluetooth_password_is_valid(password)


def switches_of(hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]) -> frozenset[str]:
    """Return which switches of an entry's battery can be allowed."""
    return kind_of(data).switches(hass, data, options)
