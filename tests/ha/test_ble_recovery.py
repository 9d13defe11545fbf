"""How long after a fault of the link a new value is shown: at most as long as the best of the others takes.

The times are those of another integration, polling every 4 s as well, under faults of the same length.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ..battery import jbd, shown, until
from .bluetooth_dialogs import battery as in_the_air
from .bluetooth_dialogs import cards, named, open_card, put_into_the_air, submit
from .corner import Cornered
from .watched import CELLS, DIGIT

POLL = 4.0
"""Seconds."""
FIRST_STATE = 3.0
"""Seconds from an advertisement to the first state, without the time that a person takes."""
AFTER_A_SAMPLE = 0.25
"""Seconds from a good sample to the beginning of the fault."""

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "few_values")

type Act = Callable[[Cornered], object]


@dataclass(frozen=True)
class Fault:
    """A fault with the time in which it has to be over and done with, in s from its beginning."""

    limit: float
    begin: Act
    seconds: float = 0.0
    """From the beginning to the end; a fault that strikes one request ends by itself."""
    end: Act = lambda _battery: None


def cut_and(do: Act) -> Act:
    """Do something, then let the link be lost."""

    def act(battery: Cornered) -> None:
        do(battery)
        battery.peripheral.cut()

    return act


FAULTS = {
    "one command ignored": Fault(4.7, lambda battery: battery.faults.inject("silence")),
    "bad checksum": Fault(5.0, lambda battery: battery.faults.inject("corrupt", position=7)),
    "last fragment lost": Fault(6.5, lambda battery: battery.link_faults.inject("lose", skip=1)),
    "junk notification first": Fault(3.8, lambda battery: battery.link_faults.inject("junk")),
    "link dropped between polls": Fault(4.2, lambda battery: battery.peripheral.cut()),
    "in the middle of a poll": Fault(8.9, lambda battery: battery.link_faults.inject("cut_at_write", skip=1)),
    "silent for 15 s": Fault(
        21.8,
        lambda battery: battery.faults.inject("silence", count=None),
        15.0,
        lambda battery: battery.faults.clear(),
    ),
    "connect refused for 10 s": Fault(
        14.3,
        cut_and(lambda battery: battery.link_faults.inject("refuse", count=None)),
        10.0,
        lambda battery: battery.link_faults.clear(),
    ),
    "no free slot for 10 s": Fault(
        12.9,
        cut_and(lambda battery: battery.proxy.occupy()),
        10.0,
        lambda battery: battery.proxy.free(),
    ),
    "proxy restarts": Fault(
        9.1,
        lambda battery: battery.proxy.unregister(),
        5.0,
        lambda battery: battery.proxy.register(battery.hass),
    ),
}


async def measure(battery: Cornered, fault: Fault) -> float:
    """Begin the fault after a sample and return how long it takes until a value is shown that is newer."""
    await battery.polled(1)
    await asyncio.sleep(AFTER_A_SAMPLE)
    begun, begun_by_its_clock = time.monotonic(), battery.battery.now
    fault.begin(battery)
    ending = asyncio.get_running_loop().call_later(fault.seconds, fault.end, battery)
    try:
        await battery.until(lambda: newest(battery) > begun_by_its_clock + DIGIT, 2 * fault.limit)
    finally:
        ending.cancel()
    return time.monotonic() - begun


def newest(battery: Cornered) -> float:
    """Return when the voltage that is shown was measured, by the battery's clock."""
    return float(battery.shows("voltage")) / CELLS if battery.connected else 0.0


@pytest.mark.slow
async def test_a_new_value_is_back_in_time(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    batteries = [Cornered(hass, number, name) for number, name in enumerate(FAULTS)]
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    for battery in batteries:
        await battery.set_up(monkeypatch, interval=POLL, publish_interval=0.1)
        battery.watch()
    took = await asyncio.gather(*(measure(battery, FAULTS[battery.name]) for battery in batteries))
    for battery, seconds in zip(batteries, took, strict=True):
        print(f"{battery.name}: {seconds:.2f} s of {FAULTS[battery.name].limit} s")  # noqa: T201 (seen with -s)
    for battery, seconds in zip(batteries, took, strict=True):
        assert seconds <= FAULTS[battery.name].limit, battery.name
        assert battery.wrong == []
    for battery in batteries:
        assert await hass.config_entries.async_unload(battery.entry.entry_id)


async def test_a_battery_shows_its_values_within_three_seconds_of_being_heard(hass: HomeAssistant) -> None:
    """Without the person's own time: from the advertisement to the card, and from Submit to a state."""
    # Whatever Home Assistant imports only once is imported.
    assert await async_setup_component(hass, DOMAIN, {})
    start = time.monotonic()
    put_into_the_air(hass, in_the_air(jbd(delay=0.0)))
    await until(hass, lambda: bool(cards(hass)))
    offered = time.monotonic() - start
    entry = await named(hass, await submit(hass, await open_card(hass), {}))
    assert float(shown(hass, entry, "sensor", "voltage")) > 12
    took = time.monotonic() - start
    print(f"offered after {offered:.2f} s, shown {took - offered:.2f} s later")  # noqa: T201 (seen with -s)
    assert took < FIRST_STATE
    assert await hass.config_entries.async_unload(entry.entry_id)
