"""Bluetooth devices as Home Assistant sees them: nearby ones, one at its address, and who else has it."""

from collections.abc import Iterable
from typing import NamedTuple

from bleak.backends.device import BLEDevice

from homeassistant.components import bluetooth
from homeassistant.components.bluetooth import (
    MONOTONIC_TIME,
    BluetoothReachabilityIntent,
    BluetoothScannerDevice,
    BluetoothServiceInfoBleak,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.loader import async_get_integration

from ..model.errors import LinkDown
from ..protocols import PROTOCOLS

SIGNAL_AGE = 60.0
"""Seconds. A signal heard longer ago says nothing about now: most devices fall silent while connected."""


class Nearby(NamedTuple):
    """A device that can be connected to."""

    address: str
    """Upper case, with colons."""
    name: str
    """As advertised; the address if it has none."""
    signal: int
    """In dBm."""
    protocol: str | None
    """What it is by its advertisement, `None` if that does not say."""


def recognise(info: BluetoothServiceInfoBleak) -> str | None:
    """Return the protocol of the device that sent an advertisement, `None` if it is no battery we know."""
    for key, protocol in PROTOCOLS.items():
        kind = protocol.bluetooth
        if kind is not None and kind.recognises(
            info.advertisement.local_name, info.address, info.service_uuids
        ):
            return key
    return None


def nearby(hass: HomeAssistant) -> list[Nearby]:
    """Return all devices that can be connected to, the strongest signal first."""
    found = [
        Nearby(info.address, info.name or info.address, info.rssi, recognise(info))
        for info in bluetooth.async_discovered_service_info(hass, connectable=True)
    ]
    return sorted(found, key=lambda device: -device.signal)


def can_connect(hass: HomeAssistant) -> bool:
    """Whether there is an adapter or proxy at all that can connect."""
    return bluetooth.async_scanner_count(hass, connectable=True) > 0


async def scan(hass: HomeAssistant) -> None:
    """Ask every scanner to look around actively: some names are only told when asked for. Takes seconds."""
    await bluetooth.async_request_active_scan(hass)


async def taken_by(hass: HomeAssistant, address: str, domain: str) -> str | None:
    """Return the name of another integration that has set this device up, if any.

    A device serves one link at a time: two integrations would fight for it.
    """
    for entry in hass.config_entries.async_entries(include_ignore=False, include_disabled=False):
        if entry.domain != domain and _is_about(hass, entry, address):
            return (await async_get_integration(hass, entry.domain)).name
    return None


def _is_about(hass: HomeAssistant, entry: ConfigEntry, address: str) -> bool:
    """Whether an entry stands for this one device, not for a scanner or tracker that merely hears it."""
    plain = dr.format_mac(address)
    known: Iterable[object] = (entry.unique_id, entry.data.get("address"), entry.data.get("mac_address"))
    return any(isinstance(value, str) and dr.format_mac(value) == plain for value in known)


class HomeAssistantRadio:
    """Finds one device through all adapters and proxies of Home Assistant."""

    def __init__(self, hass: HomeAssistant, address: str) -> None:
        self._hass = hass
        self._address = address

    async def find(self) -> BLEDevice:
        """Return the device by its best path of this moment, if one is free; raises `LinkDown`."""
        device = bluetooth.async_ble_device_from_address(self._hass, self._address, connectable=True)
        paths = bluetooth.async_scanner_devices_by_address(self._hass, self._address, connectable=True)
        if device is None or not paths:
            raise LinkDown(f"not in range of anything that can connect: {self.explain()}")
        # Trying without a free connection slot would only keep others from theirs.
        if not any(map(_is_free, paths)):
            raise LinkDown(f"no connection slot is free: {self.explain()}")
        return device

    def explain(self) -> str:
        """Say in words how well the device can be reached."""
        return bluetooth.async_address_reachability_diagnostics(
            self._hass, self._address, BluetoothReachabilityIntent.CONNECTION
        )


def _is_free(path: BluetoothScannerDevice) -> bool:
    slots = path.scanner.get_allocations()
    return slots is None or slots.free > 0


def signal_strength(hass: HomeAssistant, address: str) -> int | None:
    """Return the signal of the newest advertisement in dBm, `None` if it is too old to tell."""
    info = bluetooth.async_last_service_info(hass, address, connectable=True)
    if info is None or MONOTONIC_TIME() - info.time > SIGNAL_AGE:
        return None
    return info.rssi


def forget(hass: HomeAssistant, address: str) -> None:
    """Let a device that was removed be discovered again."""
    bluetooth.async_rediscover_address(hass, address)
