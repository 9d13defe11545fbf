"""Which cells a JBD board bleeds: those well above the lowest, never two neighbours at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from .jbd_protection import Measurement
from .jbd_registers import FUNCTION_BALANCE_ONLY_CHARGING, FUNCTION_BALANCING, Register

HOP = 4.0
"""Odd and even cells take turns of this length, in s."""


@dataclass
class Balancer:
    """The turn of odd or even cells, and the cells that bleed now, numbered from 1."""

    bleeding: tuple[int, ...] = ()
    _turn: int = 0
    _left: float = 0.0

    def advance(
        self, seen: Measurement, charging: bool, registers: Mapping[int, int], seconds: float
    ) -> None:
        """Choose anew from a measurement that has lasted some seconds."""
        self._left -= seconds
        if self._left <= 0:
            self._turn = 1 - self._turn
            self._left = HOP
        function = registers[Register.FUNCTION]
        waits = function & FUNCTION_BALANCE_ONLY_CHARGING and not charging
        allowed = function & FUNCTION_BALANCING and not waits
        self.bleeding = self._choose(seen, registers) if allowed else ()

    def _choose(self, seen: Measurement, registers: Mapping[int, int]) -> tuple[int, ...]:
        # A cell with a broken sense wire reads 0 and says nothing about the lowest.
        lowest = min(filter(None, seen.cells), default=0)
        high = [
            number
            for number, millivolts in enumerate(seen.cells, 1)
            if millivolts >= registers[Register.BALANCE_START]
            and millivolts - lowest >= registers[Register.BALANCE_WINDOW]
        ]
        # Where only one kind is high it need not take turns: none of its cells are neighbours.
        return tuple(number for number in high if number % 2 == self._turn) or tuple(high)
