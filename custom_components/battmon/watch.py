"""Watches one battery: folds what it says into its state, and notices in time that it says nothing."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .deadline import Deadline
from .model import monitor
from .model.changes import Transition
from .model.instant import Instant
from .model.reading import Reading
from .model.state import BatteryState
from .pace import Pace

type Changed = Callable[[Reading | None, tuple[Transition, ...]], None]
"""Told of every fold: the reading, if there was one, and what it has changed."""


class Watch:
    """Holds the newest state, from every sample. Entities show what is published, which is slower."""

    def __init__(self, hass: HomeAssistant, pace: Pace, changed: Changed) -> None:
        self.state = BatteryState()
        self._hass = hass
        self._pace = pace
        self._changed = changed
        self._unseen = Deadline(hass, self._look)
        self._ended = False

    @callback
    def now(self) -> Instant:
        """Return this moment."""
        return Instant(self._hass.loop.time(), dt_util.utcnow())

    @callback
    def take(self, reading: Reading) -> None:
        """Fold a good sample."""
        self._apply(monitor.step(self.state, reading, self.now(), self._pace.settings), reading)
        self._set_deadline()

    @callback
    def miss(self) -> None:
        """Fold a sample that failed."""
        self._apply(monitor.step(self.state, None, self.now(), self._pace.settings))

    @callback
    def look_for(self) -> None:
        """Give a battery that was not seen yet its time."""
        self.state = monitor.look_for(self.state, self.now())
        self._set_deadline()

    @callback
    def pause(self) -> None:
        """Stop judging: nobody reads the battery."""
        self._apply(monitor.pause(self.state))

    @callback
    def resume(self) -> None:
        """Judge again."""
        self._apply(monitor.resume(self.state, self.now()))
        self._set_deadline()

    @callback
    def end(self) -> None:
        """Fold nothing any more."""
        self._ended = True
        self._unseen.cancel()

    def _apply(self, step: monitor.Step, reading: Reading | None = None) -> None:
        if not self._ended:
            self.state = step.state
            self._changed(reading, step.transitions)

    def _set_deadline(self) -> None:
        """See to it that values are taken away in time even while a read hangs."""
        since = self.state.watched_since
        if since is not None and not self._ended:
            self._unseen.set(since.monotonic + self._pace.settings.unhealthy_after)

    @callback
    def _look(self) -> None:
        self.miss()
        if not self.state.lost and not self.state.paused:
            self._set_deadline()
