"""INA3221: three shunts and three bus voltages. Written from wired.md 8."""

from collections.abc import Sequence
from functools import partial
from typing import override

from .registers import RegisterChip
from .sensed import Sensed, clipped, word

CONFIG, POWER_ON = 0x00, 0x7127


class Ina3221(RegisterChip):
    """13 bits at the upper end of a word, 40 uV and 8 mV a bit. A channel that is off says 0."""

    def __init__(self, channels: Sequence[Sensed]) -> None:
        super().__init__()
        self.channels = tuple(channels)
        self.power_cycled()

    @override
    def power_cycled(self) -> None:
        self.registers.update({CONFIG: word(POWER_ON), 0xFE: word(0x5449), 0xFF: word(0x3220)})
        for number, sensed in enumerate(self.channels, 1):
            self.registers[2 * number - 1] = partial(self._shunt, number, sensed)
            self.registers[2 * number] = partial(self._bus, number, sensed)

    @override
    def store(self, register: int, value: bytes) -> None:
        if register != CONFIG:
            return
        if value[0] & 0x80:
            self.power_cycled()
        else:
            self.registers[CONFIG] = value

    def is_on(self, number: int) -> bool:
        """Whether a channel is measured: bit 14 is the first's."""
        config = int.from_bytes(self.value(CONFIG), "big")
        return bool(config >> (15 - number) & 1) and config & 7 == 7

    def _shunt(self, number: int, sensed: Sensed) -> bytes:
        if not self.is_on(number):
            return word(0)
        return word(clipped(sensed.shunt_voltage / 40e-6, -4096, 4095) << 3)

    def _bus(self, number: int, sensed: Sensed) -> bytes:
        return word(clipped(sensed.bus_voltage / 8e-3, 0, 4095) << 3) if self.is_on(number) else word(0)
