"""3DR Solo and SUI: batteries that tell their cells in one block and the current in 32 bits.

Source: ArduPilot, AP_BattMonitor_SMBus_Solo and AP_BattMonitor_SMBus_SUI.
"""

import struct
from typing import Any, ClassVar, override

from ..model.errors import BadFrame, NoReply
from ..model.reading import Identity
from .bus import BusSettings
from .conversation import BusTransfer, Conversation, Wait
from .sbs import (
    CYCLES,
    FULL,
    ONES,
    REMAINING,
    SERIAL_NUMBER,
    VOLTAGE,
    VOLTS,
    SmartBattery,
    bytes_of,
    is_checked,
)

CELL_BLOCK = 0x28
CELL_FORMAT = "<4H"
CURRENT_BLOCK = 0x2A
CURRENT_FORMAT = "<i"
ALL_ONES = -1
"""mA, of a current that nobody drives."""
SETTLE = 0.05
"""Seconds from the cells to anything else: a SUI battery stalls without."""
ATTEMPTS = 2


class Blocks(SmartBattery):
    """What both have in common. Nothing says what they are."""

    fast: ClassVar = (REMAINING,)
    slow: ClassVar = (FULL, CYCLES)
    measured: ClassVar = ()
    status_bits: ClassVar = 0
    maker: ClassVar[tuple[str, str]]
    """Manufacturer and model."""

    @override
    def _who(self) -> Conversation[Identity]:
        serial = yield from self.reader.fact(SERIAL_NUMBER)
        manufacturer, model = self.maker
        return Identity(
            manufacturer=manufacturer,
            model=model,
            serial_number=None if serial in (None, 0, ONES) else str(serial),
        )

    @override
    def _be_answered(self) -> Conversation[None]:
        yield from self._cell_words()

    @override
    def _find_cells(self) -> Conversation[None]:
        yield from ()

    def _cell_words(self) -> Conversation[tuple[int, ...]]:
        """Return all four, in mV."""
        words: tuple[int, ...] = struct.unpack(CELL_FORMAT, (yield from self._cell_block()))
        if all(word == ONES for word in words):
            raise BadFrame("nothing but ones is read")
        return words

    def _cell_block(self) -> Conversation[bytes]:
        return (yield from self.reader.block(CELL_BLOCK, struct.calcsize(CELL_FORMAT)))

    @override
    def _current(self) -> Conversation[float | None]:
        try:
            (milliamperes,) = struct.unpack(CURRENT_FORMAT, (yield from self._current_bytes()))
        except (NoReply, BadFrame) as error:
            self.reader.fail(error)
            return None
        return None if milliamperes == ALL_ONES and not self.reader.pec else milliamperes / 1000

    def _current_bytes(self) -> Conversation[bytes]:
        return (yield from self.reader.block(CURRENT_BLOCK, struct.calcsize(CURRENT_FORMAT)))


class Solo(Blocks):
    """The battery of the 3DR Solo, four cells."""

    key: ClassVar = "solo"
    name: ClassVar = "3DR Solo"
    maker: ClassVar = ("3DR", "Solo")
    takes: ClassVar = frozenset()
    pec: ClassVar = True
    possible_cells: ClassVar = (4,)

    @override
    def _measure(self) -> Conversation[dict[str, Any]]:
        words = yield from self._cell_words()
        current = yield from self._current()
        # Its register of the voltage is noisy.
        voltage = None if ONES in words else sum(words) / 1000
        return {
            "voltage": voltage,
            "current": current,
            "cell_voltages": tuple(map(self.units.cell, words)),
        }


class Sui(Blocks):
    """SUI's batteries with 3 and with 6 cells, of which 4 at most are measured."""

    key: ClassVar = "sui"
    name: ClassVar = "SUI smart battery"
    maker: ClassVar = ("SUI", "smart battery")
    takes: ClassVar = frozenset({"cells"})
    pec: ClassVar = False
    possible_cells: ClassVar = (3, 6)

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        self._count = settings.cells or min(self.possible_cells)
        self._block_is_checked = False

    @override
    def _be_answered(self) -> Conversation[None]:
        yield from self._learn_check()
        yield from super()._be_answered()

    def _learn_check(self) -> Conversation[None]:
        """Some send a check byte with this block alone: then it is asked for."""
        size = struct.calcsize(CELL_FORMAT) + 2
        self._block_is_checked = False
        for _attempt in range(ATTEMPTS):
            data = yield bytes_of(CELL_BLOCK, size)
            yield Wait(SETTLE)
            if is_checked(self.reader.address, CELL_BLOCK, data):
                self._block_is_checked = True
                return

    @override
    def _find_cells(self) -> Conversation[None]:
        if self.settings.cells is None:
            words = yield from self._cell_words()
            total = (yield from self.reader.look(VOLTAGE)) or 0
            # Beyond the four there is more than one cell.
            is_long = total != ONES and total - sum(words) > sum(words) / len(words)
            self._count = max(self.possible_cells) if is_long else min(self.possible_cells)

    @override
    def _cell_block(self) -> Conversation[bytes]:
        block = yield from self.reader.block(
            CELL_BLOCK, struct.calcsize(CELL_FORMAT), pec=self._block_is_checked
        )
        yield Wait(SETTLE)
        return block

    @override
    def _current_bytes(self) -> Conversation[bytes]:
        """Read four bytes, whose number is not said before."""
        transfer = BusTransfer(write=bytes((CURRENT_BLOCK,)), read=struct.calcsize(CURRENT_FORMAT))
        data = yield transfer
        if data in (bytes(len(data)), b"\xff" * len(data)):
            data = yield transfer  # just as a bus that fails would read
            self.reader.saw_zeros |= not any(data)
        return data

    @override
    def _measure(self) -> Conversation[dict[str, Any]]:
        words = yield from self._cell_words()
        current = yield from self._current()
        if self._count > len(words):
            total = yield from self.reader.alive(VOLTAGE)
            if not total:
                raise BadFrame("the voltage reads zero, the cells do not")
            total = max(total, sum(words))
            # What is left is divided among those that are not measured.
            rest = (total - sum(words)) // (self._count - len(words))
            words += (rest,) * (self._count - len(words))
        else:
            words = words[: self._count]
            total = sum(words)
        return {
            "voltage": self.units.value(VOLTS, total),
            "current": current,
            "cell_voltages": tuple(map(self.units.cell, words)),
        }
