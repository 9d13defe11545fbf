"""NeoDesign's batteries: cells from register 0x30 upwards, and how many there are in 0x5C."""

import time

from ..battery import SimulatedBattery
from .gauge import Clock, Gauge, kelvin, millivolts, word

FIRST_CELL = 0x30


class NeoDesignBattery(Gauge):
    """Check bytes everywhere."""

    def __init__(self, battery: SimulatedBattery, *, now: Clock = time.monotonic) -> None:
        super().__init__(battery, pec=True, now=now)
        self.is_ready = True
        """Until then it has no cells."""
        self.registers |= {
            0x08: lambda: kelvin(battery.temperatures(2)[1]),
            0x09: lambda: word(millivolts(battery.terminal_voltage)),
            0x0A: lambda: word(battery.current * 1000),
            0x0F: lambda: word(battery.remaining_capacity * 1000),
            0x10: lambda: word(battery.full_capacity * 1000),
            0x5C: lambda: word(len(battery.cells) if self.is_ready else 0),
        }
        self.put_cells(*range(FIRST_CELL, 0x40))
