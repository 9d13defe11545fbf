"""Rotoye Batmon, firmware from version 5.1 on and before."""

import time
from datetime import date

from ..battery import SimulatedBattery
from .gauge import Clock, Gauge, block, kelvin, millivolts, word

FINE_LIMIT = 32.7
"""A, at which the finer register of the current ends."""


class RotoyeBatmon(Gauge):
    """Registers that are not there read as ones, with a check byte."""

    def __init__(
        self,
        battery: SimulatedBattery,
        *,
        unique_id: bytes = bytes(range(0x10, 0x20)),
        thermistors: tuple[float | None, float | None] = (None, None),
        wide: bool = True,
        now: Clock = time.monotonic,
    ) -> None:
        """`thermistors`: in degC, `None` where none is fitted. `wide`: whether the wide current is there."""
        super().__init__(battery, pec=True, now=now)
        self.thermistors = thermistors
        made = date(2023, 5, 9)
        self.registers |= {
            0x08: lambda: kelvin(battery.temperatures(1)[0]),
            0x09: lambda: word(millivolts(battery.terminal_voltage)),
            0x0A: lambda: word(1000 * max(-FINE_LIMIT, min(battery.current, FINE_LIMIT))),
            0x0D: lambda: word(battery.state_of_charge),
            0x0F: lambda: word(battery.remaining_capacity * 1000),
            0x10: lambda: word(battery.full_capacity * 1000),
            0x14: lambda: word(10000),
            0x15: lambda: word(millivolts(len(battery.cells) * battery.chemistry.charge_voltage)),
            0x16: lambda: word(0),
            0x17: lambda: word(12),
            0x1B: lambda: word((made.year - 1980) * 512 + made.month * 32 + made.day),
            0x1C: lambda: word(0xBEEF),
            0x20: lambda: block(b"Rotoye"),
            0x23: lambda: block(unique_id),
            0x40: lambda: word(len(battery.cells)),
            0x48: lambda: self.thermistor(0),
            0x49: lambda: self.thermistor(1),
            0x4F: lambda: word(battery.charge_out * 1000),
            0x51: lambda: block(bytes(4)),
        }
        if wide:
            self.registers[0x41] = lambda: word(battery.current * 10)
        self.put_cells(*range(0x3F, 0x2F, -1))

    def thermistor(self, place: int) -> bytes:
        """An external temperature; 0 K where there is none."""
        fitted = self.thermistors[place]
        return word(0) if fitted is None else kelvin(fitted)
