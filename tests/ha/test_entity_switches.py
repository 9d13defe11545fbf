"""Switches of a battery that are entities of other integrations."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.sources import entities
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component

from ..battery import ALLOW_ALL, shown
from .house import coordinator_of, keys, set_switches, turn
from .made_of_entities import reading, say, set_up, shunt

NAMED = {
    "charging": "input_boolean.charge",
    "discharging": "input_boolean.discharge",
    "balancing": "binary_sensor.balance",
}


@pytest.fixture
async def _home(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Home Assistant's own actions; nobody waits long."""
    assert await async_setup_component(hass, "homeassistant", {})
    monkeypatch.setattr(entities, "READ_BACK", 0.2)
    monkeypatch.setattr(entities, "COMMAND_TIME", 0.2)


pytestmark = pytest.mark.usefixtures("_home")


async def battery(hass: HomeAssistant, **options: Any) -> MockConfigEntry:
    """Set up a battery whose switches are on."""
    for name in NAMED.values():
        say(hass, name, "on")
    return await set_up(hass, {**shunt(hass, voltage=13.2, current=-1), **NAMED}, **options)


def switches(hass: HomeAssistant, does: Callable[[ServiceCall, bool], None]) -> list[tuple[str, bool]]:
    """Bring an integration with switches; returns what it is asked to do."""
    asked: list[tuple[str, bool]] = []

    @callback
    def on(call: ServiceCall) -> None:
        _note(call, True)

    @callback
    def off(call: ServiceCall) -> None:
        _note(call, False)

    def _note(call: ServiceCall, wanted: bool) -> None:
        asked.extend((one, wanted) for one in call.data["entity_id"])
        does(call, wanted)

    hass.services.async_register("input_boolean", "turn_on", on)
    hass.services.async_register("input_boolean", "turn_off", off)
    return asked


def obey(hass: HomeAssistant) -> Callable[[ServiceCall, bool], None]:
    """Return what an integration does that obeys."""

    def does(call: ServiceCall, wanted: bool) -> None:
        for one in call.data["entity_id"]:
            say(hass, one, "on" if wanted else "off")

    return does


async def test_switches_are_shown_and_unknown_stays_unknown(hass: HomeAssistant) -> None:
    entry = await battery(hass)
    say(hass, "input_boolean.charge", "unavailable")
    say(hass, "input_boolean.discharge", "off")
    found = (await coordinator_of(entry).source.read(),)[0]
    assert (found.charging_enabled, found.discharging_enabled, found.balancing_enabled) == (None, False, True)
    assert "charging" not in keys(hass, entry, "switch")


async def test_only_what_is_allowed_and_can_be_commanded_is_a_switch(hass: HomeAssistant) -> None:
    entry = await battery(hass, **ALLOW_ALL)
    assert {"charging", "discharging"} <= keys(hass, entry, "switch")
    assert "balancing" not in keys(hass, entry, "switch")


async def test_a_command_is_carried_out_and_seen(hass: HomeAssistant) -> None:
    asked = switches(hass, obey(hass))
    entry = await battery(hass, **ALLOW_ALL)
    await turn(hass, entry, "discharging", on=False)
    assert asked == [("input_boolean.discharge", False)]
    assert shown(hass, entry, "switch", "discharging") == "off"
    await set_switches(hass, entry, charging=False, discharging=True)
    assert asked[1:] == [("input_boolean.charge", False), ("input_boolean.discharge", True)]
    assert (reading(entry).charging_enabled, reading(entry).discharging_enabled) == (False, True)


async def test_a_switch_that_does_not_move_did_not_obey(hass: HomeAssistant) -> None:
    asked = switches(hass, lambda _call, _wanted: None)
    entry = await battery(hass, **ALLOW_ALL)
    with pytest.raises(HomeAssistantError) as refused:
        await turn(hass, entry, "discharging", on=False)
    assert refused.value.translation_key == "not_obeyed"
    assert asked == [("input_boolean.discharge", False)]
    assert shown(hass, entry, "switch", "discharging") == "on"


async def test_a_refusal_is_told_in_the_words_of_the_other_integration(hass: HomeAssistant) -> None:
    def refuse(_call: ServiceCall, _wanted: bool) -> None:
        raise HomeAssistantError("the inverter is asleep")

    switches(hass, refuse)
    entry = await battery(hass, **ALLOW_ALL)
    with pytest.raises(HomeAssistantError) as refused:
        await turn(hass, entry, "discharging", on=False)
    assert refused.value.translation_key == "refused_other"
    assert "the inverter is asleep" in str(refused.value.translation_placeholders)


async def test_an_integration_that_never_answers_is_given_up(hass: HomeAssistant) -> None:
    async def hang(_call: ServiceCall) -> None:
        await asyncio.Event().wait()

    hass.services.async_register("input_boolean", "turn_off", hang)
    entry = await battery(hass, **ALLOW_ALL)
    with pytest.raises(HomeAssistantError) as given_up:
        await turn(hass, entry, "discharging", on=False)
    assert given_up.value.translation_key == "no_reply"


@pytest.mark.parametrize("said", ["unavailable", "unknown", None])
async def test_what_is_not_there_is_not_commanded(hass: HomeAssistant, said: str | None) -> None:
    asked = switches(hass, obey(hass))
    entry = await battery(hass, **ALLOW_ALL)
    if said is None:
        hass.states.async_remove("input_boolean.discharge")
    else:
        say(hass, "input_boolean.discharge", said)
    with pytest.raises(HomeAssistantError) as failed:
        await turn(hass, entry, "discharging", on=False)
    assert failed.value.translation_key == "no_reply"
    assert asked == []


async def test_charging_is_not_cut_under_load_without_force(hass: HomeAssistant) -> None:
    asked = switches(hass, obey(hass))
    entry = await battery(hass, capacity=100.0, **ALLOW_ALL)
    say(hass, "sensor.current", 50, "A")
    with pytest.raises(ServiceValidationError) as blocked:
        await set_switches(hass, entry, charging=False)
    assert blocked.value.translation_key == "charging_under_load"
    assert asked == []
    await set_switches(hass, entry, charging=False, force=True)
    assert asked == [("input_boolean.charge", False)]
