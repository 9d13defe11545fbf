"""The action `failsafe_drill`: a level raised for a test, so that automations can be proven."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
import voluptuous as vol

from custom_components.battmon import coordinator
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..battery import Bench
from .house import add, coordinator_of, fixed, read_now
from .judged import (
    CRITICAL,
    EMPTY,
    JUDGED,
    LOW,
    LOW_WORDS,
    NO_LEVEL,
    WEAK,
    Events,
    act,
    attribute,
    becomes,
    charge_to,
    is_on,
    levels,
    press_reset,
    reasons,
    reload,
    restart,
    some_samples,
    why_not_ready,
)

pytestmark = pytest.mark.usefixtures("quick")

SECOND = {"seconds": 1}


@pytest.mark.parametrize(
    ("side", "discharge", "charge"),
    [
        ("discharge", "low", "none"),
        ("charge", "none", "low"),
        ("both", "low", "low"),
        ("fault", "none", "none"),
    ],
)
async def test_it_raises_the_levels_of_a_side(
    hass: HomeAssistant, bench: Bench, side: str, discharge: str, charge: str
) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    answer = await act(hass, entry, "failsafe_drill", level="low", side=side)
    expected = {"failsafe": "low", "discharge_level": discharge, "charge_level": charge}
    assert levels(hass, entry) == expected
    assert answer.pop("ends_at")
    assert answer == {
        "level": "low",
        "discharge_level": discharge,
        "charge_level": charge,
        "side": side,
        "reasons": [f"drill: low, {side}"],
        "test": True,
    }
    for key, level in expected.items():
        assert attribute(hass, entry, "test", key) is (level != "none")
        assert reasons(hass, entry, key) == ([f"drill: low, {side}"] if level != "none" else [])
    assert is_on(hass, entry, "low_battery") is (discharge == "low")
    assert why_not_ready(hass, entry) == [f"drill: low, {side}"]


@pytest.mark.parametrize("level", ["unhealthy", "low", "critical"])
async def test_it_ends_by_itself(hass: HomeAssistant, bench: Bench, level: str) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port)
    events = Events(hass, entry)
    begin = time.monotonic()
    await act(hass, entry, "failsafe_drill", level=level, duration=SECOND)
    assert levels(hass, entry)["discharge_level"] == level
    await becomes(hass, entry, NO_LEVEL)
    assert time.monotonic() - begin > 0.9
    assert events.changes == [
        ("level_rose", "drill"),
        ("ready_changed", None),
        ("level_fell", "drill"),
        ("ready_changed", None),
    ]
    assert all(told.test for told in events.told)
    assert why_not_ready(hass, entry) == []


async def test_it_ends_by_itself_when_the_battery_does_not_answer(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {"interval": 3600})
    await act(hass, entry, "failsafe_drill", level="low", duration=SECOND)
    port.vanish()
    await becomes(hass, entry, NO_LEVEL)


@pytest.mark.parametrize("again", [None, reload])
async def test_the_time_before_it_does_not_count(
    hass: HomeAssistant, bench: Bench, again: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that since the last sample, nor that since the battery was seen before a restart."""
    monkeypatch.setattr(coordinator, "FIRST_TRY", 0.1)
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {"interval": 3600})
    if again is not None:
        port.faults.inject("silence", None)
        await again(hass, entry)
        port.faults.clear()
    await asyncio.sleep(1.1)
    await act(hass, entry, "failsafe_drill", level="low", duration=SECOND)
    await read_now(hass, entry)
    assert levels(hass, entry) == LOW
    await becomes(hass, entry, NO_LEVEL)


