"""CPU time of a sample with a hundred batteries in one Home Assistant, against that with ten.

All batteries are on serial lines at 9600 baud and have the default intervals. A sample is all that
it leads to: reading the port, decoding, folding, and the states written. Each side is a process of
its own, and both run in real time; what is counted is the processor time of all its threads.
Run as `python -m figures.crowd PORT...`: answers every line of standard input with a time in s.
"""

import asyncio
import sys
from collections.abc import Sequence
from time import process_time

from .figure import best_of
from .home import home_assistant
from .ports import BAUD_RATE, ports
from .side import serve, side
from .wire import CountingWire

FEW, MANY = 10, 100
SHARE = (FEW + MANY) // FEW
"""Every so many-th port is one of the few, so that both sides have batteries at every place of the load."""
TURN = 10.0
"""Seconds of each turn of a side: five samples and one publication of each battery."""
SETTLING = 10.0
"""Seconds from the set-up to the first turn."""


async def _serve(addresses: Sequence[str]) -> None:
    wires = {address: CountingWire(address, BAUD_RATE) for address in addresses}
    async with home_assistant(wires):
        await asyncio.sleep(SETTLING)
        await serve(lambda _wanted: _turn(list(wires.values())))


async def _turn(wires: list[CountingWire]) -> float:
    before = sum(wire.samples for wire in wires)
    start = process_time()
    await asyncio.sleep(TURN)
    used = process_time() - start
    return used / (sum(wire.samples for wire in wires) - before)


def _others(addresses: Sequence[str]) -> list[str]:
    return [address for number, address in enumerate(addresses) if number % SHARE]


def many_batteries() -> float:
    """Return the CPU time of a sample among many batteries over that among few."""
    with (
        ports(FEW + MANY) as addresses,
        side("crowd", *addresses[::SHARE]) as few,
        side("crowd", *_others(addresses)) as many,
    ):
        of_few, of_many = best_of([few.seconds_per_sample, many.seconds_per_sample])
    return of_many / of_few


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1:]), debug=False)
