"""The blueprints that switch off and on again, run by Home Assistant itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from homeassistant.core import HomeAssistant

from .automated import (
    ALL,
    DRILL,
    LOW,
    NONE,
    OFF,
    ON,
    TOLD,
    UNKNOWN,
    Automated,
    hass_config_dir,  # noqa: F401
    loads,
)

pytestmark = pytest.mark.slow

SWITCHING = {
    "shed_loads": ("discharge_level", "shed", "restore", {"minutes": 10}),
    "stop_charging": ("charge_level", "stop", "resume", {"minutes": 2}),
}
"""The level, what is switched off and on again by it, and how long the level has to have fallen."""


@pytest.fixture(params=SWITCHING)
async def switching(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Automated]:
    """An automation that switches off and on again."""
    automated = Automated(hass, freezer, request.param, f"sensor.house_{SWITCHING[request.param][0]}")
    yield automated
    await automated.end()


def filled_in(automated: Automated, **more: Any) -> dict[str, Any]:
    """Return what a person fills in: the boiler and the inverter go off, the boiler comes back."""
    level, off, on, _time = SWITCHING[automated.blueprint]
    return {level: automated.entity, off: loads("boiler", "inverter"), on: loads("boiler"), **more}


# Off.


@pytest.mark.parametrize("level", ["low", "critical"])
async def test_a_raised_level_switches_off_what_was_chosen_and_tells_why(
    switching: Automated, level: str
) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes(level, **LOW)
    assert switching.did() == [OFF, TOLD]
    assert switching.on() == {"fridge"}
    (message,) = switching.told
    assert f"level is {level} (low voltage: 13.5 V < 14.0 V for 10 s)" in message


@pytest.mark.parametrize("level", ["none", "unhealthy", *UNKNOWN])
async def test_nothing_is_switched_while_nothing_is_known_to_be_wrong(
    switching: Automated, level: str | None
) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes(level)
    await switching.passes(hours=1)
    assert switching.did() == []
    assert switching.on() == ALL


@pytest.mark.parametrize("unknown", UNKNOWN)
async def test_a_level_that_is_seen_for_the_first_time_counts(
    switching: Automated, unknown: str | None
) -> None:
    await switching.set_up(filled_in(switching), unknown)
    await switching.becomes("low", **LOW)
    assert switching.on() == {"fridge"}


async def test_what_somebody_switched_on_again_goes_off_when_it_becomes_critical(
    hass: HomeAssistant, switching: Automated
) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("low", **LOW)
    await hass.services.async_call("input_boolean", "turn_on", loads("boiler"), blocking=True)
    await switching.becomes("critical", **LOW)
    assert switching.on() == {"fridge"}


async def test_a_level_that_falls_from_critical_to_low_is_no_news(
    hass: HomeAssistant, switching: Automated
) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("critical", **LOW)
    assert switching.did()
    await switching.becomes("low", **LOW)
    await switching.becomes("low", reasons=["another"], test=False)
    assert switching.did() == []


async def test_a_message_that_fails_does_not_keep_loads_on(hass: HomeAssistant, switching: Automated) -> None:
    fails = [{"action": "notify.nobody", "data": {"message": "{{ message }}"}}]
    await switching.set_up(filled_in(switching, notify=fails), "none", **NONE)
    await switching.becomes("low", **LOW)
    assert switching.on() == {"fridge"}


async def test_a_message_may_be_whatever_a_person_wants(hass: HomeAssistant, switching: Automated) -> None:
    words = "{{ battery }} {{ level }} {{ reasons }} {{ drill }}"
    own = [{"action": TOLD, "data": {"message": words}}]
    await switching.set_up(filled_in(switching, notify=own), "none", **NONE)
    await switching.becomes("low", reasons=["one", "two"], test=False)
    assert TOLD in switching.did()
    assert switching.told == ["House low one; two False"]


# On again.


async def test_a_level_that_has_been_none_for_a_while_switches_on_what_was_chosen(
    switching: Automated,
) -> None:
    minutes = SWITCHING[switching.blueprint][3]["minutes"]
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("low", **LOW)
    assert switching.did()
    await switching.becomes("none", **NONE)
    await switching.passes(minutes=minutes, seconds=-2)
    assert (switching.did(), switching.on()) == ([], {"fridge"})
    await switching.passes(seconds=4)
    assert switching.did() == [ON, TOLD]
    assert switching.on() == {"boiler", "fridge"}


@pytest.mark.parametrize("meanwhile", ["low", "critical", "unhealthy", *UNKNOWN])
async def test_what_is_not_none_all_the_time_switches_nothing_on(
    switching: Automated, meanwhile: str | None
) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("low", **LOW)
    await switching.becomes("none", **NONE)
    await switching.passes(minutes=1)
    await switching.becomes(meanwhile, **LOW)
    await switching.passes(hours=1)
    assert switching.on() == {"fridge"}


async def test_nothing_is_switched_on_that_was_not_chosen(switching: Automated) -> None:
    inputs = filled_in(switching)
    del inputs[SWITCHING[switching.blueprint][2]]
    await switching.set_up(inputs, "none", **NONE)
    await switching.becomes("low", **LOW)
    await switching.becomes("none", **NONE)
    assert switching.did()
    await switching.passes(hours=1)
    assert switching.did() == [TOLD]
    assert switching.on() == {"fridge"}


async def test_a_battery_that_was_never_low_switches_nothing_on(
    hass: HomeAssistant, switching: Automated
) -> None:
    await switching.set_up(filled_in(switching), "unavailable")
    await hass.services.async_call("input_boolean", "turn_off", loads("boiler"), blocking=True)
    for state in ("none", "unhealthy", "none"):
        await switching.becomes(state, **NONE)
        await switching.passes(hours=1)
    assert (switching.did(), switching.on()) == ([], {"fridge", "inverter"})


# Drills.


async def test_a_drill_only_sends_a_message(switching: Automated) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("low", **DRILL)
    assert switching.did() == [TOLD]
    assert switching.told[0].startswith("Drill: ")
    assert "Nothing is switched" in switching.told[0]
    await switching.becomes("none", **NONE)
    await switching.passes(hours=1)
    assert switching.did() == [TOLD]
    assert switching.on() == ALL


async def test_a_drill_switches_where_it_may(switching: Automated) -> None:
    await switching.set_up(filled_in(switching, act_in_drill=True), "none", **NONE)
    await switching.becomes("critical", **DRILL)
    assert switching.did() == [OFF, TOLD]
    assert switching.told[0].startswith("Drill: ")
    assert switching.on() == {"fridge"}
    await switching.becomes("none", **NONE)
    await switching.passes(hours=1)
    assert switching.on() == {"boiler", "fridge"}


async def test_a_drill_that_ends_in_earnest_switches_though_the_level_stays(switching: Automated) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("low", **DRILL)
    assert switching.on() == ALL
    await switching.becomes("low", **LOW)
    assert switching.on() == {"fridge"}


async def test_a_drill_that_ends_in_a_milder_level_that_is_earnest_switches(switching: Automated) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("critical", **DRILL)
    assert switching.did() == [TOLD]
    await switching.becomes("low", **LOW)
    assert switching.did() == [OFF, TOLD]
    assert switching.on() == {"fridge"}


async def test_a_drill_that_ends_in_a_worse_level_switches_once(switching: Automated) -> None:
    await switching.set_up(filled_in(switching), "none", **NONE)
    await switching.becomes("low", **DRILL)
    assert switching.did() == [TOLD]
    await switching.becomes("critical", **LOW)
    assert switching.did() == [OFF, TOLD]


# Restarts.


async def test_a_start_with_a_raised_level_switches_off_after_a_minute(switching: Automated) -> None:
    await switching.restart(filled_in(switching), "low", **LOW)
    assert (switching.did(), switching.on()) == ([], ALL)
    await switching.passes(seconds=61)
    assert switching.did() == [OFF, TOLD]
    assert switching.on() == {"fridge"}


@pytest.mark.parametrize("then", ["none", "unhealthy", *UNKNOWN])
async def test_a_start_with_a_level_that_does_not_stay_switches_nothing(
    switching: Automated, then: str | None
) -> None:
    await switching.restart(filled_in(switching), "low", **LOW)
    await switching.becomes(then, **NONE)
    await switching.passes(seconds=61)
    assert (switching.did(), switching.on()) == ([], ALL)


async def test_a_level_that_rises_right_after_a_start_switches_at_once_and_once(switching: Automated) -> None:
    await switching.restart(filled_in(switching), "unavailable")
    await switching.becomes("low", **LOW)
    assert switching.did() == [OFF, TOLD]
    await switching.passes(minutes=5)
    assert switching.did() == []


async def test_a_start_in_a_drill_only_sends_a_message(switching: Automated) -> None:
    await switching.restart(filled_in(switching), "critical", **DRILL)
    await switching.passes(seconds=61)
    assert switching.did() == [TOLD]
    assert switching.on() == ALL
