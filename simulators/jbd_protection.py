"""The protections of a JBD board: they trip after a delay, release with hysteresis, and count.

Source: vendor protocol V11 (protection bits, order of the counters, threshold and delay registers). Values
are raw, as the registers hold them: mV, 10 mV, 10 mA, 0.1 K.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag

from .jbd_registers import Register as R


class Bit(IntFlag):
    """Protection word of 0x03."""

    CELL_HIGH = 1 << 0
    CELL_LOW = 1 << 1
    PACK_HIGH = 1 << 2
    PACK_LOW = 1 << 3
    CHARGE_HOT = 1 << 4
    CHARGE_COLD = 1 << 5
    DISCHARGE_HOT = 1 << 6
    DISCHARGE_COLD = 1 << 7
    CHARGE_CURRENT = 1 << 8
    DISCHARGE_CURRENT = 1 << 9
    SHORT_CIRCUIT = 1 << 10
    FRONT_END = 1 << 11
    LOCK = 1 << 12
    CHARGE_MOSFET = 1 << 13
    DISCHARGE_MOSFET = 1 << 14


STOPS_CHARGE = (
    Bit.CELL_HIGH | Bit.PACK_HIGH | Bit.CHARGE_HOT | Bit.CHARGE_COLD | Bit.CHARGE_CURRENT
    | Bit.SHORT_CIRCUIT | Bit.FRONT_END | Bit.CHARGE_MOSFET
)  # fmt: skip
STOPS_DISCHARGE = (
    Bit.CELL_LOW | Bit.PACK_LOW | Bit.DISCHARGE_HOT | Bit.DISCHARGE_COLD | Bit.DISCHARGE_CURRENT
    | Bit.SHORT_CIRCUIT | Bit.FRONT_END | Bit.DISCHARGE_MOSFET
)  # fmt: skip

COUNTERS = (
    Bit.SHORT_CIRCUIT, Bit.CHARGE_CURRENT, Bit.DISCHARGE_CURRENT, Bit.CELL_HIGH, Bit.CELL_LOW, Bit.CHARGE_HOT,
    Bit.CHARGE_COLD, Bit.DISCHARGE_HOT, Bit.DISCHARGE_COLD, Bit.PACK_HIGH, Bit.PACK_LOW,
)  # fmt: skip
"""Order of the words that 0xAA answers; restarts follow."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the board's converter saw, in the units of the registers."""

    cells: tuple[int, ...]
    """mV."""
    voltage: int
    """10 mV."""
    current: int
    """10 mA, positive while charging, before the dead band."""
    temperatures: tuple[int, ...]
    """0.1 K."""


def _coldest(seen: Measurement) -> int | None:
    return min(seen.temperatures, default=None)


def _hottest(seen: Measurement) -> int | None:
    return max(seen.temperatures, default=None)


def _lowest(seen: Measurement) -> int | None:
    return min(seen.cells, default=None)


def _highest(seen: Measurement) -> int | None:
    return max(seen.cells, default=None)


def _voltage(seen: Measurement) -> int:
    return seen.voltage


@dataclass(frozen=True, slots=True)
class Limit:
    """A protection that trips at one threshold and releases at another."""

    bit: Bit
    quantity: Callable[[Measurement], int | None]
    trip: R
    """Its threshold; the release is the register after it."""
    delay: R
    above: bool
    """It trips above the threshold after the second byte of the delay; else below, after the first."""


