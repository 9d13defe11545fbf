"""A moment at which something is looked at, whatever else hangs."""

from collections.abc import Callable

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_at


class Deadline:
    """Mostly put off before it is reached: a timer that comes too early does no harm and is left alone."""

    def __init__(self, hass: HomeAssistant, reached: Callable[[], None]) -> None:
        """`reached` may be called before the time that was set last, and sets it again then."""
        self._hass = hass
        self._reached = reached
        self._job = HassJob(self._reach, cancel_on_shutdown=True)
        self._cancel: CALLBACK_TYPE | None = None
        self._at = 0.0

    @callback
    def set(self, at: float) -> None:
        """Set it, in s on the event loop's clock."""
        if self._cancel is not None and self._at <= at:
            return
        self.cancel()
        self._at = at
        self._cancel = async_call_at(self._hass, self._job, at)

    @callback
    def cancel(self) -> None:
        """Forget it."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _reach(self, _now: object) -> None:
        self._cancel = None
        self._reached()
