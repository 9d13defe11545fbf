"""Entities that are gone for good: a repair leads to the options, or goes on without them."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.repairs import async_create_fix_flow
from custom_components.battmon.repairs_entities import EntityGoneFlow
from custom_components.battmon.sources import entity_absence
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from ..battery import until
from .house import coordinator_of
from .made_of_entities import heard, reading, registered, say, set_up, shunt


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute is over at once."""
    monkeypatch.setattr(entity_absence, "PATIENCE", 0.0)


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the repair of a battery."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"entity_gone_{entry.entry_id}")


async def look(entry: MockConfigEntry) -> None:
    """Look twice: who is missing once may be reloading."""
    for _ in range(2):
        await coordinator_of(entry).async_sample()


async def bereft(hass: HomeAssistant) -> MockConfigEntry:
    """Set up a battery and remove one of its entities."""
    one = registered(hass, "sensor.voltage")
    named = shunt(hass, voltage=13.2, current=5)
    entry = await set_up(hass, named, registry_ids={"sensor.voltage": one.id})
    await look(entry)
    assert issue(hass, entry) is None
    er.async_get(hass).async_remove("sensor.voltage")
    hass.states.async_remove("sensor.voltage")
    await look(entry)
    return entry


async def repairing(hass: HomeAssistant, entry: MockConfigEntry) -> EntityGoneFlow:
    """Open the repair."""
    found = issue(hass, entry)
    assert found is not None
    flow = await async_create_fix_flow(hass, found.issue_id, found.data)
    assert isinstance(flow, EntityGoneFlow)
    flow.hass = hass
    flow.context = {"issue_id": found.issue_id}
    menu = await flow.async_step_init()
    assert menu["menu_options"] == ["choose", "leave_out"]
    return flow


async def test_a_removed_entity_asks_for_repair_by_its_name(hass: HomeAssistant) -> None:
    entry = await bereft(hass)
    found = issue(hass, entry)
    assert found is not None
    assert found.translation_placeholders == {"name": "House", "entities": "sensor.voltage"}
    assert (reading(entry).voltage, reading(entry).current) == (None, 5.0)


async def test_an_entity_without_a_place_in_the_registry_is_missed_too(hass: HomeAssistant) -> None:
    entry = await set_up(hass, {"voltage": "sensor.typed", **shunt(hass, current=5)})
    await look(entry)
    found = issue(hass, entry)
    assert found is not None
    assert (found.translation_placeholders or {})["entities"] == "sensor.typed"
    say(hass, "sensor.typed", 13.2, "V")
    await look(entry)
    assert issue(hass, entry) is None


async def test_nothing_is_asked_while_home_assistant_starts(hass: HomeAssistant) -> None:
    hass.set_state(CoreState.starting)
    entry = await set_up(hass, {"voltage": "sensor.typed", **shunt(hass, current=5)})
    await look(entry)
    assert issue(hass, entry) is None
    hass.set_state(CoreState.running)
    await look(entry)
    assert issue(hass, entry) is not None


async def test_an_integration_that_reloads_is_given_a_minute(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entity_absence, "PATIENCE", 60.0)
    entry = await bereft(hass)
    assert issue(hass, entry) is None


async def test_what_only_says_nothing_is_not_gone(hass: HomeAssistant) -> None:
    registered(hass, "sensor.voltage")
    entry = await set_up(hass, {"voltage": "sensor.voltage", **shunt(hass, current="unavailable")})
    await look(entry)
    assert issue(hass, entry) is None


async def test_the_repair_goes_when_the_battery_does(hass: HomeAssistant) -> None:
    entry = await bereft(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issue(hass, entry) is None


async def test_an_entity_that_comes_back_is_taken_up_again(hass: HomeAssistant) -> None:
    """Home Assistant gives it the id that it had."""
    entry = await bereft(hass)
    registered(hass, "sensor.voltage")
    say(hass, "sensor.voltage", 13.4, "V")
    await look(entry)
    assert issue(hass, entry) is None
    assert reading(entry).voltage == 13.4
    for voltage in (13.5, 13.6):  # the first may be found by what the removal set off
        say(hass, "sensor.voltage", voltage, "V")
        await heard(hass, entry, voltage=voltage)


async def test_the_repair_opens_the_options_about_entities(hass: HomeAssistant) -> None:
    entry = await bereft(hass)
    flow = await repairing(hass, entry)
    result = await flow.async_step_choose()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "choose_entities")
    _kind, flow_id = result["next_flow"]
    assert hass.config_entries.options.async_get(flow_id)["step_id"] == "entities"
    hass.config_entries.options.async_abort(flow_id)


async def test_the_repair_goes_on_without_them(hass: HomeAssistant) -> None:
    entry = await bereft(hass)
    flow = await repairing(hass, entry)
    await flow.async_step_leave_out()
    await hass.async_block_till_done()
    assert entry.options["entities"] == {"current": "sensor.current"}
    await until(hass, lambda: issue(hass, entry) is None, 5)


async def test_where_nothing_would_be_left_others_must_be_chosen(hass: HomeAssistant) -> None:
    entry = await set_up(hass, {"voltage": "sensor.typed"})
    await look(entry)
    result = await (await repairing(hass, entry)).async_step_leave_out()
    assert result["reason"] == "choose_entities"
    hass.config_entries.options.async_abort(result["next_flow"][1])


async def test_of_several_those_that_are_there_stay_in_order(hass: HomeAssistant) -> None:
    for name in ("one", "three"):
        say(hass, f"sensor.{name}", 3.3, "V")
    entry = await set_up(hass, {"cell_voltages": ["sensor.three", "sensor.two", "sensor.one"]})
    await look(entry)
    await (await repairing(hass, entry)).async_step_leave_out()
    assert entry.options["entities"] == {"cell_voltages": ["sensor.three", "sensor.one"]}
    await hass.async_block_till_done()


@pytest.mark.parametrize("step", ["choose", "leave_out"])
async def test_a_repair_of_a_battery_that_was_removed_ends(hass: HomeAssistant, step: str) -> None:
    entry = await bereft(hass)
    flow = await repairing(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    result = await getattr(flow, f"async_step_{step}")()
    assert result["type"] is FlowResultType.CREATE_ENTRY
