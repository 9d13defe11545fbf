"""A battery whose true charge is known, and a current sensor that is wrong in known ways.

The charge is integrated at the terminals from the true current: no formula of the product is used. The curve
of a cell is the simulator's where it resembles the product's, else the product's, moved by a make of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, pow
from random import Random

from custom_components.battmon.model.chemistry import FACTS, Chemistry
from simulators import chemistry as simulated

CAPACITY = 100.0
CELLS = 4
RELAXATION_TIME = 900.0
STIFF_STEP = 2.0
"""Longest time computed at once near the charger's limit, in s."""
type Curve = Callable[[float], float]
"""Resting voltage of a cell in V, of its state of charge in %."""


def curve_of(chemistry: Chemistry, random: Random) -> Curve:
    """Return the curve of a make, in which a cell is full at what it is charged to."""
    if chemistry is Chemistry.LIFEPO4 or chemistry is Chemistry.LIPO:
        cell = simulated.CHEMISTRIES[chemistry.value]
        return lambda percent: cell.open_circuit_voltage(percent / 100)
    facts = FACTS[chemistry]
    offset = random.gauss(0.0, facts.rest_sigma)
    # A curve may end above what a charger is allowed to give.
    full = facts.state_of_charge_at(facts.charge_voltage)
    top = facts.open_circuit_voltage(full)

    def voltage(percent: float) -> float:
        if percent <= 100:
            return facts.open_circuit_voltage(percent * full / 100) + offset
        return top + offset + (facts.charge_voltage + 0.1 - top) * (percent - 100)

    return voltage


@dataclass
class TrueBattery:
    """Cells in series, all alike."""

    chemistry: Chemistry
    curve: Curve
    charge: float = CAPACITY
    """In Ah."""
    current: float = 0.0
    relaxation: float = 0.0
    """What is left over from past current, in V a cell."""
    resistance: float = 0.06 / CAPACITY
    """Of a cell, in ohm."""
    efficiency: float = 0.995

    def __post_init__(self) -> None:
        if self.chemistry is Chemistry.LEAD_ACID:
            self.efficiency = 0.88
        elif self.chemistry is Chemistry.SODIUM_ION:
            self.efficiency = 0.98

    @property
    def state_of_charge(self) -> float:
        """In %."""
        return min(100.0, 100 * self.charge / CAPACITY)

    @property
    def cell(self) -> float:
        """Voltage of a cell under the present current, in V."""
        return self.curve(100 * self.charge / CAPACITY) + self.relaxation + self.current * self.resistance

    def advance(self, seconds: float, demand: float, limit: float) -> None:
        """Let a current flow, in A; a charger holds each cell at `limit`, in V, once reached."""
        while demand > 0 and seconds > STIFF_STEP and self.cell > limit - 0.1:
            self._step(STIFF_STEP, demand, limit)
            seconds -= STIFF_STEP
        self._step(seconds, demand, limit)

    def _step(self, seconds: float, demand: float, limit: float) -> None:
        if demand > 0:
            rest = self.curve(100 * self.charge / CAPACITY) + self.relaxation
            demand = max(0.0, min(demand, (limit - rest) / self.resistance))
        self.current = demand
        felt = demand * self.efficiency if demand > 0 else -self._felt(-demand)
        self.charge += felt * seconds / 3600
        settled = 0.8 * self.resistance * demand
        self.relaxation = settled + (self.relaxation - settled) * exp(-seconds / RELAXATION_TIME)

    def _felt(self, current: float) -> float:
        """Peukert's law as printed: discharge takes H (C / (I H))^k hours, for H the rated 20 h."""
        if self.chemistry is not Chemistry.LEAD_ACID or current <= CAPACITY / 20:
            return current
        return CAPACITY / (20 * pow(CAPACITY / (current * 20), 1.2))


@dataclass
class Sensor:
    """A current sensor of a BMS."""

    gain: float
    """What it multiplies with."""
    offset: float
    """What it adds, in A."""
    dead_band: float
    """Below which it reads 0, in A."""

    def measure(self, current: float) -> float:
        """Return what it says of a true current."""
        value = current * self.gain + self.offset
        return 0.0 if abs(value) < self.dead_band else round(value, 2)


def household(random: Random, step: float) -> list[float]:
    """Return what a day takes out of the battery, in A at every step: 40 Ah, half the day on standby only.

    The day begins when the sun no longer shines: 16 hours of discharge, the others are for charging.
    """
    steps = int(16 * 3600 / step)
    standby = [0.15 if place < steps / 2 else 0.9 for place in range(steps)]
    used = sum(standby) * step / 3600
    kettle = round(180 / step)
    while used < CAPACITY * 0.4:
        begin, current = random.randrange(steps // 2, steps - kettle), random.uniform(30.0, 60.0)
        for place in range(begin, begin + kettle):
            standby[place] += current
        used += current * kettle * step / 3600
    return standby
