"""The batteries of the demo: on serial ports, on a bus, one that advertises, and what they are together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import override

from simulators.bank import Bank, parallel, series
from simulators.bank_parts import Parallel, Part
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import jbd_peripheral
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.relay import Relay
from simulators.chemistry import LI_ION, LIFEPO4
from simulators.jbd import JbdDevice
from simulators.jbd_registers import Register
from simulators.load import Constant, household
from simulators.presets import Rig, house_16s, resting, rig, van_4s
from simulators.run_down import RunDown
from simulators.serial_line import SerialLine

from .bus_batteries import BatteryBus, battery_bus
from .folder import Folder
from .known import Known
from .shunt import Shunt

ADDRESS = "A4:C1:37:08:24:61"
ADVERTISED_NAME = "JBD-SP08S020"
THREADS = "simulated "
"""How the names of the threads begin that serve the batteries."""
CABIN_CAPACITY = 7.0
"""Of the whole bank, in Ah: 4 of the string and 3 beside it."""
CABIN_CHARGE = 8 * 3.45
"""What its charger holds, in V."""
_NEW = datetime(2026, 11, 1, tzinfo=UTC)
"""When the batteries had no cycles yet."""
_CYCLE = timedelta(hours=4)
"""Less than a simulated battery takes for a cycle: no start begins with fewer than an earlier one had."""


@dataclass(frozen=True)
class DemoBattery(Known):
    """A simulated battery and the board on it."""

    rig: Rig
    chosen: Mapping[str, str]
    """What is chosen in the dialog that adds it, besides what that suggests."""

    @property
    def device(self) -> JbdDevice:
        """The board, which tests may ask whether it obeyed."""
        return self.rig.device

    @property
    def cells(self) -> int:
        """Number of cells in series."""
        return len(self.rig.battery.cells)

    @property
    @override
    def cells_shown(self) -> int:
        return self.cells


@dataclass(frozen=True)
class WiredBattery(DemoBattery):
    """A battery on a serial port whose path stays the same from start to start."""

    line: SerialLine

    @property
    def port(self) -> Path:
        """What Home Assistant opens."""
        return self.line.link


@dataclass(frozen=True)
class AdvertisingBattery(DemoBattery):
    """A battery with a Bluetooth module, in a room that Home Assistant listens to."""

    socket: Path
    """Where the room can be entered."""

    @cached_property
    def peripheral(self) -> Peripheral:
        """The module; touch it with `do`."""
        return jbd_peripheral(self.device, ADDRESS, ADVERTISED_NAME, signal=-67)

    @cached_property
    def relay(self) -> Relay:
        """The room."""
        return Relay(Air(self.peripheral), self.socket)

    def do[T](self, action: Callable[[], T]) -> T:
        """Do something in the room and return what it returns."""
        return self.relay.run(action)


@dataclass(frozen=True)
class EntityBattery(Known):
    """The house battery as a shunt sees it, which another integration reads."""

    shunt: Shunt
    cells: int
    chemistry: str


@dataclass(frozen=True)
class VirtualBattery(Known):
    """A battery made of others."""

    kind: str
    """How they are joined: the item in the menu."""
    members: tuple[Known, ...]
    """In order."""
    taken: tuple[str, ...] = ()
    """All that is taken from the first one, where that is not everything it knows."""


@dataclass(frozen=True)
class Cabin:
    """Two small batteries in series, that string in parallel with a third, and one load for all."""

    a: WiredBattery
    b: WiredBattery
    c: WiredBattery
    bank: Bank

    @property
    def pair(self) -> Part:
        """The truth of the two in series."""
        assert isinstance(self.bank.part, Parallel)
        return self.bank.part.parts[0]

    @cached_property
    def string(self) -> VirtualBattery:
        """The two in series."""
        return VirtualBattery("string", "Cabin string", "mdi:link-variant", "series", (self.a, self.b))

    @cached_property
    def whole(self) -> VirtualBattery:
        """All of them."""
        return VirtualBattery("bank", "Cabin bank", "mdi:home-group", "parallel", (self.string, self.c))


@dataclass(frozen=True)
class Fleet:
    """All batteries of a demo."""

    house: WiredBattery
    van: WiredBattery
    workshop: WiredBattery
    """The battery that is run down."""
    cabin: Cabin
    boat: AdvertisingBattery
    shunt: EntityBattery
    bus: BatteryBus
    run_down: RunDown
    """The load of the workshop's battery, which is run down through its failsafe again and again."""

    @property
    def single(self) -> tuple[DemoBattery, ...]:
        """The batteries that stand for themselves."""
        return self.house, self.van, self.workshop, self.boat

    @property
    def wired(self) -> tuple[WiredBattery, ...]:
        """The batteries on a serial port."""
        return self.house, self.van, self.workshop, self.cabin.a, self.cabin.b, self.cabin.c

    @property
    def all(self) -> tuple[DemoBattery, ...]:
        """Every simulated battery, on whatever wire."""
        return *self.wired, self.boat

    @cached_property
    def merged(self) -> VirtualBattery:
        """The house battery as its board and the shunt see it together."""
        return VirtualBattery(
            "house_with_shunt",
            "House with shunt",
            "mdi:home-plus",
            "merged",
            (self.shunt, self.house),
            ("current", "state_of_charge"),
        )

    @property
    def virtual(self) -> tuple[VirtualBattery, ...]:
        """The batteries made of others; what one is made of comes before it."""
        return self.cabin.string, self.cabin.whole, self.merged

    @property
    def known(self) -> tuple[Known, ...]:
        """Every battery that Home Assistant may have."""
        return *self.all, self.shunt, *self.bus.batteries, *self.virtual

    def start(self) -> None:
        """Plug the batteries in and let the one of the boat be heard."""
        for battery in self.wired:
            battery.line.start()
        self.bus.start()
        self.boat.relay.start()

    def stop(self) -> None:
        """Take all of them away."""
        self.boat.relay.stop()
        self.bus.stop()
        for battery in self.wired:
            battery.line.stop()


