"""The INA2xx family: INA226, INA231, INA260, INA228, INA237 and INA238.

Written from wired.md 7 and, where it says so, Texas Instruments' data sheets.
"""

from collections.abc import Callable
from typing import ClassVar, override

from .registers import RegisterChip
from .sensed import Sensed, clipped, word

RESET = 0x8000


class Ina(RegisterChip):
    """Registers that are measured when they are read, and some that are written."""

    ids: ClassVar[dict[int, int]]
    power_on: ClassVar[dict[int, int]]
    """Words that can be written, as they are after power-on."""

    def __init__(self, sensed: Sensed, temperature: float = 25.0) -> None:
        super().__init__()
        self.sensed = sensed
        self.temperature = temperature
        """In degC."""
        self.resets = 0
        self.power_cycled()

    @override
    def power_cycled(self) -> None:
        self.pointer = 0
        self.registers.update({number: word(value) for number, value in (self.ids | self.power_on).items()})
        self.registers.update(self.measured())

    @override
    def store(self, register: int, value: bytes) -> None:
        if register not in self.power_on or len(value) != 2:
            return  # the others can be read only
        if register == 0 and value[0] & 0x80:
            self.resets += 1
            self.power_cycled()
            return
        self.registers[register] = self.kept(register, value)

    def kept(self, register: int, value: bytes) -> bytes:
        """What reads back of a word that was written."""
        return value

    def written_word(self, register: int) -> int:
        """What a register was told."""
        return int.from_bytes(self.value(register), "big")

    def measured(self) -> dict[int, Callable[[], bytes]]:
        """Registers that say what is measured at that moment."""
        raise NotImplementedError


class Ina226(Ina):
    """Bus 1.25 mV a bit, shunt 2.5 uV a bit; current = shunt * calibration / 2048, 0 while it is not set.

    A current that does not fit its register means nothing there, which bit 2 of register 6 says.
    """

    ids: ClassVar = {0xFE: 0x5449, 0xFF: 0x2260}
    power_on: ClassVar = {0x00: 0x4127, 0x05: 0x0000, 0x07: 0x0000}

    @override
    def kept(self, register: int, value: bytes) -> bytes:
        return word(0x4000 | int.from_bytes(value, "big") & 0x0FFF) if register == 0 else value

    @override
    def measured(self) -> dict[int, Callable[[], bytes]]:
        return {
            0x01: lambda: word(self._shunt()),
            0x02: lambda: word(clipped(self.sensed.bus_voltage / 1.25e-3, 0, 0x7FFF)),
            0x04: lambda: word(self._current()),
            0x06: lambda: word(0 if -0x8000 <= self._current() <= 0x7FFF else 0x0004),
        }

    def _current(self) -> int:
        return round(self._shunt() * self.written_word(0x05) / 2048)

    def _shunt(self) -> int:
        return clipped(self.sensed.shunt_voltage / 2.5e-6, -0x8000, 0x7FFF)


class Ina231(Ina226):
    """As INA226, without ids."""

    ids: ClassVar = {}


class Ina260(Ina):
    """2 mOhm inside; 1.25 mA and 1.25 mV a bit."""

    ids: ClassVar = {0xFE: 0x5449, 0xFF: 0x2270}
    power_on: ClassVar = {0x00: 0x6127, 0x07: 0x0000}
    SHUNT = 0.002

    @override
    def kept(self, register: int, value: bytes) -> bytes:
        return word(0x6000 | int.from_bytes(value, "big") & 0x0FFF) if register == 0 else value

    @override
    def measured(self) -> dict[int, Callable[[], bytes]]:
        return {
            0x01: lambda: word(clipped(self.sensed.shunt_voltage / self.SHUNT / 1.25e-3, -0x8000, 0x7FFF)),
            0x02: lambda: word(clipped(self.sensed.bus_voltage / 1.25e-3, 0, 0x7FFF)),
        }


class Ina238(Ina):
    """Current = shunt steps * 4096 / SHUNT_CAL, which is told as 819.2e6 * step * ohm.

    A shunt step is 5 uV. With ADCRANGE it is 1.25 uV, and SHUNT_CAL is told four times that. A current that
    does not fit its register means nothing there, which bit 9 of register 0x0B says.
    """

    ids: ClassVar = {0x3E: 0x5449, 0x3F: 0x2380}
    power_on: ClassVar = {0x00: 0x0000, 0x01: 0xFB68, 0x02: 0x1000}
    shunt_step: ClassVar = 5e-6
    bits: ClassVar = 15

    @override
    def kept(self, register: int, value: bytes) -> bytes:
        return word(int.from_bytes(value, "big") & 0x7FFF)

    @override
    def measured(self) -> dict[int, Callable[[], bytes]]:
        return {
            0x05: lambda: word(clipped(self.sensed.bus_voltage / 3.125e-3, -0x8000, 0x7FFF)),
            0x06: lambda: word(clipped(self.temperature / 0.125, -0x800, 0x7FF) << 4),
            0x07: lambda: word(self.current_count()),
            0x0B: self._flags,
        }

    def _flags(self) -> bytes:
        most = 1 << self.bits
        return word(0x0001 if -most <= self.current_count() < most else 0x0201)

    def current_count(self) -> int:
        """What should stand in the current register."""
        most = 1 << self.bits
        fine = 4 if self.written_word(0x00) & 0x10 else 1
        shunt = clipped(self.sensed.shunt_voltage / self.shunt_step * fine, -most, most - 1)
        told = self.written_word(0x02)
        return round(shunt * 4096 / told) if told else 0


class Ina237(Ina238):
    """As INA238."""

    ids: ClassVar = {0x3E: 0x5449, 0x3F: 0x2370}


class Ina228(Ina238):
    """20 bits, left-justified in 24; counts charge in steps of the current's, for a second each."""

    ids: ClassVar = {0x3E: 0x5449, 0x3F: 0x2281}
    shunt_step: ClassVar = 312.5e-9
    bits: ClassVar = 19

    def __init__(
        self, sensed: Sensed, temperature: float = 25.0, flown: Callable[[], float] | None = None
    ) -> None:
        """`flown` says what charge has gone from IN+ to IN-, in A s; without it, none is counted."""
        self.flown = flown or (lambda: 0.0)
        self._flown_before = 0.0
        super().__init__(sensed, temperature)

    @override
    def power_cycled(self) -> None:
        super().power_cycled()
        self._flown_before = self.flown()

    def charge_count(self) -> int:
        """The charge register: current steps for a second each, and it overflows."""
        step = self.written_word(0x02) / 13107.2e6 / self.sensed.shunt
        return round((self.flown() - self._flown_before) / step) % (1 << 40) if step else 0

    @override
    def measured(self) -> dict[int, Callable[[], bytes]]:
        return {
            0x05: lambda: _left(clipped(self.sensed.bus_voltage / 195.3125e-6, -(1 << 19), (1 << 19) - 1)),
            0x06: lambda: word(clipped(self.temperature / 7.8125e-3, -0x8000, 0x7FFF)),
            0x07: lambda: _left(self.current_count()),
            0x0B: self._flags,
            0x0A: lambda: self.charge_count().to_bytes(5, "big"),
        }


def _left(value: int) -> bytes:
    """Twenty bits at the upper end of three bytes."""
    return (value << 4 & 0xFFFFFF).to_bytes(3, "big")
