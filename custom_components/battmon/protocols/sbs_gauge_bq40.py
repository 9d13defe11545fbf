"""Texas Instruments BQ40Z50 and BQ40Z80: gauges with more to say than the specification asks for.

Source: PX4 batt_smbus; the bits of the safety status as Texas Instruments orders them, which was not
seen on a device. Of all that can be written, only the choice of what to read is.
"""

import struct
from functools import lru_cache
from typing import ClassVar, override

from ..model.alarms import Alarm
from ..model.errors import BadFrame, NoReply
from ..model.reading import Identity
from .conversation import BusTransfer, Conversation, Wait
from .sbs_gauge import CELLS, CYCLES, FULL, HEALTH, LIMITS, Sbs, bytes_of, is_checked

BLOCK_ACCESS = 0x44
CELLS_1_TO_4 = (0x0071, "<4H")
"""DAStatus1: what selects it, and what it begins with."""
CELLS_5_TO_7 = (0x007B, "<H4xH4xH")
"""DAStatus3."""
LONGEST_ANSWER = 34
"""Bytes: what was asked for, and 32 of content."""
SETTLE = 0.01
"""Seconds after an answer to something else."""
ATTEMPTS = 3
MANY_CELLS = "bq40z80"
FEW = 4
"""Cells that have registers, unless there may be more."""
SAFETY_STATUS = 0x51
FAILURE_STATUS = 0x53
SAFETY_BITS: dict[int, Alarm] = {
    0: Alarm.CELL_UNDERVOLTAGE,
    1: Alarm.CELL_OVERVOLTAGE,
    2: Alarm.CHARGE_OVERCURRENT,
    3: Alarm.CHARGE_OVERCURRENT,
    4: Alarm.DISCHARGE_OVERCURRENT,
    5: Alarm.DISCHARGE_OVERCURRENT,
    6: Alarm.DISCHARGE_OVERCURRENT,
    7: Alarm.DISCHARGE_OVERCURRENT,
    8: Alarm.SHORT_CIRCUIT,
    9: Alarm.SHORT_CIRCUIT,
    10: Alarm.SHORT_CIRCUIT,
    11: Alarm.SHORT_CIRCUIT,
    12: Alarm.CHARGE_OVERTEMPERATURE,
    13: Alarm.DISCHARGE_OVERTEMPERATURE,
    14: Alarm.CELL_UNDERVOLTAGE,
    16: Alarm.MOSFET_OVERTEMPERATURE,
    22: Alarm.OVERCHARGED,
    23: Alarm.CHARGE_OVERCURRENT,
    24: Alarm.PACK_OVERVOLTAGE,
    25: Alarm.CHARGE_OVERCURRENT,
    26: Alarm.CHARGE_UNDERTEMPERATURE,
    27: Alarm.DISCHARGE_UNDERTEMPERATURE,
    28: Alarm.CELL_OVERVOLTAGE,
    29: Alarm.DISCHARGE_OVERCURRENT,
}
"""Charging that takes too long (18, 20) has no word, and harms nobody."""
UNKNOWN_BITS = 1 << 15 | 1 << 17 | 1 << 19 | 1 << 21 | 1 << 30 | 1 << 31
"""If one is set, the order of the bits is another one."""


@lru_cache(maxsize=64)
def safety_alarms(status: int) -> frozenset[Alarm] | None:
    """Return what a safety status complains of; `None` for one that cannot be."""
    if status & UNKNOWN_BITS:
        return None
    return frozenset(alarm for bit, alarm in SAFETY_BITS.items() if status & 1 << bit)


class Bq40(Sbs):
    """Four cells have registers; what has more tells all of them in two blocks."""

    key: ClassVar = "bq40"
    name: ClassVar = "Texas Instruments BQ40Z50, BQ40Z80"
    slow: ClassVar = (FULL, *LIMITS, CYCLES, HEALTH)
    cell_registers: ClassVar = CELLS[:FEW]
    possible_cells: ClassVar = range(1, 8)

    _has_blocks = False
    _has_many_cells = False
    _count = 0

    @override
    def _who(self) -> Conversation[Identity]:
        identity = yield from super()._who()
        is_large = (identity.model or "").lower().startswith(MANY_CELLS)
        self._has_many_cells = is_large or (self.settings.cells or 0) > FEW
        return identity

    @override
    def _learn_registers(self) -> Conversation[None]:
        yield from super()._learn_registers()
        self._has_blocks = True
        try:
            yield from self.reader.block(SAFETY_STATUS, 4)
        except NoReply, BadFrame:
            self._has_blocks = False

    @override
    def _find_cells(self) -> Conversation[None]:
        if not self._has_many_cells:
            yield from super()._find_cells()
            return
        self._count = self.settings.cells or 0
        if not self._count:
            words = yield from self._many_words()
            self._count = max(number for number, word in enumerate((1, *words)) if word)

    @override
    def _cell_voltages(self) -> Conversation[tuple[float | None, ...] | None]:
        if not self._has_many_cells:
            return (yield from super()._cell_voltages())
        try:
            words: tuple[int | None, ...] = yield from self._many_words()
        except (NoReply, BadFrame) as error:
            self.reader.fail(error)
            words = (None,) * self._count
        return tuple(map(self.units.cell, words[: self._count])) or None

    def _many_words(self) -> Conversation[tuple[int, ...]]:
        """Return the voltages of seven cells, in mV."""
        words: tuple[int, ...] = ()
        for command, layout in (CELLS_1_TO_4, CELLS_5_TO_7):
            data = yield from self._block_access(command, struct.calcsize(layout))
            words += struct.unpack_from(layout, data)
        return words

    def _block_access(self, command: int, size: int) -> Conversation[bytes]:
        """Select a block and read it, at least `size` bytes. It begins with what selected it."""
        asked = command.to_bytes(2, "little")
        for _attempt in range(ATTEMPTS):
            yield BusTransfer(write=bytes((BLOCK_ACCESS, len(asked))) + asked, pec=self.reader.pec)
            data = yield bytes_of(BLOCK_ACCESS, LONGEST_ANSWER + 2)
            if (answer := self._answer(data)) is not None and len(answer) >= len(asked) + size:
                if answer.startswith(asked):
                    return answer[len(asked) :]
            yield Wait(SETTLE)
        raise BadFrame(f"no answer to block access {command:04x}")

    def _answer(self, data: bytes) -> bytes | None:
        """Return what a block holds. Some are longer than a transport takes for possible."""
        end = 1 + data[0]
        if not 1 < end <= 1 + LONGEST_ANSWER:
            return None
        if self.reader.pec and not is_checked(self.reader.address, BLOCK_ACCESS, data[: end + 1]):
            return None
        return data[1:end]

    @override
    def _alarms(self) -> Conversation[frozenset[Alarm] | None]:
        alarms = yield from super()._alarms()
        if not self._has_blocks:
            return alarms
        try:
            safety = safety_alarms((yield from self._status(SAFETY_STATUS)))
            failure = yield from self._status(FAILURE_STATUS)
        except (NoReply, BadFrame) as error:
            self.reader.fail(error)
            return None
        if alarms is None or safety is None:
            return None
        return alarms | safety | ({Alarm.PERMANENT_FAILURE} if failure else frozenset())

    def _status(self, register: int) -> Conversation[int]:
        return int.from_bytes((yield from self.reader.block(register, 4)), "little")
