"""Every protocol by its wire, and how a test builds one."""

from typing import Any

from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.bus import BusProtocol, BusSettings
from custom_components.battmon.protocols.protocol import Protocol
from custom_components.battmon.protocols.sbs import SmartBattery

from .bus_driver import ADDRESS
from .monitors import BUILDS

ON_BUS: dict[str, type[BusProtocol]] = {
    key: kind for key, kind in PROTOCOLS.items() if issubclass(kind, BusProtocol)
}
GAUGES: dict[str, type[SmartBattery]] = {
    key: kind for key, kind in ON_BUS.items() if issubclass(kind, SmartBattery)
}
SPOKEN: dict[str, type[Protocol]] = {key: kind for key, kind in PROTOCOLS.items() if key not in ON_BUS}
"""What is spoken over a serial line or Bluetooth."""


def settings_of(key: str, **settings: Any) -> BusSettings:
    """Return what a person might say of a device on a bus."""
    usual = BUILDS[key][1] if key in BUILDS else {"address": ADDRESS}
    return BusSettings(**usual | settings)


def build(key: str, **settings: Any) -> Protocol:
    """Return a protocol that was not used yet."""
    kind = PROTOCOLS[key]
    return kind(settings_of(key, **settings)) if issubclass(kind, BusProtocol) else kind()


def gauge(key: str, **settings: Any) -> SmartBattery:
    """Return the protocol of a smart battery."""
    return GAUGES[key](settings_of(key, **settings))
