"""What the registers of a JBD BMS hold: rows, bits and how they become readings.

Source: vendor protocol V4 and V11 (2023-03-21); register maps of xlfe/bms-tools and
FurTrader/OverkillSolarBMS; checked against captured frames (tests/vectors/jbd).
"""

import struct
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from ..model.alarms import Alarm
from ..model.errors import BadFrame
from ..model.reading import Identity, Place, Reading, Temperature
from .fields import Field, Layout, Word

BASIC = Layout(
    ">",
    Field("voltage", 0, "H", 100),
    Field("current", 2, "h", 100),
    Field("remaining_capacity", 4, "H", 100),
    Field("full_capacity", 6, "H", 100),
    Word("cycle_count", 8, "H"),
    Word("manufactured", 10, "H"),
    Word("balancing", 12, "H"),
    Word("balancing_high", 14, "H"),
    Word("protection", 16, "H"),
    Word("version", 18, "B"),
    Field("state_of_charge", 19, "B"),
    Word("status", 20, "B"),
    Word("sensors", 22, "B"),
)
TAIL = Layout(  # after the temperatures, in newer firmware (V11)
    ">",
    Field("humidity", 0, "B"),
    Word("alarms", 1, "H"),
    Field("full_capacity", 3, "H", 100),
    Field("remaining_capacity", 5, "H", 100),
    Field("balance_current", 7, "H", 1000),
)
COARSE = ("current", "remaining_capacity", "full_capacity", "design_capacity")
"""Ten times as large per digit when `COARSE_BIT` of the status says so (V9)."""
COARSE_BIT = 0x80

PROTECTION_BITS = (
    Alarm.CELL_OVERVOLTAGE,
    Alarm.CELL_UNDERVOLTAGE,
    Alarm.PACK_OVERVOLTAGE,
    Alarm.PACK_UNDERVOLTAGE,
    Alarm.CHARGE_OVERTEMPERATURE,
    Alarm.CHARGE_UNDERTEMPERATURE,
    Alarm.DISCHARGE_OVERTEMPERATURE,
    Alarm.DISCHARGE_UNDERTEMPERATURE,
    Alarm.CHARGE_OVERCURRENT,
    Alarm.DISCHARGE_OVERCURRENT,
    Alarm.SHORT_CIRCUIT,
    Alarm.FRONT_END_FAILURE,
    Alarm.SOFTWARE_LOCK,
    Alarm.CHARGE_MOSFET_FAILURE,
    Alarm.DISCHARGE_MOSFET_FAILURE,
)
ALARM_BITS = (*PROTECTION_BITS[:10], Alarm.CELL_IMBALANCE, Alarm.LOW_CAPACITY)
COUNTER_NAMES = (
    Alarm.SHORT_CIRCUIT,
    Alarm.CHARGE_OVERCURRENT,
    Alarm.DISCHARGE_OVERCURRENT,
    Alarm.CELL_OVERVOLTAGE,
    Alarm.CELL_UNDERVOLTAGE,
    Alarm.CHARGE_OVERTEMPERATURE,
    Alarm.CHARGE_UNDERTEMPERATURE,
    Alarm.DISCHARGE_OVERTEMPERATURE,
    Alarm.DISCHARGE_UNDERTEMPERATURE,
    Alarm.PACK_OVERVOLTAGE,
    Alarm.PACK_UNDERVOLTAGE,
    "restarts",
)
KELVIN = 2731
SENSOR_RANGE = (-40.0, 120.0)
"""degC; beyond it no thermistor is connected."""


def _bit_numbers(word: int) -> tuple[int, ...]:
    return tuple(bit for bit in range(word.bit_length()) if word >> bit & 1)


@lru_cache(maxsize=64)
def _bleeding(word: int) -> tuple[int, ...]:
    return tuple(bit + 1 for bit in _bit_numbers(word))


