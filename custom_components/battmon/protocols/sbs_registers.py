"""The words of a smart battery: registers as rows, and how they become quantities.

Source: Smart Battery Data Specification 1.1; cell registers as gauges of several makers have them.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

ONES = 0xFFFF
"""What a register says that holds nothing."""
BATTERY_MODE = 0x03
TEMPERATURE = 0x08
VOLTAGE = 0x09
CURRENT = 0x0A
STATUS = 0x16
DESIGN_VOLTAGE = 0x19
SPECIFICATION_INFO = 0x1A
MANUFACTURE_DATE = 0x1B
SERIAL_NUMBER = 0x1C
MANUFACTURER_NAME = 0x20
DEVICE_NAME = 0x21
CHEMISTRY = 0x22
CELLS = tuple(range(0x3F, 0x2F, -1))
"""Cell 1 first. Not part of the specification, but usual."""

CAPACITY_MODE = 1 << 15
"""Of the battery mode: capacities are energies, in 10 mWh."""
VERSIONS = (1, 2, 3)
"""Of the specification. A register that is not there says 15, and its scales are none."""
EXPONENTS = (1, 2, 3)
SENSOR_RANGE = (-40.0, 120.0)
"""degC; beyond it nothing is measured."""
HIGHEST_CELL = 6.0
"""V; no cell has more."""


class Scale(StrEnum):
    """Which factor of the specification info a register is subject to."""

    NONE = "none"
    VOLTAGE = "voltage"
    CURRENT = "current"
    CAPACITY = "capacity"
    DESIGN = "design"
    """A capacity that is never reported by half."""


class Row(NamedTuple):
    """A register that holds a quantity of a reading: word * factor / divisor."""

    name: str
    register: int
    divisor: int = 1
    scale: Scale = Scale.NONE
    factor: int = 1
    signed: bool = False
    """Then all ones are a value, too."""
    pauses: bool = False
    """All ones mean that there is none at the moment. Others that say so are not implemented."""
    highest: float | None = None
    """What is above it cannot be."""

    def is_there(self, word: int | None) -> bool:
        """Whether the device has such a register, by what it says."""
        return word is not None and (word != ONES or self.signed or self.pauses)


VOLTS = Row("voltage", VOLTAGE, 1000, Scale.VOLTAGE)
AMPERES = Row("current", CURRENT, 1000, Scale.CURRENT, signed=True)
CHARGE = Row("state_of_charge", 0x0D, highest=100)
REMAINING = Row("remaining_capacity", 0x0F, 1000, Scale.CAPACITY)
TIMES = (
    Row("time_to_empty", 0x12, factor=60, pauses=True),
    Row("time_to_full", 0x13, factor=60, pauses=True),
)
"""In minutes, at the mean current of one."""
FULL = Row("full_capacity", 0x10, 1000, Scale.CAPACITY)
CYCLES = Row("cycle_count", 0x17, pauses=True)
LIMITS = (
    Row("charge_current_limit", 0x14, 1000, pauses=True),
    Row("charge_voltage_limit", 0x15, 1000, pauses=True),
)
"""Never scaled. All ones: as much as is wanted."""
DESIGN = Row("design_capacity", 0x18, 1000, Scale.DESIGN)
HEALTH = Row("state_of_health", 0x4F, highest=100)
"""Of Texas Instruments' gauges; others have something else there."""


class Units(NamedTuple):
    """What one digit stands for, beside what the specification says of each register."""

    voltage: int = 1
    current: int = 1
    capacity: int = 1
    """Some gauges report half of what there is."""
    design_voltage: float | None = None
    """In V. Turns energies into charges."""
    are_energies: bool = False
    """Whether capacities are."""

    def value(self, row: Row, word: int | None) -> float | None:
        """Return the quantity in a register, `None` if there is none."""
        if word is None or (word == ONES and not row.signed):
            return None
        number = signed(word) if row.signed else word
        if row.scale in (Scale.CAPACITY, Scale.DESIGN) and self.are_energies:
            return self._charge(number * self._scale(row.scale))
        value = number * row.factor * self._scale(row.scale) / row.divisor
        return None if row.highest is not None and value > row.highest else value

    def values(self, rows: Iterable[Row], words: Mapping[int, int | None]) -> dict[str, float | int | None]:
        """Return the quantities that words hold, by register, under their names."""
        values = {row.name: self.value(row, words.get(row.register)) for row in rows}
        if (cycles := values.get(CYCLES.name)) is not None:
            values[CYCLES.name] = int(cycles)
        return values

    def cell(self, word: int | None) -> float | None:
        """Return a cell's voltage, in V. A broken sense wire reads 0."""
        if word is None or (volts := word * self.voltage / 1000) > HIGHEST_CELL:
            return None
        return volts

    def _charge(self, energy: int) -> float | None:
        return round(energy / 100 / self.design_voltage, 3) if self.design_voltage else None

    def _scale(self, scale: Scale) -> int:
        return {
            Scale.VOLTAGE: self.voltage,
            Scale.CURRENT: self.current,
            Scale.CAPACITY: self.current * self.capacity,
            Scale.DESIGN: self.current,
        }.get(scale, 1)


def scales(info: int | None) -> tuple[int, int]:
    """Return the factors of voltages and of currents that a specification info states."""
    if info is None or info >> 4 & 15 not in VERSIONS:
        return 1, 1
    voltage, current = (
        10**exponent if exponent in EXPONENTS else 1 for exponent in (info >> 8 & 15, info >> 12)
    )
    return voltage, current


def signed(word: int) -> int:
    """Return what 16 bits mean in two's complement."""
    return word - 0x10000 if word & 0x8000 else word


def celsius(word: int | None) -> float | None:
    """Return a temperature that is said in 0.1 K; 0 K is a sensor that is not fitted."""
    if word is None:
        return None
    low, high = SENSOR_RANGE
    value = round(word / 10 - 273.15, 2)
    return value if low <= value <= high else None


def day(packed: int | None) -> date | None:
    """Return the date in a word."""
    try:
        return None if packed is None else date(1980 + (packed >> 9), packed >> 5 & 15, packed & 31)
    except ValueError:
        return None


def printable(text: bytes | None) -> str | None:
    """Return a string as it is shown to people: without what cannot be printed."""
    characters = (text or b"").decode("ascii", "ignore")
    return "".join(character for character in characters if character.isprintable()).strip() or None
