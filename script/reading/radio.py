"""A battery within reach of this computer's own Bluetooth adapter."""

import logging

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError

from custom_components.battmon.model.errors import LinkDown
from custom_components.battmon.protocols.protocol import Bluetooth
from custom_components.battmon.transports.ble import LINK_ERRORS, BleWire, Queue

SCAN_TIME = 10.0
"""Seconds to listen for a battery; it advertises every second or so."""
SCAN_ERRORS: tuple[type[Exception], ...] = (*LINK_ERRORS, ValueError)
"""What scanning raises; `ValueError`: the environment names no D-Bus that could be one."""
NO_BLUEZ = "org.freedesktop.DBus.Error.ServiceUnknown"

# The one line on standard error says what went wrong: bleak need not say it in its own way, too.
for name in ("bleak", "bleak_retry_connector"):
    logging.getLogger(name).addHandler(logging.NullHandler())


class OwnRadio:
    """Finds one device through the adapter of this computer."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def find(self) -> BLEDevice:
        """Listen until the device is heard; raises `LinkDown`."""
        try:
            device = await BleakScanner.find_device_by_address(self._address, timeout=SCAN_TIME)
        except SCAN_ERRORS as error:
            raise LinkDown(f"Bluetooth cannot be used here: {_in_words(error)}") from error
        if device is None:
            raise LinkDown(
                f"not heard within {SCAN_TIME:g} s: out of range, asleep, "
                "or a phone or Home Assistant is connected to it"
            )
        return device

    def explain(self) -> str:
        """Nothing is known beyond what the errors say."""
        return ""


def bluetooth_wire(address: str, kind: Bluetooth) -> BleWire:
    """Return the wire to a device of a kind."""
    return BleWire(address, OwnRadio(address), kind.channels, Queue())


def _in_words(error: Exception) -> str:
    if isinstance(error, BleakBluetoothNotAvailableError):
        return str(error.args[0])  # its text would have the reason's Python name as well
    if isinstance(error, BleakDBusError) and error.dbus_error == NO_BLUEZ:
        return "BlueZ does not run"
    if isinstance(error, OSError):
        return f"no connection to D-Bus ({error.strerror or error})"
    return str(error) or type(error).__name__