@lru_cache(maxsize=64)
def _alarms(protection: int, alarms: int) -> frozenset[Alarm]:
    return frozenset(
        vocabulary[bit]
        for word, vocabulary in ((protection, PROTECTION_BITS), (alarms, ALARM_BITS))
        for bit in _bit_numbers(word)
        if bit < len(vocabulary)
    )


@lru_cache(maxsize=64)  # they change slowly
def _temperatures(content: bytes) -> tuple[Temperature, ...]:
    low, high = SENSOR_RANGE
    raw = _words(content)
    celsius = [(kelvin - KELVIN) / 10 for kelvin in raw]
    values = [value if low <= value <= high else None for value in celsius]
    return tuple(map(Temperature, values, _places(len(raw))))


def _places(sensors: int) -> tuple[Place, ...]:
    """Boards with three sensors and more begin with their own; smaller ones do not say."""
    if sensors < 3:
        return (Place.UNKNOWN,) * sensors
    return (Place.MOSFET, *(Place.CELL,) * (sensors - 1))


def _cell_voltages(content: bytes) -> tuple[float, ...]:
    if len(content) % 2:
        raise BadFrame(f"{len(content)} bytes of cell voltages")
    return tuple([raw / 1000 for raw in _words(content)])


def _words(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(content) // 2}H", content)


def decode(
    info: bytes,
    cells: bytes,
    balancing_enabled: bool | None = None,
    counts: Mapping[str, int] | None = None,
) -> Reading:
    """Decode the contents of registers 03 and 04."""
    quantities, words = BASIC.decode(info)
    tail_at = BASIC.size + 2 * words["sensors"]
    if len(info) < tail_at:
        raise BadFrame(f"{len(info)} bytes cannot hold {words['sensors']} temperatures")
    more_alarms = 0
    if len(info) >= tail_at + TAIL.size:
        # Without a tail, what is called full capacity here may be either.
        quantities["design_capacity"] = quantities["full_capacity"]
        tail, tail_words = TAIL.decode(info, tail_at)
        quantities |= tail
        more_alarms = tail_words["alarms"]
    status = words["status"]
    return Reading(
        cycle_count=words["cycle_count"],
        cell_voltages=_cell_voltages(cells),
        temperatures=_temperatures(info[BASIC.size : tail_at]),
        balancing_cells=_bleeding(words["balancing"] | words["balancing_high"] << 16),
        balancing_enabled=balancing_enabled,
        charging_enabled=bool(status & 1),
        discharging_enabled=bool(status & 2),
        alarms=_alarms(words["protection"], more_alarms),
        protection_counts=counts,
        **_in_units(quantities, status),
    )


def _in_units(values: dict[str, float | None], status: int) -> dict[str, Any]:
    """Apply the coarse unit, and drop a state of charge that no battery can have (127, 255)."""
    if status & COARSE_BIT:
        for name in COARSE:
            if (value := values.get(name)) is not None:
                values[name] = round(value * 10, 1)
    if (values["state_of_charge"] or 0) > 100:
        values["state_of_charge"] = None
    return values


def decode_identity(info: bytes, name: bytes | None) -> Identity:
    """Decode the contents of registers 03 and 05."""
    words = BASIC.decode(info).words
    # Shown to people, so without what cannot be printed.
    model = "".join(
        character for character in (name or b"").decode("ascii", "ignore") if character.isprintable()
    ).strip()
    return Identity(
        manufacturer="JBD",
        model=model or None,
        firmware=f"{words['version'] >> 4}.{words['version'] & 15}",
        manufactured=_manufactured(words["manufactured"]),
    )


def decode_counts(content: bytes) -> dict[str, int]:
    """Decode the content of register AA; older firmware does not count restarts."""
    counts = struct.unpack_from(f">{len(content) // 2}H", content)
    return {str(name): count for name, count in zip(COUNTER_NAMES, counts, strict=False)}


def _manufactured(packed: int) -> date | None:
    try:
        return date(2000 + (packed >> 9), packed >> 5 & 15, packed & 31)
    except ValueError:
        return None
