"""A moment at which something is looked at, whatever else hangs."""

from collections.abc import Callable

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_at


class Deadline:
    """Mostly put off before it is reached: its timer is left alone then, and looks again when it comes."""

    def __init__(self, hass: HomeAssistant, reached: Callable[[], None]) -> None:
        self._hass = hass
        self._reached = reached
        self._job = HassJob(self._look, cancel_on_shutdown=True)
        self._cancel: CALLBACK_TYPE | None = None
        self._at = 0.0
        self._timer_at = 0.0

    @callback
    def set(self, at: float) -> None:
        """Set it, in s on the event loop's clock."""
        self._at = at
        if self._cancel is None or self._timer_at > at:
            self._start_timer()

    @callback
    def cancel(self) -> None:
        """Forget it."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _start_timer(self) -> None:
        self.cancel()
        self._timer_at = self._at
        self._cancel = async_call_at(self._hass, self._job, self._at)

    @callback
    def _look(self, _now: object) -> None:
        self._cancel = None
        if self._at > self._timer_at:
            self._start_timer()
        else:
            self._reached()
