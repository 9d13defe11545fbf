"""ESPHome's native API without encryption, the device's side: frames, and the messages that every device has.

The messages are aioesphomeapi's own classes, so this file is of use only where that package is installed.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, cast, override

from aioesphomeapi import api_pb2
from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO

PREAMBLE = 0x00
"""Of a frame that is not encrypted; then come length and type as varints, and the message."""
VERSION = (1, 12)
"""Of the API: the first with short UUIDs, and older than the separate message of capabilities (1.15)."""
SERVER = "simulated"

NUMBERS = {message: number for number, message in MESSAGE_TYPE_TO_PROTO.items()}

type Message = Any
"""A protobuf message; the classes are made when aioesphomeapi is imported."""
type Handler = Callable[[Any, Message], Coroutine[Any, Any, None] | None]


def varint(value: int) -> bytes:
    """Encode a number: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def read_varint(data: bytes | bytearray, start: int) -> tuple[int, int] | None:
    """Return a number and where it ends; None while it is not there as a whole."""
    value = 0
    for place, byte in enumerate(data[start:]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, start + place + 1
    return None


def frame(message: Message) -> bytes:
    """Return a message as it is sent."""
    body = cast("bytes", message.SerializeToString())
    return bytes((PREAMBLE,)) + varint(len(body)) + varint(NUMBERS[type(message)]) + body


def take_frame(data: bytearray) -> tuple[int, bytes] | None:
    """Take a whole frame off the beginning and return its type and body."""
    length = read_varint(data, 1)
    kind = read_varint(data, length[1]) if length else None
    if length is None or kind is None or len(data) < kind[1] + length[0]:
        return None
    end = kind[1] + length[0]
    body = bytes(data[kind[1] : end])
    del data[:end]
    return kind[0], body


class ApiConnection(asyncio.Protocol):
    """One client of the API."""

    handlers: dict[type, Handler]
    """By the class of the message; what is not in it is not answered."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._tasks: set[asyncio.Task[None]] = set()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for task in list(self._tasks):
            task.cancel()

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received[0] != PREAMBLE:
            self.close()
            return
        for message in self._messages():
            self._handle(message)

    def send(self, message: Message) -> None:
        """Send a message; nobody is there after the connection has ended."""
        if self._transport is not None:
            self._transport.write(frame(message))

    def close(self) -> None:
        """End the connection after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def _messages(self) -> Iterator[Message]:
        while self._received and (taken := take_frame(self._received)):
            kind, body = taken
            if kind in MESSAGE_TYPE_TO_PROTO:
                yield MESSAGE_TYPE_TO_PROTO[kind].FromString(body)

    def _handle(self, message: Message) -> None:
        handler = self.handlers.get(type(message)) or COMMON.get(type(message))
        work = handler(self, message) if handler else None
        if work is not None:
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def _hello(client: ApiConnection, _message: Message) -> None:
    major, minor = VERSION
    client.send(
        api_pb2.HelloResponse(
            api_version_major=major, api_version_minor=minor, server_info=SERVER, name=client.name
        )
    )


def _disconnect(client: ApiConnection, _message: Message) -> None:
    client.send(api_pb2.DisconnectResponse())
    client.close()


COMMON: dict[type, Handler] = {
    api_pb2.HelloRequest: _hello,
    api_pb2.AuthenticationRequest: lambda client, _: client.send(api_pb2.AuthenticationResponse()),
    api_pb2.PingRequest: lambda client, _: client.send(api_pb2.PingResponse()),
    api_pb2.ListEntitiesRequest: lambda client, _: client.send(api_pb2.ListEntitiesDoneResponse()),
    api_pb2.DisconnectRequest: _disconnect,
}
