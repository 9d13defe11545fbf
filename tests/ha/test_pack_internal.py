"""Batteries that are only there to be members: hidden from dashboards."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntryHider

from ..battery import Bench, set_up, shown
from .house import registered
from .judged import reload
from .members import Fake, combined, join, ready

pytestmark = pytest.mark.usefixtures("quick")


def hidden_by(hass: HomeAssistant, entry: MockConfigEntry) -> set[RegistryEntryHider | None]:
    """Return who hid the entities of a battery."""
    return {one.hidden_by for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)}


async def change(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options as the form does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await reload(hass, entry)


async def test_an_internal_battery_is_hidden_and_works(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in(), internal=True)
    assert hidden_by(hass, entry) == {RegistryEntryHider.INTEGRATION}
    assert float(shown(hass, entry, "sensor", "voltage")) > 13


async def test_it_is_hidden_and_shown_again_by_the_option(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    assert hidden_by(hass, entry) == {None}
    await change(hass, entry, internal=True)
    assert hidden_by(hass, entry) == {RegistryEntryHider.INTEGRATION}
    await change(hass, entry, internal=False)
    assert hidden_by(hass, entry) == {None}


async def test_what_a_person_hid_stays_hidden(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    entities = er.async_get(hass)
    mine = registered(hass, entry, "sensor", "voltage").entity_id
    entities.async_update_entity(mine, hidden_by=RegistryEntryHider.USER)
    await change(hass, entry, internal=True)
    assert registered(hass, entry, "sensor", "voltage").hidden_by is RegistryEntryHider.USER
    await change(hass, entry, internal=False)
    assert registered(hass, entry, "sensor", "voltage").hidden_by is RegistryEntryHider.USER
    assert registered(hass, entry, "sensor", "current").hidden_by is None


async def test_what_appears_later_is_hidden_too(hass: HomeAssistant) -> None:
    await ready(hass)
    member = Fake(hass, "Pack A")
    entry = await join(hass, "series", member, internal=True)
    before = len(er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id))
    member.says()
    await combined(hass, entry)
    await hass.async_block_till_done()
    assert len(er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)) > before
    assert hidden_by(hass, entry) == {RegistryEntryHider.INTEGRATION}
