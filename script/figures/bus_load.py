"""Sixteen power monitors on one bus at 10 Hz each: whether the bus keeps up, and what a sample costs.

The bus has 100 kHz: its transfers take as long as their bytes. Everything else is the product in a Home
Assistant: coordinators, samplers, the thread of the bus, smbus2; below it is the simulated kernel. Each
side is a process of its own in real time, one with all sixteen and one with a single one. What a sample costs
without any pacing, one right after the other, is measured beside it.
Run as `python -m figures.bus_load COUNT`: answers every line of standard input with three times in s.
"""

import asyncio
import sys
from functools import cache
from math import sin
from time import process_time
from typing import NamedTuple, override

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.coordinator import BattmonCoordinator
from custom_components.battmon.transports.wires import Wires
from simulators.i2c.bus import Bus, Transaction
from simulators.i2c.ina import Ina226
from simulators.i2c.kernel import Kernel
from simulators.i2c.sensed import Sensed

from .figure import ROUNDS
from .home import home_assistant_with
from .side import Side, serve, side

MONITORS = 16
FIRST_ADDRESS = 0x40
PATH = "/dev/i2c-99"
BIT_TIME = 1e-5
INTERVAL = 0.1
TURN = 10.0
"""Seconds: a hundred samples and a publication of each monitor."""
BACK_TO_BACK = 500
"""Samples without pacing after each turn."""
SETTLING = 10.0
SHUNT, MOST = 0.0005, 90.0


class _Restless:
    """A battery whose voltage and current never stand still."""

    def __init__(self) -> None:
        self._asked = 0.0

    @property
    def current(self) -> float:
        """In A."""
        self._asked += 0.3
        return -20.0 + 5.0 * sin(self._asked)

    @property
    def terminal_voltage(self) -> float:
        """In V."""
        return 13.2 + 0.05 * sin(self._asked)


class _Counting(Ina226):
    """Knows how often its current was asked for: once a sample."""

    samples = 0

    @override
    def written(self, address: int, data: bytes) -> None:
        self.samples += data == b"\x04"
        super().written(address, data)


class _NoLog(list[Transaction]):
    @override
    def append(self, transaction: Transaction, /) -> None:
        """Keep nothing."""


class _Turn(NamedTuple):
    cost: float
    """CPU time of a sample, in s."""
    interval: float
    """Between two samples of the monitor that has the fewest, in s."""
    back_to_back: float
    """CPU time of a sample right after another, in s."""


async def _serve(count: int) -> None:
    chips = {FIRST_ADDRESS + number: _Counting(Sensed(_Restless(), SHUNT)) for number in range(count)}
    batteries = {
        f"monitor {address}": {
            "wire": "i2c",
            "protocol": "ina226",
            "bus": PATH,
            "bus_address": address,
            "shunt": SHUNT,
            "max_current": MOST,
        }
        for address in chips
    }
    bus = Bus(dict(chips), bit_time=BIT_TIME, log=_NoLog())
    with Kernel({PATH: bus}).installed():
        async with home_assistant_with(batteries, Wires()) as hass:
            [first, *_] = hass.config_entries.async_entries(DOMAIN)
            await asyncio.sleep(SETTLING)
            await serve(lambda _wanted: _line(list(chips.values()), first.runtime_data))


async def _line(chips: list[_Counting], first: BattmonCoordinator) -> str:
    return " ".join(map(str, await _turn(chips, first)))


async def _turn(chips: list[_Counting], first: BattmonCoordinator) -> _Turn:
    before = [chip.samples for chip in chips]
    loop = asyncio.get_running_loop()
    start, used = loop.time(), process_time()
    await asyncio.sleep(TURN)
    taken, used = loop.time() - start, process_time() - used
    samples = [chip.samples - earlier for chip, earlier in zip(chips, before, strict=True)]
    return _Turn(used / sum(samples), taken / min(samples), await _without_pacing(chips, first))


async def _without_pacing(chips: list[_Counting], first: BattmonCoordinator) -> float:
    before, used = sum(chip.samples for chip in chips), process_time()
    for _ in range(BACK_TO_BACK):
        await first.async_sample()
    return (process_time() - used) / (sum(chip.samples for chip in chips) - before)


def _turn_of(monitors: Side) -> _Turn:
    return _Turn(*map(float, monitors.ask().split()))


@cache
def _best() -> tuple[_Turn, _Turn]:
    """Return the best of each number of both sides, a single monitor and all of them, which take turns."""
    with side("bus_load", "1") as one, side("bus_load", str(MONITORS)) as many:
        rounds = [(_turn_of(one), _turn_of(many)) for _ in range(ROUNDS)]
    single, all_of_them = (_Turn(*map(min, zip(*turns, strict=True))) for turns in zip(*rounds, strict=True))
    print(
        f"  {single.cost * 1e6:.0f} us a sample of one, {all_of_them.cost * 1e6:.0f} us of {MONITORS},"
        f" {single.back_to_back * 1e6:.0f} us back to back"
    )
    return single, all_of_them


def bus_load() -> float:
    """Return the CPU time of a sample of sixteen monitors over that of a single one."""
    single, all_of_them = _best()
    return all_of_them.cost / single.cost


def bus_rate() -> float:
    """Return the time between two samples over what was asked for, of the monitor that has the fewest."""
    return _best()[1].interval / INTERVAL


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])), debug=False)
