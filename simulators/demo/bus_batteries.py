"""Batteries of the demo on one I2C bus: a smart battery, two Batmons, and one with a power monitor."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, override

from simulators.battery import SimulatedBattery
from simulators.chemistry import LI_ION, LIFEPO4, Chemistry
from simulators.i2c.bus import Bus, Transaction
from simulators.i2c.chip import Chip
from simulators.i2c.gauge import Clock
from simulators.i2c.ina import Ina228
from simulators.i2c.relay import BusServer
from simulators.i2c.rotoye import RotoyeBatmon
from simulators.i2c.sbs import SbsGauge
from simulators.i2c.sensed import Sensed
from simulators.load import household

from .folder import Folder
from .known import Known

SHUNT = 0.0005
"""Beside the power monitor, in ohm."""
MAX_CURRENT = 50.0
"""What the power monitor is to measure at most, in A."""


class Metered:
    """A battery that lives on while a power monitor beside it is asked."""

    def __init__(self, battery: SimulatedBattery, now: Clock = time.monotonic) -> None:
        """`now` is a monotonic clock in s."""
        self._battery = battery
        self._clock = now
        self._lived = now()

    @property
    def current(self) -> float:
        """In A, positive while charging."""
        return self._now().current

    @property
    def terminal_voltage(self) -> float:
        """In V."""
        return self._now().terminal_voltage

    def drawn(self) -> float:
        """Return the charge that was taken out, in A s."""
        battery = self._now()
        return 3600 * (battery.charge_out - battery.charge_in)

    def _now(self) -> SimulatedBattery:
        now = self._clock()
        self._battery.advance(now - self._lived)
        self._lived = now
        return self._battery


class Written(list[Transaction]):
    """Keeps of what is said on a bus only what writes: a demo may run for days."""

    @override
    def append(self, said: Transaction) -> None:
        if len(said.written) > 1:
            super().append(said)


@dataclass(frozen=True)
class BusBattery(Known):
    """A battery that is read at an address of the bus."""

    address: int
    battery: SimulatedBattery
    chip: Chip
    device: str
    """How the words begin with which a scan offers it."""
    tells_cells: bool = True
    asked: Mapping[str, Any] = field(default_factory=dict)
    """What is said of the device in the dialog."""
    chosen: Mapping[str, Any] = field(default_factory=dict)
    """What is said of the battery, besides what the dialog suggests."""

    @property
    @override
    def cells_shown(self) -> int:
        return len(self.battery.cells) if self.tells_cells else 0


@dataclass(frozen=True)
class BatteryBus:
    """An adapter, and the batteries on it."""

    path: Path
    """Under which Home Assistant opens it."""
    socket: Path
    """Where it truly is."""
    mower: BusBattery
    """A smart battery."""
    drones: tuple[BusBattery, BusBattery]
    """With a Batmon each."""
    garden: BusBattery
    """With a power monitor beside it."""
    meter: Ina228
    """That power monitor."""
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def batteries(self) -> tuple[BusBattery, ...]:
        """All of them, by their addresses."""
        return self.mower, *self.drones, self.garden

    @cached_property
    def bus(self) -> Bus:
        """The wires, on which faults can be injected."""
        return Bus({one.address: one.chip for one in self.batteries}, log=Written())

    def start(self) -> None:
        """Plug the adapter in."""
        self.path.touch()
        self._running.callback(self.path.unlink, missing_ok=True)
        self.socket.unlink(missing_ok=True)
        self._running.enter_context(BusServer(self.bus, self.socket))

    def stop(self) -> None:
        """Take it away."""
        self._running.close()


def battery_bus(folder: Folder) -> BatteryBus:
    """Return the bus, not yet there for anybody."""
    mower = _battery(LI_ION, 4, 5.2, 21, 64.0)
    one, two = _battery(LI_ION, 6, 5.0, 22, 83.0), _battery(LI_ION, 6, 5.0, 23, 71.0)
    garden = _battery(LIFEPO4, 8, 6.0, 24, 55.0)
    metered = Metered(garden)
    meter = Ina228(Sensed(metered, SHUNT), flown=metered.drawn)
    return BatteryBus(
        folder.bus,
        folder.bus_socket,
        BusBattery("mower", "Mower battery", "mdi:robot-mower", 0x0B, mower, SbsGauge(mower), "SMP DB-1200"),
        (_drone(1, 0x0C, one), _drone(2, 0x0D, two)),
        _garden(0x40, garden, meter),
        meter,
    )


def _battery(chemistry: Chemistry, cells: int, capacity: float, seed: int, charge: float) -> SimulatedBattery:
    load = household(capacity, cells * chemistry.charge_voltage, seed)
    return SimulatedBattery(
        cells, capacity, chemistry=chemistry, state_of_charge=charge, load=load, seed=seed
    )


def _drone(number: int, address: int, battery: SimulatedBattery) -> BusBattery:
    chip = RotoyeBatmon(battery, unique_id=bytes(range(16 * number, 16 * number + 16)))
    return BusBattery(
        f"drone_{number}",
        f"Drone battery {number}",
        "mdi:quadcopter",
        address,
        battery,
        chip,
        "Rotoye Batmon",
        chosen={"chemistry": "li_ion"},
    )


def _garden(address: int, battery: SimulatedBattery, meter: Ina228) -> BusBattery:
    return BusBattery(
        "garden",
        "Garden battery",
        "mdi:sprinkler-variant",
        address,
        battery,
        meter,
        "INA228",
        tells_cells=False,
        asked={"shunt": SHUNT * 1000, "max_current": MAX_CURRENT},
        chosen={"chemistry": "lifepo4", "cells": 8},
    )
