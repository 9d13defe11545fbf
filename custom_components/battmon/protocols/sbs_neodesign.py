"""NeoDesign's smart batteries. Source: ArduPilot, AP_BattMonitor_SMBus_NeoDesign."""

from typing import Any, ClassVar, override

from ..model.errors import NoReply
from ..model.reading import Identity
from .conversation import Conversation
from .sbs import FULL, REMAINING, VOLTAGE, VOLTS, SmartBattery

CELL_COUNT = 0x5C


class NeoDesign(SmartBattery):
    """Its cells stand the other way round."""

    key: ClassVar = "neodesign"
    name: ClassVar = "NeoDesign smart battery"
    takes: ClassVar = frozenset({"cells"})
    pec: ClassVar = True
    fast: ClassVar = (REMAINING,)
    slow: ClassVar = (FULL,)
    status_bits: ClassVar = 0
    cell_registers: ClassVar = range(0x30, 0x40)

    @override
    def _be_answered(self) -> Conversation[None]:
        count = yield from self.reader.alive(CELL_COUNT)
        if count not in self.possible_cells:
            raise NoReply(f"the battery is not ready: it says that it has {count} cells")

    @override
    def _who(self) -> Conversation[Identity]:
        yield from ()
        return Identity(manufacturer="NeoDesign")

    @override
    def _told_cells(self) -> Conversation[int | None]:
        count = yield from self.reader.alive(CELL_COUNT)
        return self.settings.cells or count

    @override
    def _measure(self) -> Conversation[dict[str, Any]]:
        cells = yield from self._cell_voltages()
        known = [cell for cell in cells or () if cell is not None]
        if known and len(known) == len(self.cells):
            voltage: float | None = round(sum(known), 3)
        else:
            voltage = self.units.value(VOLTS, (yield from self.reader.alive(VOLTAGE)))
        return {"voltage": voltage, "current": (yield from self._current()), "cell_voltages": cells}
