"""The two batteries of the demo, each on a pseudo-terminal whose path stays the same from start to start."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulators.jbd import JbdDevice
from simulators.jbd_registers import Register
from simulators.presets import Rig, house_16s, van_4s
from simulators.serial_line import SerialLine

_NEW = datetime(2026, 11, 1, tzinfo=UTC)
"""When the batteries had no cycles yet."""
_CYCLE = timedelta(hours=4)
"""Less than a simulated battery takes for a cycle: no start begins with fewer than an earlier one had."""


@dataclass(frozen=True)
class DemoBattery:
    """A simulated battery, the board on it and the line to it, with what the demo calls it."""

    key: str
    name: str
    icon: str
    rig: Rig
    line: SerialLine

    @property
    def device(self) -> JbdDevice:
        """The board, which tests may ask whether it obeyed."""
        return self.rig.device

    @property
    def port(self) -> Path:
        """What Home Assistant opens."""
        return self.line.link

    @property
    def cells(self) -> int:
        """Number of cells in series."""
        return len(self.rig.battery.cells)


def demo_batteries(ports: Path) -> tuple[DemoBattery, ...]:
    """Return the batteries, not yet plugged in, with their ports in a folder."""
    rows = (
        ("house", "House battery", "mdi:home-battery", house_16s()),
        ("van", "Van battery", "mdi:van-utility", van_4s()),
    )
    for *_, rig in rows:
        rig.device.registers[Register.CYCLES] = cycles_at(datetime.now(UTC))
    return tuple(
        DemoBattery(key, name, icon, rig, SerialLine(rig.device, ports / key))
        for key, name, icon, rig in rows
    )


def cycles_at(now: datetime) -> int:
    """Return the cycles gone through by now: a battery whose cycles fall is taken for another one."""
    return min(max((now - _NEW) // _CYCLE, 0), 0xFFFF)
