"""What `script/demo --check` stands on: the running demo, and a record of what was true and shown."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from simulators.jbd_registers import Register
from simulators.load import Cycle
from simulators.presets import rig
from simulators.serial_line import SerialLine

from .batteries import DemoBattery, demo_batteries
from .client import Client
from .demo import Demo
from .entities import Entities

PASSWORD = "271828"
INTERVAL = 2.0
"""How often a battery on a serial line is read unless somebody says otherwise, in s."""
SLACK = 2.0
"""For a busy machine, in s."""
SHOWN_WITHIN = 13.5
"""A battery is read every 2 s and shown every 10 s; the rest is for a busy machine. In s."""
_LOOK = 0.5
"""Pause between two looks at the simulators and at Home Assistant, in s."""


class Wrong(Exception):
    """Something is not as it must be."""


def expect(claim: object, otherwise: str) -> None:
    """Raise Wrong unless the claim is true."""
    if not claim:
        raise Wrong(otherwise)


def restless_batteries(ports: Path) -> Sequence[DemoBattery]:
    """Return the demo's batteries with a load that soon changes, never charges, and a high cell."""
    batteries = demo_batteries(ports)
    for battery in batteries:
        simulated, device = battery.rig.battery, battery.device
        capacity = simulated.cells[0].capacity
        simulated.load = Cycle(((6.0, -0.3 * capacity), (6.0, -0.8 * capacity), (6.0, -0.5 * capacity)))
        simulated.cells[0].charge = capacity
        device.registers[Register.BALANCE_START] = 3000
    return batteries


def spare_battery(ports: Path) -> SerialLine:
    """Return a battery that Home Assistant does not know yet and that tells nothing without a password."""
    device = rig(8, 3.0, seed=3, password=PASSWORD, password_scope="all").device
    return SerialLine(device, ports / "spare")


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
    _entities: dict[str, Entities] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """The signed-in session."""
        return self.demo.client

    @property
    def house(self) -> DemoBattery:
        """The battery of 16 cells."""
        return self.demo.batteries[0]

    @property
    def van(self) -> DemoBattery:
        """The battery of 4 cells."""
        return self.demo.batteries[1]

    async def find_entities(self) -> None:
        """Look the entities of all batteries up, anew."""
        self._entities = {row.key: await self.demo.entities(row) for row in self.demo.batteries}

    def entities(self, battery: DemoBattery) -> Entities:
        """Return the entities of a battery."""
        return self._entities[battery.key]

    async def state(self, battery: DemoBattery, name: str) -> str:
        """Return the state of a battery's entity, such as `sensor.voltage`."""
        return await self.client.state(self.entities(battery)[name])

    async def states(self, battery: DemoBattery, names: Iterable[str] | None = None) -> dict[str, str]:
        """Return the states of some or all entities of a battery, by name."""
        ids, states = self.entities(battery).ids, await self.client.states()
        return {name: states.get(ids[name], "missing") for name in (ids if names is None else names)}

    async def press(self, battery: DemoBattery, name: str) -> None:
        """Press a button."""
        await self.client.action("button.press", entity_id=self.entities(battery)[name])

    async def watch(self) -> None:
        """Record what is true and what is shown until cancelled."""
        while True:
            states = await self.client.states()
            for battery in self.demo.batteries:
                self.looks.setdefault(battery.key, []).append(self._look(battery, states))
            await asyncio.sleep(_LOOK)

    def _look(self, battery: DemoBattery, states: dict[str, str]) -> Look:
        simulated, ids = battery.rig.battery, self.entities(battery)
        return Look(
            time.monotonic(),
            simulated.terminal_voltage,
            simulated.current,
            number(states.get(ids["sensor.voltage"])),
            number(states.get(ids["sensor.current"])),
        )


def number(state: str | None) -> float | None:
    """Return a state as a number, None where it is none."""
    with suppress(ValueError):
        return None if state is None else float(state)
    return None
