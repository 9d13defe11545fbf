"""One file for what BattMon remembers of all batteries."""

import logging
import os
from collections.abc import Mapping
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .model.memory import BatteryMemory, from_file, to_file

_LOGGER = logging.getLogger(__name__)

VERSION = 1
MINOR_VERSION = 1
SAVE_INTERVAL = 60.0
"""Seconds. Not `async_delay_save`, which is put off by every call and may never write."""

NOTICE = "memory_set_aside"


class MemoryStore:
    """Loads once, answers from memory, saves in time."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, DOMAIN, minor_version=MINOR_VERSION, atomic_writes=True
        )
        self._batteries: dict[str, BatteryMemory] = {}
        self._cancel_save: CALLBACK_TYPE | None = None
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, self._final_write)

    async def async_load(self) -> None:
        """Read the file. What cannot be understood is set aside, with a notice."""
        try:
            stored = await self._store.async_load()
        except UnsupportedStorageVersionError as error:
            await self._set_aside(f"newer-{error.found_version}")
            return
        except NotImplementedError, KeyError, TypeError, AttributeError:  # not our form at all
            await self._set_aside("damaged")
            return
        if stored is None:
            return
        if not self._understood(stored):
            await self._set_aside("damaged")

    def get(self, battery_key: str) -> BatteryMemory:
        """Return what is known of a battery; an empty memory for a new one."""
        return self._batteries.get(battery_key) or BatteryMemory()

    @callback
    def put(self, battery_key: str, memory: BatteryMemory) -> None:
        """Remember; in the file within a minute."""
        if self._batteries.get(battery_key) == memory:
            return
        self._batteries[battery_key] = memory
        if self._cancel_save is None:
            self._cancel_save = async_call_later(self._hass, SAVE_INTERVAL, self._save_later)

    async def async_save(self) -> None:
        """Write the file now."""
        if self._cancel_save is not None:
            self._cancel_save()
            self._cancel_save = None
        await self._store.async_save(
            {"batteries": {key: to_file(memory) for key, memory in self._batteries.items()}}
        )

    async def async_forget(self, battery_key: str) -> None:
        """Remove a battery's memory."""
        if self._batteries.pop(battery_key, None) is not None:
            await self.async_save()

    async def _save_later(self, _now: object) -> None:
        self._cancel_save = None
        await self.async_save()

    async def _final_write(self, _event: Event) -> None:
        if self._cancel_save is not None:
            await self.async_save()

    def _understood(self, stored: Any) -> bool:
        """Take in every battery that can be read; false if any cannot."""
        batteries = stored.get("batteries") if isinstance(stored, Mapping) else None
        if not isinstance(batteries, Mapping):
            return False
        whole = True
        for key, record in batteries.items():
            try:
                self._batteries[key] = from_file(record)
            except ValueError as error:
                _LOGGER.debug("Memory of battery %s cannot be read: %s", key, error)
                whole = False
        return whole

    async def _set_aside(self, why: str) -> None:
        """Keep a copy of a file that is about to be replaced, and tell."""
        copy = f"{self._store.path}.{why}-{dt_util.utcnow():%Y%m%d%H%M%S}"
        await self._hass.async_add_executor_job(os.replace, self._store.path, copy)
        _LOGGER.warning("BattMon's memory could not be read whole and was set aside as %s", copy)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            NOTICE,
            is_fixable=False,
            is_persistent=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=NOTICE,
            translation_placeholders={"file": copy},
        )
        if self._batteries:
            await self.async_save()


STORE: HassKey[MemoryStore] = HassKey(DOMAIN)
