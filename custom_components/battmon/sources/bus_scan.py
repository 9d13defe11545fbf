"""I2C buses of this computer, and what is on them."""

import logging
import re
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from homeassistant.core import HomeAssistant

from ..model.errors import AddressTaken
from ..protocols import PROTOCOLS
from ..protocols.recognising import ADDRESSES, Recognised, recognise
from ..transports import i2c_scan
from ..transports.wires import canonical_port
from .device import wires_of

_LOGGER = logging.getLogger(__name__)

DEVICES = Path("/dev")
NAMES = (Path("/sys/class/i2c-adapter"), Path("/sys/class/i2c-dev"))
"""Where Linux tells what an adapter calls itself; neither needs to be there."""
NUMBER = re.compile(r"i2c-(\d+)")
NOT_OFFERED = (
    *("i801", "piix4", "nforce", "sis96x", "amd756", "amd8111", "ismt"),  # mainboards
    *("i915", "gmbus", "amdgpu", "radeon", "nvidia", "nvkm", "nouveau", "mgag200"),  # graphics
    *("ddc", "dpmst", "hdmi", "edid", "aux"),  # displays
    *("ef04500", "ef09500", "7d508200", "7d508280"),  # those of the Raspberry Pi 4 and 5
)
"""Names of adapters, in part, whose devices are no batteries and must not be disturbed."""


class BusAdapter(NamedTuple):
    """A bus that may have batteries."""

    path: str
    name: str
    """What the kernel calls it; empty if it does not tell."""


class Trouble(StrEnum):
    """Why a device cannot be asked who it is, in words that are translated."""

    IN_USE = "in_use"
    """A driver of the kernel has its address."""
    BUS_BLOCKED = "bus_blocked"


class Found(NamedTuple):
    """What a scan found at an address."""

    address: int
    kind: str | None = None
    """The key of its protocol; `None` if it is unknown or cannot be asked."""
    name: str | None = None
    """Maker and model, or the kind of chip; `None` if it is unknown."""
    cells: int | None = None
    voltage: float | None = None
    """In V."""
    trouble: Trouble | None = None


def find_buses() -> list[BusAdapter]:
    """Return the buses that are offered, by their numbers. Looks at the file system."""
    numbers = [int(match[1]) for path in DEVICES.glob("i2c-*") if (match := NUMBER.fullmatch(path.name))]
    adapters = [BusAdapter(str(DEVICES / f"i2c-{number}"), _name_of(number)) for number in sorted(numbers)]
    return [adapter for adapter in adapters if not any(part in adapter.name.lower() for part in NOT_OFFERED)]


def _name_of(number: int) -> str:
    for folder in NAMES:
        try:
            return (folder / f"i2c-{number}" / "name").read_text().strip()
        except OSError:
            continue
    return ""


async def buses(hass: HomeAssistant) -> list[BusAdapter]:
    """Return the buses that are offered."""
    return await hass.async_add_executor_job(find_buses)


async def is_bus(hass: HomeAssistant, one: str, other: str) -> bool:
    """Whether both are names of one bus."""
    return await hass.async_add_executor_job(lambda: canonical_port(one) == canonical_port(other))


async def scan(hass: HomeAssistant, path: str) -> list[Found]:
    """Look at the usual addresses of a bus. Raises `LinkDown` or `NoReply` for one that does not work."""
    wires = wires_of(hass)
    anchor = await wires.acquire_i2c(path, ADDRESSES[0])  # as long as it is held, the bus is
    ask = partial(recognise, kinds=PROTOCOLS.values())
    try:
        return [_found(*seen) async for seen in i2c_scan.scan(anchor.bus, ADDRESSES, ask)]
    finally:
        await wires.release(anchor)


def _found(address: int, seen: Recognised | Exception) -> Found:
    if isinstance(seen, Recognised):
        return Found(address, seen.kind, seen.name, seen.cells, seen.voltage)
    _LOGGER.info("No device can be asked at 0x%02x: %s", address, seen)
    return Found(address, trouble=Trouble.IN_USE if isinstance(seen, AddressTaken) else Trouble.BUS_BLOCKED)
