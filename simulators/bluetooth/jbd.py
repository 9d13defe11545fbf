"""A JBD board behind its Bluetooth module, ready to be put into the air."""

from typing import Any

from ..device import Device
from .advertisement import Advertisement
from .module import VARIANTS, Module
from .peripheral import Peripheral

ADDRESS = "A4:C1:37:00:00:01"
NAME = "JBD-SP04S034"

_SHORT = {"ff00": 0xFF00, "dh04": 0xFFF0}


def jbd_advertisement(
    address: str, name: str, variant: str = "ff00", *, name_in_scan_response: bool = False
) -> Advertisement:
    """Return what a module advertises: its service, its name and its address in reverse as manufacturer data.

    The long service UUID leaves no place for anything else than a name of up to eight characters.
    """
    own = bytes.fromhex(address.replace(":", ""))[::-1]
    if variant not in _SHORT:
        return Advertisement(name, (VARIANTS[variant][0],), name_in_scan_response=True)
    return Advertisement(
        name, (_SHORT[variant],), {int.from_bytes(own[:2], "little"): own[2:]}, name_in_scan_response
    )


def jbd_peripheral(
    device: Device,
    address: str = ADDRESS,
    name: str = NAME,
    *,
    advertisement: Advertisement | None = None,
    name_in_scan_response: bool = False,
    signal: int = -60,
    advertises_while_connected: bool = False,
    connect_time: float = 0.0,
    **settings: Any,
) -> Peripheral:
    """Put a board into the air; the further settings are those of `Module`."""
    module = Module(device, address, name=name, **settings)
    said = advertisement or jbd_advertisement(
        address, name, settings.get("variant", "ff00"), name_in_scan_response=name_in_scan_response
    )
    return Peripheral(
        module,
        said,
        signal=signal,
        advertises_while_connected=advertises_while_connected,
        connect_time=connect_time,
    )
