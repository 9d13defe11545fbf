"""LTC2946: 12 bits at the upper end of two bytes, current in one direction only. Written from wired.md 9."""

from typing import override

from .registers import RegisterChip
from .sensed import Sensed, clipped, word


class Ltc2946(RegisterChip):
    """Registers of a byte; the two bytes of a result follow each other."""

    def __init__(self, sensed: Sensed) -> None:
        super().__init__()
        self.sensed = sensed
        self.power_cycled()

    @override
    def power_cycled(self) -> None:
        self.registers.update({0x00: b"\0", 0x01: b"\0", 0xE7: b"\x60\x01"})
        self.registers[0x14] = lambda: word(clipped(self.sensed.shunt_voltage / 0.1024 * 4095, 0, 4095) << 4)
        self.registers[0x1E] = lambda: word(clipped(self.sensed.bus_voltage / 102.4 * 4095, 0, 4095) << 4)

    @override
    def store(self, register: int, value: bytes) -> None:
        if register in (0x00, 0x01) and len(value) == 1:
            self.registers[register] = value
