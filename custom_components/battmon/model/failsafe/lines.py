"""Thresholds as they are judged: one line for each level of each kind."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from .levels import Kind, Level, Side
from .quantities import QUANTITIES

if TYPE_CHECKING:
    from .settings import FailsafeSettings

ZERO_VOLTAGE = 0.01
"""V; a cell below it reads 0: converters have a little offset."""
TEMPERATURE_DELAY = 30.0
"""Seconds (rules 1)."""
INRUSH_TIME = 2.0
"""Seconds: inverters and motors draw several times their rating for less than that when they start."""

PLACES: Mapping[Kind, int] = {kind: place for place, kind in enumerate(QUANTITIES)}
"""Where the quantity that a kind is about stands among the values of `measuring.measure`."""
RAW_VOLTAGE = len(PLACES)
"""The terminals' voltage; at its kind's own place stands the one that low voltage is judged by."""
COLD, HOT = RAW_VOLTAGE + 1, RAW_VOLTAGE + 2
"""The battery's temperatures, whichever way the current flows."""
EITHER_WAY = {
    Kind.CHARGE_COLD: COLD,
    Kind.CHARGE_HOT: HOT,
    Kind.DISCHARGE_COLD: COLD,
    Kind.DISCHARGE_HOT: HOT,
}
"""Judged only while the current flows in one direction, but cleared by the temperature alone."""
URGENT = frozenset({Kind.LOW_VOLTAGE, Kind.LOW_CELL})
"""A battery that is critical by these may be cut off at any moment."""
EMPTYING = frozenset({Kind.LOW_VOLTAGE, Kind.LOW_CELL, Kind.LOW_STATE_OF_CHARGE, Kind.LOW_CAPACITY})
"""What is about to be empty says so by one of these."""
CAPACITY_KINDS = (Kind.LOW_STATE_OF_CHARGE, Kind.LOW_CAPACITY)


class Line(NamedTuple):
    """What raises one level for one kind of reason."""

    kind: Kind
    level: Level
    side: Side
    delay: float = 0.0
    """Seconds that it must last for; 0 is two samples in a row."""
    threshold: float | None = None
    sign: int = 1
    """Times this, bad means below."""
    place: int = 0
    """Where the quantity stands among the measured values."""

    @property
    def floor(self) -> float:
        """The measured value below which the condition is there."""
        return inf if self.threshold is None else self.threshold * self.sign

    @property
    def is_urgent(self) -> bool:
        """Whether to read out of turn, and to take the battery's silence for a yes."""
        return self.level is Level.CRITICAL and self.kind in URGENT


class Lines(NamedTuple):
    """All thresholds of a battery, worked out once for all samples."""

    each: tuple[Line, ...]
    floors: tuple[float, ...]
    """By place: a battery whose measured values are all at or above these is within every threshold."""
    judges_voltage: bool
    judges_capacity: bool
    dead_terminals: tuple[Line, ...]
    contradictions: tuple[Kind, ...]
    """Kinds whose critical threshold does not lie beyond the low one."""


def lines_of(settings: FailsafeSettings) -> Lines:
    """Work out the lines of all thresholds that are not off."""
    each = tuple(_lines(settings))
    floors = [-inf] * COLD
    floors[PLACES[Kind.LOW_CELL]] = ZERO_VOLTAGE
    for line in each:
        floors[line.place] = max(floors[line.place], line.floor)
    kinds = {line.kind for line in each}
    judges_voltage = Kind.LOW_VOLTAGE in kinds
    return Lines(
        each,
        tuple(floors),
        judges_voltage,
        not kinds.isdisjoint(CAPACITY_KINDS),
        tuple(_dead_terminals(settings, judges_voltage)),
        tuple(kind for kind, pair in settings.thresholds.items() if QUANTITIES[kind].contradicts(*pair)),
    )


def _lines(settings: FailsafeSettings) -> Iterator[Line]:
    for kind, quantity in QUANTITIES.items():
        pair = settings.thresholds.get(kind)
        for level, wanted in zip((Level.LOW, Level.CRITICAL), pair or (), strict=False):
            if (threshold := quantity.threshold(wanted)) is None:
                continue
            raw = kind is Kind.LOW_VOLTAGE and level is Level.CRITICAL
            delay = _delay(kind, level, settings)
            place = RAW_VOLTAGE if raw else PLACES[kind]
            yield Line(kind, level, quantity.side, delay, threshold, int(quantity.direction), place)


def _dead_terminals(settings: FailsafeSettings, judges_voltage: bool) -> Iterator[Line]:
    yield Line(Kind.DEAD_TERMINALS, Level.UNHEALTHY, Side.DISCHARGE)
    if judges_voltage:
        yield Line(Kind.DEAD_TERMINALS, Level.CRITICAL, Side.DISCHARGE, settings.low_voltage_delay)


def _delay(kind: Kind, level: Level, settings: FailsafeSettings) -> float:
    unit = QUANTITIES[kind].unit
    if kind in CAPACITY_KINDS:
        return 0.0
    if unit == "°C":
        return TEMPERATURE_DELAY
    if level is Level.LOW:
        return settings.low_voltage_delay
    if kind in URGENT:
        return settings.critical_voltage_delay
    # An engine that is cranked draws its current for as long as it pulls the voltage down.
    return max(INRUSH_TIME, settings.critical_voltage_delay) if unit == "A" else 0.0