def demo_batteries(folder: Folder) -> Fleet:
    """Return the batteries, not yet there for anybody, with their ports in a folder."""
    workshop, run_down = workshop_4s()
    house = _wired(folder, "house", "House battery", "mdi:home-battery", house_16s())
    shunt = Shunt(house.rig.battery)
    fleet = Fleet(
        house,
        _wired(folder, "van", "Van battery", "mdi:van-utility", van_4s()),
        _wired(folder, "workshop", "Workshop battery", "mdi:tools", workshop, chemistry="lifepo4"),
        _cabin(folder),
        AdvertisingBattery(
            "boat", "Boat battery", "mdi:sail-boat", boat_8s(), {"chemistry": "li_ion"}, folder.radio
        ),
        EntityBattery("shunt", "House shunt", "mdi:gauge", shunt, house.cells, "lifepo4"),
        battery_bus(folder),
        run_down,
    )
    for battery in fleet.all:
        battery.device.registers[Register.CYCLES] = cycles_at(datetime.now(UTC))
    return fleet


def _wired(folder: Folder, key: str, name: str, icon: str, made: Rig, **chosen: str) -> WiredBattery:
    return WiredBattery(key, name, icon, made, chosen, SerialLine(made.device, folder.ports / key))


def _cabin(folder: Folder) -> Cabin:
    (a, b, c), bank = cabin_bank()
    return Cabin(
        _wired(folder, "cabin_a", "Cabin A", "mdi:battery-outline", a, chemistry="lifepo4"),
        _wired(folder, "cabin_b", "Cabin B", "mdi:battery-outline", b, chemistry="lifepo4"),
        _wired(folder, "cabin_c", "Cabin C", "mdi:battery", c, chemistry="lifepo4"),
        bank,
    )


def cabin_bank() -> tuple[tuple[Rig, Rig, Rig], Bank]:
    """Return two batteries of 4 cells to be in series, one of 8 beside them, and what they are together.

    They are as unlike as those of a bank that has grown: 4.0 and 4.2 Ah at 70 and 68 %, 3 Ah at 71 %.
    """
    a = resting(4, 4.0, seed=11, state_of_charge=70.0, name="JBD-SP04S010-L4S-60A")
    b = resting(4, 4.2, seed=12, state_of_charge=68.0, name="JBD-SP04S010-L4S-60A")
    c = resting(8, 3.0, seed=13, state_of_charge=71.0)
    bank = Bank(
        parallel(series(a.battery, b.battery), c.battery), household(CABIN_CAPACITY, CABIN_CHARGE, seed=11)
    )
    bank.seat(a.device, b.device, c.device)
    return (a, b, c), bank


def workshop_4s() -> tuple[Rig, RunDown]:
    """Return a power tool's battery and its load: from 26 to 8 % in 70 s, to 50 % in 8 minutes, down again.

    High rates and hardly any resistance: it is the state of charge that is to run down, not the voltage.
    No charge is lost in it, so that the board's count stays true for as many rounds as anybody watches.
    """
    lossless = replace(LIFEPO4, charge_efficiency=1.0)
    made = rig(
        4, 1.0, chemistry=lossless, state_of_charge=26.0, load=Constant(), seed=7, name="JBD-SP04S005-L4S-15A"
    )
    for cell in made.battery.cells:
        cell.resistance /= 10
    made.device.registers |= {Register.CHARGE_CURRENT: 1500, Register.DISCHARGE_CURRENT: -1500 & 0xFFFF}
    load = RunDown(made.device, discharge=9.5, charge=3.2, lowest=8.0, highest=50.0, charge_voltage=4 * 3.45)
    made.battery.load = load
    return replace(made, load=load), load


def boat_8s() -> Rig:
    """Return an electric boat's battery: 8 lithium-ion cells of 3 Ah at 80 %."""
    return rig(8, 3.0, chemistry=LI_ION, state_of_charge=80.0, seed=5, name="JBD-SP08S020-P8S-60A-B")


def cycles_at(now: datetime) -> int:
    """Return the cycles gone through by now: a battery whose cycles fall is taken for another one."""
    return min(max((now - _NEW) // _CYCLE, 0), 0xFFFF)
