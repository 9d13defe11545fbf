"""Gauges that describe themselves as the specification has it, and those that promise more than they keep.

Sources: Smart Battery Data Specification 1.1; ArduPilot, AP_BattMonitor_SMBus_Generic and _Maxell.
"""

from collections.abc import Mapping
from typing import ClassVar, override

from ..model.reading import Identity
from .conversation import Conversation
from .sbs import (
    BATTERY_MODE,
    CAPACITY_MODE,
    CELLS,
    CYCLES,
    DESIGN,
    DESIGN_VOLTAGE,
    FULL,
    HEALTH,
    LIMITS,
    ONES,
    REMAINING,
    SPECIFICATION_INFO,
    VOLTS,
    SmartBattery,
    Units,
    bytes_of,
    is_checked,
    scales,
)

__all__ = ["CELLS", "CYCLES", "FULL", "HEALTH", "LIMITS", "Maxell", "Sbs", "bytes_of", "is_checked"]

UNSCALED_MAKER = "Hitachi maxell"
"""Its specification info promises scales and check bytes, and it has neither."""
TEXAS_INSTRUMENTS = "bq"
"""How the names of its gauges begin."""
JUMP = 20
"""Share of the full capacity: no more flows from one poll to the next, but units may have changed."""


class Sbs(SmartBattery):
    """Says in which units it speaks."""

    key: ClassVar[str] = "sbs"
    name: ClassVar[str] = "Smart battery (SBS, SMBus)"
    is_scaled: ClassVar[bool] = True
    """Whether the scales in the specification info are."""
    capacity_factor: ClassVar[int] = 1
    """Of remaining and full capacity."""

    _remaining: int | None = None

    @override
    def _learn_units(self, identity: Identity) -> Conversation[None]:
        yield from super()._learn_units(identity)
        self.units = Units(capacity=self.capacity_factor)
        if self.is_scaled and identity.manufacturer != UNSCALED_MAKER:
            voltage, current = scales((yield from self.reader.fact(SPECIFICATION_INFO)))
            self.units = self.units._replace(voltage=voltage, current=current)
        nominal = self.units.value(VOLTS, (yield from self.reader.fact(DESIGN_VOLTAGE)))
        self.units = self.units._replace(design_voltage=nominal)
        self._keep(BATTERY_MODE, (yield from self.reader.fact(BATTERY_MODE)))
        self.rows[DESIGN.register] = DESIGN
        self.kept[DESIGN.register] = yield from self.reader.fact(DESIGN.register)
        if (identity.model or "").lower().startswith(TEXAS_INSTRUMENTS):
            self.rows[HEALTH.register] = HEALTH

    @override
    def _learn_registers(self) -> Conversation[None]:
        yield from super()._learn_registers()
        self.turns.append(BATTERY_MODE)

    @override
    def _see(self, words: Mapping[int, int | None]) -> Conversation[None]:
        """Look at the units again if the charge that is left leaps: another program may have set them."""
        before, self._remaining = self._remaining, words.get(REMAINING.register)
        full = self.kept.get(FULL.register)
        if self._remaining is None or before is None or full is None:
            return
        if abs(self._remaining - before) * JUMP > full:
            for register in (BATTERY_MODE, FULL.register):
                self._keep(register, (yield from self.reader.fact(register)))

    @override
    def _keep(self, register: int, word: int | None) -> None:
        if register != BATTERY_MODE:
            super()._keep(register, word)
        elif word is not None and word != ONES:
            self.units = self.units._replace(are_energies=bool(word & CAPACITY_MODE))


class Maxell(Sbs):
    """It reports half of what it holds, and promises check bytes that it does not send."""

    key: ClassVar = "maxell"
    name: ClassVar = "Maxell smart battery"
    pec: ClassVar = False
    is_scaled: ClassVar = False
    capacity_factor: ClassVar = 2
