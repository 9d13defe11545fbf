"""The room: who can be heard in it, and who listens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .gatt import LinkError
from .link import Link, Lost
from .peripheral import Peripheral

INTERVAL = 1.0
"""From one advertisement to the next, in s."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertisement on its way to a receiver."""

    address: str
    signal: int
    """In dBm."""
    packet: bytes
    scan_response: bytes
    """For receivers that ask."""


class Receiver(Protocol):
    """Whoever listens in the room."""

    def hear(self, heard: Heard) -> None:
        """Take an advertisement."""


class Radio(Protocol):
    """What a scanner needs of the room, wherever the room is."""

    def attach(self, receiver: Receiver) -> Callable[[], None]:
        """Let somebody listen; call what this returns to end it."""

    async def connect(self, address: str, lost: Lost) -> Link:
        """Connect to a peripheral; `lost` is called when the link ends, however it ends."""


class Air:
    """A room in this event loop."""

    def __init__(self, *peripherals: Peripheral, interval: float = INTERVAL) -> None:
        self.interval = interval
        self.peripherals = {peripheral.address: peripheral for peripheral in peripherals}
        """By address."""
        self._receivers: list[Receiver] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, peripheral: Peripheral) -> None:
        """Bring a peripheral into the room."""
        self.peripherals[peripheral.address] = peripheral

    def remove(self, address: str) -> None:
        """Take a peripheral out of the room, its link cut."""
        self.peripherals.pop(address).vanish()

    def attach(self, receiver: Receiver) -> Callable[[], None]:
        """Let somebody listen; the first advertisements come at once."""
        self._receivers.append(receiver)
        self._restart(0.0)

        def detach() -> None:
            self._receivers.remove(receiver)
            if not self._receivers:
                self._stop()

        return detach

    async def connect(self, address: str, lost: Lost) -> Link:
        """Connect to a peripheral."""
        if address not in self.peripherals:
            raise LinkError(f"Device with address {address} was not found")
        return await self.peripherals[address].connect(lost)

    def advertise(self) -> None:
        """Let every peripheral be heard now."""
        now = asyncio.get_running_loop().time()
        for peripheral in list(self.peripherals.values()):
            peripheral.tick(now)
            if peripheral.advertising:
                self._spread(peripheral)

    def _spread(self, peripheral: Peripheral) -> None:
        said = peripheral.advertisement
        heard = Heard(peripheral.address, peripheral.signal, said.packet, said.scan_response)
        for receiver in list(self._receivers):
            receiver.hear(heard)

    def _restart(self, delay: float) -> None:
        self._stop()
        self._timer = asyncio.get_running_loop().call_later(delay, self._round)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _round(self) -> None:
        self.advertise()
        self._restart(self.interval)
