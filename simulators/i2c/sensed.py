"""What a power monitor's pins see of a battery."""

from dataclasses import dataclass
from typing import Protocol


class Source(Protocol):
    """A battery, as far as a shunt beside it can tell."""

    @property
    def current(self) -> float:
        """In A, positive while charging."""

    @property
    def terminal_voltage(self) -> float:
        """In V."""


@dataclass
class Steady:
    """A source whose values are simply set."""

    terminal_voltage: float
    current: float


@dataclass
class Sensed:
    """A battery with a shunt in its line, IN+ on the battery's side."""

    battery: Source
    shunt: float
    """In ohm."""
    turned_round: bool = False
    """IN- is on the battery's side."""

    @property
    def bus_voltage(self) -> float:
        """In V."""
        return self.battery.terminal_voltage

    @property
    def shunt_voltage(self) -> float:
        """Of IN+ against IN-, in V: positive under load."""
        return self.battery.current * self.shunt * (1 if self.turned_round else -1)


def word(value: int) -> bytes:
    """Two bytes, the most significant first, two's complement."""
    return (value & 0xFFFF).to_bytes(2, "big")


def clipped(value: float, least: int, most: int) -> int:
    """The nearest count that a register can hold."""
    return max(least, min(most, round(value)))
