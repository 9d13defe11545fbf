"""A Home Assistant for measuring: the real core, registries and config entries.

No test plugin, whose fixtures turn asyncio's debug mode on; no frontend, and no recorder (see `recording`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, override

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.sources.device import WIRES
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.wires import Wires
from homeassistant import bootstrap, loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .wire import CountingWire

ALLOW_ALL = {"allow_charging": True, "allow_discharging": True, "allow_balancing": True}

_MEMORY = Path("/dev/shm")  # noqa: S108 - every run makes a folder of its own there
FOLDER = _MEMORY if _MEMORY.is_dir() else None
"""Where files are in memory on Linux: how long a disk takes to flush them says nothing of the program."""


class PreparedWires(Wires):
    """Hands out wires that were made before, by their names."""

    def __init__(self, wires: Mapping[str, CountingWire]) -> None:
        super().__init__()
        self._prepared = wires

    @override
    async def acquire_serial(self, url: str, baud_rate: int) -> SerialWire:
        return self._prepared[url]


@asynccontextmanager
async def home_assistant(wires: Mapping[str, CountingWire]) -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant with one battery on each wire, set up with the default options."""
    batteries = {
        name: {"wire": "serial", "protocol": "jbd", "device": name, "baud_rate": 9600} for name in wires
    }
    async with home_assistant_with(batteries, PreparedWires(wires)) as hass:
        yield hass


@asynccontextmanager
async def home_assistant_with(
    batteries: Mapping[str, Mapping[str, object]], wires: Wires
) -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant with these batteries: what their entries say, by their names."""
    logging.disable(logging.WARNING)
    with TemporaryDirectory(dir=FOLDER) as folder:
        hass = await _started(folder)
        hass.data[WIRES] = wires
        try:
            await asyncio.gather(*(_add_battery(hass, name, data) for name, data in batteries.items()))
            await hass.async_block_till_done()
            yield hass
        finally:
            await hass.async_stop(force=True)


async def _started(folder: str) -> HomeAssistant:
    hass = HomeAssistant(folder)
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth_manager_from_config(hass, [], [])
    hass.set_state(CoreState.running)
    return hass


async def _add_battery(hass: HomeAssistant, name: str, data: Mapping[str, object]) -> None:
    entry: ConfigEntry[object] = ConfigEntry(
        data={CONF_BATTERY_KEY: name, **data},
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        minor_version=1,
        options=ALLOW_ALL,
        source="user",
        subentries_data=(),
        title=name,
        unique_id=name,
        version=1,
    )
    await hass.config_entries.async_add(entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"{name} is not set up: {entry.reason}")


def enabled_entities(hass: HomeAssistant) -> int:
    """Return how many enabled entities the batteries have."""
    registry = er.async_get(hass)
    return sum(
        entity.platform == DOMAIN and entity.disabled_by is None for entity in registry.entities.values()
    )


class StateWrites:
    """Counts every state that is written, changed or not."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.changed = 0
        self._unchanged = 0
        self._stop = (
            hass.bus.async_listen(EVENT_STATE_CHANGED, self._note_changed),
            hass.bus.async_listen(EVENT_STATE_REPORTED, self._note_unchanged, event_filter=_every),
        )

    @property
    def count(self) -> int:
        """Return how many there were."""
        return self.changed + self._unchanged

    def stop(self) -> None:
        """Count no more."""
        for stop in self._stop:
            stop()

    @callback
    def _note_changed(self, _event: Event[Any]) -> None:
        self.changed += 1

    @callback
    def _note_unchanged(self, _event: Event[Any]) -> None:
        self._unchanged += 1


@callback
def _every(_data: object) -> bool:
    return True
