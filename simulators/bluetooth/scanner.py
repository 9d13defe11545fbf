"""A Bluetooth proxy, or adapter, of Home Assistant that listens to a simulated room and connects in it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast, override

from bleak.backends.client import BaseBleakClient
from bleak_retry_connector.bluez import Allocations
from bluetooth_data_tools import monotonic_time_coarse
from habluetooth import BaseHaRemoteScanner, BluetoothScanningMode, HaBluetoothConnector, get_manager

from homeassistant.components import bluetooth
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback

from .air import Heard, Radio
from .client import Client
from .gatt import Service
from .link import Link

SOURCE = "AA:BB:CC:00:00:01"
WEAKEST = -105
"""No receiver hears less, in dBm."""


class Scanner(BaseHaRemoteScanner):
    """One proxy. Register it, let it go away, register it again."""

    def __init__(
        self,
        radio: Radio,
        source: str = SOURCE,
        name: str = "simulated proxy",
        *,
        mode: BluetoothScanningMode = BluetoothScanningMode.AUTO,
        connectable: bool = True,
        slots: int = 3,
        attenuation: int = 0,
    ) -> None:
        """Mode AUTO is what proxies do: passive, and active when asked. `attenuation` is in dB."""
        client = cast("type[BaseBleakClient]", partial(Client, scanner=self))
        connector = HaBluetoothConnector(client, source, self._can_connect) if connectable else None
        active = mode is BluetoothScanningMode.ACTIVE
        super().__init__(
            source,
            name,
            connector,
            connectable,
            requested_mode=mode,
            current_mode=BluetoothScanningMode.ACTIVE if active else BluetoothScanningMode.PASSIVE,
        )
        self.radio = radio
        self.slots = slots
        """Links that it can hold at a time."""
        self.attenuation = attenuation
        self.attenuations: dict[str, int] = {}
        """By address, where it differs, in dB: 1000 is out of reach."""
        self.known_services: dict[str, tuple[Service, ...]] = {}
        """By address, as proxies and adapters remember them."""
        self.windows: list[float] = []
        """Durations of the active scans asked for, in s."""
        self._attempts: list[str] = []
        self._links: dict[Link, str] = {}
        self._elsewhere = 0
        self._endings: list[CALLBACK_TYPE] = []

    # What Home Assistant asks.

    @override
    def get_allocations(self) -> Allocations:
        taken = [*self._attempts, *self._links.values()]
        free = max(0, self.slots - self._elsewhere - len(taken))
        return Allocations(self.source, self.slots, free, taken)

    @override
    async def async_request_active_window(self, duration: float) -> bool:
        """Scan actively for a while, as a proxy does: one request at a time."""
        if self.requested_mode is not BluetoothScanningMode.AUTO or self.active:
            return False
        self.windows.append(duration)
        self.set_current_mode(BluetoothScanningMode.ACTIVE)
        try:
            await asyncio.sleep(duration)
        finally:
            self.set_current_mode(BluetoothScanningMode.PASSIVE)
        return True

    @property
    def active(self) -> bool:
        """Whether it asks for scan responses now."""
        return self.current_mode is BluetoothScanningMode.ACTIVE

    def _can_connect(self) -> bool:
        return self.registered and self.get_allocations().free > 0

    # What the radio and the clients tell.

    def hear(self, heard: Heard) -> None:
        """Take an advertisement; while it connects, a radio does not scan."""
        signal = heard.signal - self.attenuations.get(heard.address, self.attenuation)
        if signal >= WEAKEST and not self.connecting_count:
            raw = heard.packet + (heard.scan_response if self.active else b"")
            self._async_on_raw_advertisement(
                heard.address, signal, raw, {"address_type": 0}, monotonic_time_coarse()
            )

    @contextmanager
    def attempt(self, address: str) -> Iterator[None]:
        """Take a slot while connecting."""
        self._attempts.append(address)
        self._tell()
        try:
            yield
        finally:
            self._attempts.remove(address)
            self._tell()

    def hold(self, link: Link, address: str) -> None:
        """Keep a slot for a link."""
        self._links[link] = address

    def release(self, link: Link) -> None:
        """Let the slot of a link go."""
        if self._links.pop(link, None) is not None:
            self._tell()

    # What tests and people do to it.

    def occupy(self, slots: int | None = None) -> None:
        """Let links to other devices take slots, all by default."""
        self._elsewhere = self.slots if slots is None else slots
        self._tell()

    def free(self) -> None:
        """Let the links to other devices end."""
        self.occupy(0)

    @property
    def registered(self) -> bool:
        """Whether Home Assistant has it."""
        return bool(self._endings)

    @callback
    def register(self, hass: HomeAssistant) -> CALLBACK_TYPE:
        """Come to Home Assistant; call what this returns to go away, like a proxy that loses its network."""
        self._endings = [
            bluetooth.async_register_scanner(hass, self),
            self.async_setup(),
            self.radio.attach(self),
            hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._stop),
        ]
        self._tell()
        return self.unregister

    @callback
    def unregister(self) -> None:
        """Go away: its links end, and nothing is heard through it any more."""
        endings, self._endings = self._endings, []
        for link in list(self._links):
            link.drop()
        for end in reversed(endings):
            end()

    @callback
    def _stop(self, event: Event) -> None:
        # Its listener has removed itself.
        self._endings.pop()
        self.unregister()

    def _tell(self) -> None:
        if self.registered:
            get_manager().async_on_allocation_changed(self.get_allocations())
