"""The registers of a JBD board's factory mode: what each is, and the values of a captured board.

Source: vendor register maps and a capture of a JBD-SP04S034-L4S-200A-B-U. Values are raw 16-bit words.
"""

from enum import IntEnum

from .chemistry import LIFEPO4, Chemistry


class Register(IntEnum):
    """Registers that the board itself acts on, and those that a host is likely to ask for."""

    DESIGN_CAPACITY = 0x10
    CYCLE_CAPACITY = 0x11
    FULL_CELL_VOLTAGE = 0x12
    EMPTY_CELL_VOLTAGE = 0x13
    SELF_DISCHARGE = 0x14
    PRODUCTION_DATE = 0x15
    SERIAL_NUMBER = 0x16
    CYCLES = 0x17
    CHARGE_HOT = 0x18
    CHARGE_HOT_RELEASE = 0x19
    CHARGE_COLD = 0x1A
    CHARGE_COLD_RELEASE = 0x1B
    DISCHARGE_HOT = 0x1C
    DISCHARGE_HOT_RELEASE = 0x1D
    DISCHARGE_COLD = 0x1E
    DISCHARGE_COLD_RELEASE = 0x1F
    PACK_HIGH = 0x20
    PACK_HIGH_RELEASE = 0x21
    PACK_LOW = 0x22
    PACK_LOW_RELEASE = 0x23
    CELL_HIGH = 0x24
    CELL_HIGH_RELEASE = 0x25
    CELL_LOW = 0x26
    CELL_LOW_RELEASE = 0x27
    CHARGE_CURRENT = 0x28
    DISCHARGE_CURRENT = 0x29
    BALANCE_START = 0x2A
    BALANCE_WINDOW = 0x2B
    SHUNT = 0x2C
    FUNCTION = 0x2D
    NTC_ENABLE = 0x2E
    CELL_COUNT = 0x2F
    FET_TIME = 0x30
    LED_TIME = 0x31
    CHARGE_TEMPERATURE_DELAY = 0x3A
    DISCHARGE_TEMPERATURE_DELAY = 0x3B
    PACK_DELAY = 0x3C
    CELL_DELAY = 0x3D
    CHARGE_CURRENT_DELAY = 0x3E
    DISCHARGE_CURRENT_DELAY = 0x3F


FUNCTION_BALANCING = 1 << 2
FUNCTION_BALANCE_ONLY_CHARGING = 1 << 3
FUNCTION_TENFOLD_UNITS = 1 << 12
"""Capacities in 100 mAh and currents in 100 mA."""

CAPTURED = {
    Register.DESIGN_CAPACITY: 28000,
    Register.CYCLE_CAPACITY: 22400,
    Register.FULL_CELL_VOLTAGE: 3500,
    Register.EMPTY_CELL_VOLTAGE: 2800,
    0x32: 3400,  # State-of-charge curve: 80, 60, 40 and 20 %.
    0x33: 3350,
    0x34: 3300,
    0x35: 3100,
    Register.SELF_DISCHARGE: 2,
    Register.PRODUCTION_DATE: 0x2C7C,
    Register.SERIAL_NUMBER: 0,
    Register.CYCLES: 0,
    Register.CHARGE_HOT: 3481,
    Register.CHARGE_HOT_RELEASE: 3281,
    Register.CHARGE_COLD: 2631,
    Register.CHARGE_COLD_RELEASE: 2731,
    Register.DISCHARGE_HOT: 3481,
    Register.DISCHARGE_HOT_RELEASE: 3281,
    Register.DISCHARGE_COLD: 2631,
    Register.DISCHARGE_COLD_RELEASE: 2731,
    Register.PACK_HIGH: 1460,
    Register.PACK_HIGH_RELEASE: 1420,
    Register.PACK_LOW: 1000,
    Register.PACK_LOW_RELEASE: 1080,
    Register.CELL_HIGH: 3650,
    Register.CELL_HIGH_RELEASE: 3550,
    Register.CELL_LOW: 2500,
    Register.CELL_LOW_RELEASE: 2700,
    Register.CHARGE_CURRENT: 23000,
    Register.DISCHARGE_CURRENT: 0xA628,
    Register.BALANCE_START: 3200,
    Register.BALANCE_WINDOW: 30,
    Register.SHUNT: 1,
    Register.FUNCTION: 0x0006,
    Register.NTC_ENABLE: 0x0007,
    Register.CELL_COUNT: 4,
    Register.FET_TIME: 30,
    Register.LED_TIME: 30,
    0x36: 3900,  # Second-level cell over- and under-voltage, in hardware.
    0x37: 2000,
    0x38: 0x8D5C,
    0x39: 0xF064,
    # First byte: low side or delay; second byte: high side or release; in s.
    Register.CHARGE_TEMPERATURE_DELAY: 0x0202,
    Register.DISCHARGE_TEMPERATURE_DELAY: 0x0202,
    Register.PACK_DELAY: 0x0202,
    Register.CELL_DELAY: 0x0202,
    Register.CHARGE_CURRENT_DELAY: 0x0A1E,
    Register.DISCHARGE_CURRENT_DELAY: 0x0A1E,
    0x40: 0,  # GPS.
    0x41: 0,
}

TEXT_REGISTERS = (0xA0, 0xA1, 0xA2)
"""Maker, model, barcode: a length byte and ASCII."""

_CELL_LIMITS = {
    # Full, empty, over-voltage and its release, under-voltage and its release, balance start; in V.
    "lifepo4": (3.45, 2.80, 3.65, 3.55, 2.50, 2.70, 3.38),
    "li_ion": (4.10, 3.00, 4.25, 4.15, 2.80, 3.00, 4.00),
    "lipo": (4.18, 3.20, 4.25, 4.15, 3.00, 3.20, 4.00),
    "lead_acid": (2.35, 1.80, 2.50, 2.42, 1.75, 1.85, 2.30),
    "lto": (2.65, 1.80, 2.85, 2.75, 1.50, 1.80, 2.55),
    "sodium_ion": (3.90, 2.00, 4.10, 4.00, 1.50, 1.90, 3.80),
}


def registers_for(cells: int, capacity: float, chemistry: Chemistry = LIFEPO4) -> dict[int, int]:
    """Settings that fit a battery: cell limits by chemistry, pack limits a little inside, 2 C and 3 C."""
    full, empty, high, high_release, low, low_release, start = _CELL_LIMITS[chemistry.name]
    hundredths = round(capacity * 100)
    return CAPTURED | {
        Register.DESIGN_CAPACITY: hundredths,
        Register.CYCLE_CAPACITY: round(hundredths * 0.8),
        Register.FULL_CELL_VOLTAGE: round(full * 1000),
        Register.EMPTY_CELL_VOLTAGE: round(empty * 1000),
        Register.PACK_HIGH: round((high - 0.03) * cells * 100),
        Register.PACK_HIGH_RELEASE: round(high_release * cells * 100),
        Register.PACK_LOW: round((low + 0.03) * cells * 100),
        Register.PACK_LOW_RELEASE: round(low_release * cells * 100),
        Register.CELL_HIGH: round(high * 1000),
        Register.CELL_HIGH_RELEASE: round(high_release * 1000),
        Register.CELL_LOW: round(low * 1000),
        Register.CELL_LOW_RELEASE: round(low_release * 1000),
        Register.CHARGE_CURRENT: hundredths * 2,
        Register.DISCHARGE_CURRENT: -hundredths * 3 & 0xFFFF,
        Register.BALANCE_START: round(start * 1000),
        Register.BALANCE_WINDOW: 5,
        Register.CELL_COUNT: cells,
    }
