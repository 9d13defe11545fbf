"""Smart batteries: gauges that speak the Smart Battery Data Specification over SMBus.

Source: Smart Battery Data Specification 1.1; what gauges do beyond it and against it from
ArduPilot's AP_BattMonitor_SMBus and PX4's batt_smbus. Nothing is written here.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, override

from ..model.alarms import Alarm
from ..model.errors import BadFrame
from ..model.reading import GappedReading, Identity, Place, Reading, Temperature
from .bus import BusProtocol, BusSettings, Misfit, Unfit
from .conversation import Conversation
from .sbs_reader import Reader, bytes_of, is_checked
from .sbs_registers import (
    AMPERES,
    BATTERY_MODE,
    CAPACITY_MODE,
    CELLS,
    CHARGE,
    CHEMISTRY,
    CURRENT,
    CYCLES,
    DESIGN,
    DESIGN_VOLTAGE,
    DEVICE_NAME,
    FULL,
    HEALTH,
    LIMITS,
    MANUFACTURE_DATE,
    MANUFACTURER_NAME,
    ONES,
    REMAINING,
    SERIAL_NUMBER,
    SPECIFICATION_INFO,
    STATUS,
    TEMPERATURE,
    TIMES,
    VOLTAGE,
    VOLTS,
    Row,
    Units,
    celsius,
    day,
    printable,
    scales,
    signed,
)
from .sbs_status import alarms_of

__all__ = [
    "BATTERY_MODE", "CAPACITY_MODE", "CELLS", "CHARGE", "CYCLES", "DESIGN", "DESIGN_VOLTAGE", "FULL",
    "HEALTH", "LIMITS", "ONES", "REMAINING", "SERIAL_NUMBER", "SPECIFICATION_INFO", "TEMPERATURE",
    "VOLTAGE", "VOLTS", "SmartBattery", "Units", "bytes_of", "is_checked", "scales", "signed",
]  # fmt: skip

WHOLE = 0.94
"""Share of the pack's voltage that its cells have together, if all were found: one of 16 is more."""
LOOKS = 8
"""Polls in which cells are looked for again: gauges that wake show them after a while."""


