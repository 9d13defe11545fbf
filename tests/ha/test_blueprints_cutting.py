"""The blueprint with something to do for each level, run by Home Assistant itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError

from .automated import (
    ALL,
    DRILL,
    LOW,
    NONE,
    OFF,
    TOLD,
    UNKNOWN,
    Automated,
    hass_config_dir,  # noqa: F401
    loads,
)

pytestmark = pytest.mark.slow

SENSOR = "sensor.house_discharge_level"
RUN = "script.turn_on"


def told(words: str) -> list[dict[str, Any]]:
    """Return actions that tell something, as a person writes them."""
    return [{"action": TOLD, "data": {"message": words + ": {{ message }}"}}]


ONLY_LEVEL = {"discharge_level": SENSOR}
EVERYTHING = {
    **ONLY_LEVEL,
    "low_notify": told("beware"),
    "low_cut": loads("boiler"),
    "low_scripts": ["script.harbour"],
    "critical_notify": told("alarm"),
    "critical_cut": loads("inverter"),
    "critical_scripts": ["script.anchor", "script.harbour"],
}


@pytest.fixture
async def cutting(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> AsyncIterator[Automated]:
    """An automation that acts by level."""
    automated = Automated(hass, freezer, "cut_at_critical", SENSOR)
    yield automated
    await automated.end()


# By level.


async def test_low_does_what_is_to_be_done_at_low(cutting: Automated) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes("low", **LOW)
    assert cutting.did() == [OFF, TOLD, RUN]
    assert cutting.told == ["beware: The discharge level is low (low voltage: 13.5 V < 14.0 V for 10 s)."]
    assert cutting.on() == {"fridge", "inverter"}
    assert cutting.ran() == ["harbour"]


@pytest.mark.parametrize("before", ["none", "unhealthy", "low", *UNKNOWN])
async def test_critical_does_what_is_to_be_done_at_critical_and_cuts_what_is_cut_at_low(
    cutting: Automated, before: str | None
) -> None:
    await cutting.set_up(EVERYTHING, before, **NONE)
    await cutting.becomes("critical", **LOW)
    assert cutting.did().count(OFF) == 2
    assert cutting.told == ["alarm: The discharge level is critical (low voltage: 13.5 V < 14.0 V for 10 s)."]
    assert cutting.on() == {"fridge"}
    assert cutting.ran() == ["anchor", "harbour"]


async def test_scripts_are_told_why(cutting: Automated) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes("low", **LOW)
    assert cutting.why() == LOW["reasons"]


@pytest.mark.parametrize("level", ["low", "critical"])
async def test_where_nothing_was_chosen_it_only_tells(cutting: Automated, level: str) -> None:
    await cutting.set_up(ONLY_LEVEL, "none", **NONE)
    await cutting.becomes(level, **LOW)
    assert cutting.did() == [TOLD]
    assert cutting.on() == ALL


@pytest.mark.parametrize("after", ["low", "unhealthy", "none", *UNKNOWN])
async def test_a_level_that_falls_does_nothing(cutting: Automated, after: str | None) -> None:
    await cutting.set_up(EVERYTHING, "critical", **LOW)
    await cutting.becomes(after, **LOW)
    await cutting.passes(hours=1)
    assert (cutting.did(), cutting.ran(), cutting.on()) == ([], [], ALL)


@pytest.mark.parametrize("level", ["none", "unhealthy", *UNKNOWN])
async def test_nothing_is_done_while_nothing_is_known_to_be_wrong(
    cutting: Automated, level: str | None
) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes(level, **NONE)
    await cutting.passes(hours=1)
    assert (cutting.did(), cutting.ran(), cutting.on()) == ([], [], ALL)


# What goes wrong.


async def test_a_message_that_fails_stops_neither_switching_nor_scripts(cutting: Automated) -> None:
    fails = [{"action": "notify.nobody", "data": {"message": "{{ message }}"}}]
    await cutting.set_up({**EVERYTHING, "critical_notify": fails}, "none", **NONE)
    await cutting.becomes("critical", **LOW)
    assert cutting.on() == {"fridge"}
    assert cutting.ran() == ["anchor", "harbour"]


async def test_a_switch_that_fails_stops_nothing_else(hass: HomeAssistant, cutting: Automated) -> None:
    async def fail(_call: ServiceCall) -> None:
        raise HomeAssistantError("out of reach")

    await cutting.set_up({**EVERYTHING, "low_cut": {"entity_id": "switch.away"}}, "none", **NONE)
    hass.services.async_register("switch", "turn_off", fail)
    hass.states.async_set("switch.away", "on")
    await cutting.becomes("critical", **LOW)
    assert TOLD in cutting.did()
    assert cutting.on() == {"boiler", "fridge"}
    assert cutting.ran() == ["anchor", "harbour"]


async def test_a_script_of_low_goes_on_when_it_becomes_critical(cutting: Automated) -> None:
    await cutting.set_up({**EVERYTHING, "low_scripts": ["script.long"]}, "none", **NONE)
    await cutting.becomes("low", **LOW)
    await cutting.becomes("critical", **LOW)
    await cutting.passes(seconds=61)
    assert "long" in cutting.ran()


# Drills.


@pytest.mark.parametrize("level", ["low", "critical"])
async def test_a_drill_only_sends_the_message(cutting: Automated, level: str) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes(level, **DRILL)
    assert cutting.did() == [TOLD]
    assert "Drill: " in cutting.told[0]
    assert (cutting.ran(), cutting.on()) == ([], ALL)


async def test_a_drill_acts_where_it_may(cutting: Automated) -> None:
    await cutting.set_up({**EVERYTHING, "act_in_drill": True}, "none", **NONE)
    await cutting.becomes("critical", **DRILL)
    assert cutting.did().count(OFF) == 2
    assert "Drill: " in cutting.told[0]
    assert (cutting.ran(), cutting.on()) == (["anchor", "harbour"], {"fridge"})


async def test_a_drill_that_ends_in_earnest_acts_though_the_level_stays(cutting: Automated) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes("critical", **DRILL)
    await cutting.becomes("critical", **LOW)
    assert (cutting.ran(), cutting.on()) == (["anchor", "harbour"], {"fridge"})


async def test_a_drill_that_ends_in_a_milder_level_that_is_earnest_acts_by_that(cutting: Automated) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes("critical", **DRILL)
    await cutting.becomes("low", **LOW)
    assert (cutting.ran(), cutting.on()) == (["harbour"], {"fridge", "inverter"})


async def test_a_drill_that_ends_in_a_worse_level_acts_once(cutting: Automated) -> None:
    await cutting.set_up(EVERYTHING, "none", **NONE)
    await cutting.becomes("low", **DRILL)
    await cutting.becomes("critical", **LOW)
    assert cutting.ran() == ["anchor", "harbour"]


# Restarts.


@pytest.mark.parametrize(
    ("level", "scripts", "left"),
    [("low", ["harbour"], {"fridge", "inverter"}), ("critical", ["anchor", "harbour"], {"fridge"})],
)
async def test_a_start_with_a_raised_level_acts_after_a_minute(
    cutting: Automated, level: str, scripts: list[str], left: set[str]
) -> None:
    await cutting.restart(EVERYTHING, level, **LOW)
    assert (cutting.did(), cutting.on()) == ([], ALL)
    await cutting.passes(seconds=61)
    assert (cutting.ran(), cutting.on()) == (scripts, left)


@pytest.mark.parametrize("then", ["none", "unhealthy", *UNKNOWN])
async def test_a_start_with_a_level_that_does_not_stay_does_nothing(
    cutting: Automated, then: str | None
) -> None:
    await cutting.restart(EVERYTHING, "critical", **LOW)
    await cutting.becomes(then, **NONE)
    await cutting.passes(seconds=61)
    assert (cutting.did(), cutting.ran(), cutting.on()) == ([], [], ALL)


async def test_a_level_that_rises_right_after_a_start_acts_at_once_and_once(cutting: Automated) -> None:
    await cutting.restart(EVERYTHING, "unavailable")
    await cutting.becomes("low", **LOW)
    assert cutting.ran() == ["harbour"]
    await cutting.passes(minutes=5)
    assert cutting.ran() == ["harbour"]
