"""One coordinator per battery: samples fast, folds every sample, publishes slowly."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_at
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .const import (
    CONF_BATTERY_KEY,
    CONF_INTERVAL,
    CONF_PUBLISH_INTERVAL,
    DEFAULT_INTERVAL,
    DEFAULT_PUBLISH_INTERVAL,
    DOMAIN,
    FIRST_TRY,
    ISSUE_WRONG_BATTERY,
    UNHEALTHY_MINIMUM,
    UNHEALTHY_POLLS,
)
from .errors import is_about_password, translated
from .memory import MemoryStore
from .model import monitor
from .model.errors import BattMonError, PasswordNeeded, WrongBattery, WrongPassword
from .model.instant import Instant
from .model.memory import BatteryMemory
from .model.monitor import Change, Transition
from .model.profile import Profile
from .model.publishing import Published, publish, whole
from .model.reading import Reading
from .model.state import BatteryState
from .model.switching import SwitchMemory, Wanted
from .sampler import Sampler
from .sources import Source, open_source

_LOGGER = logging.getLogger(__name__)

type BattmonConfigEntry = ConfigEntry[BattmonCoordinator]


class BattmonCoordinator(DataUpdateCoordinator[Published]):
    """Reads one source, folds its readings into a state and shows it."""

    config_entry: BattmonConfigEntry

    def __init__(self, hass: HomeAssistant, entry: BattmonConfigEntry, store: MemoryStore) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            # An interval below 1 s would starve Home Assistant here; the sampler keeps its own time.
            update_interval=None,
        )
        options = entry.options
        self.battery_key: str = entry.data[CONF_BATTERY_KEY]
        self.interval: float = options.get(CONF_INTERVAL, DEFAULT_INTERVAL)
        self.settings = monitor.Settings(
            unhealthy_after=max(UNHEALTHY_MINIMUM, UNHEALTHY_POLLS * self.interval)
        )
        self.state = BatteryState()
        """The newest state, from every sample. Entities show `data`, which is published slower."""
        self.data = whole(self.state, self._now())
        self.last_error: BattMonError | None = None
        self._publish_interval: float = options.get(CONF_PUBLISH_INTERVAL, DEFAULT_PUBLISH_INTERVAL)
        self._store = store
        self._source: Source | None = None
        self._sampling = asyncio.Lock()
        self._locked_out = False
        """Whether the device rejected the password: trying again and again may lock it for good."""
        self._health_check = HassJob(self._check_health, cancel_on_shutdown=True)
        self._cancel_health_check: CALLBACK_TYPE | None = None
        self._sampler = Sampler(self.interval, self.async_sample, self.name)
        self.provided: set[tuple[Platform, str]] = set()
        """Platform and unique id of every entity of this battery. Others in the registry are leftovers."""
        self._profile_listeners: list[Callable[[], None]] = []

    @property
    def memory(self) -> BatteryMemory:
        """What is remembered of this battery."""
        return self._store.get(self.battery_key)

    @property
    def profile(self) -> Profile:
        """What this battery is known to offer."""
        return self.memory.profile

    @property
    def source(self) -> Source:
        """The source, once it is open."""
        assert self._source is not None
        return self._source

    async def async_start(self) -> None:
        """Open the source, take the first sample and begin to sample.

        A battery that BattMon remembers is set up even if it is out of reach.
        """
        self._source = await open_source(
            self.hass,
            self.config_entry.data,
            self.config_entry.options,
            self.memory,
            self._keep_switches,
        )
        if self.memory.fingerprint is None:
            await self.async_config_entry_first_refresh()
        else:
            await self._first_try()
        # Not `async_listen_once`: an entry that is unloaded after the stop could not take that back.
        self.config_entry.async_on_unload(self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._on_stop))
        if not self.config_entry.pref_disable_polling:
            self._sampler.start(partial(self.config_entry.async_create_background_task, self.hass))

    @override
    async def async_shutdown(self) -> None:
        await super().async_shutdown()
        if self._cancel_health_check is not None:
            self._cancel_health_check()
            self._cancel_health_check = None
        await self._sampler.stop()
        if self._source is not None:
            await self._source.close()

    @override
    async def _async_update_data(self) -> Published:
        """Take one sample: for the first refresh and for `homeassistant.update_entity`."""
        await self.async_sample()
        # A single failure says nothing yet: values stay while they are young enough.
        if (error := self.last_error) is not None and not self.state.healthy:
            failure = ConfigEntryAuthFailed if is_about_password(error) else UpdateFailed
            raise translated(failure, error) from error
        self._show()
        return self.data

    async def async_read_now(self) -> None:
        """Take one sample and show it, whatever the intervals; raises `BattMonError`."""
        await self.async_sample()
        if self.last_error is not None:
            raise self.last_error
        self._show()

    async def async_sample(self) -> None:
        """Read the battery once and fold what it says, or that it says nothing."""
        async with self._sampling:
            if self._locked_out:
                self._fold(None)
                return
            try:
                reading = await self.source.read()
            except BattMonError as error:
                self._note_failure(error)
                self._fold(None)
            else:
                self.last_error = None
                ir.async_delete_issue(self.hass, DOMAIN, self._issue_id)
                self._fold(reading)

    async def async_command(self, wanted: Wanted, *, force: bool = False) -> bool:
        """Command the battery and show what it is seen to do. Returns whether it obeyed.

        Raises `BattMonError`. Whatever happens, the state shown afterwards was read afterwards.
        """
        try:
            outcome = await self.source.command(wanted, force=force)
        except BattMonError as error:
            if is_about_password(error):
                self._ask_for_password()
            self.sample_soon()
            raise
        self._fold(outcome.reading)
        return outcome.obeyed

    @callback
    def sample_soon(self) -> None:
        """Read at once instead of at the sampler's next turn."""
        if not self._sampler.running:
            self.config_entry.async_create_task(self.hass, self.async_sample(), f"battmon sample {self.name}")
        self._sampler.wake()

    @callback
    def retry_now(self) -> None:
        """A port has appeared: try it at once."""
        self.source.retry_now()
        if self.last_error is not None:
            self._sampler.wake()

    @callback
    def async_add_profile_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` when the battery is found to offer more than it was known to."""
        self._profile_listeners.append(listener)
        return lambda: self._profile_listeners.remove(listener)

    @property
    def _issue_id(self) -> str:
        return f"{ISSUE_WRONG_BATTERY}_{self.config_entry.entry_id}"

    async def _first_try(self) -> None:
        try:
            async with asyncio.timeout(FIRST_TRY):
                await self.async_sample()
        except TimeoutError:
            pass
        if not self.state.healthy:
            self.last_update_success = False
            _LOGGER.warning("%s is not in reach yet: %s", self.name, self.last_error or "no answer")

    async def _on_stop(self, _event: Event) -> None:
        """Entries are not unloaded when Home Assistant stops: leave the device as it should be."""
        await self.async_shutdown()

    async def _keep_switches(self, switches: SwitchMemory) -> None:
        self._remember(replace(self.memory, switches=switches))
        await self._store.async_save()

    def _remember(self, memory: BatteryMemory) -> None:
        self._store.put(self.battery_key, memory)

    def _now(self) -> Instant:
        return Instant(self.hass.loop.time(), dt_util.utcnow())

    @callback
    def _fold(self, reading: Reading | None) -> None:
        if self._shutdown_requested:
            return
        now = self._now()
        self.state, transitions = monitor.step(self.state, reading, now, self.settings)
        self._log_health(transitions)
        if reading is not None:
            self._learn(reading)
            self._watch_health()
        shown = publish(self.data, self.state, transitions, now, self._publish_interval)
        if shown is not None:
            self._show(shown)

    def _show(self, shown: Published | None = None) -> None:
        """Publish `shown`, or the newest state whole."""
        self.data = whole(self.state, self._now()) if shown is None else shown
        self.async_update_listeners()

    def _learn(self, reading: Reading) -> None:
        memory = self.memory
        profile = memory.profile.widened(reading)
        fingerprint = self.source.fingerprint
        if profile is not memory.profile or fingerprint != memory.fingerprint:
            self._remember(replace(memory, profile=profile, fingerprint=fingerprint))
        if profile is not memory.profile:
            for listener in tuple(self._profile_listeners):
                listener()

    def _watch_health(self) -> None:
        """See to it that values are taken away in time even while a read hangs."""
        sampled_at = self.state.sampled_at
        if self._cancel_health_check is not None or sampled_at is None:
            return
        self._cancel_health_check = async_call_at(
            self.hass, self._health_check, sampled_at.monotonic + self.settings.unhealthy_after
        )

    @callback
    def _check_health(self, _now: object) -> None:
        self._cancel_health_check = None
        self._fold(None)
        if self.state.healthy:
            self._watch_health()

    def _log_health(self, transitions: tuple[Transition, ...]) -> None:
        for change, _subject in transitions:
            if change is Change.HEALTH_LOST:
                self.last_update_success = False
                _LOGGER.warning("%s is out of sight: %s", self.name, self.last_error or "it does not answer")
            elif change is Change.HEALTH_REGAINED:
                self.last_update_success = True
                _LOGGER.info("%s is in sight", self.name)

    def _note_failure(self, error: BattMonError) -> None:
        before, self.last_error = self.last_error, error
        if isinstance(error, WrongBattery):
            self._tell_wrong_battery(error)
        self._locked_out = isinstance(error, WrongPassword)
        # A single refusal may be a garbled answer, and a person would be asked for nothing.
        if self._locked_out or (isinstance(error, PasswordNeeded) and isinstance(before, PasswordNeeded)):
            self._ask_for_password()

    def _ask_for_password(self) -> None:
        self.config_entry.async_start_reauth_if_available(self.hass)

    def _tell_wrong_battery(self, error: WrongBattery) -> None:
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            self._issue_id,
            is_fixable=True,
            is_persistent=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_WRONG_BATTERY,
            translation_placeholders={"name": self.config_entry.title, "difference": error.difference},
            data={"entry_id": self.config_entry.entry_id},
        )
