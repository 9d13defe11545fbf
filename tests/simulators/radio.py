"""What the tests of the simulated radio share: a battery in the air and a central that talks to it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulators.bluetooth.air import Heard, Radio
from simulators.bluetooth.gatt import NOTIFY, Characteristic
from simulators.bluetooth.jbd import ADDRESS, jbd_peripheral
from simulators.bluetooth.link import Link
from simulators.bluetooth.peripheral import Peripheral
from simulators.jbd import JbdDevice
from simulators.presets import steady_4s

BASIC_INFO = bytes.fromhex("dda50300fffd77")
CELL_VOLTAGES = bytes.fromhex("dda50400fffc77")
ENTER_FACTORY_MODE = bytes.fromhex("dd5a00025678ff3077")


def board(**options: object) -> JbdDevice:
    """Return a board that answers at once."""
    return steady_4s(**{"delay": 0.0} | options)


def quick(address: str = ADDRESS, **settings: object) -> Peripheral:
    """Return a battery in the air that loses no time."""
    given = {"baud_rate": None, "gap": 0.0} | settings
    return jbd_peripheral(board(), address, **given)  # type: ignore[arg-type]


async def until(condition: Callable[[], object], patience: float = 15.0) -> None:
    """Wait for something, in s; fail when it does not come."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110 (it is somebody else who changes)
            await asyncio.sleep(0.005)


class Ear:
    """A receiver that remembers."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def hear(self, heard: Heard) -> None:
        self.heard.append(heard)


@contextmanager
def listening(radio: Radio) -> Iterator[Ear]:
    """Listen for a while."""
    ear = Ear()
    detach = radio.attach(ear)
    try:
        yield ear
    finally:
        detach()


class Central:
    """Somebody who connects, without Home Assistant."""

    def __init__(self, radio: Radio, address: str = ADDRESS) -> None:
        self.notified: list[bytes] = []
        self.lost = 0
        self._radio = radio
        self._address = address
        self._link: Link | None = None

    @property
    def link(self) -> Link:
        assert self._link is not None
        return self._link

    @property
    def received(self) -> bytes:
        return b"".join(self.notified)

    async def connect(self, listen: bool = True) -> Link:
        self._link = await self._radio.connect(self._address, self._on_lost)
        if listen:
            await self.link.listen(self.sender.handle, self.notified.append)
        return self.link

    @property
    def sender(self) -> Characteristic:
        found = [row for service in self.link.services for row in service.characteristics]
        return next(row for row in found if NOTIFY in row.properties)

    @property
    def receiver(self) -> Characteristic:
        return self.link.services[-1].characteristics[-1]

    async def write(self, data: bytes, response: bool = False) -> None:
        await self.link.write(self.receiver.handle, data, response)

    async def ask(self, data: bytes) -> bytes:
        """Write a request and return its whole answer."""
        self.notified.clear()
        await self.write(data)
        await until(lambda: self.received.endswith(b"\x77"))
        return self.received

    def _on_lost(self) -> None:
        self.lost += 1
