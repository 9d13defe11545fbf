"""Links that are lost again and again: nobody is driven round in circles by them."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from custom_components.battmon.sources import Source
from homeassistant.core import HomeAssistant
from simulators.bluetooth.link_faults import CONNECT
from simulators.device import Request

from ..battery import Bench, until
from .corner import Cornered
from .house import add, coordinator_of, polls
from .watched import CELLS, SLACK

INTERVAL = 0.4
TURNS = 8
CELL_VOLTAGES = 0x04
POLLS = 2
"""Of a read that has to connect: one to see who answers, and the one that counts."""
MOMENT = 0.005
"""Seconds from the last request to the loss; the board and the radio answer in two."""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enable_bluetooth", "impatient", "few_values")]


def drop_after_every_read(battery: Cornered) -> None:
    """Lose each link as soon as the cells were asked for as often as a read asks for them."""
    loop = asyncio.get_running_loop()
    asked: dict[int, int] = {}

    def drop(request: Request) -> bool:
        link = battery.link_faults.count(CONNECT)
        asked[link] = asked.get(link, 0) + (request.register == CELL_VOLTAGES)
        if asked[link] == POLLS:
            loop.call_later(MOMENT, battery.peripheral.cut)
        return False

    battery.faults.inject("silence", count=None, match=drop)


def drop_at_every_write(battery: Cornered) -> None:
    """Lose each link before anything is answered."""
    battery.link_faults.inject("cut_at_write", count=None)


async def dropping(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, drop: Callable[[Cornered], None]
) -> tuple[Cornered, float]:
    """Let a battery that was well drop its links, and return it with the intervals that have passed."""
    battery = Cornered(hass, 0, "dropping")
    await battery.set_up(monkeypatch, interval=INTERVAL, publish_interval=0.1)
    await battery.polled(2)
    battery.watch()
    loop = asyncio.get_running_loop()
    start = loop.time()
    battery.samples.clear()
    battery.link_faults.log.clear()
    drop(battery)
    battery.peripheral.cut()
    await asyncio.sleep(TURNS * INTERVAL)
    return battery, (loop.time() - start) / INTERVAL


def calm(battery: Cornered, intervals: float) -> None:
    """Claim that it was neither connected to nor read more often than there is a point in."""
    connects, reads = battery.link_faults.count(CONNECT), len(battery.samples)
    print(f"{connects} connections, {reads} reads in {intervals:.1f} intervals")  # noqa: T201 (seen with -s)
    assert connects <= 2 * intervals + 2
    assert reads <= 2 * intervals + 2


async def test_a_battery_that_drops_its_link_after_every_good_read_is_well_and_read_at_its_pace(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery, intervals = await dropping(hass, monkeypatch, drop_after_every_read)
    calm(battery, intervals)
    assert battery.link_faults.count(CONNECT) > TURNS / 2, "it did drop them"
    assert {error for _start, error in battery.samples} == {None}
    assert battery.outages == 0
    assert battery.wrong == []
    shown_at = float(battery.shows("voltage")) / CELLS
    assert battery.battery.now - shown_at < 2 * INTERVAL + SLACK
    assert await hass.config_entries.async_unload(battery.entry.entry_id)


async def test_a_battery_that_drops_every_link_at_the_first_write_is_tried_at_its_pace(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery, intervals = await dropping(hass, monkeypatch, drop_at_every_write)
    calm(battery, intervals)
    assert battery.link_faults.count(CONNECT) > TURNS / 2, "it was tried"
    await battery.until(battery.is_lost)
    battery.link_faults.clear()
    await battery.until(lambda: battery.connected)
    assert battery.wrong == []
    assert await hass.config_entries.async_unload(battery.entry.entry_id)


async def test_all_batteries_on_a_port_look_at_once_whether_it_comes_back(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    hourly = {"interval": 3600.0}
    entries = [await add(hass, port, hourly, battery_key=key, unique_id=key) for key in ("ONE", "TWO")]
    both = [coordinator_of(entry).source for entry in entries]
    before = [last_spoken(source) for source in both]
    port.cut()
    await until(hass, lambda: all(last_spoken(source) > at for source, at in zip(both, before, strict=True)))
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entries[1].entry_id)
    before, polled = [last_spoken(source) for source in both], polls(port)
    port.cut()
    await until(hass, lambda: polls(port) > polled)
    assert [last_spoken(source) > at for source, at in zip(both, before, strict=True)] == [True, False]
    assert await hass.config_entries.async_unload(entries[0].entry_id)


def last_spoken(source: Source) -> datetime:
    """Return when a source last had an answer."""
    return source.record[-1].at
