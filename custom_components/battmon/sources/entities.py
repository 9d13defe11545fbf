"""Entities of Home Assistant, of whichever integration, as a battery."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, override

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import DOMAIN as HOME_ASSISTANT
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from ..model.errors import LinkDown, NoReply, NothingNew, Refusal, Refused
from ..model.identity import Fingerprint
from ..model.reading import Identity, Reading
from ..model.switching import Wanted, approve
from ..protocols.protocol import Outcome
from .entity_absence import Absence
from .entity_news import EntityNews
from .entity_reading import has_values, reading_of
from .entity_settings import EntitySettings, commandable
from .entity_states import SILENT, EntityStates, Sample
from .kind import Kind, Opening
from .roster import CONF_BATTERY_KEY
from .source import Source, Spoken

_LOGGER = logging.getLogger(__name__)

MODEL = "Home Assistant entities"
LOOK_AGAIN = 10.0
"""Seconds after which entities that say nothing are looked at: their values grow old in silence."""
HELD = 0.9 * LOOK_AGAIN
"""Seconds after which a state that stays is a sample again: many entities report nothing but changes."""
COMMAND_TIME = 10.0
"""Seconds that another integration has to switch."""
READ_BACK = 5.0
"""Seconds after that within which the switch is seen to have moved, or did not obey."""


class EntityKind(Kind):
    """Made of entities."""

    has_interval: ClassVar = False

    @override
    async def open(self, entry: Opening) -> Source:
        return EntitySource(entry.hass, EntitySettings.of(entry.options), entry.data[CONF_BATTERY_KEY])

    @override
    def default_interval(self, data: Mapping[str, Any]) -> float:
        return LOOK_AGAIN

    @override
    def switches(
        self, hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> frozenset[str]:
        return commandable(options)


class EntitySource(Source):
    """Looks at states. Nobody is waited for: entities may appear long after the battery."""

    is_instant = True

    def __init__(self, hass: HomeAssistant, settings: EntitySettings, key: str) -> None:
        super().__init__()
        self.settings = settings
        self.switches = settings.permitted
        self._hass = hass
        self._states = EntityStates(hass, settings)
        self.fingerprint = Fingerprint(
            identity=Identity(manufacturer=self._manufacturer(), model=MODEL),
            cells=len(settings.entities.get("cell_voltages", ())) or None,
        )
        self._absence = Absence(hass, key)
        self._news: EntityNews | None = None
        self._taken: object = None
        """What the last reading was made of."""
        self._taken_at = float("-inf")
        self._doubts: Mapping[str, str] = {}
        self._closed = False

    @override
    async def read(self) -> Reading:
        if self._closed:
            raise LinkDown("the battery is being unloaded")
        sample, now = self._states.sample(), self._hass.loop.time()
        self._note(sample.doubts)
        self._absence.note(self._states.gone())
        if self._news is not None:
            self._news.follow()
        if not has_values(sample):
            self._taken = None
            raise NoReply("; ".join(_complaints(sample.doubts)) or "no entity brings a number")
        made_of = (sample.reported, sample.switches, sample.doubts)
        if made_of == self._taken and now - self._taken_at < HELD:
            raise NothingNew("no entity has reported since the last reading")
        self._taken, self._taken_at = made_of, now
        return reading_of(sample, self.settings)

    @override
    def listen(self, news: Callable[[], None]) -> None:
        self._news = EntityNews(self._hass, self._states, news)

    @override
    async def command(self, wanted: Wanted, *, force: bool) -> Outcome:
        approve(self._with_capacity(self._look()), wanted, force=force)
        asked = {name: on for name, on in wanted._asdict().items() if on is not None}
        for name, on in asked.items():
            await self._switch(name, on=on)
        reading = self._look()
        obeyed = all(getattr(reading, f"{name}_enabled") is on for name, on in asked.items())
        return Outcome(reading=reading, obeyed=obeyed)

    @override
    async def close(self) -> None:
        self._closed = True
        self._absence.close()
        if self._news is not None:
            self._news.close()

    def sample(self) -> Sample:
        """Look at the states, also while nothing is new."""
        return self._states.sample()

    def _look(self) -> Reading:
        return reading_of(self.sample(), self.settings)

    def _with_capacity(self, reading: Reading) -> Reading:
        return replace(reading, full_capacity=reading.full_capacity or self.settings.capacity)

    async def _switch(self, name: str, *, on: bool) -> None:
        """Have the entity's own integration switch, and wait until that is seen, but not for ever."""
        state = self._states.switch_state(name)
        if state is None or state.state in SILENT:
            raise NoReply(f"{name}: {'is not there' if state is None else f'is {state.state}'}")
        action = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
        try:
            async with asyncio.timeout(COMMAND_TIME):
                await self._hass.services.async_call(
                    HOME_ASSISTANT, action, {ATTR_ENTITY_ID: state.entity_id}, blocking=True
                )
        except TimeoutError as error:
            raise NoReply(f"{state.entity_id} was not switched within {COMMAND_TIME:g} s") from error
        except HomeAssistantError as error:
            raise Refused(Refusal.OTHER, f"{state.entity_id}: {error}") from error
        await self._see(name, state.entity_id, on=on)

    async def _see(self, name: str, entity_id: str, *, on: bool) -> None:
        moved = asyncio.Event()

        @callback
        def look(_event: object = None) -> None:
            if self._states.switch(name) is on:
                moved.set()

        stop = async_track_state_change_event(self._hass, entity_id, look)
        look()
        try:
            async with asyncio.timeout(READ_BACK):
                await moved.wait()
        except TimeoutError:
            pass  # the reading that follows says what it is
        finally:
            stop()

    def _manufacturer(self) -> str | None:
        """Return who made the device that all entities with a device share."""
        devices, entities = dr.async_get(self._hass), er.async_get(self._hass)
        entries = [entities.async_get(entity_id) for entity_id in self._states.entity_ids()]
        found = {entry.device_id for entry in entries if entry is not None and entry.device_id is not None}
        device = devices.async_get(found.pop()) if len(found) == 1 else None
        return device.manufacturer if isinstance(device, dr.DeviceEntry) else None

    def _note(self, doubts: Mapping[str, str]) -> None:
        """Keep for diagnostics, and say once, why an entity has no value."""
        if doubts == self._doubts:
            return
        for complaint in _complaints({k: v for k, v in doubts.items() if self._doubts.get(k) != v}):
            _LOGGER.info("%s", complaint)
            self.record.append(Spoken(datetime.now(UTC), b"", complaint))
        self._doubts = doubts


def _complaints(doubts: Mapping[str, str]) -> list[str]:
    return [f"{entity_id} {doubt}" for entity_id, doubt in doubts.items()]
