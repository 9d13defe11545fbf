"""A vehicle is judged while it is in use, as an entity says."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from ..battery import Bench, until
from .house import add, coordinator_of, fixed
from .judged import (
    EMPTY,
    JUDGED,
    LOW,
    LOW_WORDS,
    NO_LEVEL,
    WEAK,
    WELL,
    Events,
    becomes,
    charge_to,
    levels,
    press_reset,
    reasons,
    reload,
    some_samples,
)

pytestmark = pytest.mark.usefixtures("quick")

ENGINE = "binary_sensor.engine"
VEHICLE = {**JUDGED, "use": "vehicle", "armed_entity": ENGINE}


async def test_disarmed_nothing_is_judged_and_armed_it_is(hass: HomeAssistant, bench: Bench) -> None:
    hass.states.async_set(ENGINE, "off")
    port = bench.plug_in(fixed())
    entry = await add(hass, port, VEHICLE)
    charge_to(port, EMPTY)
    await some_samples(hass, port)
    assert levels(hass, entry) == NO_LEVEL
    hass.states.async_set(ENGINE, "on")
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)


async def test_what_is_held_stays_when_it_is_disarmed(hass: HomeAssistant, bench: Bench) -> None:
    hass.states.async_set(ENGINE, "on")
    port = bench.plug_in(fixed())
    entry = await add(hass, port, VEHICLE)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    hass.states.async_set(ENGINE, "off")
    charge_to(port, EMPTY)
    await some_samples(hass, port)
    assert levels(hass, entry) == LOW
    assert reasons(hass, entry) == [LOW_WORDS]
    await press_reset(hass, entry)
    assert levels(hass, entry) == NO_LEVEL, "disarmed, nothing is there"


async def test_a_timer_does_not_run_on_while_disarmed(hass: HomeAssistant, bench: Bench) -> None:
    """ArduPilot's stale timer (its T7) raises a level at once when it is armed again."""
    hass.states.async_set(ENGINE, "on")
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**VEHICLE, "low_voltage_delay": 60.0})
    charge_to(port, WEAK)
    await some_samples(hass, port)

    def timers() -> list[float]:
        return [timer.elapsed for timer in coordinator_of(entry).state.failsafe.timers]

    (before,) = timers()
    hass.states.async_set(ENGINE, "off")
    assert timers() == []
    hass.states.async_set(ENGINE, "on")
    await until(hass, lambda: timers() != [])
    assert timers()[0] < before


@pytest.mark.parametrize("said", ["unknown", "unavailable", None, "on", "home"])
async def test_what_does_not_say_that_it_is_off_is_armed(
    hass: HomeAssistant, bench: Bench, said: str | None
) -> None:
    """A battery that is not judged by mistake does more harm than one that is."""
    if said is not None:
        hass.states.async_set(ENGINE, said)
    port = bench.plug_in(fixed(3.2, 3.2, 3.2, 3.2))
    entry = await add(hass, port, VEHICLE)
    await becomes(hass, entry, LOW)


async def test_an_entity_that_vanishes_arms(hass: HomeAssistant, bench: Bench) -> None:
    hass.states.async_set(ENGINE, "off")
    port = bench.plug_in(fixed(3.2, 3.2, 3.2, 3.2))
    entry = await add(hass, port, VEHICLE)
    await some_samples(hass, port)
    assert levels(hass, entry) == NO_LEVEL
    hass.states.async_remove(ENGINE)
    await becomes(hass, entry, LOW)


@pytest.mark.parametrize(
    "options",
    [{"use": "stationary"}, {"use": "vehicle", "armed_entity": None}, {"armed_entity": "no entity at all"}],
)
async def test_only_a_vehicle_can_be_disarmed(
    hass: HomeAssistant, bench: Bench, options: dict[str, Any]
) -> None:
    hass.states.async_set(ENGINE, "off")
    port = bench.plug_in(fixed(3.2, 3.2, 3.2, 3.2))
    entry = await add(hass, port, {**VEHICLE, **options})
    await becomes(hass, entry, LOW)


async def test_a_silent_vehicle_is_not_judged_while_disarmed(
    hass: HomeAssistant, bench: Bench, short_sight: None, started_long_ago: None
) -> None:
    hass.states.async_set(ENGINE, "off")
    port = bench.plug_in(fixed())
    entry = await add(hass, port, VEHICLE)
    events = Events(hass, entry)
    port.vanish()
    await until(hass, lambda: ("health_lost", None) in events.changes)
    assert levels(hass, entry) == NO_LEVEL


async def test_nobody_follows_the_entity_when_the_entry_is_gone(hass: HomeAssistant, bench: Bench) -> None:
    hass.states.async_set(ENGINE, "off")
    port = bench.plug_in(fixed())
    entry = await add(hass, port, VEHICLE)
    watch = coordinator_of(entry).watch
    await hass.config_entries.async_unload(entry.entry_id)
    hass.states.async_set(ENGINE, "on")
    assert not watch.state.armed
    charge_to(port, WELL)
    await hass.config_entries.async_setup(entry.entry_id)
    assert coordinator_of(entry).state.armed
    await reload(hass, entry)
