"""One coordinator per battery: samples fast, folds every sample, publishes slowly."""

import asyncio
import logging
from datetime import timedelta
from functools import partial
from math import inf
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .arming import async_follow_armed
from .const import (
    CONF_BATTERY_KEY,
    CONF_PUBLISH_INTERVAL,
    CONF_RELEASE_MINUTES,
    DEFAULT_PUBLISH_INTERVAL,
    DEFAULT_RELEASE_MINUTES,
    FIRST_TRY,
)
from .errors import is_about_password, translated
from .judgement_options import armed_entity
from .knowledge import Knowledge
from .memory import MemoryStore
from .model.changes import Change, Transition
from .model.errors import BattMonError, CommandBlocked, NothingNew
from .model.packs.members import cells_in_series, missing
from .model.publishing import Published, is_due, publish, whole
from .model.reading import Reading
from .model.state import BatteryState
from .model.switching import Wanted
from .pace import Pace
from .release import Release
from .sampler import Sampler
from .sources import Interlock, Seat, Source, open_source, roster_of
from .troubles import Troubles
from .watch import Watch

_LOGGER = logging.getLogger(__name__)

TO_BE_KEPT = {Change.LEVEL_ROSE, Change.LEVEL_FELL, Change.REASON_BEGAN, Change.REASON_ENDED}
"""Changes that are in the file at once: levels hold across a restart."""

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
        self.pace = Pace(entry.data, options)
        self.knowledge = Knowledge(store, self.battery_key)
        self._roster = roster_of(hass)
        self.interlock = Interlock(hass, self.battery_key, self._obey, self.async_sample)
        self.watch = Watch(hass, self.pace, self.knowledge.memory, self._changed)
        self._shown_at = self.watch.now()
        self.data = whole(self.state, self._shown_at)
        self.last_error: BattMonError | None = None
        self._publish_interval: float = options.get(CONF_PUBLISH_INTERVAL, DEFAULT_PUBLISH_INTERVAL)
        self._source: Source | None = None
        self._sampling = asyncio.Lock()
        self._troubles = Troubles(hass, entry)
        self._looked_again_at = -inf
        self._sampler = Sampler(self.pace.interval, self._take_turn, self.name)
        duration = timedelta(minutes=options.get(CONF_RELEASE_MINUTES, DEFAULT_RELEASE_MINUTES))
        self.release = Release(hass, duration, self._take_back)
        self.provided: set[tuple[Platform, str]] = set()
        """Platform and unique id of every entity of this battery. Others in the registry are leftovers."""

    @property
    def state(self) -> BatteryState:
        """The newest state, from every sample."""
        return self.watch.state

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
            self.knowledge.memory,
            self.knowledge.async_keep_switches,
        )
        self._follow()
        self._source.listen(self._sampler.catch_up)
        if self._source.is_instant:
            await self._first_try()
            self._show()  # who is missing is known at once, too
        elif self.knowledge.memory.fingerprint is None:
            await self.async_config_entry_first_refresh()
        else:
            await self._first_try()
        # Not `async_listen_once`: an entry that is unloaded after the stop could not take that back.
        self.config_entry.async_on_unload(self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._on_stop))
        self._source.watch(self._link_lost)
        self._start_sampling()

    @override
    async def async_shutdown(self) -> None:
        await super().async_shutdown()
        await self.interlock.close()
        self.release.end()
        self.watch.end()
        await self._sampler.stop()
        if self._source is not None:
            await self._source.close()

    @override
    async def _async_update_data(self) -> Published:
        """Take one sample: for the first refresh and for `homeassistant.update_entity`."""
        await self.async_sample()
        # A single failure says nothing yet: values stay while they are young enough.
        if (error := self.last_error) is not None and self.state.lost:
            failure = ConfigEntryAuthFailed if is_about_password(error) else UpdateFailed
            raise translated(failure, error) from error
        self._show()
        return self.data

    async def async_read_now(self) -> None:
        """Take one sample and show it, whatever the intervals; raises `BattMonError`."""
        self._refuse_while_released()
        await self.async_sample()
        if self.last_error is not None:
            raise self.last_error
        self._show()

    async def async_sample(self) -> None:
        """Read the battery once and fold what it says, or that it says nothing."""
        async with self._sampling:
            if self.state.paused and not self.source.is_instant:
                return
            if self._troubles.locked_out:
                self.watch.miss()
                return
            try:
                reading = await self.source.read()
            except NothingNew:
                pass
            except BattMonError as error:
                self._note(error)
                self.watch.miss()
            else:
                self._note(None)
                self.last_error = missing(reading)
                self.pace.follow(self.source.poll)
                self.watch.take(reading)
            await self._let_go()

    async def async_command(self, wanted: Wanted, *, force: bool = False) -> bool:
        """Command the battery and show what it is seen to do. Returns whether it obeyed.

        Raises `BattMonError`. Whatever happens, the state shown afterwards was read afterwards.
        """
        self._refuse_while_released()
        return await self.interlock.command(wanted, force=force)

    async def _obey(self, wanted: Wanted, force: bool) -> bool:
        """Command the battery, whatever those say that it is a part of."""
        try:
            outcome = await self.source.command(wanted, force=force)
        except BattMonError as error:
            if is_about_password(error):
                self._troubles.ask_for_password()
            self.sample_soon()
            raise
        self.watch.take(outcome.reading)
        await self._let_go()
        return outcome.obeyed

    async def async_release(self) -> None:
        """Let go of Bluetooth for a while. A command under way is ended first."""
        self.release.begin()
        self.watch.pause()
        self._show()
        await self._sampler.stop()
        await self.source.rest(afresh=True)

    @callback
    def take_back(self) -> None:
        """End the release before its time."""
        self.release.end()
        self._take_back()

    @callback
    def sample_soon(self) -> None:
        """Read at once instead of at the sampler's next turn."""
        if not self._sampler.running and not self.state.paused:
            self.config_entry.async_create_task(self.hass, self.async_sample(), f"battmon sample {self.name}")
        self._sampler.wake()

    @callback
    def retry_now(self) -> None:
        """A port has appeared: try it at once."""
        self.source.retry_now()
        if self.last_error is not None:
            self._sampler.wake()

    def _follow(self) -> None:
        """Take what is learned to the file, and learn whether a vehicle is in use."""
        unload, options = self.config_entry.async_on_unload, self.config_entry.options
        self.pace.expect_cells(self.knowledge.profile.cells)
        seat = Seat(
            self.source.switches,
            lambda wanted, force: self.async_command(wanted, force=force),
            self.async_sample,
        )
        unload(self._roster.sit(self.battery_key, seat))
        # Before the watch ends: its last state goes to the file.
        unload(self.knowledge.async_follow(lambda: self.state, self.source.remember))
        if (entity_id := armed_entity(options)) is not None:
            unload(async_follow_armed(self.hass, entity_id, self.watch.set_armed))

    def _start_sampling(self) -> None:
        if not self.config_entry.pref_disable_polling:
            create_task = partial(self.config_entry.async_create_background_task, self.hass)
            self._sampler.start(create_task, self._until_next())

    @callback
    def _take_back(self) -> None:
        if not self.state.paused:
            return
        self.watch.resume()
        self.pace.adapt(self.state, self.watch.now())
        self._show()
        self._start_sampling()
        self.sample_soon()

    def _refuse_while_released(self) -> None:
        if self.state.paused:
            raise CommandBlocked("bluetooth_released")

    async def _take_turn(self) -> float:
        """Take a sample and return after how many seconds the next one is due."""
        await self.async_sample()
        return self._until_next()

    def _until_next(self) -> float:
        return self.pace.until_next(self.state, self.source.retry_at - self.hass.loop.time())

    async def _let_go(self) -> None:
        """Drop the link between readings, where that is wanted or lets the battery sleep."""
        if self.pace.lets_go:
            await self.source.rest()

    @callback
    def _link_lost(self) -> None:
        """See at once whether it comes back, but not after every sample: some links always drop."""
        now = self.hass.loop.time()
        if self.state.paused or self._shutdown_requested or now - self._looked_again_at < self.pace.interval:
            return
        self._looked_again_at = now
        self._sampler.catch_up()

    async def _first_try(self) -> None:
        try:
            async with asyncio.timeout(FIRST_TRY):
                await self.async_sample()
        except TimeoutError:
            pass
        if not self.state.healthy:
            # Adapters and proxies come late, too: it is not lost before it had its time.
            self.watch.look_for()

    async def _on_stop(self, _event: Event) -> None:
        """Entries are not unloaded when Home Assistant stops: leave the device as it should be."""
        await self.async_shutdown()

    @callback
    def _changed(self, reading: Reading | None, transitions: tuple[Transition, ...]) -> None:
        """Learn from a fold and publish what is due."""
        state, now = self.state, self.watch.now()
        if transitions:
            self._log_health(transitions)
            if any(change in TO_BE_KEPT for change, _ in transitions):
                self.hass.async_create_task(self.knowledge.async_save(), "battmon memory")
        if reading is not None:
            self.knowledge.learn(reading, self.source.fingerprint)
            self.knowledge.touch()
            self.pace.expect_cells(cells_in_series(reading) or self.knowledge.profile.cells)
            if self.pace.adapt(state, now) or state.failsafe.read_within is not None:
                self._sampler.catch_up()
        self._roster.tell(self.battery_key, state, self.pace.poll)
        shown = publish(self.data, state, transitions, now, self._publish_interval)
        if shown is not None:
            self._show(shown)
        elif is_due(self._shown_at, now, self._publish_interval):
            self._show(self.data)  # the link's quality falls

    def _show(self, shown: Published | None = None) -> None:
        """Publish `shown`, or the newest state whole."""
        self._shown_at = self.watch.now()
        self.data = whole(self.state, self._shown_at) if shown is None else shown
        self.async_update_listeners()

    def _log_health(self, transitions: tuple[Transition, ...]) -> None:
        for change, _subject in transitions:
            if change is Change.HEALTH_LOST and self.last_update_success:
                self.last_update_success = False
                _LOGGER.warning("%s is out of sight: %s", self.name, self.last_error or "it does not answer")
            elif change is Change.HEALTH_REGAINED or (
                change is Change.RESUMED and not self.last_update_success
            ):
                self.last_update_success = True
                _LOGGER.info("%s is in sight", self.name)

    def _note(self, error: BattMonError | None) -> None:
        self.last_error = error
        self.pace.note(error)
        if error is None:
            self._troubles.clear()
        else:
            self._troubles.note(error)
