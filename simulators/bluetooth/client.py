"""The bleak client of a simulated scanner: what Home Assistant's own wrapper finds beneath itself."""

import asyncio
from typing import TYPE_CHECKING, Any, cast, override

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError

from .gatt import CCCD, MTU, AttError, LinkError, Service
from .link import GONE, Link

if TYPE_CHECKING:
    from .scanner import Scanner


class Client(BaseBleakClient):
    """One attempt to connect through one scanner, and the link that comes of it."""

    def __init__(self, address_or_ble_device: BLEDevice | str, *, scanner: Scanner, **options: Any) -> None:
        super().__init__(address_or_ble_device, **options)
        self._scanner = scanner
        self._link: Link | None = None

    @property
    @override
    def name(self) -> str:
        return self.address

    @property
    @override
    def mtu_size(self) -> int:
        return MTU if self._link is None else self._link.mtu

    @property
    @override
    def is_connected(self) -> bool:
        return self._link is not None and self._link.connected

    @override
    async def connect(self, pair: bool, dangerous_use_bleak_cache: bool = False, **options: Any) -> None:
        """Connect and find out the services, or take the ones known from before."""
        scanner = self._scanner
        with scanner.attempt(self.address), scanner.connecting():
            try:
                async with asyncio.timeout(options.get("timeout", self._timeout)):
                    self._link = await scanner.radio.connect(self.address, self._lost)
            except LinkError as error:
                raise BleakError(str(error)) from error
            if not self._link.connected:
                raise BleakError(GONE)
            scanner.hold(self._link, self.address)
        known = scanner.known_services.get(self.address) if dangerous_use_bleak_cache else None
        services = scanner.known_services[self.address] = known or self._link.services
        self.services = collection(services, self._link.mtu)

    @override
    async def disconnect(self) -> None:
        if self._link is not None:
            await self._link.disconnect()

    async def clear_cache(self) -> bool:
        """Forget the services known from before."""
        self._scanner.known_services.pop(self.address, None)
        return True

    @override
    async def pair(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError("these devices do not pair")

    @override
    async def unpair(self) -> None:
        raise NotImplementedError("these devices do not pair")

    @override
    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **options: Any
    ) -> bytearray:
        try:
            return bytearray(await self._up().read(characteristic.handle))
        except (AttError, LinkError) as error:
            raise bleak_error(error) from error

    @override
    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **options: Any
    ) -> bytearray:
        raise BleakError("the simulated descriptors cannot be read")

    @override
    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        try:
            await self._up().write(characteristic.handle, bytes(data), response)
        except (AttError, LinkError) as error:
            raise bleak_error(error) from error

    @override
    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        raise BleakError("the simulated descriptors cannot be written")

    @override
    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **options: Any
    ) -> None:
        if characteristic.get_descriptor(CCCD) is None:
            raise BleakError(f"{characteristic.uuid} has no client characteristic configuration")
        try:
            await self._up().listen(characteristic.handle, lambda data: callback(bytearray(data)))
        except (AttError, LinkError) as error:
            raise bleak_error(error) from error

    @override
    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        try:
            await self._up().unlisten(characteristic.handle)
        except (AttError, LinkError) as error:
            raise bleak_error(error) from error

    def _up(self) -> Link:
        if self._link is None or not self._link.connected:
            raise LinkError(GONE)
        return self._link

    def _lost(self) -> None:
        """Like bleak's own clients: no services any more, and the owner is told, whoever ended the link."""
        self.services = BleakGATTServiceCollection()
        if self._link is None:
            return
        self._scanner.release(self._link)
        if self._disconnected_callback is not None:
            self._disconnected_callback()


def bleak_error(error: AttError | LinkError) -> BleakError:
    """Say it the way bleak does."""
    return BleakGATTProtocolError(error.code) if isinstance(error, AttError) else BleakError(str(error))


def collection(services: tuple[Service, ...], mtu: int) -> BleakGATTServiceCollection:
    """Return services as bleak keeps them."""
    found = BleakGATTServiceCollection()
    for row in services:
        service = BleakGATTService(row, row.handle, row.uuid)
        found.add_service(service)
        for entry in row.characteristics:
            properties = cast("list[CharacteristicPropertyName]", list(entry.properties))
            characteristic = BleakGATTCharacteristic(
                entry, entry.handle, entry.uuid, properties, lambda: mtu - 3, service
            )
            found.add_characteristic(characteristic)
            if entry.configuration is not None:
                descriptor = BleakGATTDescriptor(entry, entry.configuration, CCCD, characteristic)
                found.add_descriptor(descriptor)
    return found
