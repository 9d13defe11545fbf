"""A physical battery: cells in series with a load, all its truth open to tests.

Units: V, A, Ah, Wh, ohm, degC, s; current positive while charging.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Protocol

from .cell import BLEED_RESISTANCE, RELAXATIONS, SERIES_RESISTANCE, Cell, relaxation_decays
from .chemistry import LIFEPO4, Chemistry
from .load import Constant, Load
from .totals import Totals

MAX_STEP = 1.0
"""Longest time computed at once unless said otherwise, in s: short against every time constant of a cell."""
MOSFET_RESISTANCE = 0.02
"""Series resistance of a small board's MOSFETs as far as it warms them, in ohm."""
MOSFET_HEAT_CAPACITY = 12.0
"""In J/K."""
MOSFET_THERMAL_RESISTANCE = 10.0
"""In K/W."""
_TINY = 1e-9


class Battery(Protocol):
    """What a board can measure of a battery and do to it."""

    frozen: bool
    """No time passes for a frozen battery, nor for the board on it."""
    charge_allowed: bool
    """The board's charge MOSFET conducts."""
    discharge_allowed: bool
    """The board's discharge MOSFET conducts."""
    bleed_resistance: float
    """Of each balancing resistor, in ohm."""

    @property
    def sensed_cell_voltages(self) -> tuple[float, ...]:
        """What the sense wires show, in V: 0 where one is broken."""

    @property
    def current(self) -> float:
        """Current through the terminals now, in A."""

    @property
    def terminal_voltage(self) -> float:
        """Voltage of the string under the present current, in V."""

    def temperatures(self, sensors: int) -> tuple[float, ...]:
        """That many temperatures in degC, the MOSFETs' first."""

    def bleed(self, numbers: Collection[int]) -> None:
        """Switch the balancing resistors of these cells, numbered from 1, on and all others off."""

    def advance(self, seconds: float) -> None:
        """Let time pass."""


