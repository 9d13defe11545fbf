"""Simulated batteries on ports or in the air, and entries that read them."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulators.battery import SimulatedBattery
from simulators.bluetooth.peripheral import Peripheral
from simulators.faults import FaultPanel
from simulators.jbd import JbdDevice
from simulators.serial_line import SerialLine

ALLOW_ALL = {"allow_charging": True, "allow_discharging": True, "allow_balancing": True}


class Port:
    """A simulated battery on a pseudo-terminal, with its fault panel."""

    def __init__(self, path: Path, device: JbdDevice, baud_rate: int | None) -> None:
        self.device = device
        self.faults = FaultPanel()
        self.line = SerialLine(device, path, baud_rate, self.faults)

    @property
    def path(self) -> str:
        """What to open."""
        return self.line.path

    def vanish(self) -> None:
        """Pull the plug."""
        self.line.vanish()

    def reappear(self) -> None:
        """Put it back."""
        self.line.reappear()

    def cut(self) -> None:
        """Pull the plug and put it back at once."""
        self.vanish()
        self.reappear()


type Place = Port | Peripheral | str
"""Where a battery is: on a port, also by its name alone, or in the air."""


class Bench:
    """Plugs simulated batteries in and unplugs them all at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._ports = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def plug_in(self, device: JbdDevice | None = None, baud_rate: int | None = None) -> Port:
        """Plug a battery in; without a baud rate its bytes take no time."""
        self._ports += 1
        port = Port(self._folder / f"port{self._ports}", device or jbd(), baud_rate)
        self._stack.enter_context(port.line)
        return port


def jbd(cells: int = 4, *, steady: bool = True, **settings: Any) -> JbdDevice:
    """Return a JBD board that answers at once, on a battery for which no time passes if steady."""
    battery = SimulatedBattery(cells)
    battery.frozen = steady
    settings.setdefault("delay", 0.001)
    return JbdDevice(battery, **settings)


def make_entry(place: Place, **options: Any) -> MockConfigEntry:
    """Return an entry for the battery on a port or in the air."""
    name, data = _bluetooth(place) if isinstance(place, Peripheral) else _serial(place)
    return MockConfigEntry(
        domain=DOMAIN,
        title="Battery",
        unique_id=name,
        data={CONF_BATTERY_KEY: f"KEY{abs(hash(name))}", "protocol": "jbd", **data},
        options=options,
    )


def _serial(port: Port | str) -> tuple[str, dict[str, Any]]:
    path = port if isinstance(port, str) else port.path
    return path, {"wire": "serial", "device": path, "baud_rate": 9600}


def _bluetooth(battery: Peripheral) -> tuple[str, dict[str, Any]]:
    return battery.address.lower(), {"wire": "bluetooth", "address": battery.address}


async def set_up(hass: HomeAssistant, place: Place, **options: Any) -> MockConfigEntry:
    """Add an entry and set it up."""
    entry = make_entry(place, **options)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def entity_id(hass: HomeAssistant, entry: MockConfigEntry, platform: str, key: str) -> str:
    """Return the entity of a battery by its key."""
    unique_id = f"{entry.data[CONF_BATTERY_KEY]}_{key}"
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert found is not None, f"no {platform} {key}"
    return found


def shown(hass: HomeAssistant, entry: MockConfigEntry, platform: str, key: str) -> str:
    """Return the state of an entity of a battery."""
    state = hass.states.get(entity_id(hass, entry, platform, key))
    assert state is not None, f"no state of {platform} {key}"
    return state.state


async def until(hass: HomeAssistant, claim: Callable[[], bool], seconds: float = 30.0) -> float:
    """Wait until `claim` holds and return how long that took, in s; fail after `seconds`."""
    start = time.monotonic()
    while not claim():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        await asyncio.sleep(0.01)
    return time.monotonic() - start
