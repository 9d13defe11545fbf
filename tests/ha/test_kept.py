"""Levels and timers across a restart: in the file at once, and judged on from there."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from ..battery import Bench, until
from .house import add, coordinator_of, fixed
from .judged import (
    JUDGED,
    LOW,
    LOW_WORDS,
    NO_LEVEL,
    WEAK,
    WELL,
    act,
    becomes,
    charge_to,
    in_file,
    levels,
    press_reset,
    reasons,
    reload,
    restart,
    some_samples,
    why_not_ready,
)

pytestmark = pytest.mark.usefixtures("quick")


def filed(storage: dict[str, Any], entry: Any) -> str:
    """Return the level that the file holds."""
    level: str = in_file(storage, entry, "failsafe")["level"]
    return level


async def test_a_level_is_in_the_file_at_once(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any], short_hold: None
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await hass.async_block_till_done()
    assert filed(hass_storage, entry) == "low"
    charge_to(port, WELL)
    await becomes(hass, entry, NO_LEVEL)
    await hass.async_block_till_done()
    assert filed(hass_storage, entry) == "none"


@pytest.mark.usefixtures("short_sight", "started_long_ago")
async def test_so_is_one_that_no_sample_has_raised(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port)
    port.vanish()
    await becomes(hass, entry, {**NO_LEVEL, "failsafe": "unhealthy"})
    await hass.async_block_till_done()
    assert filed(hass_storage, entry) == "unhealthy"
    # Nothing is read in between: each is written all the same.
    await act(hass, entry, "failsafe_drill", level="critical")
    await hass.async_block_till_done()
    assert filed(hass_storage, entry) == "critical"
    await press_reset(hass, entry)
    await hass.async_block_till_done()
    assert filed(hass_storage, entry) == "unhealthy"


@pytest.mark.parametrize("again", [reload, restart])
async def test_a_level_holds_and_then_clears_as_if_nothing_had_been(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any], again: Any, short_hold: None
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await hass.async_block_till_done()
    await again(hass, entry)
    assert levels(hass, entry) == LOW
    assert reasons(hass, entry) == [LOW_WORDS]
    assert why_not_ready(hass, entry) == [LOW_WORDS]
    charge_to(port, WELL)
    await becomes(hass, entry, NO_LEVEL)


async def test_a_level_holds_when_the_battery_is_out_of_reach_at_the_start(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await hass.async_block_till_done()
    port.vanish()
    await restart(hass, entry)
    assert levels(hass, entry) == LOW
    assert why_not_ready(hass, entry) == ["no answer", LOW_WORDS]


@pytest.mark.parametrize("again", [reload, restart])
async def test_a_timer_goes_on_where_it_was(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any], again: Any
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "low_voltage_delay": 60.0})
    charge_to(port, WEAK)

    def elapsed() -> float:
        timers = coordinator_of(entry).state.failsafe.timers
        return timers[0].elapsed if timers else 0.0

    await until(hass, lambda: elapsed() > 1.5)
    await coordinator_of(entry).knowledge.async_save()
    before = elapsed()
    await again(hass, entry)
    assert before <= elapsed() < before + 1.0, "the time in between counts towards nothing"
    assert levels(hass, entry) == NO_LEVEL


async def test_a_battery_that_is_removed_takes_its_level_along(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await hass.config_entries.async_remove(entry.entry_id)
    charge_to(port, WELL)
    entry = await add(hass, port, JUDGED)
    await some_samples(hass, port)
    assert levels(hass, entry) == NO_LEVEL