class SimulatedBattery(Totals):
    """Cells in series with a load; `advance` lets time pass."""

    def __init__(
        self,
        cells: int = 4,
        capacity: float = 4.0,
        *,
        chemistry: Chemistry = LIFEPO4,
        state_of_charge: float = 60.0,
        load: Load | None = None,
        seed: int = 0,
        spread: float = 1.0,
        ambient: float = 22.0,
    ) -> None:
        """Spread 1 is 0.5 % of capacity, 0.4 points of charge, 5 % of resistance (sigma); 0 is none."""
        super().__init__()
        self.chemistry = chemistry
        self.load: Load = Constant() if load is None else load
        self.ambient = ambient
        self.mosfet_temperature = ambient
        self.mosfet_resistance = MOSFET_RESISTANCE
        """Of the board's, as far as it warms them, in ohm."""
        self.bleed_resistance = BLEED_RESISTANCE
        self.frozen = False
        self.longest_step = MAX_STEP
        """Longest time computed at once, in s."""
        self.charge_allowed = self.discharge_allowed = True
        self.time = 0.0
        """Seconds lived."""
        random = Random(seed)
        self.cells = [
            _varied_cell(random, spread, chemistry, capacity, state_of_charge, ambient) for _ in range(cells)
        ]

    @property
    def current(self) -> float:
        """Current through the terminals now, in A."""
        return self._current([cell.rest_voltage for cell in self.cells])

    @property
    def cell_voltages(self) -> tuple[float, ...]:
        """True voltage of every cell now, in V."""
        rests = [cell.rest_voltage for cell in self.cells]
        current = self._current(rests)
        return tuple(cell.loaded_voltage(rest, current) for cell, rest in zip(self.cells, rests, strict=True))

    @property
    def sensed_cell_voltages(self) -> tuple[float, ...]:
        """What the sense wires show, in V: 0 where one is broken."""
        return tuple(
            0.0 if cell.wire_open else voltage
            for cell, voltage in zip(self.cells, self.cell_voltages, strict=True)
        )

    @property
    def terminal_voltage(self) -> float:
        """Voltage of the string under the present current, in V."""
        return sum(self.cell_voltages)

    def temperatures(self, sensors: int) -> tuple[float, ...]:
        """The MOSFETs' and then cells' temperatures, the probes spread evenly along the string, in degC."""
        probes = sensors - 1
        places = (index * len(self.cells) // probes for index in range(probes))
        return (self.mosfet_temperature, *(self.cells[place].temperature for place in places))[:sensors]

    @property
    def remaining_capacity(self) -> float:
        """True charge that can be taken out before the first cell is empty, in Ah."""
        return min(cell.charge for cell in self.cells)

    @property
    def full_capacity(self) -> float:
        """True charge between the first empty and the first full cell, in Ah."""
        return self.remaining_capacity + min(cell.capacity - cell.charge for cell in self.cells)

    @property
    def state_of_charge(self) -> float:
        """True remaining over full capacity, in %."""
        return 100 * self.remaining_capacity / self.full_capacity

    @property
    def resistance(self) -> float:
        """True series resistance of the string, in ohm: what a step of current shows at once."""
        return sum(cell.resistance for cell in self.cells)

    def resistance_after(self, seconds: float) -> float:
        """Resistance that a step of current shows after some seconds, in ohm."""
        return self.resistance * (1 + sum(share * (1 - exp(-seconds / tau)) for share, tau in RELAXATIONS))

    def set_state_of_charge(self, percent: float) -> None:
        """Fill every cell to this share of its own capacity, in %."""
        for cell in self.cells:
            cell.charge = cell.capacity * percent / 100

    def set_temperature(self, temperature: float) -> None:
        """Bring cells, board and air to one temperature, in degC."""
        self.ambient = self.mosfet_temperature = temperature
        for cell in self.cells:
            cell.temperature = temperature

    def open_wire(self, number: int, broken: bool = True) -> None:
        """Break the sense wire of a cell, numbered from 1, or mend it."""
        self.cells[number - 1].wire_open = broken

    def bleed(self, numbers: Collection[int]) -> None:
        """Switch the balancing resistors of these cells on and all others off."""
        for number, cell in enumerate(self.cells, 1):
            cell.bleeding = number in numbers

    def advance(self, seconds: float) -> None:
        """Let time pass, in steps short enough for the physics and never across a change of the load."""
        if self.frozen:
            return
        end = self.time + seconds
        while (left := end - self.time) > _TINY:
            step = min(left, self.longest_step, max(self.load.until_change(self.time), 1e-6))
            self._step(step)
            self.time += step

    def _step(self, seconds: float) -> None:
        rests = [cell.rest_voltage for cell in self.cells]
        current = self._current(rests)
        self._count(current, sum(rests) + current * self.resistance, seconds / 3600)
        decays = relaxation_decays(seconds)
        for cell, rest in zip(self.cells, rests, strict=True):
            cell.advance(current - cell.bleed_current(rest), seconds, decays, self.ambient)
        settled = self.ambient + current * current * self.mosfet_resistance * MOSFET_THERMAL_RESISTANCE
        cooling = exp(-seconds / (MOSFET_HEAT_CAPACITY * MOSFET_THERMAL_RESISTANCE))
        self.mosfet_temperature = settled + (self.mosfet_temperature - settled) * cooling

    def _current(self, rests: list[float]) -> float:
        demand = self.load.current(self.time)
        if demand <= 0:
            return demand if self.discharge_allowed else 0.0
        if not self.charge_allowed:
            return 0.0
        limit = self.load.charge_voltage
        # A charger at its voltage limit gives only what the string then takes.
        return demand if limit is None else max(0.0, min(demand, (limit - sum(rests)) / self.resistance))


def _varied_cell(
    random: Random,
    spread: float,
    chemistry: Chemistry,
    capacity: float,
    state_of_charge: float,
    temperature: float,
) -> Cell:
    def near(value: float, sigma: float) -> float:
        return value * (1 + spread * random.gauss(0.0, sigma))

    size = near(capacity, 0.005)
    filling = state_of_charge / 100 + spread * random.gauss(0.0, 0.004)
    return Cell(chemistry, size, size * filling, near(SERIES_RESISTANCE / capacity, 0.05), temperature)


@dataclass
class FixedBattery:
    """A battery whose measurements are simply set: of a recorded frame, or of one that never changes."""

    sensed_cell_voltages: tuple[float, ...]
    demand: float = 0.0
    """Current that flows when the MOSFETs let it, in A."""
    probes: tuple[float, ...] = ()
    """What `temperatures` answers, in degC."""
    pack_voltage: float | None = None
    """Voltage at the terminals where it is not the cells' sum, in V."""
    charge_allowed: bool = True
    discharge_allowed: bool = True
    frozen: bool = True
    bleeding: tuple[int, ...] = ()
    """Cells whose balancing resistor is on."""
    bleed_resistance: float = BLEED_RESISTANCE

    @property
    def current(self) -> float:
        """Current through the terminals, in A."""
        allowed = self.charge_allowed if self.demand > 0 else self.discharge_allowed
        return self.demand if allowed else 0.0

    @property
    def terminal_voltage(self) -> float:
        """Voltage at the terminals, in V."""
        return sum(self.sensed_cell_voltages) if self.pack_voltage is None else self.pack_voltage

    def temperatures(self, sensors: int) -> tuple[float, ...]:
        """The first probes, in degC."""
        return self.probes[:sensors]

    def bleed(self, numbers: Collection[int]) -> None:
        """Remember which resistors are on."""
        self.bleeding = tuple(numbers)

    def advance(self, seconds: float) -> None:
        """Nothing changes by itself."""
