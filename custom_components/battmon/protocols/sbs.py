"""Smart batteries: gauges that speak the Smart Battery Data Specification over SMBus.

Source: Smart Battery Data Specification 1.1; what gauges do beyond it and against it from
ArduPilot's AP_BattMonitor_SMBus and PX4's batt_smbus. Nothing is ever written.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, override

from ..model.alarms import Alarm
from ..model.errors import BadFrame
from ..model.reading import Identity, Place, Reading, Temperature
from .bus import BusProtocol, BusSettings
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
    "CELLS", "CHARGE", "CYCLES", "FULL", "HEALTH", "LIMITS", "ONES", "REMAINING", "SERIAL_NUMBER",
    "TEMPERATURE", "VOLTAGE", "VOLTS", "Sbs", "bytes_of", "is_checked", "signed",
]  # fmt: skip

UNSCALED_MAKER = "Hitachi maxell"
"""Its specification info promises scales and check bytes, and it has neither."""
TEXAS_INSTRUMENTS = "bq"
"""How the names of its gauges begin."""
WHOLE = 0.75
"""Share of the pack's voltage that its cells have together, at least, if all were found."""
LOOKS = 8
"""Polls in which cells are looked for again: gauges that wake show them after a while."""
JUMP = 20
"""Share of the full capacity: no more flows from one poll to the next, but units may have changed."""


