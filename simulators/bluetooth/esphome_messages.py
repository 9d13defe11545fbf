"""Addresses, UUIDs and services as ESPHome's native API has them."""

from aioesphomeapi import api_pb2
from bleak.assigned_numbers import CHARACTERISTIC_PROPERTIES

from .esphome_api import Message
from .gatt import BASE, CCCD, INVALID_HANDLE, AttError, Characteristic, Service

_PROPERTIES = {name: bit for bit, name in CHARACTERISTIC_PROPERTIES.items()}


def number_of(address: str) -> int:
    """Return an address as the API has it."""
    return int(address.replace(":", ""), 16)


def address_of(number: int) -> str:
    """Return an address as the room has it."""
    return number.to_bytes(6).hex(":").upper()


def configured(services: tuple[Service, ...], handle: int) -> Characteristic:
    """Return the characteristic that the descriptor with this handle configures."""
    for service in services:
        for characteristic in service.characteristics:
            if characteristic.configuration == handle:
                return characteristic
    raise AttError(INVALID_HANDLE)


def uuid_fields(uuid: str) -> dict[str, int | list[int]]:
    """Return a UUID as the API has it: two halves, or the short form."""
    short = int(uuid[:8], 16)
    if uuid == BASE.format(short):
        return {"short_uuid": short}
    whole = int(uuid.replace("-", ""), 16)
    return {"uuid": [whole >> 64, whole & (1 << 64) - 1]}


def service_message(service: Service) -> Message:
    """Return a service and what is in it."""
    return api_pb2.BluetoothGATTService(
        **uuid_fields(service.uuid),
        handle=service.handle,
        characteristics=[characteristic_message(entry) for entry in service.characteristics],
    )


def characteristic_message(entry: Characteristic) -> Message:
    """Return a characteristic with the descriptor that switches its notifications on."""
    configuration = entry.configuration
    return api_pb2.BluetoothGATTCharacteristic(
        **uuid_fields(entry.uuid),
        handle=entry.handle,
        properties=sum(bit for name, bit in _PROPERTIES.items() if name in entry.properties),
        descriptors=[]
        if configuration is None
        else [api_pb2.BluetoothGATTDescriptor(**uuid_fields(CCCD), handle=configuration)],
    )
