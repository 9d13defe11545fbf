"""Ready-made batteries with a load and a JBD board, most of them small cells and loads of minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .battery import FixedBattery, SimulatedBattery
from .chemistry import LIFEPO4, Chemistry
from .jbd import JbdDevice
from .jbd_registers import registers_for
from .load import Constant, Load, household, household_day
from .noise import NoisyBattery

EVENING = 17 * 3600.0
"""When most kettles of a household's day are switched on, in s of the day."""


@dataclass(frozen=True)
class Rig:
    """A battery, what it feeds and is fed by, and the board on it."""

    battery: SimulatedBattery
    load: Load
    device: JbdDevice


def rig(
    cells: int,
    capacity: float,
    *,
    chemistry: Chemistry = LIFEPO4,
    state_of_charge: float = 60.0,
    load: Load | None = None,
    seed: int = 0,
    make: Callable[..., SimulatedBattery] = SimulatedBattery,
    **options: Any,
) -> Rig:
    """A battery of any size with a household's load; the options are those of `JbdDevice`."""
    connected: Load = household(capacity, cells * chemistry.charge_voltage, seed) if load is None else load
    battery = make(
        cells, capacity, chemistry=chemistry, state_of_charge=state_of_charge, load=connected, seed=seed
    )
    if cells != 4:  # the board's own default is a four-cell model
        options.setdefault("name", f"JBD-SP{cells:02}S020-L{cells}S-100A-B-U")
    options.setdefault("registers", registers_for(cells, capacity, chemistry))
    options.setdefault("remaining_capacity", capacity * state_of_charge / 100)
    return Rig(battery, connected, JbdDevice(battery, capacity, **options))


_NEWER_BOARD: dict[str, Any] = {"sensors": 4, "tail": True, "software_version": 0x44}


def house_16s(seed: int = 1, **options: Any) -> Rig:
    """A house battery: 16 cells of 4 Ah at 70 %, newer firmware with the tail, four sensors."""
    return rig(16, 4.0, seed=seed, **_NEWER_BOARD | {"state_of_charge": 70.0} | options)


def home_16s(seed: int = 1, **options: Any) -> Rig:
    """A home's storage of true size: 16 cells of 100 Ah at 60 % as it gets dark on a day of a household.

    What is measured has noise: 100 mA in the current, and 0.7 mV in each cell, which are 3 mV in the pack.
    """
    load = household_day(100.0, seed=seed)
    make = partial(NoisyBattery, cell_noise=0.0007, current_noise=0.1)
    home = rig(16, 100.0, seed=seed, load=load, make=make, **_NEWER_BOARD | options)
    home.battery.time = EVENING
    home.battery.mosfet_resistance = 0.002
    return home


def van_4s(seed: int = 2, **options: Any) -> Rig:
    """A van's battery: 4 cells of 2.5 Ah, nearly full, so that it balances within minutes."""
    return rig(4, 2.5, seed=seed, **{"state_of_charge": 97.0} | options)


def steady_4s(**options: Any) -> JbdDevice:
    """A battery in which nothing ever changes, discharging with 1.50 A: the same bytes for ever."""
    battery = FixedBattery((3.310, 3.312, 3.309, 3.311), demand=-1.5, probes=(22.6, 22.5, 22.1))
    defaults: dict[str, Any] = {"registers": registers_for(4, 100.0), "remaining_capacity": 63.0}
    return JbdDevice(battery, **defaults | options)


def steady_16s(**options: Any) -> JbdDevice:
    """As `steady_4s`, with 16 cells."""
    cells = tuple(3.305 + 0.001 * (number % 5) for number in range(16))
    battery = FixedBattery(cells, demand=-1.5, probes=(22.6, 22.5, 22.1))
    defaults: dict[str, Any] = {"registers": registers_for(16, 100.0), "remaining_capacity": 63.0}
    return JbdDevice(battery, **defaults | options)


def resting(cells: int, capacity: float, *, seed: int = 0, **options: Any) -> Rig:
    """A battery with nothing connected."""
    return rig(cells, capacity, load=Constant(), seed=seed, **options)
