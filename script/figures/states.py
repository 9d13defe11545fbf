"""How many states batteries write in an hour. The hour is the event loop's, see `leaping`."""

import asyncio
from dataclasses import dataclass

from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice
from simulators.presets import house_16s, steady_16s

from .home import StateWrites, enabled_entities, home_assistant
from .leaping import LeapingLoop
from .wire import InstantWire, in_pieces

HOUR = 3600.0
FIRST_STATES = 90.0
"""Seconds after the start that do not count: a battery that appears is shown."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What was counted in an hour."""

    states: int
    entities: int
    samples: int


def live(device: JbdDevice) -> InstantWire:
    """Return a wire to a simulated battery that lives in the event loop's time."""

    def answer(request: bytes) -> list[bytes]:
        replies = device.receive(request, asyncio.get_running_loop().time())
        return [piece for reply in replies for piece in in_pieces(reply.data)]

    return InstantWire("battery", answer)


async def _hour(loop: LeapingLoop, device: JbdDevice) -> Hour:
    wire = live(device)
    async with home_assistant({"battery": wire}) as hass:
        await loop.leap(FIRST_STATES)
        samples = wire.samples
        writes = StateWrites(hass)
        await loop.leap(HOUR)
        writes.stop()
        return Hour(writes.count, enabled_entities(hass), wire.samples - samples)


def hour_of(device: JbdDevice) -> Hour:
    """Watch a battery for an hour with the default intervals: sampled every 2 s, shown every 10 s."""
    with asyncio.Runner(debug=False, loop_factory=LeapingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, LeapingLoop)
        return runner.run(_hour(loop, device))


def steady_states() -> float:
    """Return the states that a battery writes in an hour in which nothing changes."""
    flowing = hour_of(steady_16s()).states
    print(f"  {flowing} states under a steady current: what went out is counted")
    return hour_of(_resting()).states


def _resting() -> JbdDevice:
    device = steady_16s()
    assert isinstance(device.battery, FixedBattery)
    device.battery.demand = 0.0
    return device


def loaded_states() -> float:
    """Return the states written under load over those of every entity writing on each sample."""
    hour = hour_of(house_16s().device)
    return hour.states / (hour.entities * hour.samples)
