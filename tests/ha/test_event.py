"""The event entity: every change once, in order, in time, and never again."""

import time
from typing import Any

import pytest

from custom_components.battmon.model.changes import Change
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component
from simulators.jbd_protection import Bit

from ..battery import ALLOW_ALL, Bench, entity_id, shown, until
from .house import FAST, add, cells_of, coordinator_of, fixed, read_now, set_switches, state_of, turn
from .judged import (
    CRITICAL,
    EMPTY,
    JUDGED,
    LOW,
    LOW_WORDS,
    NO_LEVEL,
    WEAK,
    WELL,
    Events,
    Told,
    act,
    becomes,
    charge_to,
    levels,
    press_reset,
    reload,
    samples_of,
    some_samples,
)
from .releasing import release
from .room import Room

pytestmark = pytest.mark.usefixtures("quick")

PROMISED = 0.020
"""Seconds from a sample to its event on the bus."""
LOW_TOLD = Told("level_rose", "low_voltage", "low", "discharge", [LOW_WORDS], False)


async def test_it_names_all_that_it_may_tell(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    state = state_of(hass, entry, "event", "failsafe_event")
    assert state.state == "unknown", "nothing has happened yet"
    assert set(state.attributes["event_types"]) == {*Change}
    assert state.attributes["friendly_name"] == "Battery Failsafe event"


@pytest.mark.usefixtures("short_hold")
async def test_a_discharge_and_a_charge_are_told_step_by_step(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    events = Events(hass, entry)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    charge_to(port, EMPTY)
    await becomes(hass, entry, CRITICAL)
    charge_to(port, WELL)
    await becomes(hass, entry, NO_LEVEL)
    assert events.changes == [
        ("ready_changed", None),
        ("level_rose", "low_voltage"),
        ("level_rose", "low_voltage"),
        ("reason_ended", "low_voltage"),
        ("level_fell", "low_voltage"),
        ("ready_changed", None),
    ]
    assert events.levels == [NO_LEVEL, LOW, CRITICAL, CRITICAL, NO_LEVEL, NO_LEVEL]
    assert events.told[1] == LOW_TOLD
    critical, low = "critical low voltage: 11.8 V < 12.0 V", LOW_WORDS
    assert events.told[2] == Told(
        "level_rose", "low_voltage", "critical", "discharge", [critical, low], False
    )
    assert events.told[-2] == Told("level_fell", "low_voltage", "none", None, [], False)


async def test_a_condition_that_begins_again_is_told_again(hass: HomeAssistant, bench: Bench) -> None:
    """The level of a vehicle is held; that it is low once more is news all the same."""
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "use": "vehicle"})
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    charge_to(port, WELL)
    await some_samples(hass, port)
    events = Events(hass, entry)
    charge_to(port, WEAK)
    await until(hass, lambda: bool(events.told))
    await some_samples(hass, port)
    assert events.told == [LOW_TOLD._replace(change="reason_began")]


async def test_what_begins_at_once_is_told_one_by_one(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**FAST, "interval": 3600})
    events = Events(hass, entry)
    port.device.defects = Bit.FRONT_END | Bit.CHARGE_MOSFET
    await read_now(hass, entry)
    assert events.changes == [
        ("alarm_appeared", "charge_mosfet_failure"),
        ("alarm_appeared", "front_end_failure"),
        ("switch_changed", "charging_enabled"),
        ("switch_changed", "discharging_enabled"),
        ("level_rose", "device_alarm"),
        ("ready_changed", None),
    ]
    assert {told.level for told in events.told} == {"critical"}
    assert {told.side for told in events.told} == {"charge"}
    events.told.clear()
    port.device.defects = Bit(0)
    await read_now(hass, entry)
    assert events.changes[:2] == [
        ("alarm_cleared", "charge_mosfet_failure"),
        ("alarm_cleared", "front_end_failure"),
    ]
    assert ("level_fell", "device_alarm") not in events.changes, "it is held for its time"


async def test_automations_hear_every_event_of_one_sample(hass: HomeAssistant, bench: Bench) -> None:
    """Automations wait for a new time, of which there is one to a millisecond."""
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**FAST, "interval": 3600})
    heard: list[str] = []
    hass.bus.async_listen("heard", lambda event: heard.append(event.data["type"]))
    event = entity_id(hass, entry, "event", "failsafe_event")
    automation = {
        "mode": "queued",
        "triggers": {"trigger": "state", "entity_id": event, "not_to": "unavailable"},
        "actions": {"event": "heard", "event_data": {"type": "{{ trigger.to_state.attributes.event_type }}"}},
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    port.device.defects = Bit.FRONT_END | Bit.CHARGE_MOSFET
    await read_now(hass, entry)
    await hass.async_block_till_done()
    assert sorted(heard) == [
        "alarm_appeared",
        "alarm_appeared",
        "level_rose",
        "ready_changed",
        "switch_changed",
        "switch_changed",
    ]


async def test_a_switch_is_told(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()), {**FAST, **ALLOW_ALL})
    events = Events(hass, entry)
    await set_switches(hass, entry, charging=False)
    assert events.changes == [("alarm_appeared", "software_lock"), ("switch_changed", "charging_enabled")]


