"""What `script/demo --check` stands on: the running demo, and a record of what was true and shown."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from simulators.jbd_registers import Register
from simulators.load import Cycle
from simulators.presets import rig
from simulators.serial_line import SerialLine

from .batteries import (
    CABIN_CAPACITY,
    AdvertisingBattery,
    Cabin,
    DemoBattery,
    EntityBattery,
    Fleet,
    VirtualBattery,
    WiredBattery,
    demo_batteries,
)
from .bus_batteries import BatteryBus
from .client import Answer, Client
from .demo import Demo
from .entities import Entities, read_entities
from .event_log import EventLog, Said
from .folder import Folder
from .known import Known

PASSWORD = "271828"
INTERVAL = 2.0
"""How often a battery on a serial line is read unless somebody says otherwise, in s."""
SLACK = 2.0
"""For a busy machine, in s."""
SHOWN_WITHIN = 13.5
"""A battery is read every 2 s and shown every 10 s; the rest is for a busy machine. In s."""
CABIN_STEP = 15.0
"""How long the load of the cabin stays the same, in s: meanwhile its batteries are read and compared."""
BUS_STEP = 6.0
"""How long the load of a battery on the bus stays the same, in s."""
BUS_RATES = (0.3, 0.8, 0.5)
"""What it draws in turn, in C."""
_LOOK = 0.05
"""Pause between two looks at the simulators, in s: what is true for a moment only may be what is read."""
_LOOKS = 10
"""Looks at the simulators for each at Home Assistant."""


class Wrong(Exception):
    """Something is not as it must be."""


def expect(claim: object, otherwise: str) -> None:
    """Raise Wrong unless the claim is true."""
    if not claim:
        raise Wrong(otherwise)


def restless_batteries(folder: Folder) -> Fleet:
    """Return the demo's batteries with a load that soon changes, never charges, and a high cell.

    The workshop's is run down as ever. The cabin's have no high cell, and a load that no member could carry
    alone. The one that advertises is not heard yet.
    """
    fleet = demo_batteries(folder)
    fleet.boat.peripheral.vanish()
    fleet.cabin.bank.load = Cycle(tuple((CABIN_STEP, -rate * CABIN_CAPACITY) for rate in (0.7, 0.95, 0.8)))
    for battery in (fleet.house, fleet.van, fleet.boat):
        simulated, device = battery.rig.battery, battery.device
        capacity = simulated.cells[0].capacity
        simulated.load = Cycle(((6.0, -0.3 * capacity), (6.0, -0.8 * capacity), (6.0, -0.5 * capacity)))
        simulated.cells[0].charge = capacity
        device.registers[Register.BALANCE_START] = 3000
    for on_bus in fleet.bus.batteries:
        rated = on_bus.battery.cells[0].capacity
        on_bus.battery.load = Cycle(tuple((BUS_STEP, -rate * rated) for rate in BUS_RATES))
    return fleet


def spare_battery(folder: Folder) -> SerialLine:
    """Return a battery that Home Assistant does not know yet and that tells nothing without a password."""
    device = rig(8, 3.0, seed=3, password=PASSWORD, password_scope="all").device
    return SerialLine(device, folder.ports / "spare")


@dataclass(frozen=True)
class Look:
    """One moment of one battery: what was true in the simulator and what was shown. In V and A."""

    time: float
    true_voltage: float
    true_current: float
    shown_voltage: float | None
    shown_current: float | None


@dataclass
class Stage:
    """The running demo with its entities."""

    demo: Demo
    spare: SerialLine
    spare_entry: str = ""
    looks: dict[str, list[Look]] = field(default_factory=dict)
    balancing_since: float = 0.0
    """When the balancing setting was last written, on the clock of `time.monotonic`."""
    run_down_since: float = 0.0
    """When the workshop's battery began to be run down, on the same clock."""
    shunt_silent_since: float = 0.0
    """When the shunt fell silent, on the same clock."""
    log: EventLog = field(default_factory=EventLog)
    _entries: dict[str, str] = field(default_factory=dict)
    _entities: dict[str, Entities] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """The signed-in session."""
        return self.demo.client

    @property
    def house(self) -> WiredBattery:
        """The battery of 16 cells."""
        return self.demo.fleet.house

    @property
    def van(self) -> WiredBattery:
        """The battery of 4 cells."""
        return self.demo.fleet.van

    @property
    def workshop(self) -> WiredBattery:
        """The battery that is run down, and that nobody is to disturb."""
        return self.demo.fleet.workshop

    @property
    def cabin(self) -> Cabin:
        """The batteries that are joined."""
        return self.demo.fleet.cabin

    @property
    def bus(self) -> BatteryBus:
        """The batteries on one I2C bus."""
        return self.demo.fleet.bus

    @property
    def shunt(self) -> EntityBattery:
        """The house battery as a shunt sees it."""
        return self.demo.fleet.shunt

    @property
    def merged(self) -> VirtualBattery:
        """The house battery as its board and the shunt see it together."""
        return self.demo.fleet.merged

    @property
    def restless(self) -> tuple[WiredBattery, ...]:
        """Batteries on a serial port that may be switched as one likes."""
        return self.house, self.van

    @property
    def boat(self) -> AdvertisingBattery:
        """The battery of 8 cells."""
        return self.demo.boat

    @property
    def added(self) -> list[DemoBattery]:
        """The batteries that Home Assistant has."""
        return [battery for battery in self.demo.fleet.all if battery.key in self._entities]

    async def find_entities(self) -> None:
        """Look the entities of all batteries up, anew."""
        self._entries = await self.demo.entries()
        self._entities = {
            key: await read_entities(self.client, entry_id) for key, entry_id in self._entries.items()
        }

    def entry_id(self, battery: Known) -> str:
        """Return the id of a battery's config entry."""
        return self._entries[battery.key]

    def entities(self, battery: Known) -> Entities:
        """Return the entities of a battery."""
        return self._entities[battery.key]

    async def state(self, battery: Known, name: str) -> str:
        """Return the state of a battery's entity, such as `sensor.voltage`."""
        return await self.client.state(self.entities(battery)[name])

    async def states(self, battery: Known, names: Iterable[str] | None = None) -> dict[str, str]:
        """Return the states of some or all entities of a battery, by name."""
        ids, states = self.entities(battery).ids, await self.client.states()
        return {name: states.get(ids[name], "missing") for name in (ids if names is None else names)}

    def times_out_of_sight(self, battery: Known) -> int:
        """Count how often the log says that a battery is out of sight."""
        return self.demo.folder.log.read_text(errors="replace").count(f"{battery.name} is out of sight")

    def said(self, battery: Known, name: str) -> list[Said]:
        """Return the states that a battery's entity has had since somebody listens."""
        return self.log.of(self.entities(battery)[name])

    async def run_down(self) -> None:
        """Begin to run the workshop's battery down."""
        await self.demo.run_down()
        self.run_down_since = time.monotonic()

    async def attributes(self, battery: Known, name: str) -> Answer:
        """Return the attributes of a battery's entity."""
        answer = await self.client.get(f"states/{self.entities(battery)[name]}")
        return dict(answer["attributes"])

    async def press(self, battery: Known, name: str) -> None:
        """Press a button."""
        await self.client.action("button.press", entity_id=self.entities(battery)[name])

    async def listen(self) -> None:
        """Record what is said of every entity until cancelled."""
        await self.client.listen(self.log.hear)

    async def watch(self) -> None:
        """Record what is true and what is shown until cancelled."""
        while True:
            self._look_at_all(await self.client.states())
            for _ in range(_LOOKS):
                await asyncio.sleep(_LOOK)
                self._look_at_all({})

    def _look_at_all(self, states: dict[str, str]) -> None:
        for battery in self.added:
            self.looks.setdefault(battery.key, []).append(self._look(battery, states))

    def _look(self, battery: DemoBattery, states: dict[str, str]) -> Look:
        simulated, ids = battery.rig.battery, self.entities(battery).ids
        return Look(
            time.monotonic(),
            simulated.terminal_voltage,
            simulated.current,
            number(states.get(ids.get("sensor.voltage", ""))),
            number(states.get(ids.get("sensor.current", ""))),
        )


def number(state: str | None) -> float | None:
    """Return a state as a number, None where it is none."""
    with suppress(ValueError):
        return None if state is None else float(state)
    return None
