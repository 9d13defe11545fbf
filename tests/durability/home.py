"""A Home Assistant with one battery, in a process that is there to be killed.

It tells all that it shows, knows and writes, each as one line of JSON.
"""

import asyncio
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, override

from custom_components.battmon import memory
from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.coordinator import BattmonCoordinator
from custom_components.battmon.memory_file import MemoryFile
from homeassistant import bootstrap, loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import CoreState, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

BATTERY = "KILLED"
SAVE_INTERVAL = 0.25
"""In s, in the place of a minute."""
BEAT = 0.02
"""In s. How often the state is told; how late that is says how busy the machine is."""
TOTALS = ("energy_in", "energy_out", "charge_in", "charge_out")
OPTIONS = {
    "interval": 0.1,
    "publish_interval": 0.1,
    "use": "vehicle",  # levels only rise, until they are reset
    "low_voltage": 13.0,
    "low_voltage_critical": 12.0,
    "low_voltage_delay": 0,
}


class Life(NamedTuple):
    """What a process is to do until it is killed."""

    folder: str
    device: str
    reset: bool
    """Whether the failsafe is reset at the start."""


class Voice:
    """Tells what happens to whoever reads the pipe."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._turn = threading.Lock()

    def tell(self, what: str, **more: Any) -> None:
        """Write one line, whole: short ones go through a pipe in one piece."""
        line = json.dumps({"what": what, "at": time.monotonic(), **more}) + "\n"
        with self._turn:
            os.write(self._pipe, line.encode())


def live(life: Life, pipe: int) -> None:
    """Run until the process is killed."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_live(life, Voice(pipe)))


async def _live(life: Life, voice: Voice) -> None:
    memory.SAVE_INTERVAL = SAVE_INTERVAL
    _watch_writing(voice)
    hass = await _started(life.folder)
    hass.bus.async_listen(EVENT_STATE_CHANGED, partial(_tell_shown, hass, voice))
    coordinator = await _battery(hass, life.device)
    if life.reset:
        coordinator.watch.reset_failsafe()
    voice.tell("ready")
    while True:
        state = coordinator.state
        voice.tell("beat", level=state.failsafe.level.key, totals=_totals(state.estimators.counting))
        await asyncio.sleep(BEAT)


def _totals(counting: Any) -> dict[str, float]:
    return {key: getattr(counting, key) for key in TOTALS}


def _watch_writing(voice: Voice) -> None:
    write: Callable[[MemoryFile, str, bytes], None] = MemoryFile._write_prepared_data

    def told(file: MemoryFile, mode: str, data: bytes) -> None:
        voice.tell("writing", **in_file(data))
        write(file, mode, data)
        voice.tell("written", **in_file(data))

    MemoryFile._write_prepared_data = told  # type: ignore[method-assign,assignment]


def in_file(content: bytes) -> dict[str, Any]:
    """Return what the memory file says of the battery: its totals and its level."""
    record = json.loads(content)["data"]["batteries"].get(BATTERY)
    if record is None:
        return {"level": "none", "totals": dict.fromkeys(TOTALS, 0.0)}
    counting = record["estimators"]["counting"]
    return {"level": record["failsafe"]["level"], "totals": {key: counting[key] for key in TOTALS}}


@callback
def _tell_shown(hass: HomeAssistant, voice: Voice, event: Event[EventStateChangedData]) -> None:
    state = event.data["new_state"]
    entry = er.async_get(hass).async_get(event.data["entity_id"])
    if state is not None and entry is not None and entry.platform == DOMAIN:
        voice.tell("shown", key=entry.unique_id.removeprefix(f"{BATTERY}_"), value=state.state)


class _Entries(ConfigEntries):
    """Keeps nothing: every life adds its entry itself."""

    @callback
    @override
    def _async_schedule_save(self) -> None:
        pass


async def _started(folder: str) -> HomeAssistant:
    hass = HomeAssistant(folder)
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = _Entries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth_manager_from_config(hass, [], [])
    hass.set_state(CoreState.running)
    return hass


async def _battery(hass: HomeAssistant, device: str) -> BattmonCoordinator:
    entry: ConfigEntry[BattmonCoordinator] = ConfigEntry(
        data={
            CONF_BATTERY_KEY: BATTERY,
            "wire": "serial",
            "protocol": "jbd",
            "device": device,
            "baud_rate": 9600,
        },
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        entry_id=BATTERY,
        minor_version=1,
        options=OPTIONS,
        source="user",
        subentries_data=(),
        title="Battery",
        unique_id=device,
        version=1,
    )
    await hass.config_entries.async_add(entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"it is not set up: {entry.reason}")
    return entry.runtime_data


def file_in(folder: Path) -> Path:
    """Return where the memory is kept."""
    return folder / ".storage" / DOMAIN
