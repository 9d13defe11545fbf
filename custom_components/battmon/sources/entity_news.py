"""Tells when the entities of a battery have something new, and follows them when they are renamed."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
    async_track_state_report_event,
)

from .entity_states import EntityStates

SETTLE = 0.05
"""Seconds in which what one device reports comes together: its voltage and its current are one sample."""
PAUSE = 0.25
"""Seconds between two readings at least, however many entities report."""


class EntityNews:
    """Listens until it is closed."""

    def __init__(self, hass: HomeAssistant, states: EntityStates, tell: Callable[[], None]) -> None:
        self._hass = hass
        self._states = states
        self._tell = tell
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._tracked = ExitStack()
        self._names: set[str] | None = None
        self.follow()

    @callback
    def follow(self) -> None:
        """Listen to what the entities are called now; some may have come back under another name."""
        if (names := self._states.entity_ids()) == self._names:
            return
        self._names = names
        self._tracked.close()
        track = self._tracked.callback
        track(async_track_state_change_event(self._hass, names, self._heard))
        track(async_track_state_report_event(self._hass, names, self._heard))
        track(async_track_entity_registry_updated_event(self._hass, names, self._heard))

    @callback
    def _heard(self, _event: object) -> None:
        if self._timer is not None:
            return
        loop = self._hass.loop
        self._timer = loop.call_at(max(loop.time() + SETTLE, self._told_at + PAUSE), self._due)

    @callback
    def _due(self) -> None:
        self._timer = None
        self._told_at = self._hass.loop.time()
        self._tell()

    @callback
    def close(self) -> None:
        """Listen no more."""
        self._tracked.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
