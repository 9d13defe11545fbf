"""One client of a simulated ESPHome proxy, and the links that it has through it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, override

from aioesphomeapi import BLEConnectionError, api_pb2

from .air import Heard
from .esphome_api import ApiConnection, Handler, Message
from .esphome_messages import address_of, configured, number_of, service_message
from .gatt import READ_NOT_PERMITTED, AttError, LinkError
from .link import Link

if TYPE_CHECKING:
    from .esphome_proxy import EsphomeProxy

VERSION = "2026.9.0"
"""Of ESPHome. Home Assistant raises an issue about proxies before 2026.5.1."""
FEATURES = 0b1111_1111
"""Bits 0 to 7: passive scans, connections, remote caching, pairing, clearing of the cache,
raw advertisements, state and mode of the scanner, connection parameters."""

NOT_CONNECTED = -1
"""ESPHome's own GATT error."""
NO_ERROR = 0
TIMEOUT = BLEConnectionError.ESP_GATT_CONN_TIMEOUT
ENDED_HERE = BLEConnectionError.ESP_GATT_CONN_TERMINATE_LOCAL_HOST
REFUSED = BLEConnectionError.ESP_GATT_CONN_FAIL_ESTABLISH
PAIRING_NOT_SUPPORTED = 0x05
"""Bluetooth core specification, volume 3, part H, 3.5.5."""


