"""One physical cell: it stores charge, resists, relaxes, remembers the way it came, and warms up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

from .chemistry import Chemistry

SERIES_RESISTANCE = 0.04
"""Series resistance times capacity, in ohm Ah: 10 mohm for 4 Ah, as of small round cells."""
BLEED_RESISTANCE = 33.0
"""Of the balancing resistor that a board can switch across a cell, in ohm: 0.1 A."""
RELAXATIONS = ((0.6, 30.0), (0.8, 900.0))
"""Of each relaxation its share of the series resistance and its time constant in s."""
HYSTERESIS_SPAN = 0.02
"""Share of the capacity that must pass to go most of the way to the other branch of the hysteresis."""
HEAT_CAPACITY = 30.0
"""Heat capacity of a cell over its capacity, in J/K per Ah: about 27 g at 1.1 J/(g K) each Ah."""
THERMAL_RESISTANCE = 25.0
"""Thermal resistance of a cell to the air times its capacity, in K Ah/W."""


def relaxation_decays(seconds: float) -> list[float]:
    """What is left of each relaxation after a time; the same for all cells of a string."""
    return [exp(-seconds / time_constant) for _, time_constant in RELAXATIONS]


@dataclass(slots=True)
class Cell:
    """A cell and the state it is in; voltages in V, currents in A, positive while charging."""

    chemistry: Chemistry
    capacity: float
    """In Ah."""
    charge: float
    """In Ah; may leave 0..capacity when nothing protects the cell."""
    resistance: float
    """Series resistance in ohm."""
    temperature: float
    """In degC."""
    leak: float = 0.0
    """Self-discharge in A, which no current sensor sees."""
    bleeding: bool = False
    """The balancing resistor is switched on."""
    wire_open: bool = False
    """The sense wire is broken: the cell works, but reads 0 V."""
    hysteresis: float = 0.0
    """-1 after discharging to +1 after charging."""
    relaxations: list[float] = field(default_factory=lambda: [0.0] * len(RELAXATIONS))
    """Voltage left over from past current, in V."""

    @property
    def rest_voltage(self) -> float:
        """Voltage if the current stopped this moment."""
        settled = self.chemistry.open_circuit_voltage(self.charge / self.capacity)
        return settled + self.hysteresis * self.chemistry.hysteresis + sum(self.relaxations)

    def loaded_voltage(self, rest: float, current: float) -> float:
        """Voltage under a current through the string, given `rest_voltage`."""
        return max(0.0, rest + (current - self.bleed_current(rest)) * self.resistance)

    def bleed_current(self, voltage: float) -> float:
        """What the balancing resistor takes now."""
        return voltage / BLEED_RESISTANCE if self.bleeding else 0.0

    def advance(self, current: float, seconds: float, decays: Sequence[float], ambient: float) -> None:
        """Let a current flow through the cell itself, its balancing resistor already subtracted."""
        self._store(current, seconds / 3600)
        self.relaxations = [
            value * decay + current * share * self.resistance * (1 - decay)
            for value, decay, (share, _) in zip(self.relaxations, decays, RELAXATIONS, strict=True)
        ]
        heat = current * (current * self.resistance + sum(self.relaxations))
        settled = ambient + heat * THERMAL_RESISTANCE / self.capacity
        cooling = exp(-seconds / (HEAT_CAPACITY * THERMAL_RESISTANCE))
        self.temperature = settled + (self.temperature - settled) * cooling

    def _store(self, current: float, hours: float) -> None:
        efficiency = self.chemistry.charge_efficiency if current > 0 else 1.0
        self.charge += (current * efficiency - self.leak) * hours
        if current:
            branch = 1.0 if current > 0 else -1.0
            share = exp(-abs(current) * hours / (self.capacity * HYSTERESIS_SPAN))
            self.hysteresis = branch + (self.hysteresis - branch) * share
