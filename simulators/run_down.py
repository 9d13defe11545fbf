"""A load that runs a battery down and charges it again, over and over, between two states of charge."""

from dataclasses import dataclass, field
from math import inf
from typing import Protocol

TURN = 4.0
"""Seconds in which the current goes from what it was to what it is to be. Longer than from one poll to the
next: of a step nobody who polls can know when between two polls it came."""
_FINE = 0.1
"""Seconds that the current stands still while it turns."""


class Gauge(Protocol):
    """Tells how much is left: a battery, or the board on it."""

    @property
    def state_of_charge(self) -> float:
        """In %."""


@dataclass
class RunDown:
    """Goes by a gauge, not by the clock: it neither drifts nor ends. Nothing flows before `begin`."""

    gauge: Gauge
    discharge: float
    """In A, a positive number."""
    charge: float
    """In A."""
    lowest: float
    """State of charge in % at which it turns round to charging."""
    highest: float
    """State of charge in % at which it turns round to discharging."""
    charge_voltage: float | None = None
    begun: bool = False
    charging: bool = False
    _wanted: float = field(default=0.0, init=False)
    _before: float = field(default=0.0, init=False)
    """In A, when it began to turn."""
    _turned_at: float = field(default=-inf, init=False)

    def begin(self) -> None:
        """Run the battery down from now on."""
        self.begun = True

    def current(self, time: float) -> float:
        """Current asked for at a time in s, in A, positive while charging."""
        wanted = self._look()
        if wanted != self._wanted:
            self._before, self._turned_at, self._wanted = self._on_the_way(time), time, wanted
        return self._on_the_way(time)

    def until_change(self, time: float) -> float:
        """Seconds for which the current stays as it is, unless the gauge makes it turn."""
        return _FINE if time - self._turned_at < TURN else inf

    def _look(self) -> float:
        if not self.begun:
            return 0.0
        charge = self.gauge.state_of_charge
        if charge <= self.lowest or charge >= self.highest:
            self.charging = charge <= self.lowest
        return self.charge if self.charging else -self.discharge

    def _on_the_way(self, time: float) -> float:
        share = min(1.0, (time - self._turned_at) / TURN)
        return self._before + share * (self._wanted - self._before)
