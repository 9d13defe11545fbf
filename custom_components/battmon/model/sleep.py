"""When a battery that nothing happens to may sleep: polling keeps its electronics awake (rules 9)."""

from .alarms import Alarm
from .instant import Instant
from .reading import Reading
from .state import BatteryState

IDLE_TIME = 1800.0
"""Seconds inside the dead band until a battery is left to sleep."""
IDLE_INTERVAL = 300.0
"""Seconds between readings of a battery that rests."""
EMPTY_INTERVAL = 600.0
"""Seconds between readings of an empty one that nobody charges: what is left is needed to survive."""
SMALLEST_CURRENT = 0.2
"""A. What a battery's own electronics cannot tell from nothing (JBD: reads 0 below it)."""
EMPTY = frozenset({Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE})


def dead_band(reading: Reading) -> float:
    """Return the current in A below which nothing flows that counts: C/200, at least 0.2 A."""
    return max(SMALLEST_CURRENT, (reading.full_capacity or 0.0) / 200)


def is_idle(reading: Reading) -> bool:
    """Whether no current flows that counts; not so if it is unknown."""
    return reading.current is not None and abs(reading.current) <= dead_band(reading)


def interval_at_rest(state: BatteryState, now: Instant) -> float | None:
    """Return how often to read a battery that may sleep, in s; `None` while something happens."""
    reading = state.reading
    if reading is None or not state.healthy:
        return None
    if EMPTY & (reading.alarms or frozenset()) and not _is_charging(reading):
        return EMPTY_INTERVAL
    if state.idle_since is not None and now.monotonic - state.idle_since.monotonic >= IDLE_TIME:
        return IDLE_INTERVAL
    return None


def _is_charging(reading: Reading) -> bool:
    return reading.current is not None and reading.current > dead_band(reading)