class SmartBattery(BusProtocol):
    """The conversations with one smart battery. Kinds are rows, and what they do otherwise."""

    addresses: ClassVar[tuple[int, ...]] = (0x0B,)
    takes: ClassVar[frozenset[str]] = frozenset({"cells", "pec"})
    pec: ClassVar[bool | None] = None
    """Whether such devices send check bytes; `None` finds out."""
    fast: ClassVar[tuple[Row, ...]] = (CHARGE, REMAINING, *TIMES)
    """What each poll reads beside voltage, current, cells, temperatures and status."""
    slow: ClassVar[tuple[Row, ...]] = (FULL, *LIMITS, CYCLES)
    """Of which each poll reads one."""
    sensors: ClassVar[Mapping[int, Place]] = MappingProxyType({TEMPERATURE: Place.CELL})
    measured: ClassVar[tuple[int, ...]] = (CURRENT,)
    """Registers beside the voltage's that `_measure` reads."""
    status_bits: ClassVar[int] = 0xFFFF
    """Which bits of the status word mean something; 0: there is none."""
    cell_registers: ClassVar[Sequence[int]] = CELLS
    """Cell 1 first."""
    possible_cells: ClassVar[Collection[int]] = range(1, len(CELLS) + 1)
    """How many cells such a device can have."""

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        if settings.cells is not None and settings.cells not in self.possible_cells:
            possible = _listed(self.possible_cells)
            text = f"{self.name} has {possible} cells, not {settings.cells}"
            raise Unfit(Misfit.CELLS, text, possible=possible, cells=str(settings.cells))
        self.reader = Reader(settings.address, self.pec if settings.pec is None else settings.pec)
        self.units = Units()
        self.rows: dict[int, Row] = {}
        """By their registers."""
        self.cells: tuple[int, ...] = ()
        """Registers of the cells that there are."""
        self.there: set[int] = set()
        """Registers that polls read."""
        self.kept: dict[int, int | None] = {}
        """What slow registers said."""
        self.turns: deque[int] = deque()
        """Registers of which each poll asks for one: slow ones, and those that were not there."""
        self._looks = 0
        self._is_known = False

    @override
    def identify(self) -> Conversation[Identity]:
        self._is_known = False
        self.reader.begin()
        yield from self.reader.detect()
        yield from self._be_answered()
        identity = yield from self._who()
        yield from self._learn_units(identity)
        yield from self._learn_registers()
        yield from self._find_cells()
        # Silence proves that a register is not there only if the device answers still.
        yield from self._be_answered()
        self._is_known = True
        return identity

    @override
    def poll(self) -> Conversation[Reading]:
        if not self._is_known:
            yield from self.identify()
        self.reader.begin()
        values = yield from self._measure()
        words = yield from self._words([row.register for row in self.fast])
        yield from self._see(words)
        temperatures = yield from self._temperatures()
        alarms = yield from self._alarms()
        yield from self._take_turn()
        if self.reader.saw_zeros:
            yield from self._be_answered()
        values |= self._quantities(words | self.kept)
        values |= {"temperatures": temperatures, "alarms": alarms}
        gaps = self._gaps()
        return GappedReading(**values, unmeasured_cells=gaps) if gaps else Reading(**values)

    def _be_answered(self) -> Conversation[None]:
        """Raise if nobody is there, or says nothing."""
        voltage = yield from self.reader.alive(VOLTAGE)
        if not voltage and not self.reader.pec and not (yield from self.reader.needed(TEMPERATURE)):
            raise BadFrame("nothing but zeros is read")

    def _who(self) -> Conversation[Identity]:
        maker = printable((yield from self.reader.text(MANUFACTURER_NAME)))
        model = printable((yield from self.reader.text(DEVICE_NAME)))
        chemistry = printable((yield from self.reader.text(CHEMISTRY)))
        serial = yield from self.reader.fact(SERIAL_NUMBER)
        return Identity(
            manufacturer=maker,
            model=model,
            serial_number=None if serial in (None, 0, ONES) else str(serial),
            chemistry=chemistry,
            manufactured=day((yield from self.reader.fact(MANUFACTURE_DATE))),
        )

    def _learn_units(self, identity: Identity) -> Conversation[None]:
        """Find out what a digit stands for, and what else stays as it is."""
        self.rows = {row.register: row for row in (*self.fast, *self.slow)}
        self.kept = {}
        yield from ()

    def _learn_registers(self) -> Conversation[None]:
        self.there = set()
        self.turns.clear()
        fast = [row.register for row in self.fast]
        status = [STATUS] if self.status_bits else []
        for register in (*self.measured, *fast, *self.sensors, *status):
            self._judge(register, (yield from self.reader.look(register)))
        for register in [register for register in self.rows if register not in {*fast, *self.kept}]:
            self.kept[register] = yield from self.reader.fact(register)
            self.turns.append(register)

    def _judge(self, register: int, word: int | None) -> None:
        """Let polls read a register that is there, and ask in turn for one that is not."""
        if self._is_there(register, word):
            self.there.add(register)
        else:
            self.turns.append(register)

    def _is_there(self, register: int, word: int | None) -> bool:
        if register in self.rows:
            return self.rows[register].is_there(word)
        if register in self.sensors:
            return celsius(word) is not None
        return word is not None and (word != ONES or register == CURRENT)

    def _find_cells(self) -> Conversation[None]:
        """Look which cells there are: up to the last that has a voltage, or as many as the person says."""
        words: dict[int, int | None] = {}
        told = yield from self._told_cells()
        for register in self.cell_registers[:told]:
            words[register] = yield from self.reader.look(register)
        voltage = self.units.value(VOLTS, (yield from self.reader.alive(VOLTAGE))) or 0.0
        alive = [number for number, word in enumerate(words.values(), 1) if word not in (None, 0, ONES)]
        count = max(told or 0, len(self.cells) if self._is_known else 0, *alive)
        self.cells = tuple(self.cell_registers[:count])
        for register in self.cells:
            if register not in self.there and register not in self.turns:
                self._judge(register, words[register])
        found = sum(self.units.cell(word) or 0.0 for word in words.values())
        if told is not None or found >= WHOLE * voltage:
            self._looks = 0
        elif not self._is_known:
            self._looks = LOOKS

    def _told_cells(self) -> Conversation[int | None]:
        """Return how many cells there are if the person or the device says so."""
        yield from ()
        return self.settings.cells

    def _measure(self) -> Conversation[dict[str, Any]]:
        """Read voltage, current and cells, one close after the other."""
        voltage = yield from self.reader.alive(VOLTAGE)
        current = yield from self._current()
        if self._looks:
            self._looks -= 1
            yield from self._find_cells()
        return {
            "voltage": self.units.value(VOLTS, voltage),
            "current": current,
            "cell_voltages": (yield from self._cell_voltages()),
        }

    def _current(self) -> Conversation[float | None]:
        word = (yield from self._words([CURRENT])).get(CURRENT)
        # Without check bytes all ones may be 1 mA, or nobody.
        return None if word == ONES and not self.reader.pec else self.units.value(AMPERES, word)

    def _cell_voltages(self) -> Conversation[tuple[float | None, ...] | None]:
        words = yield from self._words(self.cells)
        return tuple(self.units.cell(words.get(register)) for register in self.cells) or None

    def _gaps(self) -> tuple[int, ...]:
        """Return the numbers of cells without a register before one that has one: that is how it is made."""
        if self.there.issuperset(self.cells):
            return ()
        registers = [*self.cells]
        while registers and registers[-1] not in self.there:
            registers.pop()
        return tuple(number for number, at in enumerate(registers, 1) if at not in self.there)

    def _words(self, registers: Sequence[int]) -> Conversation[dict[int, int | None]]:
        """Read those of some registers that are there."""
        words = {}
        for register in registers:
            if register in self.there:
                row = self.rows.get(register)
                words[register] = yield from self.reader.word(register, pauses=bool(row and row.pauses))
        return words

    def _temperatures(self) -> Conversation[tuple[Temperature, ...] | None]:
        words = yield from self._words([*self.sensors])
        return tuple(Temperature(celsius(word), self.sensors[at]) for at, word in words.items()) or None

    def _alarms(self) -> Conversation[frozenset[Alarm] | None]:
        return alarms_of((yield from self._words([STATUS])).get(STATUS), self.status_bits)

    def _see(self, words: Mapping[int, int | None]) -> Conversation[None]:
        """Look closer if what changes changes strangely."""
        yield from ()

    def _take_turn(self) -> Conversation[None]:
        """Ask for one of the registers that no poll needs."""
        register = self.turns[0]
        self.turns.rotate(-1)
        word = yield from self.reader.look(register)
        if not self.reader.pec and word != self.kept.get(register):
            word = yield from self.reader.fact(register)  # a change counts if it is read twice
        self._keep(register, word)
        if register in self.there:
            self.turns.remove(register)

    def _keep(self, register: int, word: int | None) -> None:
        """Take what a register said whose turn it was."""
        if register not in self.kept:
            self.there |= {register} if self._is_there(register, word) else set()
        elif word is not None:
            self.kept[register] = word

    def _quantities(self, words: dict[int, int | None]) -> dict[str, Any]:
        values: dict[str, Any] = self.units.values(self.rows.values(), words)
        remaining, full = values["remaining_capacity"], values["full_capacity"]
        if CHARGE not in self.fast and remaining is not None and full:
            values["state_of_charge"] = min(round(100 * remaining / full, 1), 100.0)
        return values


def _listed(counts: Collection[int]) -> str:
    if isinstance(counts, range):
        return f"{counts[0]}-{counts[-1]}"
    return ", ".join(map(str, counts))
