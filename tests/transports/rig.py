"""A wire, a simulated battery at its end, and what is said over it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from custom_components.battmon.protocols import jbd
from custom_components.battmon.protocols.conversation import Conversation, Exchange, Request
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.stream import StreamWire
from simulators.battery import FixedBattery
from simulators.device import Device
from simulators.faults import FaultPanel
from simulators.jbd import JbdDevice
from simulators.serial_line import SerialLine
from simulators.tcp_line import TcpLine

INFO, CELLS = 0x03, 0x04
PATH = "/dev/i2c-77"
"""Of a simulated I2C bus: no machine has as many."""

PORTS: dict[str, Callable[[JbdDevice, Path], SerialLine | TcpLine]] = {
    "pty": lambda device, folder: SerialLine(device, folder / "port", None),
    "tcp": lambda device, _folder: TcpLine(device, baud_rate=None),
}


def board(volts: float = 3.3) -> JbdDevice:
    """Return a board with two equal cells that answers at once."""
    return JbdDevice(FixedBattery((volts, volts)), sensors=0, delay=0.0)


def read(register: int, timeout: float = 0.06, retries: int = 5) -> Exchange:
    """Return the exchange that reads a register."""
    return replace(jbd.read(register), timeout=timeout, first_timeout=None, retries=retries)


def asking(*requests: Request) -> Conversation[list[bytes]]:
    """Carry out requests and return the replies."""
    replies: list[bytes] = []
    for request in requests:
        reply = yield request
        replies.append(reply)
    return replies


def voltage(info: bytes) -> float:
    """Return the voltage in the frame that answers 0x03."""
    assert info[1:3] == bytes((INFO, 0))
    return int.from_bytes(info[4:6]) / 100


class Place(Protocol):
    """Where the battery is: a serial line, or the air."""

    faults: FaultPanel

    @property
    def plugged(self) -> bool:
        """Whether it is there."""

    def vanish(self) -> None:
        """Take it away."""

    def reappear(self) -> None:
        """Bring it back."""

    def replace(self, device: Device) -> None:
        """Put another battery there."""


class Rig:
    """One battery on one wire."""

    def __init__(self, device: JbdDevice, line: Place, wire: StreamWire) -> None:
        self.device = device
        self.line = line
        self.wire = wire

    @property
    def faults(self) -> FaultPanel:
        """The fault panel between the battery and its port."""
        return self.line.faults

    @property
    def url(self) -> str:
        """What to open."""
        return self.wire.name

    def set_cells(self, volts: float) -> None:
        """Let the battery measure something else from now on."""
        battery = self.device.battery
        assert isinstance(battery, FixedBattery)
        battery.sensed_cell_voltages = (volts, volts)

    async def ask(self, register: int = INFO, **settings: Any) -> bytes:
        """Read a register."""
        (frame,) = await self.wire.converse(asking(read(register, **settings)))
        return frame

    async def volts(self, **settings: Any) -> float:
        """Read a cell's share of the voltage."""
        return voltage(await self.ask(**settings)) / 2

    async def heard(self, requests: int) -> None:
        """Wait until the battery has heard that many requests."""
        await self.until(lambda: len(self.faults.log) >= requests)

    async def until(self, claim: Callable[[], bool]) -> None:
        """Wait until a claim holds."""
        async with asyncio.timeout(5):
            while not claim():  # noqa: ASYNC110 (what is claimed happens in another thread)
                await asyncio.sleep(0.002)


@contextmanager
def on_a_port(kind: str, folder: Path) -> Iterator[Rig]:
    """Put a battery on a port."""
    device = board()
    with PORTS[kind](device, folder) as line:
        url = line.path if isinstance(line, SerialLine) else line.url
        yield Rig(device, line, SerialWire(url, 9600))