class Sbs(BusProtocol):
    """The conversations with one smart battery. Variants are rows and what they do otherwise."""

    key: ClassVar[str] = "sbs"
    name: ClassVar[str] = "Smart battery (SBS, SMBus)"
    addresses: ClassVar[tuple[int, ...]] = (0x0B,)
    takes: ClassVar[frozenset[str]] = frozenset({"cells", "pec"})
    pec: ClassVar[bool | None] = None
    """Whether such devices send check bytes; `None` finds out."""
    fast: ClassVar[tuple[Row, ...]] = (CHARGE, REMAINING, *TIMES)
    """What each poll reads beside voltage, current, cells, temperatures and status."""
    slow: ClassVar[tuple[Row, ...]] = (FULL, *LIMITS, CYCLES)
    """Of which each poll reads one."""
    sensors: ClassVar[tuple[tuple[int, Place], ...]] = ((TEMPERATURE, Place.CELL),)
    measured: ClassVar[tuple[int, ...]] = (CURRENT,)
    """Registers beside the voltage's that `_measure` reads."""
    status_bits: ClassVar[int] = 0xFFFF
    """Which bits of the status word mean something; 0: there is none."""
    is_described: ClassVar[bool] = True
    """Whether the registers that say how to read the others are there."""
    is_scaled: ClassVar[bool] = True
    """Whether the scales in the specification info are."""
    capacity_factor: ClassVar[int] = 1
    """Of remaining and full capacity."""
    cell_registers: ClassVar[Sequence[int]] = CELLS
    """Cell 1 first."""
    possible_cells: ClassVar[Collection[int]] = range(1, len(CELLS) + 1)
    """How many cells such a device can have."""

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        if settings.cells is not None and settings.cells not in self.possible_cells:
            possible = ", ".join(map(str, self.possible_cells))
            raise ValueError(f"{self.name} has {possible} cells, not {settings.cells}")
        self.reader = Reader(settings.address, self.pec if settings.pec is None else settings.pec)
        self.units = Units()
        self.rows: dict[int, Row] = {}
        """By their registers."""
        self.cells: tuple[int, ...] = ()
        """Registers of the cells that there are."""
        self.there: set[int] = set()
        """Registers that polls read."""
        self._kept: dict[int, int | None] = {}
        """What slow registers said."""
        self._turns: deque[int] = deque()
        """Registers of which each poll asks for one: slow ones, and those that were not there."""
        self._looks = 0
        self._remaining: int | None = None
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
        yield from self._see_jump(words.get(REMAINING.register))
        temperatures = yield from self._temperatures()
        alarms = yield from self._alarms()
        yield from self._take_turn()
        if self.reader.saw_zeros:
            yield from self._be_answered()
        return Reading(
            **values, **self._quantities(words | self._kept), temperatures=temperatures, alarms=alarms
        )

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
        self._kept = {}
        self.units = Units(capacity=self.capacity_factor)
        if not self.is_described:
            return
        if self.is_scaled and identity.manufacturer != UNSCALED_MAKER:
            voltage, current = scales((yield from self.reader.fact(SPECIFICATION_INFO)))
            self.units = self.units._replace(voltage=voltage, current=current)
        nominal = self.units.value(VOLTS, (yield from self.reader.fact(DESIGN_VOLTAGE)))
        self.units = self.units._replace(design_voltage=nominal)
        self._keep_mode((yield from self.reader.fact(BATTERY_MODE)))
        self.rows[DESIGN.register] = DESIGN
        self._kept[DESIGN.register] = yield from self.reader.fact(DESIGN.register)
        if (identity.model or "").lower().startswith(TEXAS_INSTRUMENTS):
            self.rows[HEALTH.register] = HEALTH

    def _learn_registers(self) -> Conversation[None]:
        self.there = set()
        self._turns = deque([BATTERY_MODE] if self.is_described else [])
        fast = [row.register for row in self.fast]
        sensors = [register for register, _place in self.sensors]
        status = [STATUS] if self.status_bits else []
        for register in (*self.measured, *fast, *sensors, *status):
            self._judge(register, (yield from self.reader.look(register)))
        for register in [register for register in self.rows if register not in (*fast, DESIGN.register)]:
            self._kept[register] = yield from self.reader.fact(register)
            self._turns.append(register)

    def _judge(self, register: int, word: int | None) -> None:
        """Let polls read a register that is there, and ask in turn for one that is not."""
        if self._is_there(register, word):
            self.there.add(register)
        else:
            self._turns.append(register)

    def _is_there(self, register: int, word: int | None) -> bool:
        if register in self.rows:
            return self.rows[register].is_there(word)
        if register in dict(self.sensors):
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
            if register not in self.there and register not in self._turns:
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

    def _words(self, registers: Sequence[int]) -> Conversation[dict[int, int | None]]:
        """Read those of some registers that are there."""
        words = {}
        for register in registers:
            if register in self.there:
                row = self.rows.get(register)
                words[register] = yield from self.reader.word(register, pauses=bool(row and row.pauses))
        return words

    def _temperatures(self) -> Conversation[tuple[Temperature, ...] | None]:
        words = yield from self._words([register for register, _place in self.sensors])
        places = dict(self.sensors)
        return tuple(Temperature(celsius(word), places[at]) for at, word in words.items()) or None

    def _alarms(self) -> Conversation[frozenset[Alarm] | None]:
        return alarms_of((yield from self._words([STATUS])).get(STATUS), self.status_bits)

    def _see_jump(self, remaining: int | None) -> Conversation[None]:
        """Look at the units again if the charge that is left leaps: another program may have set them."""
        before, self._remaining = self._remaining, remaining
        full = self._kept.get(FULL.register)
        if remaining is None or before is None or full is None or abs(remaining - before) * JUMP <= full:
            return
        for register in (BATTERY_MODE, FULL.register) if self.is_described else ():
            self._keep(register, (yield from self.reader.fact(register)))

    def _take_turn(self) -> Conversation[None]:
        """Ask for one of the registers that no poll needs."""
        register = self._turns[0]
        self._turns.rotate(-1)
        word = yield from self.reader.look(register)
        if not self.reader.pec and word != self._kept.get(register):
            word = yield from self.reader.fact(register)  # a change counts if it is read twice
        self._keep(register, word)
        if register in self.there:
            self._turns.remove(register)

    def _keep(self, register: int, word: int | None) -> None:
        if register == BATTERY_MODE:
            self._keep_mode(word)
        elif register not in self._kept:
            self.there |= {register} if self._is_there(register, word) else set()
        elif word is not None:
            self._kept[register] = word

    def _keep_mode(self, mode: int | None) -> None:
        if mode is not None and mode != ONES:
            self.units = self.units._replace(are_energies=bool(mode & CAPACITY_MODE))

    def _quantities(self, words: dict[int, int | None]) -> dict[str, Any]:
        values: dict[str, Any] = self.units.values(self.rows.values(), words)
        remaining, full = values["remaining_capacity"], values["full_capacity"]
        if CHARGE not in self.fast and remaining is not None and full:
            values["state_of_charge"] = min(round(100 * remaining / full, 1), 100.0)
        return values
