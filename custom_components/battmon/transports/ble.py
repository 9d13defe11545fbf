"""Bluetooth LE: two characteristics of a device, one to write and one that notifies, as a byte stream."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol, override

import bleak_retry_connector
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak_retry_connector import device_source, establish_connection

from ..model.errors import LinkDown
from ..protocols.conversation import Channel
from .patience import Patience
from .stream import Listener, StreamWire

CONNECT_TIMEOUT = 20.0
"""Seconds that an adapter gets to connect, find the services and enable notifications."""
TURN_TIMEOUT = 20.0
"""Seconds to wait until the adapter has connected whoever came first."""
CLOSE_TIMEOUT = 5.0
"""Seconds to disconnect; an adapter that takes longer drops the link by itself."""
WRITE_TIMEOUT = 5.0
"""Seconds until a write must have been handed over, or acknowledged."""
BACK_OFF = (0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 4.0)
"""An attempt takes the adapter's time from others; a link that others free again is soon wanted, though."""
ALWAYS_FITS = 20
"""Bytes that every link carries in one write, whatever its MTU."""
LOST = "the link was lost"
WRITE_OVERHEAD = 3
"""Bytes of the MTU that a write needs for itself."""
LINK_ERRORS: tuple[type[Exception], ...] = (BleakError, OSError, EOFError, AttributeError, TimeoutError)
"""What bleak and its backends raise. Some raise AttributeError on a link that has just gone."""


class Radio(Protocol):
    """Finds one device and knows why it cannot be reached."""

    async def find(self) -> BLEDevice:
        """Return the device by its best path of this moment; raises `LinkDown`."""

    def explain(self) -> str:
        """Say in words how well the device can be reached. May be empty."""


class Queue:
    """One connection attempt at a time on each adapter or proxy: they fail when they try two."""

    def __init__(self) -> None:
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def turn(self, device: BLEDevice) -> asyncio.Lock:
        """Return what to hold while connecting to a device."""
        return self._turns[device_source(device) or ""]


class NoChannel(BleakError):
    """The device does not have the characteristics, or no longer where they were."""


class _Link:
    """One standing connection with its channel."""

    def __init__(
        self, client: BleakClient, write: BleakGATTCharacteristic, failed: Callable[[Exception], LinkDown]
    ) -> None:
        """`failed` is told of a write that failed, and returns what to raise."""
        self._client = client
        self._write = write
        self._failed = failed
        self._patience = Patience(WRITE_TIMEOUT)
        # Never guessed: some devices drop the link when written to in the other way.
        self._response = "write-without-response" not in write.properties

    async def send(self, data: bytes) -> None:
        try:
            with self._patience:
                for piece in (data,) if len(data) <= ALWAYS_FITS else self._pieces(data):
                    await self._client.write_gatt_char(self._write, piece, response=self._response)
        except LINK_ERRORS as error:
            raise self._failed(error) from error

    def _pieces(self, data: bytes) -> list[bytes]:
        size = max(self._client.mtu_size - WRITE_OVERHEAD, ALWAYS_FITS)
        return [data[first : first + size] for first in range(0, len(data), size)]

    async def close(self) -> None:
        self._patience.end()
        with suppress(*LINK_ERRORS):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._client.disconnect()


class BleWire(StreamWire):
    """The link to one device, made when needed and again after it was lost."""

    def __init__(self, address: str, radio: Radio, channels: Sequence[Channel], queue: Queue) -> None:
        super().__init__(address)
        self.back_off = BACK_OFF
        self.channels = tuple(channels)
        self._radio = radio
        self._queue = queue
        self._cache = True
        """Whether the services that the adapter remembers are believed."""

    @override
    async def open(self, listener: Listener) -> _Link:
        device = await self._radio.find()
        try:
            return await self._in_turn(device, listener)
        except LINK_ERRORS as error:
            raise self._down(error) from error

    async def _in_turn(self, device: BLEDevice, listener: Listener) -> _Link:
        turn = self._queue.turn(device)
        async with asyncio.timeout(TURN_TIMEOUT):
            await turn.acquire()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                # Again: while others had their turn, the best path may have become another one.
                return await self._connect(await self._radio.find(), listener)
        finally:
            turn.release()

    async def _connect(self, device: BLEDevice, listener: Listener) -> _Link:
        client = await establish_connection(
            # Looked up now: Home Assistant puts its own in this place when Bluetooth is set up.
            bleak_retry_connector.BleakClientWithServiceCache,
            device,
            device.name or self.name,
            disconnected_callback=lambda _client: self._link_ended(listener),
            max_attempts=1,  # the back-off of the wire decides when to try again
            use_services_cache=self._cache,
        )
        try:
            notify, write = self._channel(client)
            await client.start_notify(notify, lambda _sender, data: listener.data_received(data))
        except BaseException as error:
            await self._abandon(client, error)
            raise
        self._cache = True
        return _Link(client, write, self._write_failed)

    def _link_ended(self, listener: Listener) -> None:
        ended_by_us = listener is not self._listener
        listener.connection_lost(None if ended_by_us else self._down(BleakError(LOST)))

    async def _abandon(
        self, client: bleak_retry_connector.BleakClientWithServiceCache, error: BaseException
    ) -> None:
        """Disconnect from a device that is not as it was remembered; look at it afresh the next time."""
        with suppress(*LINK_ERRORS):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                if isinstance(error, BleakError):
                    self._cache = False
                    await client.clear_cache()
                await client.disconnect()

    def _channel(self, client: BleakClient) -> tuple[BleakGATTCharacteristic, BleakGATTCharacteristic]:
        for channel in self.channels:
            for service in client.services:
                notify = _find(service.characteristics, channel.notify, ("notify", "indicate"))
                write = _find(service.characteristics, channel.write, ("write", "write-without-response"))
                if notify is not None and write is not None:
                    return notify, write
        offered = ", ".join(service.uuid[4:8] for service in client.services) or "none"
        raise NoChannel(f"it does not offer the services of such a battery (it has: {offered})")

    def _write_failed(self, error: Exception) -> LinkDown:
        if isinstance(error, BleakGATTProtocolError):  # refused: the characteristic is not what it was
            self._cache = False
        return self._down(error)

    def _down(self, error: Exception) -> LinkDown:
        words, explanation = _in_words(error), self._radio.explain()
        return LinkDown(words if not explanation or explanation in words else f"{words}; {explanation}")


def _find(
    characteristics: Iterable[BleakGATTCharacteristic], uuid: str, properties: Iterable[str]
) -> BleakGATTCharacteristic | None:
    for characteristic in characteristics:
        if characteristic.uuid == uuid and not set(properties).isdisjoint(characteristic.properties):
            return characteristic
    return None


def _in_words(error: Exception) -> str:
    """Return what an error says; some say nothing, some say a number first."""
    if error.args:
        return str(error.args[-1])
    if isinstance(error, TimeoutError):
        return f"it took too long{_tried_before(error)}"
    return type(error).__name__


def _tried_before(error: TimeoutError) -> str:
    """Return the error after which the connector was about to try again when the time was over, if any."""
    cancelled = error.__cause__
    cause = None if cancelled is None else cancelled.__context__
    return f": {cause}" if isinstance(cause, LINK_ERRORS) and str(cause) else ""
