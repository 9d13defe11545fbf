"""One file for what BattMon remembers of all batteries."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .memory_file import MemoryFile
from .model.memory import BatteryMemory, read, to_file

_LOGGER = logging.getLogger(__name__)

SAVE_INTERVAL = 60.0
"""Seconds. Not `async_delay_save`, which is put off by every call and may never write."""


@dataclass(slots=True, eq=False)
class _Battery:
    """One battery's place in the memory."""

    memory: BatteryMemory = field(default_factory=BatteryMemory)
    provide: Callable[[], BatteryMemory] | None = None
    changed: bool = False
    """Whether there may be more to remember than `record` says."""
    record: dict[str, Any] | None = None
    """What goes to the file."""
    recorded: BatteryMemory | None = None
    """What `record` was made of."""
    saved: BatteryMemory | None = None
    """What is in the file."""
    unwritable: bool = False
    """Whether it was said that it has no form in a file."""
    listeners: list[Callable[[BatteryMemory], None]] = field(default_factory=list)

    def take(self) -> None:
        """Fetch what is known now."""
        if self.changed and self.provide is not None:
            self.memory = self.provide()

    def make_record(self) -> None:
        """Note what is known now. `ValueError` leaves what was noted before."""
        self.take()
        self.changed = False
        self.record = to_file(self.memory)
        self.recorded = self.memory
        self.unwritable = False

    def was_saved(self, memory: BatteryMemory) -> None:
        """Tell those who show only what is in the file."""
        if self.saved is not memory:
            self.saved = memory
            for listener in tuple(self.listeners):
                listener(memory)


