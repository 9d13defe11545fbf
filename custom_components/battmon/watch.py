"""Watches one battery: folds what it says into its state, and notices in time that it says nothing."""

from collections.abc import Callable

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .deadline import Deadline
from .model import monitor
from .model.changes import Transition
from .model.failsafe.levels import Level, Side
from .model.flight_recorder import FlightRecorder
from .model.instant import Instant
from .model.memory import BatteryMemory
from .model.monitor import Settings, Step
from .model.reading import Reading, hottest
from .pace import Pace

type Changed = Callable[[Reading | None, tuple[Transition, ...]], None]
"""Told of every fold: the reading, if there was one, and what it has changed."""
type Heard = Callable[[tuple[Transition, ...]], None]


class Watch:
    """Holds the newest state, from every sample. Entities show what is published, which is slower."""

    def __init__(self, hass: HomeAssistant, pace: Pace, memory: BatteryMemory, changed: Changed) -> None:
        self._hass = hass
        self._pace = pace
        self._changed = changed
        self._listeners: list[Heard] = []
        self._unseen = Deadline(hass, self._look)
        self._end_drill: CALLBACK_TYPE | None = None
        self._ended = False
        self.recorder = FlightRecorder()
        self.state = monitor.begin(memory, self.now(), pace.settings)

    @property
    def _settings(self) -> Settings:
        return self._pace.settings

    @callback
    def now(self) -> Instant:
        """Return this moment."""
        return Instant(self._hass.loop.time(), dt_util.utcnow())

    @callback
    def async_add_listener(self, listener: Heard) -> CALLBACK_TYPE:
        """Call `listener` with all that cannot wait, at every change, after it is published."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def take(self, reading: Reading) -> None:
        """Fold a good sample."""
        now = self.now()
        self._apply(monitor.step(self.state, reading, now, self._settings), reading)
        self._record(now)
        self._set_deadline()

    @callback
    def miss(self) -> None:
        """Fold a sample that failed."""
        self._apply(monitor.step(self.state, None, self.now(), self._settings))

    @callback
    def look_for(self) -> None:
        """Give a battery that was not seen yet its time."""
        self.state = monitor.look_for(self.state, self.now())
        self._set_deadline()

    @callback
    def pause(self) -> None:
        """Stop judging: nobody reads the battery."""
        self._apply(monitor.pause(self.state, self._settings))

    @callback
    def resume(self) -> None:
        """Judge again."""
        self._apply(monitor.resume(self.state, self.now(), self._settings))
        self._set_deadline()

    @callback
    def end(self) -> None:
        """Fold nothing any more."""
        self._ended = True
        self._unseen.cancel()
        self._cancel_drill()

    # What people do.

    @callback
    def set_armed(self, armed: bool) -> None:
        """Begin or end to judge a vehicle."""
        self._apply(monitor.set_armed(self.state, armed, self._settings))
        # One that was lost while it was disarmed is lost now.
        self._look()

    @callback
    def reset_failsafe(self) -> None:
        """Judge afresh what is held."""
        self._cancel_drill()
        self._apply(monitor.reset_failsafe(self.state, self.now(), self._settings))

    @callback
    def set_state_of_charge(self, percent: float) -> bool:
        """Take a person's word for it. Returns whether it is counted at all."""
        step = monitor.set_state_of_charge(self.state, percent, self._settings)
        if step is not None:
            self._apply(step)
        return step is not None

    @callback
    def reset_counters(self) -> None:
        """Count energy and charge from zero."""
        self._apply(monitor.reset_counters(self.state))

    @callback
    def start_drill(self, level: Level, side: Side, seconds: float) -> None:
        """Raise a level for a while, marked as a test."""
        self._cancel_drill()
        # Samples let it run down by the time since the one before, of which a part is over already.
        lasting = seconds + self._since_sample()
        self._apply(monitor.start_drill(self.state, level, side, lasting, self._settings))
        self._end_drill = async_call_later(self._hass, seconds, self._drill_is_over)

    @callback
    def _drill_is_over(self, _now: object) -> None:
        self._end_drill = None
        self._apply(monitor.end_drill(self.state, self._settings))

    def _since_sample(self) -> float:
        now, state = self.now(), self.state
        if state.sampled_at is not None:
            return now.monotonic - state.sampled_at.monotonic
        return max(0.0, (now.utc - state.seen_before).total_seconds()) if state.seen_before else 0.0

    def _cancel_drill(self) -> None:
        if self._end_drill is not None:
            self._end_drill()
            self._end_drill = None

    def _apply(self, step: Step, reading: Reading | None = None) -> None:
        if self._ended:
            return
        self.state = step.state
        self._changed(reading, step.transitions)
        if step.transitions:
            for listener in tuple(self._listeners):
                listener(step.transitions)

    def _record(self, now: Instant) -> None:
        """Note the newest sample, unless it was dropped."""
        state = self.state
        reading = state.reading
        if reading is None or state.sampled_at is not now:
            return
        charge, lowest, highest = state.estimate.state_of_charge, state.cells.lowest, state.cells.highest
        self.recorder.record(
            now,
            voltage=reading.voltage,
            current=reading.current,
            power=state.power,
            state_of_charge=charge and charge.value,
            lowest_cell=lowest and lowest.voltage,
            highest_cell=highest and highest.voltage,
            cell_imbalance=state.cells.imbalance,
            temperature=hottest(reading),
            resting_voltage=state.estimate.resting_voltage,
            level=state.failsafe.level,
        )

    def _set_deadline(self) -> None:
        """See to it that values are taken away in time even while a read hangs."""
        since = self.state.watched_since
        if self._ended or since is None:
            return
        self._unseen.set(since.monotonic + self._settings.unhealthy_after)

    @callback
    def _look(self) -> None:
        self._apply(monitor.look(self.state, self.now(), self._settings))
        state = self.state
        if self._ended:
            return
        if not state.lost and not state.paused:
            self._set_deadline()
        elif state.silence_counts_from is not None:
            self._unseen.set(state.silence_counts_from)
