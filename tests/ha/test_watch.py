"""What watches a battery: when it looks, and what it notes."""

import asyncio
from collections.abc import AsyncIterator
from math import nan
from typing import Any

import pytest

from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.failsafe.failsafe import Failsafe, Held
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.model.failsafe.readiness import NotReadyKind
from custom_components.battmon.model.memory import BatteryMemory
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.pace import Pace
from custom_components.battmon.watch import Watch
from homeassistant.core import HomeAssistant

from .room import Clock

DATA = {"wire": "serial", "protocol": "jbd", "device": "/dev/ttyUSB0", "baud_rate": 9600}
TIME = 6.0
"""Seconds that a battery read every 2 s may be silent."""
MINUTE = 60.0
WELL = Reading(voltage=13.0, current=-10.0)
LOST = Transition(Change.HEALTH_LOST)
SILENT = Transition(Change.LEVEL_ROSE, Kind.SILENCE)


class Watched:
    """A battery that nobody reads, and all that its watch tells."""

    def __init__(self, hass: HomeAssistant, **options: object) -> None:
        self.told: list[Transition] = []
        self.folds = 0
        self.watch = Watch(hass, Pace(DATA, options), BatteryMemory(), self._changed)

    def _changed(self, _reading: Reading | None, transitions: tuple[Transition, ...]) -> None:
        self.folds += 1
        self.told += transitions

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.watch.recorder.samples()


@pytest.fixture
async def watched(hass: HomeAssistant, clock: Clock) -> AsyncIterator[Watched]:
    """A battery that was begun to be watched a minute ago and was just seen, and is ended."""
    battery = Watched(hass)
    await clock.advance(MINUTE)
    battery.watch.take(WELL)
    battery.told.clear()
    yield battery
    battery.watch.end()


# When it looks.


async def test_it_notices_in_time_that_nobody_reads_the_battery(watched: Watched, clock: Clock) -> None:
    await clock.advance(TIME - 0.5)
    assert watched.told == []
    await clock.advance(0.6)
    assert watched.told == [LOST, SILENT, Transition(Change.READY_CHANGED)]


async def test_silence_in_the_first_minute_is_told_when_that_is_over(
    hass: HomeAssistant, clock: Clock
) -> None:
    battery = Watched(hass)
    battery.watch.take(WELL)
    await clock.advance(TIME + 0.1)
    assert LOST in battery.told
    assert SILENT not in battery.told
    await clock.advance(MINUTE - TIME - 1.0)
    assert SILENT not in battery.told
    await clock.advance(1.0)
    assert battery.told[-1] == SILENT
    battery.watch.end()


async def test_a_battery_that_stays_out_of_sight_is_not_looked_at_again(
    watched: Watched, clock: Clock
) -> None:
    await clock.advance(TIME + 0.1)
    folds = watched.folds
    for _ in range(5):
        await clock.advance(MINUTE)
    assert watched.folds == folds


async def test_a_disarmed_vehicle_out_of_sight_is_left_alone_until_it_is_armed(
    watched: Watched, clock: Clock
) -> None:
    """A moment that is over already would be waited for again and again."""
    watched.watch.set_armed(False)
    await clock.advance(TIME + 0.1)
    assert watched.told == [LOST, Transition(Change.READY_CHANGED)]
    folds = watched.folds
    await clock.advance(MINUTE)
    await asyncio.sleep(0.05)
    assert watched.folds == folds
    watched.watch.set_armed(True)
    assert watched.told[-1] == SILENT
    assert watched.watch.state.failsafe.level is Level.UNHEALTHY


async def test_it_looks_again_when_a_pause_is_over(watched: Watched, clock: Clock) -> None:
    watched.watch.pause()
    await clock.advance(15 * MINUTE)
    watched.watch.resume()
    await clock.advance(TIME - 0.5)
    assert LOST not in watched.told
    await clock.advance(0.6)
    assert watched.told[-2:] == [LOST, SILENT]


async def test_nothing_is_looked_at_after_its_end(watched: Watched, clock: Clock) -> None:
    watched.watch.end()
    before = watched.watch.state
    watched.watch.take(Reading(voltage=9.0))
    watched.watch.miss()
    watched.watch.set_armed(False)
    await clock.advance(TIME + MINUTE)
    assert watched.told == []
    assert watched.watch.state is before
    assert len(watched.rows) == 1


# What it notes.


async def test_every_sample_is_noted(watched: Watched, clock: Clock) -> None:
    await clock.advance(1.0)
    watched.watch.take(Reading(voltage=12.9, current=-20.0))
    assert [(row["voltage"], row["current"], row["power"]) for row in watched.rows] == [
        (13.0, -10.0, -130.0),
        (12.9, -20.0, pytest.approx(-258.0)),
    ]


async def test_what_is_no_number_is_noted_as_unknown(watched: Watched) -> None:
    watched.watch.take(Reading(voltage=nan, current=-20.0, state_of_charge=255.0))
    assert [(row["voltage"], row["current"], row["state_of_charge"]) for row in watched.rows[1:]] == [
        (None, -20.0, None)
    ]


async def test_a_sample_that_came_in_a_pause_is_not_noted(watched: Watched) -> None:
    """It was under way when the pause began."""
    watched.watch.pause()
    watched.watch.take(Reading(voltage=9.0))
    assert len(watched.rows) == 1


# Drills.


async def test_a_drill_ends_though_nobody_reads_the_battery(watched: Watched, clock: Clock) -> None:
    watched.watch.start_drill(Level.LOW, Side.DISCHARGE, 20.0)
    await clock.advance(19.5)
    assert watched.watch.state.failsafe.level is Level.LOW
    await clock.advance(0.6)
    assert watched.watch.state.failsafe.level is Level.UNHEALTHY, "it was not read meanwhile"
    assert watched.watch.state.failsafe.drill is None


async def test_a_second_drill_has_all_of_its_time(watched: Watched, clock: Clock) -> None:
    watched.watch.start_drill(Level.LOW, Side.DISCHARGE, 5.0)
    await clock.advance(3.0)
    watched.watch.start_drill(Level.CRITICAL, Side.DISCHARGE, 5.0)
    await clock.advance(4.0)
    assert watched.watch.state.failsafe.level is Level.CRITICAL
    await clock.advance(1.5)
    assert watched.watch.state.failsafe.drill is None


async def test_what_is_remembered_is_in_force_from_the_start(hass: HomeAssistant) -> None:
    reason = Reason(Kind.LOW_VOLTAGE, Level.LOW, Side.DISCHARGE, 11.9, 12.0)
    held = Failsafe(Level.LOW, Level.LOW, held=(Held(reason),))
    watch = Watch(hass, Pace(DATA, {}), BatteryMemory(failsafe=held), lambda _reading, _told: None)
    assert watch.state.failsafe == held
    assert [why.kind for why in watch.state.not_ready] == [NotReadyKind.UNHEALTHY, NotReadyKind.FAILSAFE]