LIMITS = (
    Limit(Bit.CELL_HIGH, _highest, R.CELL_HIGH, R.CELL_DELAY, above=True),
    Limit(Bit.CELL_LOW, _lowest, R.CELL_LOW, R.CELL_DELAY, above=False),
    Limit(Bit.PACK_HIGH, _voltage, R.PACK_HIGH, R.PACK_DELAY, above=True),
    Limit(Bit.PACK_LOW, _voltage, R.PACK_LOW, R.PACK_DELAY, above=False),
    Limit(Bit.CHARGE_HOT, _hottest, R.CHARGE_HOT, R.CHARGE_TEMPERATURE_DELAY, above=True),
    Limit(Bit.CHARGE_COLD, _coldest, R.CHARGE_COLD, R.CHARGE_TEMPERATURE_DELAY, above=False),
    Limit(Bit.DISCHARGE_HOT, _hottest, R.DISCHARGE_HOT, R.DISCHARGE_TEMPERATURE_DELAY, above=True),
    Limit(Bit.DISCHARGE_COLD, _coldest, R.DISCHARGE_COLD, R.DISCHARGE_TEMPERATURE_DELAY, above=False),
)
OVERCURRENTS = (
    (Bit.CHARGE_CURRENT, 1, R.CHARGE_CURRENT, R.CHARGE_CURRENT_DELAY),
    (Bit.DISCHARGE_CURRENT, -1, R.DISCHARGE_CURRENT, R.DISCHARGE_CURRENT_DELAY),
)
"""Bit, sign of the current, threshold, and the register of the delay and the time to release, a byte each."""


def signed(word: int) -> int:
    """A 16-bit word in two's complement."""
    return word - 0x10000 if word & 0x8000 else word


@dataclass
class Protections:
    """Which protections are tripped, since when others are about to, and how often each did."""

    active: Bit = Bit(0)
    counts: dict[Bit, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    _held: dict[Bit, float] = field(default_factory=dict)
    """Seconds that a condition lasted: beyond the threshold, or since an over-current tripped."""

    def trip(self, bit: Bit) -> None:
        """Trip at once, as a short circuit does."""
        if bit not in self.active:
            self.active |= bit
            self._held[bit] = 0.0
            self.counts[bit] = min(self.counts[bit] + 1, 0xFFFF)

    def clear(self) -> None:
        """Forget what is tripped; what persists will trip again."""
        self.active = Bit(0)
        self._held.clear()

    def advance(self, seen: Measurement, registers: Mapping[int, int], seconds: float) -> None:
        """Judge a measurement that has lasted some seconds."""
        for limit in LIMITS:
            self._judge_limit(limit, seen, registers, seconds)
        for bit, sign, threshold, delay in OVERCURRENTS:
            beyond = sign * seen.current > sign * signed(registers[threshold])
            self._judge_current(bit, beyond, registers[delay], seconds)
        if Bit.SHORT_CIRCUIT in self.active:
            self._judge_current(Bit.SHORT_CIRCUIT, False, registers[R.DISCHARGE_CURRENT_DELAY], seconds)

    def _judge_limit(
        self, limit: Limit, seen: Measurement, registers: Mapping[int, int], seconds: float
    ) -> None:
        value = limit.quantity(seen)
        if value is None:
            return
        sign = 1 if limit.above else -1
        delays = registers[limit.delay]
        if limit.bit in self.active:
            if sign * value <= sign * registers[limit.trip + 1]:
                self.active &= ~limit.bit
        else:
            beyond = sign * value > sign * registers[limit.trip]
            self._hold(limit.bit, beyond, delays & 0xFF if limit.above else delays >> 8, seconds)

    def _judge_current(self, bit: Bit, beyond: bool, times: int, seconds: float) -> None:
        """Nothing flows once tripped, so an over-current is released by time alone."""
        if bit not in self.active:
            self._hold(bit, beyond, times >> 8, seconds)
            return
        self._held[bit] = self._held.get(bit, 0.0) + seconds
        if self._held[bit] >= times & 0xFF:
            self.active &= ~bit
            self._held[bit] = 0.0

    def _hold(self, bit: Bit, beyond: bool, delay: int, seconds: float) -> None:
        held = self._held.get(bit, 0.0) + seconds if beyond else 0.0
        self._held[bit] = held
        if beyond and held >= delay:
            self.trip(bit)
