"""Batteries joined in series and in parallel, with one load: a current finds its way through all of them.

    first, second, third = rig(4, 4.0, ...), rig(4, 5.0, ...), rig(8, 3.0, ...)
    bank = Bank(parallel(series(first.battery, second.battery), third.battery), household(7.0, 27.6))
    bank.seat(first.device, second.device, third.device)

After that each board measures its battery as it is in the bank, and the bank is as old as the oldest of its
boards: wires carry the boards as ever, each in a thread of its own. Where there are no boards, `bank.advance`
lets time pass. Units: V, A, Ah, Wh, s; current positive while charging.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import inf
from threading import RLock
from typing import ClassVar

from .bank_circuit import Line, current_at, possible, voltage_at
from .bank_parts import Circuit, Flow, Part, batteries_of, parallel, series
from .battery import SimulatedBattery
from .jbd_board import JbdBoard
from .load import Constant, Load
from .totals import Totals

__all__ = ["Bank", "Flow", "Member", "parallel", "series"]

LONGEST_STEP = 1.0
"""Seconds for which currents stay as they were found."""
_TINY = 1e-9


class Bank(Totals):
    """A part with a load, all its truth open to tests."""

    def __init__(self, part: Part, load: Load | None = None, *, longest_step: float = LONGEST_STEP) -> None:
        super().__init__()
        self.part = part
        self.load: Load = Constant() if load is None else load
        self.longest_step = longest_step
        self.time = 0.0
        """Seconds lived."""
        self.volt_hours = 0.0
        """Integral of the voltage at the terminals over time, in V h."""
        self._lock = RLock()
        self._stepping = False
        self._found: tuple[object, Mapping[Part, tuple[Line, float]]] = (None, {})
        self._members = {battery: Member(self, battery) for battery in batteries_of(part)}
        for battery in self._members:
            battery.load = _Share(self, battery)
            battery.longest_step = longest_step

    @property
    def batteries(self) -> tuple[SimulatedBattery, ...]:
        """All of them, in order."""
        return tuple(self._members)

    @property
    def current(self) -> float:
        """Current through the terminals now, in A."""
        return self.current_of(self.part)

    @property
    def voltage(self) -> float:
        """Voltage at the terminals now, in V: 0 where nothing conducts."""
        return self.flow().voltage or 0.0

    @property
    def power(self) -> float:
        """In W."""
        return self.current * self.voltage

    @property
    def remaining_capacity(self) -> float:
        """True charge that can be taken out, in Ah."""
        return self.part.remaining_capacity

    @property
    def full_capacity(self) -> float:
        """True charge that it holds when full, in Ah."""
        return self.part.full_capacity

    @property
    def state_of_charge(self) -> float:
        """True remaining over full capacity, in %."""
        return self.part.state_of_charge

    @property
    def frozen(self) -> bool:
        """No time passes for any member while one of them is frozen."""
        return any(battery.frozen for battery in self._members)

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        for battery in self._members:
            battery.frozen = frozen

    def flow(self, part: Part | None = None) -> Flow:
        """Return what is at the terminals of a part now, or at its own."""
        with self._lock:
            line, current = self._carried()[self.part if part is None else part]
            return Flow(current, voltage_at(line, current))

    def current_of(self, part: Part) -> float:
        """Return the current through a part now, in A."""
        with self._lock:
            return self._carried()[part][1]

    def member(self, battery: SimulatedBattery) -> Member:
        """Return one of the batteries as a board sees it: its time is that of the bank."""
        return self._members[battery]

    def seat(self, *boards: JbdBoard) -> None:
        """Let boards that sit on these batteries measure them as they are in the bank."""
        for board in boards:
            assert isinstance(board.battery, SimulatedBattery)
            board.battery = self.member(board.battery)

    def advance(self, seconds: float) -> None:
        """Let time pass for all, in steps short enough and never across a change of the load."""
        with self._lock:
            self.advance_to(self.time + seconds)

    def advance_to(self, time: float) -> None:
        """Let time pass until a moment in s, if that is not past already."""
        with self._lock:
            while not self.frozen and (left := time - self.time) > _TINY:
                step = min(left, self.longest_step, max(self.load.until_change(self.time), 1e-6))
                self._step(step)
                self.time += step

    def _step(self, seconds: float) -> None:
        flow, hours = self.flow(), seconds / 3600
        self._count(flow.current, flow.voltage or 0.0, hours)
        self.volt_hours += (flow.voltage or 0.0) * hours
        # One after the other, all by what was found before the first.
        self._stepping = True
        for battery in self._members:
            battery.advance(seconds)
        self._stepping = False

    def _carried(self) -> Mapping[Part, tuple[Line, float]]:
        if self._stepping:
            return self._found[1]
        demand, limit = self.load.current(self.time), self.load.charge_voltage
        situation = (self.time, demand, limit, *map(_condition, self._members))
        if situation != self._found[0]:
            circuit = Circuit(self.part)
            self._found = (situation, circuit.carried(_possible(circuit.line, demand, limit)))
        return self._found[1]


def _condition(battery: SimulatedBattery) -> tuple[object, ...]:
    """Return what may change in a battery though no time passes."""
    cells = [(cell.charge, cell.resistance, cell.bleeding) for cell in battery.cells]
    return battery.charge_allowed, battery.discharge_allowed, cells


def _possible(line: Line, demand: float, limit: float | None) -> float:
    if demand > 0 and limit is not None:
        # A charger at its voltage limit gives only what the bank then takes.
        demand = max(0.0, min(demand, current_at(line, limit)))
    return possible(line, demand)


@dataclass(frozen=True, slots=True)
class _Share:
    """What a bank leaves to one of its batteries: the load of that."""

    bank: Bank
    battery: SimulatedBattery
    charge_voltage: ClassVar[float | None] = None

    def current(self, time: float) -> float:
        return self.bank.current_of(self.battery)

    def until_change(self, time: float) -> float:
        return inf


class Member:
    """A battery of a bank as a board sees it; its time is that of the bank."""

    def __init__(self, bank: Bank, battery: SimulatedBattery) -> None:
        self.bank = bank
        self.battery = battery
        self.time = 0.0
        """Seconds that its board has lived: the bank may be ahead, as another board was asked before."""

    @property
    def frozen(self) -> bool:
        """No time passes for any member of the bank."""
        return self.bank.frozen

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        self.bank.frozen = frozen

    @property
    def charge_allowed(self) -> bool:
        """The board's charge MOSFET conducts."""
        return self.battery.charge_allowed

    @charge_allowed.setter
    def charge_allowed(self, allowed: bool) -> None:
        self.battery.charge_allowed = allowed

    @property
    def discharge_allowed(self) -> bool:
        """The board's discharge MOSFET conducts."""
        return self.battery.discharge_allowed

    @discharge_allowed.setter
    def discharge_allowed(self, allowed: bool) -> None:
        self.battery.discharge_allowed = allowed

    @property
    def bleed_resistance(self) -> float:
        """Of each balancing resistor, in ohm."""
        return self.battery.bleed_resistance

    @bleed_resistance.setter
    def bleed_resistance(self, resistance: float) -> None:
        self.battery.bleed_resistance = resistance

    @property
    def sensed_cell_voltages(self) -> tuple[float, ...]:
        """What the sense wires show, in V: 0 where one is broken."""
        return self.battery.sensed_cell_voltages

    @property
    def current(self) -> float:
        """Current through the terminals now, in A."""
        return self.battery.current

    @property
    def terminal_voltage(self) -> float:
        """Voltage of the string under the present current, in V."""
        return self.battery.terminal_voltage

    def temperatures(self, sensors: int) -> tuple[float, ...]:
        """That many temperatures in degC, the MOSFETs' first."""
        return self.battery.temperatures(sensors)

    def bleed(self, numbers: Collection[int]) -> None:
        """Switch the balancing resistors of these cells on and all others off."""
        self.battery.bleed(numbers)

    def advance(self, seconds: float) -> None:
        """Let time pass, for the others too if they have not come so far."""
        if not self.frozen:
            self.time += seconds
            self.bank.advance_to(self.time)
