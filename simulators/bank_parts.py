"""What a bank is made of: batteries, and batteries joined. Units: V, A, Ah, ohm."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, override

from .bank_circuit import (
    Line,
    behind_leads,
    current_at,
    in_parallel,
    in_series,
    source,
    voltage_at,
)
from .battery import SimulatedBattery


@dataclass(frozen=True, eq=False)
class Joined(ABC):
    """Several between two terminals."""

    parts: tuple[Part, ...]
    lead: float = 0.0
    """Resistance of the leads between its parts and its terminals, in ohm."""

    @property
    @abstractmethod
    def remaining_capacity(self) -> float:
        """True charge that can be taken out, in Ah."""

    @property
    @abstractmethod
    def full_capacity(self) -> float:
        """True charge that it holds when full, in Ah."""

    @property
    def state_of_charge(self) -> float:
        """True remaining over full capacity, in %."""
        return 100 * self.remaining_capacity / self.full_capacity

    @abstractmethod
    def joined(self, lines: Sequence[Line]) -> Line:
        """Return its line without leads, of those of its parts."""

    @abstractmethod
    def shares(self, lines: Sequence[Line], joined: Line, current: float) -> list[float]:
        """Return the current through each part when it carries `current`, in A."""


class Series(Joined):
    """One behind the other: what the first empty and the first full one allow."""

    @property
    @override
    def remaining_capacity(self) -> float:
        return min(part.remaining_capacity for part in self.parts)

    @property
    @override
    def full_capacity(self) -> float:
        return self.remaining_capacity + min(
            part.full_capacity - part.remaining_capacity for part in self.parts
        )

    @override
    def joined(self, lines: Sequence[Line]) -> Line:
        return in_series(lines)

    @override
    def shares(self, lines: Sequence[Line], joined: Line, current: float) -> list[float]:
        return [current] * len(lines)


class Parallel(Joined):
    """Side by side: each gives what it has."""

    @property
    @override
    def remaining_capacity(self) -> float:
        return sum(part.remaining_capacity for part in self.parts)

    @property
    @override
    def full_capacity(self) -> float:
        return sum(part.full_capacity for part in self.parts)

    @override
    def joined(self, lines: Sequence[Line]) -> Line:
        return in_parallel(lines)

    @override
    def shares(self, lines: Sequence[Line], joined: Line, current: float) -> list[float]:
        bus = voltage_at(joined, current)
        return [0.0 if bus is None else current_at(line, bus) for line in lines]


type Part = SimulatedBattery | Series | Parallel
"""A battery, or several."""


def series(*parts: Part, lead: float = 0.0) -> Series:
    """Join parts one behind the other; `lead` in ohm."""
    return Series(parts, lead)


def parallel(*parts: Part, lead: float = 0.0) -> Parallel:
    """Join parts side by side; `lead` in ohm."""
    return Parallel(parts, lead)


def batteries_of(part: Part) -> Iterator[SimulatedBattery]:
    """Yield the batteries of a part in their order."""
    if isinstance(part, SimulatedBattery):
        yield part
    else:
        for inner in part.parts:
            yield from batteries_of(inner)


class Flow(NamedTuple):
    """What is at the terminals of a part."""

    current: float
    voltage: float | None
    """`None` where nothing conducts."""


class Circuit:
    """A part as it is at one moment: its line, and those of what it is made of."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.inner: tuple[Circuit, ...] = ()
        if isinstance(part, SimulatedBattery):
            self.line = _line_of(part)
        else:
            self.inner = tuple(map(Circuit, part.parts))
            self._joined = part.joined([inner.line for inner in self.inner])
            self.line = behind_leads(self._joined, part.lead) if part.lead else self._joined

    def carried(self, current: float) -> dict[Part, tuple[Line, float]]:
        """Return the line of each part, itself among them, and its share when this carries `current`."""
        found: dict[Part, tuple[Line, float]] = {self.part: (self.line, current)}
        if not isinstance(self.part, SimulatedBattery):
            shares = self.part.shares([inner.line for inner in self.inner], self._joined, current)
            for inner, share in zip(self.inner, shares, strict=True):
                found |= inner.carried(share)
        return found


def _line_of(battery: SimulatedBattery) -> Line:
    rests = [(cell, cell.rest_voltage) for cell in battery.cells]
    return source(
        sum(cell.loaded_voltage(rest, 0.0) for cell, rest in rests),
        battery.resistance,
        charge=battery.charge_allowed,
        discharge=battery.discharge_allowed,
    )
