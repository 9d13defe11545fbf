"""How often one battery is read: as set, seldom while it sleeps, soon again after the link was lost."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any

from . import sources
from .const import (
    CONF_INTERVAL,
    CONF_KEEP_CONNECTED,
    CONF_LET_IT_SLEEP,
    GAP_MINIMUM,
    GAP_POLLS,
    LINK_QUALITY_READS,
    QUICK_RETRY,
    SLOW_RETRY,
    STALE_MINIMUM,
    STALE_POLLS,
    UNHEALTHY_MINIMUM,
    UNHEALTHY_POLLS,
)
from .judgement_options import battery_settings, failsafe_settings
from .model.errors import BattMonError, LinkDown
from .model.instant import Instant
from .model.monitor import Settings
from .model.sleep import interval_at_rest
from .model.state import BatteryState
from .sources.settings import CONF_KIND, VIRTUAL_KINDS


class Pace:
    """Times in s."""

    def __init__(self, data: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        self.interval: float = options.get(CONF_INTERVAL, sources.default_interval(data))
        """Between samples, as set."""
        self._keeps_connected: bool = options.get(CONF_KEEP_CONNECTED, True)
        self._may_sleep: bool = options.get(CONF_LET_IT_SLEEP, not self._keeps_connected)
        self._in_force: float = self.interval
        self._failures = 0
        """Samples that failed in a row."""
        self._error: BattMonError | None = None
        self._reads: deque[bool] = deque(maxlen=LINK_QUALITY_READS)
        self._failsafe = failsafe_settings(options)
        battery = battery_settings(options, dead_band=sources.dead_band(data))
        self._battery = replace(
            battery,
            current_is_unsigned=battery.current_is_unsigned or sources.current_is_unsigned(data),
            limits_are_told=data.get(CONF_KIND) in VIRTUAL_KINDS,
        )
        self._cells = 0
        self._poll: float | None = None
        """Between samples that come by themselves."""
        self.settings = self._settings()
        """How the battery is judged: reading it more seldom gives it more time to be heard."""

    @property
    def poll(self) -> float:
        """Between the samples that the battery is judged by."""
        return self._in_force if self._poll is None else self._poll

    @property
    def lets_go(self) -> bool:
        """Whether the link is dropped until the next sample."""
        return not self._keeps_connected or self._in_force > self.interval

    @property
    def link_quality(self) -> float | None:
        """The share of the last samples that went well, in %."""
        return 100 * sum(self._reads) / len(self._reads) if self._reads else None

    def note(self, error: BattMonError | None) -> None:
        """A sample was taken, with or without success."""
        self._error = error
        self._failures = 0 if error is None else self._failures + 1
        self._reads.append(error is None)

    def adapt(self, state: BatteryState, now: Instant) -> bool:
        """Follow what the battery does. Returns whether it is to be read more often from now on."""
        rest = interval_at_rest(state, now) if self._may_sleep else None
        before, self._in_force = self._in_force, max(self.interval, rest or 0.0)
        if self._in_force != before:
            self.settings = self._settings()
        return self._in_force < before

    def follow(self, poll: float | None) -> None:
        """Samples come by themselves, so many seconds apart."""
        if poll != self._poll:
            self._poll = poll
            self.settings = self._settings()

    def expect_cells(self, cells: int) -> None:
        """The battery was seen to have so many cells in series."""
        if cells != self._cells:
            self._cells = cells
            self.settings = self._settings()

    def until_next(self, state: BatteryState, retry_in: float) -> float:
        """Return the time until the next sample. The wire tries to connect in `retry_in` s."""
        suspicion = state.failsafe.read_within
        wanted = inf if suspicion is None else suspicion
        if self._error is None:
            return min(self._in_force, wanted)
        if not isinstance(self._error, LinkDown):
            return min(self.interval, max(wanted, SLOW_RETRY))
        soon: float = QUICK_RETRY if self._failures == 1 else max(SLOW_RETRY, retry_in)
        return min(self.interval, soon)

    def _settings(self) -> Settings:
        poll, battery = self.poll, self._battery
        if battery.limits_are_told and not battery.cells and self._cells:
            # Of a virtual battery not all cells are in series: they cannot be counted.
            battery = replace(battery, cells=self._cells)
        return Settings(
            unhealthy_after=max(UNHEALTHY_MINIMUM, UNHEALTHY_POLLS * poll),
            longest_gap=max(GAP_MINIMUM, GAP_POLLS * poll),
            stale_after=max(STALE_MINIMUM, STALE_POLLS * poll),
            cells=self._battery.cells or self._cells or None,
            failsafe=self._failsafe,
            battery=battery,
        )
