"""When batteries are read, whose answers count, and what the log says of it."""

import asyncio
import logging
import math
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..battery import Bench, make_entry, set_up, shown, until
from .house import coordinator_of, log_of, turn
from .watched import INTERVAL, Watched, side_by_side


async def update(entry: MockConfigEntry) -> None:
    """Do what `homeassistant.update_entity` does, without waiting between two of them."""
    await coordinator_of(entry).async_refresh()


# Pace.


@pytest.mark.usefixtures("hasty")
async def test_samples_keep_their_pace_without_drift(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery", delay=0.03)
    await battery.set_up(monkeypatch, interval=0.1)
    await battery.polled(12)
    starts = [start for start, _error in battery.samples]
    # A busy machine may delay some, or miss a turn; what must not be is that delays of 0.03 s add up.
    on_a_grid = max(sum(abs(math.remainder(start - one, 0.1)) < 0.02 for start in starts) for one in starts)
    assert on_a_grid > len(starts) / 2
    assert starts[-1] - starts[0] > 0.1 * (len(starts) - 2)


@pytest.mark.usefixtures("hasty")
async def test_a_read_that_hung_is_not_made_up_for(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch, interval=0.1)
    source = coordinator_of(battery.entry).source
    read, hangs = source.read, [0.55]

    async def hang_once() -> Any:
        await asyncio.sleep(hangs.pop() if hangs else 0)
        return await read()

    monkeypatch.setattr(source, "read", hang_once)
    await battery.until(lambda: not hangs)
    begin = len(battery.samples)
    await battery.polled(begin + 6, since=0)
    starts = [start for start, _error in battery.samples[begin:]]
    assert starts[1] - starts[0] > 0.5
    assert starts[-1] - starts[1] > 0.25  # four turns of 0.1 s, not five missed ones at once


@pytest.mark.usefixtures("hasty")
async def test_values_are_taken_away_in_time_though_a_read_hangs(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch)
    battery.watch()
    monkeypatch.setattr(coordinator_of(battery.entry).source, "read", lambda: asyncio.sleep(60))
    took = time.monotonic()
    await battery.until(battery.is_lost)
    assert time.monotonic() - took < 3 * INTERVAL + 0.5
    assert battery.wrong == []


@pytest.mark.usefixtures("hasty")
async def test_a_bug_does_not_end_the_watch(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    await battery.set_up(monkeypatch)
    source = coordinator_of(battery.entry).source
    with monkeypatch.context() as patch:
        patch.setattr(source, "read", lambda: 1 / 0)
        await battery.until(lambda: "Unexpected error while reading battery" in caplog.text)
    assert await battery.polled(1) == [None]


@pytest.mark.usefixtures("hasty")
async def test_a_port_that_appears_means_nothing_to_a_battery_that_is_well(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=3600)
    heard = len(port.faults.log)
    coordinator_of(entry).retry_now()
    await asyncio.sleep(0.1)
    assert len(port.faults.log) == heard


@pytest.mark.usefixtures("hasty")
async def test_the_truth_is_read_after_a_failed_command_though_polling_is_off(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    entry = make_entry(port, allow_charging=True)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    heard = len(port.faults.log)
    port.faults.inject("error", status=0x83, register=0xE1)
    with pytest.raises(HomeAssistantError, match="password"):
        await turn(hass, entry, "charging", on=False)
    asked = len(port.faults.log)
    await until(hass, lambda: len(port.faults.log) > asked)
    await hass.async_block_till_done()
    assert port.faults.log[heard].register == 0x03
    assert shown(hass, entry, "switch", "charging") == "on"
    assert await hass.config_entries.async_unload(entry.entry_id)


# The log.


@pytest.mark.usefixtures("hasty")
async def test_an_update_that_fails_says_nothing_more_than_the_sampler(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=0.3, publish_interval=0.1)
    caplog.set_level(logging.INFO)
    caplog.clear()
    port.faults.inject("silence", count=None)
    await update(entry)
    assert shown(hass, entry, "sensor", "voltage") != "unavailable", "one failure says nothing yet"
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "unavailable")
    for _update in range(2):
        await update(entry)
    assert [level for level, _text in log_of(caplog)] == ["WARNING"]
    port.faults.clear()
    await update(entry)
    assert shown(hass, entry, "sensor", "voltage") != "unavailable"
    assert log_of(caplog) == [
        ("WARNING", "Battery is out of sight: no answer"),
        ("INFO", "Battery is in sight"),
    ]


@pytest.mark.usefixtures("hasty")
async def test_a_remembered_battery_out_of_reach_at_start_is_told_once(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=0.1, publish_interval=0.1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    port.line.vanish()
    caplog.clear()
    caplog.set_level(logging.INFO)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await update(entry)
    await asyncio.sleep(0.3)
    port.line.reappear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    await update(entry)
    (warned, why), back = log_of(caplog)
    assert warned == "WARNING"
    assert "No such file" in why
    assert back == ("INFO", "Battery is in sight")


@pytest.mark.usefixtures("quick")
async def test_a_remembered_battery_whose_wire_comes_late_at_start_is_found_soon_and_without_a_word(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Adapters and proxies are set up at the same time as we are."""
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=30.0, publish_interval=0.1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    port.line.vanish()
    caplog.clear()
    caplog.set_level(logging.INFO)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert shown(hass, entry, "binary_sensor", "connected") == "off"
    port.line.reappear()
    waited = await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert waited < 2.5
    assert log_of(caplog) == []


# With the real times.


async def go_silent_and_come_back(battery: Watched) -> None:
    """A silent battery is shown for 5 s at most, and again at once when it answers."""
    battery.faults.inject("silence", count=None)
    start = time.monotonic()
    await battery.until(battery.is_lost)
    assert 4.0 < time.monotonic() - start < 6.5
    battery.faults.clear()
    assert None in await battery.polled(2)


async def vanish_and_come_back(battery: Watched) -> None:
    """A port that is gone for long is found again within two polls, too."""
    battery.port.vanish()
    await battery.until(battery.is_lost)
    battery.port.reappear()
    assert None in await battery.polled(2)


async def wake_up(battery: Watched) -> None:
    """A sleeping board loses the first request."""
    battery.device.asleep = True
    assert await battery.polled(2) == [None, None]


async def test_real_times(hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    batteries = [Watched(hass, bench, name) for name in ("silent", "gone", "asleep")]
    for battery in batteries:
        await battery.set_up(monkeypatch, interval=1.0)
        battery.watch()
    silent, gone, asleep = batteries
    await side_by_side(go_silent_and_come_back(silent), vanish_and_come_back(gone), wake_up(asleep))
    assert [battery.wrong for battery in batteries] == [[], [], []]
    assert [battery.outages for battery in batteries] == [1, 1, 0]
