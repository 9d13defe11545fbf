"""The battery of the 3DR Solo: four cells and the current as blocks."""

import time

from ..battery import SimulatedBattery
from .gauge import Clock, Gauge, block, kelvin, millivolts, word


class SoloBattery(Gauge):
    """Check bytes everywhere. Its pack voltage is noisy."""

    def __init__(self, battery: SimulatedBattery, *, now: Clock = time.monotonic) -> None:
        super().__init__(battery, pec=True, now=now)
        self.button = False
        self.registers |= {
            0x08: lambda: kelvin(battery.temperatures(2)[1]),
            0x09: lambda: word(millivolts(battery.terminal_voltage) ^ 0x0155),
            0x0F: lambda: word(battery.remaining_capacity * 1000),
            0x10: lambda: word(battery.full_capacity * 1000),
            0x17: lambda: word(8),
            0x1C: lambda: word(0x0A1B),
            0x23: lambda: block(bytes((0, 8 * self.button, 0, 0, 0, 0))),
            0x28: lambda: block(b"".join(map(self.cell_word, range(1, 5)))),
            0x2A: lambda: block(round(battery.current * 1000).to_bytes(4, "little", signed=True)),
        }