async def test_it_lasts_a_minute_unless_said_otherwise(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    before = dt_util.utcnow()
    answer = await act(hass, entry, "failsafe_drill", level="low")
    ends_at = dt_util.parse_datetime(answer["ends_at"])
    assert ends_at is not None
    assert timedelta(minutes=1) <= ends_at - before < timedelta(minutes=1, seconds=10)
    drill = coordinator_of(entry).state.failsafe.drill
    assert drill is not None
    assert drill.remaining == pytest.approx(60, abs=10)


async def test_a_second_one_takes_the_place_of_the_first(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    await act(hass, entry, "failsafe_drill", level="critical", duration=SECOND)
    begin = time.monotonic()
    await act(hass, entry, "failsafe_drill", level="low", duration={"seconds": 2})
    assert levels(hass, entry) == LOW
    assert reasons(hass, entry) == ["drill: low, discharge"]
    await becomes(hass, entry, NO_LEVEL)
    assert time.monotonic() - begin > 1.8, "the end of the first is not that of the second"


@pytest.mark.parametrize("by", ["button", "action"])
async def test_a_reset_ends_it(hass: HomeAssistant, bench: Bench, by: str) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    await act(hass, entry, "failsafe_drill", level="critical", duration=SECOND)
    if by == "button":
        await press_reset(hass, entry)
    else:
        await act(hass, entry, "reset_failsafe")
    assert levels(hass, entry) == NO_LEVEL
    assert coordinator_of(entry).watch._end_drill is None


@pytest.mark.parametrize("again", [reload, restart])
async def test_it_does_not_outlive_a_restart(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any], again: Any
) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    await act(hass, entry, "failsafe_drill", level="critical", duration={"hours": 1})
    await again(hass, entry)
    assert levels(hass, entry) == NO_LEVEL


# Beside what is real.


async def test_a_drill_does_not_make_a_test_of_what_is_real(hass: HomeAssistant, bench: Bench) -> None:
    """An automation that leaves drills alone must not leave a battery alone that is critical."""
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    await act(hass, entry, "failsafe_drill", level="low")
    events = Events(hass, entry)
    charge_to(port, EMPTY)
    await becomes(hass, entry, CRITICAL)
    assert attribute(hass, entry, "test", "discharge_level") is False
    assert [(told.subject, told.test) for told in events.told if told.change == "level_rose"] == [
        ("low_voltage", False)
    ]


async def test_a_drill_beyond_what_is_real_is_a_test(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    events = Events(hass, entry)
    await act(hass, entry, "failsafe_drill", level="critical", duration=SECOND)
    assert levels(hass, entry) == CRITICAL
    assert reasons(hass, entry) == ["drill: critical, discharge", LOW_WORDS]
    assert attribute(hass, entry, "test", "discharge_level") is True
    await becomes(hass, entry, LOW)
    assert attribute(hass, entry, "test", "discharge_level") is False
    assert [(told.change, told.subject, told.test) for told in events.told] == [
        ("level_rose", "drill", True),
        ("level_fell", "drill", True),
    ]


async def test_what_really_ends_during_a_drill_is_no_test(
    hass: HomeAssistant, bench: Bench, short_hold: None
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await act(hass, entry, "failsafe_drill", level="unhealthy")
    events = Events(hass, entry)
    charge_to(port, 13.6)
    await becomes(hass, entry, NO_LEVEL | {"failsafe": "unhealthy", "discharge_level": "unhealthy"})
    assert [(told.change, told.subject, told.test) for told in events.told] == [
        ("level_fell", "low_voltage", False)
    ]


async def test_samples_go_on_meanwhile(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, JUDGED)
    await act(hass, entry, "failsafe_drill", level="low")
    await some_samples(hass, port)
    assert levels(hass, entry) == LOW, "a good sample does not clear it"


# Bad input.


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"level": "none"},
        {"level": "high"},
        {"level": None},
        {"level": "low", "side": "left"},
        {"level": "low", "side": None},
        {"level": "low", "duration": 0},
        {"level": "low", "duration": -5},
        {"level": "low", "duration": {"minutes": 61}},
        {"level": "low", "duration": "long"},
        {"level": "low", "duration": {"moons": 1}},
        {"level": "low", "loud": True},
    ],
)
async def test_a_call_of_another_form_is_refused(
    hass: HomeAssistant, bench: Bench, data: dict[str, Any]
) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    with pytest.raises(vol.Invalid):
        await act(hass, entry, "failsafe_drill", **data)
    assert levels(hass, entry) == NO_LEVEL


@pytest.mark.parametrize("duration", [1, 3600, "00:01:00", {"hours": 1}, {"seconds": 1}])
async def test_durations_as_people_write_them(hass: HomeAssistant, bench: Bench, duration: Any) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    await act(hass, entry, "failsafe_drill", level="low", duration=duration)
    assert levels(hass, entry) == LOW