@pytest.mark.usefixtures("short_sight")
async def test_that_it_is_lost_and_found_is_told_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port)
    events = Events(hass, entry)
    port.vanish()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    port.reappear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert events.changes == [
        ("health_lost", None),
        ("ready_changed", None),
        ("health_regained", None),
        ("ready_changed", None),
    ]


async def test_a_pause_is_told(hass: HomeAssistant, room: Room) -> None:
    entry = await add(hass, room.plug_in(fixed()))
    events = Events(hass, entry)
    await release(hass, entry)
    await turn(hass, entry, "release_bluetooth", on=False)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert events.changes == [
        ("paused", None),
        ("ready_changed", None),
        ("resumed", None),
        ("ready_changed", None),
    ]


async def test_a_reset_is_told(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "use": "vehicle"})
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    charge_to(port, WELL)
    await some_samples(hass, port)
    events = Events(hass, entry)
    await press_reset(hass, entry)
    await press_reset(hass, entry)
    assert events.changes == [("level_fell", "low_voltage"), ("ready_changed", None)]


# In time.


async def test_it_is_on_the_bus_within_20_ms_of_the_sample(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the reading's arrival, whose fold raises the level, until a listener on the bus is called.

    The best of several counts: a busy machine may come to us late, but not every time.
    """
    hass.loop.set_debug(False)  # it takes a traceback of every callback
    port = bench.plug_in(fixed(*(3.3,) * 16, tail=True))
    entry = await add(hass, port, {**FAST, "interval": 3600, "low_voltage": 50.0, "use": "vehicle"})
    entity = entity_id(hass, entry, "event", "failsafe_event")
    arrived: list[float] = []
    samples_of(entry, monkeypatch, lambda: arrived.append(time.perf_counter()))
    delays: list[float] = []

    @callback
    def note(event: Event[Any]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] == entity and new.attributes["event_type"] == "level_rose":
            delays.append(time.perf_counter() - arrived[-1])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    for volts in (3.31, 3.32, 3.33, 3.34, 3.35):
        cells_of(port.device).sensed_cell_voltages = (volts,) * 16
        port.device.defects = Bit.FRONT_END
        await read_now(hass, entry)
        assert levels(hass, entry)["failsafe"] == "critical"
        port.device.defects = Bit(0)
        await read_now(hass, entry)
        await press_reset(hass, entry)
        assert levels(hass, entry) == NO_LEVEL
    assert len(delays) == 5
    assert min(delays) < PROMISED


# Never again.


@pytest.mark.usefixtures("short_sight")
async def test_a_level_that_is_held_is_not_told_again(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    last = shown(hass, entry, "event", "failsafe_event")
    events = Events(hass, entry)
    for _ in range(2):
        await reload(hass, entry)
        await some_samples(hass, port)
        assert levels(hass, entry) == LOW
    assert events.told == []
    assert shown(hass, entry, "event", "failsafe_event") == last, "it is the last one still"


async def test_a_battery_that_is_out_of_reach_at_the_start_is_not_news(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    port.vanish()
    events = Events(hass, entry)
    await reload(hass, entry)
    assert levels(hass, entry) == LOW
    port.reappear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert levels(hass, entry) == LOW
    assert events.changes == [("resumed", None)], "it was in sight in its time, and low all along"


async def test_nobody_listens_when_the_entry_is_gone(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    watch = coordinator_of(entry).watch
    events = Events(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    watch.reset_failsafe()
    assert watch._listeners == []
    assert events.told == []


async def test_a_drill_is_told_as_one(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    events = Events(hass, entry)
    await act(hass, entry, "failsafe_drill", level="low", side="charge")
    await press_reset(hass, entry)
    assert events.told == [
        Told("level_rose", "drill", "low", "charge", ["drill: low, charge"], True),
        Told("ready_changed", None, "low", "charge", ["drill: low, charge"], True),
        Told("level_fell", "drill", "none", None, [], True),
        Told("ready_changed", None, "none", None, [], True),
    ]