class Session(ApiConnection):
    """One client of the proxy, and its links."""

    def __init__(self, proxy: EsphomeProxy) -> None:
        super().__init__(proxy.name)
        self.handlers = HANDLERS
        self._proxy = proxy
        self._links: dict[int, Link] = {}
        self._attempts: dict[int, asyncio.Task[None]] = {}
        self._wanted: set[tuple[int, int]] = set()
        """Address and handle of the notifications that are passed on."""
        self._counts_slots = False
        self._mode = api_pb2.BLUETOOTH_SCANNER_MODE_PASSIVE
        self._detach: Callable[[], None] | None = None

    @property
    def taken(self) -> list[int]:
        """Addresses that take a slot."""
        return [*self._links, *self._attempts]

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._proxy.sessions.append(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.unsubscribe()
        self._attempts.clear()
        links, self._links = self._links, {}
        for link in links.values():
            link.drop()
        self._proxy.sessions.remove(self)
        self._proxy.tell_slots()

    def abort(self) -> None:
        """End without a word."""
        if self._transport is not None:
            self._transport.abort()

    @override
    def _handle(self, message: Message) -> None:
        self._proxy.requests.append(type(message).__name__)
        super()._handle(message)

    # The scanner.

    def subscribe(self, _message: Message) -> None:
        """Pass advertisements on, and say at once that the scanner runs."""
        self.unsubscribe()
        self._tell_scanner()
        self._detach = self._proxy.radio.attach(self)

    def unsubscribe(self, _message: Message = None) -> None:
        """Pass no advertisements on any more."""
        if self._detach is not None:
            self._detach()
            self._detach = None

    def set_mode(self, message: Message) -> None:
        """Scan actively or passively from now on."""
        self._mode = message.mode
        self._tell_scanner()

    def hear(self, heard: Heard) -> None:
        """Pass an advertisement on; while it connects, a radio does not scan."""
        if self._attempts:
            return
        active = self._mode == api_pb2.BLUETOOTH_SCANNER_MODE_ACTIVE
        raw = api_pb2.BluetoothLERawAdvertisement(
            address=number_of(heard.address),
            rssi=heard.signal,
            data=heard.packet + (heard.scan_response if active else b""),
        )
        self.send(api_pb2.BluetoothLERawAdvertisementsResponse(advertisements=[raw]))

    def _tell_scanner(self) -> None:
        self.send(
            api_pb2.BluetoothScannerStateResponse(
                state=api_pb2.BLUETOOTH_SCANNER_STATE_RUNNING,
                mode=self._mode,
                configured_mode=api_pb2.BLUETOOTH_SCANNER_MODE_ACTIVE,
            )
        )

    # Slots and links.

    def count_slots(self, _message: Message) -> None:
        """Tell the free slots now and whenever they change."""
        self._counts_slots = True
        self.tell_slots()

    def tell_slots(self) -> None:
        """Say how many slots are free, if that was asked for."""
        if self._counts_slots:
            proxy = self._proxy
            self.send(
                api_pb2.BluetoothConnectionsFreeResponse(
                    free=proxy.free_slots, limit=proxy.slots, allocated=proxy.allocated
                )
            )

    async def request(self, message: Message) -> None:
        """Connect, disconnect or forget services."""
        kinds = api_pb2.BluetoothDeviceRequest.DESCRIPTOR.fields_by_name["request_type"].enum_type
        name = kinds.values_by_number[message.request_type].name
        await REQUESTS[name.removeprefix("BLUETOOTH_DEVICE_REQUEST_TYPE_")](self, message.address)

    async def connect(self, address: int) -> None:
        """Connect, if a slot is free."""
        task = asyncio.current_task()
        if task is None or address in self.taken or not self._proxy.free_slots:
            self._tell(address, NO_ERROR)
            return
        self._attempts[address] = task
        self._proxy.tell_slots()
        try:
            link = await self._proxy.radio.connect(address_of(address), partial(self._lost, address))
        except LinkError:
            self._attempts.pop(address, None)
            self._tell(address, REFUSED)
            return
        self._attempts.pop(address, None)
        if not link.connected:
            self._tell(address, TIMEOUT)
            return
        self._links[address] = link
        self._tell(address, NO_ERROR, link.mtu)

    async def disconnect(self, address: int) -> None:
        """End a link, or the attempt to make one."""
        if attempt := self._attempts.pop(address, None):
            attempt.cancel()
        if link := self._links.pop(address, None):
            await link.disconnect()
        self._tell(address, ENDED_HERE)

    async def clear_cache(self, address: int) -> None:
        """Forget services; this proxy remembers none."""
        self.send(api_pb2.BluetoothDeviceClearCacheResponse(address=address, success=True))

    async def pair(self, address: int) -> None:
        """Refuse: these devices do not pair."""
        error = PAIRING_NOT_SUPPORTED
        self.send(api_pb2.BluetoothDevicePairingResponse(address=address, paired=False, error=error))

    async def unpair(self, address: int) -> None:
        """Forget a bond; there is none."""
        self.send(api_pb2.BluetoothDeviceUnpairingResponse(address=address, success=True))

    def _lost(self, address: int) -> None:
        """The link ended, and not from here."""
        if self._links.pop(address, None) is not None:
            self._tell(address, TIMEOUT)

    def _tell(self, address: int, error: int, mtu: int = 0) -> None:
        """Say whether there is a link now (it has an MTU), then how many slots are free."""
        if not mtu:
            self._wanted = {wanted for wanted in self._wanted if wanted[0] != address}
        self.send(
            api_pb2.BluetoothDeviceConnectionResponse(
                address=address, connected=bool(mtu), mtu=mtu, error=error
            )
        )
        self._proxy.tell_slots()

    # What is done with a link.

    async def services(self, message: Message) -> None:
        """Tell the services, one message each."""
        address = message.address
        link = self._links.get(address)
        for service in link.services if link else ():
            told = [service_message(service)]
            self.send(api_pb2.BluetoothGATTGetServicesResponse(address=address, services=told))
        self.send(api_pb2.BluetoothGATTGetServicesDoneResponse(address=address))

    async def read(self, message: Message) -> None:
        """Read a value."""

        async def act(link: Link) -> Message:
            data = await link.read(message.handle)
            return api_pb2.BluetoothGATTReadResponse(
                address=message.address, handle=message.handle, data=data
            )

        await self._do(message, act)

    async def write(self, message: Message) -> None:
        """Write a value; the proxies answer either way of writing."""

        async def act(link: Link) -> Message:
            await link.write(message.handle, message.data, message.response)
            return api_pb2.BluetoothGATTWriteResponse(address=message.address, handle=message.handle)

        await self._do(message, act)

    def read_descriptor(self, message: Message) -> None:
        """Refuse: the simulated descriptors can only be written."""
        self._fail(message, READ_NOT_PERMITTED)

    def set_parameters(self, message: Message) -> None:
        """Take connection parameters; no simulated link depends on them."""
        self.send(api_pb2.BluetoothSetConnectionParamsResponse(address=message.address, error=NO_ERROR))

    async def configure(self, message: Message) -> None:
        """Write a descriptor: notifications are switched on and off in the peripheral."""

        async def act(link: Link) -> Message:
            handle = configured(link.services, message.handle).handle
            if message.data[0] & 1:
                await link.listen(handle, partial(self._notify, message.address, handle))
            else:
                await link.unlisten(handle)
            return api_pb2.BluetoothGATTWriteResponse(address=message.address, handle=message.handle)

        await self._do(message, act)

    async def want(self, message: Message) -> None:
        """Pass notifications on, or not any more; the peripheral learns nothing of it."""

        async def act(_link: Link) -> Message:
            wanted = (message.address, message.handle)
            (self._wanted.add if message.enable else self._wanted.discard)(wanted)
            return api_pb2.BluetoothGATTNotifyResponse(address=message.address, handle=message.handle)

        await self._do(message, act)

    def _notify(self, address: int, handle: int, data: bytes) -> None:
        if (address, handle) in self._wanted:
            self.send(api_pb2.BluetoothGATTNotifyDataResponse(address=address, handle=handle, data=data))

    async def _do(self, message: Message, act: Callable[[Link], Awaitable[Message]]) -> None:
        """Answer with what comes of it, or with the error of the attribute protocol."""
        link = self._links.get(message.address)
        if link is None:
            self._fail(message, NOT_CONNECTED)
            return
        try:
            self.send(await act(link))
        except AttError as error:
            self._fail(message, error.code)
        except LinkError:
            self._fail(message, NOT_CONNECTED)

    def _fail(self, message: Message, error: int) -> None:
        self.send(
            api_pb2.BluetoothGATTErrorResponse(address=message.address, handle=message.handle, error=error)
        )

    def describe(self, _message: Message) -> None:
        """Say what this device is."""
        proxy = self._proxy
        self.send(
            api_pb2.DeviceInfoResponse(
                name=proxy.name,
                friendly_name="Simulated proxy",
                mac_address=proxy.address,
                bluetooth_mac_address=proxy.address,
                esphome_version=VERSION,
                model="simulated",
                manufacturer="Espressif",
                bluetooth_proxy_feature_flags=FEATURES,
            )
        )


HANDLERS: dict[type, Handler] = {
    api_pb2.DeviceInfoRequest: Session.describe,
    api_pb2.SubscribeBluetoothLEAdvertisementsRequest: Session.subscribe,
    api_pb2.UnsubscribeBluetoothLEAdvertisementsRequest: Session.unsubscribe,
    api_pb2.BluetoothScannerSetModeRequest: Session.set_mode,
    api_pb2.SubscribeBluetoothConnectionsFreeRequest: Session.count_slots,
    api_pb2.BluetoothDeviceRequest: Session.request,
    api_pb2.BluetoothGATTGetServicesRequest: Session.services,
    api_pb2.BluetoothGATTReadRequest: Session.read,
    api_pb2.BluetoothGATTWriteRequest: Session.write,
    api_pb2.BluetoothGATTReadDescriptorRequest: Session.read_descriptor,
    api_pb2.BluetoothGATTWriteDescriptorRequest: Session.configure,
    api_pb2.BluetoothGATTNotifyRequest: Session.want,
    api_pb2.BluetoothSetConnectionParamsRequest: Session.set_parameters,
}
REQUESTS: dict[str, Callable[[Session, int], Awaitable[None]]] = {
    "CONNECT_V3_WITH_CACHE": Session.connect,
    "CONNECT_V3_WITHOUT_CACHE": Session.connect,
    "DISCONNECT": Session.disconnect,
    "PAIR": Session.pair,
    "UNPAIR": Session.unpair,
    "CLEAR_CACHE": Session.clear_cache,
}
