"""Bluetooth released for a while: a battery serves one link, and a phone wants it, too."""

from collections.abc import Callable
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util


class Release:
    """A pause that ends by itself."""

    def __init__(self, hass: HomeAssistant, duration: timedelta, ended: Callable[[], None]) -> None:
        self.ends_at: datetime | None = None
        """In UTC, `None` while nothing is released."""
        self._hass = hass
        self._duration = duration
        self._ended = ended
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def begin(self) -> None:
        """Begin, or begin anew."""
        self.end()
        self.ends_at = dt_util.utcnow() + self._duration
        self._cancel = async_call_later(self._hass, self._duration, self._expire)

    @callback
    def end(self) -> None:
        """End before time."""
        self.ends_at = None
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _expire(self, _now: datetime) -> None:
        self._cancel = None
        self.ends_at = None
        self._ended()
