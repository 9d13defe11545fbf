"""What every gauge on a bus has: a battery that lives on while nobody asks, and words made of it."""

import time
from collections.abc import Callable
from functools import partial
from typing import override

from ..battery import SimulatedBattery
from .registers import RegisterChip

type Clock = Callable[[], float]


def word(number: float) -> bytes:
    """16 bits, low byte first; a negative number in two's complement."""
    return (round(number) & 0xFFFF).to_bytes(2, "little")


def block(content: bytes) -> bytes:
    """What a block read answers: how many bytes, and these."""
    return bytes((len(content),)) + content


def kelvin(celsius: float) -> bytes:
    """A temperature in 0.1 K."""
    return word((celsius + 273.15) * 10)


def millivolts(voltage: float) -> int:
    """A voltage in mV."""
    return round(voltage * 1000)


class Gauge(RegisterChip):
    """Registers that say how a battery is at that moment. `now` is a monotonic clock in s."""

    def __init__(self, battery: SimulatedBattery, *, pec: bool, now: Clock = time.monotonic) -> None:
        super().__init__(pec=pec)
        self.battery = battery
        self.undriven = False
        """A register that is not there is acknowledged and not answered: ones, no check byte."""
        self._now = now
        self._lived = now()

    @override
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        now = self._now()
        self.battery.advance(now - self._lived)
        self._lived = now
        if self.undriven and self.pointer not in self.registers:
            return b"\xff" * size
        return super().read(address, size, sent)

    @property
    def volts(self) -> int:
        """What one digit of a voltage stands for, in mV."""
        return 1

    def cell_word(self, number: int) -> bytes:
        """The voltage that the sense wires of a cell show; cells count from 1, and 0 is no such cell."""
        cells = self.battery.sensed_cell_voltages
        return word(millivolts(cells[number - 1]) / self.volts if number <= len(cells) else 0)

    def put_cells(self, *registers: int) -> None:
        """Give each cell a register, cell 1 the first."""
        for number, register in zip(range(1, len(self.battery.cells) + 1), registers, strict=False):
            self.registers[register] = partial(self.cell_word, number)