class MemoryStore:
    """Loads once, answers from memory, saves in time."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._file = MemoryFile(hass)
        self._batteries: dict[str, _Battery] = {}
        self._unsaved = False
        """Whether the file is not as it should be, be there changes or not."""
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._wanted = False
        self._writing: asyncio.Task[None] | None = None
        self._failing = False
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, self._final_write)

    async def async_load(self) -> None:
        """Read the file. What cannot be understood is set aside, with a notice."""
        stored = await self._file.async_load_or_set_aside()
        if stored is None or self._understood(stored):
            return
        await self._file.async_set_aside("damaged")
        if self._batteries:
            await self.async_save()

    def get(self, battery_key: str) -> BatteryMemory:
        """Return what was last put or taken; an empty memory for a new battery."""
        battery = self._batteries.get(battery_key)
        return BatteryMemory() if battery is None else battery.memory

    def saved(self, battery_key: str) -> BatteryMemory | None:
        """Return what is in the file, and will be known whatever happens; `None` if nothing is."""
        battery = self._batteries.get(battery_key)
        return None if battery is None else battery.saved

    @callback
    def put(self, battery_key: str, memory: BatteryMemory) -> None:
        """Remember; in the file within a minute. What a provider knows better, it adds to this."""
        battery = self._place_of(battery_key)
        if battery.memory != memory:
            battery.memory = memory
            self.touch(battery_key)

    @callback
    def follow(self, battery_key: str, provide: Callable[[], BatteryMemory]) -> CALLBACK_TYPE:
        """Ask `provide` for the memory of a loaded battery at every save, if it was touched since.

        Returns what ends that: it takes the last value. A battery that is forgotten meanwhile stays so.
        """
        battery = self._place_of(battery_key)
        battery.provide = provide
        return partial(self._leave, battery, provide)

    @callback
    def touch(self, battery_key: str) -> None:
        """Say that a battery's provider has something new; in the file within a minute."""
        if (battery := self._batteries.get(battery_key)) is not None:
            battery.changed = True
            if self._cancel_timer is None:
                self._start_timer()

    @callback
    def listen_saved(self, battery_key: str, listener: Callable[[BatteryMemory], None]) -> CALLBACK_TYPE:
        """Call `listener` with what is in the file, whenever that is something new of this battery."""
        listeners = self._place_of(battery_key).listeners
        listeners.append(listener)
        return partial(listeners.remove, listener)

    async def async_save(self) -> None:
        """Write the file now, with what is known now. What cannot be written is tried again in a minute."""
        self._wanted = True
        if self._writing is None or self._writing.done():
            self._writing = self._hass.async_create_task(self._write_while_wanted(), "battmon memory")
        # Who is cancelled while he waits must not leave a thread behind that writes beside the next one.
        await asyncio.shield(self._writing)

    async def async_forget(self, battery_key: str) -> None:
        """Remove a battery's memory. Who still follows or listens to it has no part in a new one."""
        battery = self._batteries.pop(battery_key, None)
        if battery is not None and (battery.record is not None or battery.changed):
            battery.listeners = []
            self._unsaved = True
            await self.async_save()

    @callback
    def _leave(self, battery: _Battery, provide: Callable[[], BatteryMemory]) -> None:
        if battery.provide is provide:
            battery.take()
            battery.provide = None

    def _place_of(self, battery_key: str) -> _Battery:
        return self._batteries.setdefault(battery_key, _Battery())

    def _start_timer(self) -> None:
        self._cancel_timer = async_call_later(self._hass, SAVE_INTERVAL, self._save_later)

    def _stop_timer(self) -> None:
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    async def _save_later(self, _now: object) -> None:
        self._cancel_timer = None
        await self.async_save()

    async def _final_write(self, _event: Event) -> None:
        if self._unsaved or any(battery.changed for battery in self._batteries.values()):
            await self.async_save()

    async def _write_while_wanted(self) -> None:
        while self._wanted:
            # What changes in the same turn of the loop is one write; a battery may yet be touched in it.
            await asyncio.sleep(0)
            self._wanted = False
            # While it is being stopped, Home Assistant writes nothing until its final write.
            if self._hass.state is not CoreState.stopping:
                await self._write()

    async def _write(self) -> None:
        self._record_changes()
        self._stop_timer()
        self._unsaved = False
        written = [
            (battery, battery.recorded)
            for battery in self._batteries.values()
            if battery.recorded is not None
        ]
        records = {key: battery.record for key, battery in self._batteries.items() if battery.record}
        await self._file.async_save({"batteries": records})
        if self._file.error is not None:
            self._failed(self._file.error)
            return
        if self._failing:
            self._failing = False
            _LOGGER.info("BattMon's memory is written again")
        for battery, memory in written:
            battery.was_saved(memory)

    def _failed(self, error: Exception) -> None:
        self._unsaved = True
        if self._cancel_timer is None:
            self._start_timer()
        if not self._failing:
            self._failing = True
            _LOGGER.error("BattMon's memory cannot be written and is tried again every minute: %s", error)

    def _record_changes(self) -> None:
        for key, battery in self._batteries.items():
            if battery.changed:
                _make_record(key, battery)

    def _understood(self, stored: Any) -> bool:
        """Take in every battery that can be read; false if any cannot, or not whole."""
        batteries = stored.get("batteries") if isinstance(stored, Mapping) else None
        if not isinstance(batteries, Mapping):
            return False
        whole = True
        for key, record in batteries.items():
            try:
                memory, damage = read(record)
            except ValueError as error:
                _LOGGER.warning("The memory of battery %s cannot be read: %s", key, error)
                whole = False
                continue
            if damage:
                _LOGGER.warning("Not all of the memory of battery %s can be read: %s", key, damage)
                whole = False
            self._batteries[key] = _Battery(
                memory=memory, changed=bool(damage), record=record, recorded=memory, saved=memory
            )
        return whole


def _make_record(battery_key: str, battery: _Battery) -> None:
    try:
        battery.make_record()
    except ValueError:
        # One battery's mistake must not keep the others from being saved.
        if not battery.unwritable:
            battery.unwritable = True
            _LOGGER.exception("The memory of battery %s stays as it was saved before", battery_key)


STORE: HassKey[MemoryStore] = HassKey(DOMAIN)
