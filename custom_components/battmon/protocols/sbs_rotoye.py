"""Rotoye Batmon: a smart battery monitor with a register for its cell count and a wide current.

Sources: rotoye/batmon_reader; PX4 batt_smbus and batmon; ArduPilot, AP_BattMonitor_SMBus_Rotoye.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, override

from ..model.errors import BadFrame, NoReply
from ..model.reading import Identity, Place
from .conversation import Conversation
from .sbs import CHARGE, ONES, REMAINING, TEMPERATURE, SmartBattery, bytes_of, is_checked, signed

CELL_COUNT = 0x40
WIDE_CURRENT = 0x41
"""In 0.1 A."""
THERMISTORS = (0x48, 0x49)
OLD_THERMISTOR = 0x07
"""Of firmware from before 2021, which has not those."""
UNIQUE_ID = 0x23
"""Of its microcontroller."""
UNIQUE_ID_SIZE = 16
ATTEMPTS = 3
OVER_TEMPERATURE = 1 << 12
"""The only bit of the status that it sets."""
SATURATED = 32.0
"""A; from here on the finer register of the current may have come to its end, at 32.7."""


class Rotoye(SmartBattery):
    """Several may share a bus, at addresses that a resistor sets."""

    key: ClassVar = "rotoye"
    name: ClassVar = "Rotoye Batmon"
    addresses: ClassVar = tuple(range(0x0B, 0x15))
    pec: ClassVar = True
    fast: ClassVar = (CHARGE, REMAINING)
    sensors: ClassVar = MappingProxyType(
        {TEMPERATURE: Place.BOARD} | dict.fromkeys((*THERMISTORS, OLD_THERMISTOR), Place.CELL)
    )
    status_bits: ClassVar = OVER_TEMPERATURE

    @override
    def _who(self) -> Conversation[Identity]:
        identity = yield from super()._who()
        unique = yield from self._unique_id()
        if unique is not None and len(set(unique)) > 1:
            # The serial number is a hash of it, of 16 bits only. The most significant byte comes last.
            identity = replace(identity, serial_number=unique[::-1].hex("-", 2).upper())
        return replace(
            identity, manufacturer=identity.manufacturer or "Rotoye", model=identity.model or "Batmon"
        )

    def _unique_id(self) -> Conversation[bytes | None]:
        """Read it; `None` if there is none, every time: who is known by it must not be taken for another."""
        seen: list[bytes | None] = []
        for _attempt in range(ATTEMPTS):
            try:
                data = yield bytes_of(UNIQUE_ID, 1 + UNIQUE_ID_SIZE + 1)
            except NoReply:
                seen.append(None)
                continue
            is_right = not self.reader.pec or is_checked(self.reader.address, UNIQUE_ID, data)
            if data[0] == UNIQUE_ID_SIZE and is_right:
                return data[1:-1]
            seen.append(data)
        if len(set(seen)) > 1:
            raise BadFrame("the unique number is another one each time")
        return None

    @override
    def _is_there(self, register: int, word: int | None) -> bool:
        if register == OLD_THERMISTOR and not self.there.isdisjoint(THERMISTORS):
            return False
        return super()._is_there(register, word)

    @override
    def _told_cells(self) -> Conversation[int | None]:
        if self.settings.cells is not None:
            return self.settings.cells
        word = yield from self.reader.look(CELL_COUNT)
        count = (word or 0) & 0xFF
        return count if count in self.possible_cells else None

    @override
    def _current(self) -> Conversation[float | None]:
        current = yield from super()._current()
        if current is None or abs(current) < SATURATED:
            return current
        word = yield from self.reader.look(WIDE_CURRENT)
        wide = 0.0 if word is None or word == ONES else signed(word) / 10
        # Nothing there, or not of the same current.
        return wide if wide * current > 0 and abs(wide) > SATURATED - 1 else current
