"""Voltage and current of simulated batteries whose truth is known, and what is made of their samples."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from custom_components.battmon.model.cell import CellFigures
from custom_components.battmon.model.estimation.counting import Counting, count
from custom_components.battmon.model.estimation.resistance import (
    ResistanceLearning,
    internal_resistance,
    learn,
)
from custom_components.battmon.model.estimation.sample import Sample as Seen
from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Reading
from simulators.battery import SimulatedBattery
from simulators.load import Cycle, household_day

START = datetime(2026, 11, 21, tzinfo=UTC)
DAY = 86400
CAPACITY = 100.0
"""Of the batteries whose resistance is learned, in Ah."""
VOLTAGE_NOISE, CURRENT_NOISE = 0.010, 0.100
type Sample = tuple[float, float]
"""Voltage in V and current in A."""


def at(seconds: float) -> Instant:
    return Instant(1000.0 + seconds, START + timedelta(seconds=seconds))


class Totals(NamedTuple):
    """Ah and Wh."""

    charge_in: float
    charge_out: float
    energy_in: float
    energy_out: float


class Day(NamedTuple):
    """A battery's day, by the second."""

    samples: tuple[Sample, ...]
    truth: Totals


@cache
def household(seed: int) -> Day:
    """Return a day of a house's battery of 200 Ah, of which one cell stands for all."""
    battery = SimulatedBattery(1, 200.0, spread=0, load=household_day(200.0, seed=seed))
    samples = [(battery.terminal_voltage, battery.current)]
    for _ in range(DAY):
        battery.advance(1.0)
        samples.append((battery.terminal_voltage, battery.current))
    truth = Totals(battery.charge_in, battery.charge_out, battery.energy_in, battery.energy_out)
    return Day(tuple(samples), truth)


class Steps(NamedTuple):
    """Steps of the current, seen at one spacing."""

    samples: tuple[Sample, ...]
    series_resistance: float
    """True, in ohm: what a step shows at once."""
    resistance: float
    """True, in ohm, at the spacing of the samples."""
    resting_voltage: float
    """True at the end, in V: what the terminals would show if the current stopped."""


@cache
def steps(resistance: float, spacing: float, height: float, low: float = -2.0, count: int = 20) -> Steps:
    """Return as many steps down from `low` and back, each level held for a minute, the last one too."""
    battery = SimulatedBattery(4, CAPACITY, spread=0, state_of_charge=55)
    for cell in battery.cells:
        cell.resistance = resistance / 4
    battery.load = Cycle(((60.0, low), (60.0, low - height)))
    # The load switches right after a sample, so that the next one sees the step for the whole spacing.
    battery.advance(spacing * 0.999)
    samples = []
    for _ in range(round(60 * (count + 1) / spacing) - 1):
        samples.append((battery.terminal_voltage, battery.current))
        battery.advance(spacing)
    samples.append((battery.terminal_voltage, battery.current))
    resting = sum(cell.rest_voltage for cell in battery.cells)
    return Steps(tuple(samples), battery.resistance, battery.resistance_after(spacing), resting)


def noisy(samples: Iterable[Sample], seed: int, voltage: float = VOLTAGE_NOISE) -> Iterator[Sample]:
    """Add what the sensors add: 100 mA, and a noise of the voltage in V."""
    gauss = Random(seed).gauss
    for true_voltage, true_current in samples:
        yield true_voltage + gauss(0.0, voltage), true_current + gauss(0.0, CURRENT_NOISE)


def counted(samples: Iterable[Sample], spacing: float, counting: Counting | None = None) -> Counting:
    """Count samples that are `spacing` seconds apart."""
    counting = Counting() if counting is None else counting
    previous: Reading | None = None
    span = Span(at(0.0), spacing)
    for voltage, current in samples:
        reading = Reading(voltage=voltage, current=current)
        counting = count(counting, previous, reading, span)
        previous = reading
    return counting


@dataclass
class Learner:
    """Learns the resistance from one sample after the other."""

    learning: ResistanceLearning = ResistanceLearning()
    capacity: float | None = CAPACITY
    noise: float = CURRENT_NOISE
    temperature: float | None = 25.0
    time: float = 0.0
    previous: Reading | None = field(default=None)

    @property
    def resistance(self) -> float | None:
        return internal_resistance(self.learning, at(self.time), self.temperature)

    def sample(
        self, voltage: float | None, current: float | None, after: float = 1.0, **span: float | None
    ) -> None:
        """Take one sample some seconds after the last; the `span` may be said to be another."""
        self.time += after
        reading = Reading(voltage=voltage, current=current)
        seconds = None if self.previous is None else after
        between = Span(at(self.time), span.get("span", seconds))
        self.learning = learn(
            self.learning,
            Seen(self.previous, reading, between, CellFigures(), self.temperature, self.noise),
            self.capacity,
        )
        self.previous = reading

    def play(self, samples: Iterable[Sample], spacing: float = 1.0) -> Learner:
        for voltage, current in samples:
            self.sample(voltage, current, spacing)
        return self

    def square(self, resistance: float, times: int, spacing: float = 1.0, held: int = 3) -> Learner:
        """Switch between 5 and 25 A so many times, without noise, on 13 V."""
        for index in range(times + 1):
            current = -25.0 if index % 2 else -5.0
            self.play([(13.0 + current * resistance, current)] * held, spacing)
        return self


def held(levels: Sequence[float], resistance: float, voltage: float = 13.0) -> list[Sample]:
    """Return samples of currents on a battery that only has a resistance."""
    return [(voltage + current * resistance, current) for current in levels]
