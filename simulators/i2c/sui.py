"""SUI's batteries with three and six cells: at most four are measured, and the bus needs rests."""

import time
from typing import override

from ..battery import SimulatedBattery
from .chip import NotAcknowledged, crc8
from .gauge import Clock, Gauge, kelvin, millivolts, word

MEASURED = 4
REST = 0.05
"""Seconds that it needs after telling its cells."""
CELL_BLOCK, CURRENT = 0x28, 0x2A


class SuiBattery(Gauge):
    """No check bytes, but one after the block of cells in some (`checks_block`)."""

    def __init__(
        self, battery: SimulatedBattery, *, checks_block: bool = False, now: Clock = time.monotonic
    ) -> None:
        super().__init__(battery, pec=False, now=now)
        self.checks_block = checks_block
        self._rests_until = 0.0
        self.registers |= {
            0x08: lambda: kelvin(battery.temperatures(2)[1]),
            0x09: lambda: word(millivolts(battery.terminal_voltage)),
            0x0F: lambda: word(battery.remaining_capacity * 1000),
            0x10: lambda: word(battery.full_capacity * 1000),
            0x17: lambda: word(3),
            0x1C: lambda: word(0x0C0D),
            CELL_BLOCK: self.cells,
            CURRENT: lambda: round(battery.current * 1000).to_bytes(4, "little", signed=True),
        }

    def cells(self) -> bytes:
        """Four cells, of which the last is nothing in a battery with three."""
        return bytes((2 * MEASURED,)) + b"".join(map(self.cell_word, range(1, MEASURED + 1)))

    @override
    def written(self, address: int, data: bytes) -> None:
        if data[0] != CELL_BLOCK and self._now() < self._rests_until:
            raise NotAcknowledged
        super().written(address, data)

    @override
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        data = super().read(address, size, sent)
        if self.pointer == CELL_BLOCK:
            self._rests_until = self._now() + REST
            if self.checks_block:
                whole = data[: 2 * MEASURED + 1]
                check = crc8(bytes((address << 1, CELL_BLOCK, address << 1 | 1)) + whole)
                data = (whole + bytes((check,)) + b"\xff" * size)[:size]
        return data
