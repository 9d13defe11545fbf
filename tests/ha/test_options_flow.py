"""Options: how a battery is read and shown, and what it may be commanded."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from ..battery import ALLOW_ALL, Bench, shown
from .house import FAST, add, coordinator_of, keys

CELLS = {f"cell_{number}" for number in range(1, 5)}
NOTHING_ALLOWED = dict.fromkeys(ALLOW_ALL, False)


async def form(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> ConfigFlowResult:
    """Choose a form from the menu."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["sampling", "commands"]
    result = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": step})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step)
    return result


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    assert result["data_schema"] is not None
    values = {}
    for key in result["data_schema"].schema:
        description = key.description or {}
        values[str(key)] = description.get("suggested_value", key.default())
    return values


async def save(hass: HomeAssistant, entry: MockConfigEntry, step: str, **values: Any) -> None:
    """Fill in a form from the menu and save it; the battery reloads."""
    result = await form(hass, entry, step)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {**suggested(result), **values}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_the_forms_show_the_defaults_and_then_what_was_saved(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), {})
    defaults = {"interval": 2.0, "publish_interval": 10.0, "cell_entities": True}
    assert suggested(await form(hass, entry, "sampling")) == defaults
    assert suggested(await form(hass, entry, "commands")) == NOTHING_ALLOWED
    await save(hass, entry, "sampling", interval=0.5, publish_interval=30, cell_entities=False)
    await save(hass, entry, "commands", allow_charging=True)
    assert suggested(await form(hass, entry, "sampling")) == {
        "interval": 0.5,
        "publish_interval": 30,
        "cell_entities": False,
    }
    assert suggested(await form(hass, entry, "commands")) == {**NOTHING_ALLOWED, "allow_charging": True}


async def test_one_form_keeps_what_the_other_saved(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, entry, "commands", allow_discharging=True)
    await save(hass, entry, "sampling", interval=0.2)
    await save(hass, entry, "commands", allow_balancing=True)
    assert entry.options == {
        **FAST,
        **NOTHING_ALLOWED,
        "interval": 0.2,
        "cell_entities": True,
        "allow_discharging": True,
        "allow_balancing": True,
    }


async def test_the_intervals_take_effect_at_once(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), {})
    await save(hass, entry, "sampling", interval=30)
    assert coordinator_of(entry).interval == 30
    assert coordinator_of(entry).settings.unhealthy_after == 90


@pytest.mark.parametrize("field", ["interval", "publish_interval"])
async def test_intervals_out_of_range_are_not_taken(hass: HomeAssistant, bench: Bench, field: str) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await form(hass, entry, "sampling")
    for value in (0, 0.09, 3600.1, -1, "soon"):
        with pytest.raises(InvalidData):
            await hass.config_entries.options.async_configure(
                result["flow_id"], {**suggested(result), field: value}
            )
    assert entry.options == FAST


@pytest.mark.parametrize("value", [0.1, 3600])
async def test_the_limits_themselves_are_taken(hass: HomeAssistant, bench: Bench, value: float) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, entry, "sampling", interval=value, publish_interval=value)
    assert (entry.options["interval"], entry.options["publish_interval"]) == (value, value)


async def test_a_permission_withdrawn_removes_its_switch_and_only_that(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    assert keys(hass, entry, "switch") == set()
    await save(hass, entry, "commands", **ALLOW_ALL)
    assert keys(hass, entry, "switch") == {"charging", "discharging", "balancing"}
    sensors = keys(hass, entry, "sensor")
    await save(hass, entry, "commands", allow_discharging=False)
    assert keys(hass, entry, "switch") == {"charging", "balancing"}
    assert keys(hass, entry, "sensor") == sensors
    await save(hass, entry, "commands", **NOTHING_ALLOWED)
    assert keys(hass, entry, "switch") == set()
    assert hass.states.async_entity_ids("switch") == []


async def test_cells_go_and_come_back_as_entities(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    others = keys(hass, entry, "sensor") - CELLS
    assert keys(hass, entry, "sensor") > CELLS
    await save(hass, entry, "sampling", cell_entities=False)
    assert keys(hass, entry, "sensor") == others
    assert {"lowest_cell", "highest_cell", "cell_imbalance"} < others
    await save(hass, entry, "sampling", cell_entities=True)
    assert keys(hass, entry, "sensor") == others | CELLS
    assert float(shown(hass, entry, "sensor", "cell_4")) > 3
