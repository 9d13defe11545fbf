"""Smart batteries on a simulated bus: the pack, its gauge, the wire and the protocol."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from custom_components.battmon.model.errors import BattMonError
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols.sbs import SmartBattery
from simulators.battery import SimulatedBattery
from simulators.chemistry import LI_ION
from simulators.i2c.bq40 import BLOCK_ACCESS, Bq40z50, Bq40z80
from simulators.i2c.bus import Bus
from simulators.i2c.gauge import Gauge
from simulators.i2c.neodesign import NeoDesignBattery
from simulators.i2c.rotoye import RotoyeBatmon
from simulators.i2c.sbs import Label, MaxellGauge, SbsGauge
from simulators.i2c.solo import SoloBattery
from simulators.i2c.sui import SuiBattery
from simulators.load import Constant

from .bus_driver import ADDRESS, BusDriver
from .kinds import gauge

KINDS: dict[str, tuple[str, Callable[..., Gauge], int, dict[str, Any]]] = {
    "sbs": ("sbs", SbsGauge, 4, {}),
    "sbs_without_check_bytes": ("sbs", SbsGauge, 4, {"pec": False, "label": Label(specification=0x0021)}),
    "maxell": ("maxell", MaxellGauge, 6, {}),
    "rotoye": ("rotoye", RotoyeBatmon, 6, {"thermistors": (31.0, None)}),
    "solo": ("solo", SoloBattery, 4, {}),
    "sui_3": ("sui", SuiBattery, 3, {"checks_block": True}),
    "sui_6": ("sui", SuiBattery, 6, {}),
    "neodesign": ("neodesign", NeoDesignBattery, 6, {}),
    "bq40z50": ("bq40", Bq40z50, 4, {}),
    "bq40z80": ("bq40", Bq40z80, 7, {}),
}
"""By name: the protocol's key, its gauge, cells and what else the gauge is told."""


@dataclass
class Rig:
    """One pack that stands still unless `battery.frozen` is taken back."""

    battery: SimulatedBattery
    chip: Gauge
    bus: Bus
    driver: BusDriver
    protocol: SmartBattery

    def meet(self) -> Identity:
        return self.driver.say(self.protocol.identify())

    def poll(self) -> Reading:
        return self.driver.say(self.protocol.poll())

    def attempt(self) -> Reading | BattMonError:
        return self.driver.attempt(self.protocol.poll())

    def put(self, register: int, word: int) -> None:
        """Let a register say this from now on."""
        self.chip.registers[register] = (word & 0xFFFF).to_bytes(2, "little")

    def take(self, *registers: int) -> None:
        """Take registers away."""
        for register in registers:
            self.chip.registers.pop(register, None)

    def asked(self) -> list[int]:
        """Return the registers that were read since this was asked last, once for each time."""
        registers = [one.written[0] for one in self.bus.log]
        self.bus.log.clear()
        return registers

    def stand_still(self) -> None:
        """Let every register say for ever what it says now: a battery takes long to work it out."""
        for register, value in self.chip.registers.items():
            if callable(value) and register != BLOCK_ACCESS:
                self.chip.registers[register] = value()

    @property
    def written(self) -> set[str]:
        """Everything beyond a pointer that went over the bus."""
        return {one.written.hex() for one in self.bus.log if len(one.written) > 1}


def rig(
    kind: str,
    cells: int | None = None,
    *,
    current: float = -1.5,
    address: int = ADDRESS,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> Rig:
    """Return a pack of this kind; `options` are those of its gauge."""
    key, make, usual, further = KINDS[kind]
    battery = SimulatedBattery(cells or usual, 5.0, chemistry=LI_ION, load=Constant(current))
    battery.frozen = True
    bus = Bus()
    driver = BusDriver(bus, address)
    chip = make(battery, now=lambda: driver.now, **further | options)
    bus.chips[address] = chip
    return Rig(battery, chip, bus, driver, gauge(key, address=address, **settings or {}))
