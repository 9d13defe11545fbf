"""Texas Instruments BQ40Z50 and BQ40Z80: smart batteries with blocks behind a choice."""

import time
from functools import partial
from typing import override

from ..battery import SimulatedBattery
from .gauge import Clock, block, word
from .sbs import Label, SbsGauge

BLOCK_ACCESS = 0x44


class Bq40z50(SbsGauge):
    """Up to four cells, each with a register. Writes other than the choice of a block are remembered only."""

    device = "bq40z50-R2"

    def __init__(
        self,
        battery: SimulatedBattery,
        *,
        pec: bool = True,
        label: Label | None = None,
        now: Clock = time.monotonic,
    ) -> None:
        super().__init__(
            battery,
            label or Label(manufacturer="Texas Instruments", device=self.device),
            pec=pec,
            now=now,
        )
        self.safety = 0
        """Safety status, bit 0 an undervoltage of a cell."""
        self.failure = 0
        self._chosen = 0
        self.registers |= {
            0x4F: lambda: word(self.health),
            0x50: lambda: block(self.safety.to_bytes(4, "little")),
            0x51: lambda: block(self.safety.to_bytes(4, "little")),
            0x52: lambda: block(self.failure.to_bytes(4, "little")),
            0x53: lambda: block(self.failure.to_bytes(4, "little")),
            BLOCK_ACCESS: self.chosen,
        }

    @override
    def store(self, register: int, value: bytes) -> None:
        """A block of two bytes, and perhaps a check byte, chooses what is read next."""
        if register == BLOCK_ACCESS and value[:1] == b"\x02":
            self._chosen = int.from_bytes(value[1:3], "little")

    def chosen(self) -> bytes:
        """What was chosen, and its content."""
        content = {0x0071: self.status_1, 0x007B: self.status_3}.get(self._chosen, bytes)()
        return block(self._chosen.to_bytes(2, "little") + content)

    def status_1(self) -> bytes:
        """DAStatus1, 32 bytes: the first four cells, and powers at its end in 10 mW."""
        power = word(self.battery.terminal_voltage * self.battery.current * 100)
        return b"".join(map(self.cell_word, range(1, 5))).ljust(28, b"\0") + 2 * power

    def status_3(self) -> bytes:
        """DAStatus3, 18 bytes: the other three cells."""
        return b"".join(self.cell_word(number).ljust(6, b"\0") for number in range(5, 8))


class Bq40z80(Bq40z50):
    """Up to seven cells. Four have registers, and those are the last four."""

    device = "bq40z80"

    def __init__(self, battery: SimulatedBattery, *, pec: bool = True, now: Clock = time.monotonic) -> None:
        super().__init__(battery, pec=pec, now=now)
        for register in range(0x30, 0x40):
            self.registers.pop(register, None)
        self.registers |= {0x43 - number: partial(self.cell_word, number) for number in range(4, 8)}
