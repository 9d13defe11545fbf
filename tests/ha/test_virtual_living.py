"""A battery made of others from the first form to the last repair, with batteries on real ports behind it."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from ..battery import Bench, entity_id, shown, until
from .forms import prefilled
from .house import FAST, add, fixed
from .option_forms import choose, save
from .virtual_forms import begin, submit

pytestmark = pytest.mark.usefixtures("quick", "short_sight")


async def real(hass: HomeAssistant, bench: Bench, title: str, volts: float) -> MockConfigEntry:
    """Set up a battery of four cells on a port of its own."""
    entry = await add(hass, bench.plug_in(fixed(*[volts] * 4)), {**FAST, "chemistry": "lifepo4"})
    hass.config_entries.async_update_entry(entry, title=title)
    return entry


def key(entry: ConfigEntry) -> str:
    """Return the key of a battery."""
    found: str = entry.data["battery_key"]
    return found


async def string_of(hass: HomeAssistant, *entries: ConfigEntry) -> Any:
    """Join batteries in series by the forms alone."""
    result = await submit(hass, await begin(hass, "series"), {"members": [key(entry) for entry in entries]})
    assert prefilled(result) == {"chemistry": "lifepo4", "cells": 4 * len(entries), "use": "stationary"}
    result = await submit(hass, result, prefilled(result))
    result = await submit(hass, result, prefilled(result))
    await hass.async_block_till_done()
    return result["result"]


async def test_forms_and_repairs_lead_from_two_batteries_to_a_string_and_keep_it(
    hass: HomeAssistant, bench: Bench
) -> None:
    left, right = await real(hass, bench, "Left", 3.3), await real(hass, bench, "Right", 3.2)
    string = await string_of(hass, left, right)
    assert (string.title, string.state) == ("Left + Right", ConfigEntryState.LOADED)
    await until(hass, lambda: shown(hass, string, "sensor", "voltage") == "26.0")
    voltage = entity_id(hass, string, "sensor", "voltage")
    er.async_get(hass).async_update_entity(voltage, new_entity_id="sensor.my_string")

    await save(hass, await choose(hass, string, "members"), members=[key(right), key(left)])
    assert string.state is ConfigEntryState.LOADED
    assert entity_id(hass, string, "sensor", "voltage") == "sensor.my_string", "the history stays"

    await hass.config_entries.async_remove(right.entry_id)
    await until(hass, lambda: shown(hass, string, "sensor", "voltage") == STATE_UNAVAILABLE)
    issue_id = f"member_gone_{string.entry_id}_{key(right)}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
    spare = await real(hass, bench, "Spare", 3.4)
    await async_setup_component(hass, REPAIRS, {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    menu = await manager.async_init(DOMAIN, data={"issue_id": issue_id})
    result = await manager.async_configure(menu["flow_id"], {"next_step_id": "choose"})
    form = await hass.config_entries.options.async_configure(result["next_flow"][1])
    await save(hass, form, members=[key(left), key(spare)])
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
    await until(hass, lambda: shown(hass, string, "sensor", "voltage") == "26.8")
    assert entity_id(hass, string, "sensor", "voltage") == "sensor.my_string"
