"""Members that are gone for good, and batteries that are new: what a person is asked, and until when."""

import re
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.member_watch import async_watch_members
from custom_components.battmon.sources import roster_of
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from ..words import DE, EN
from .forms import shown
from .option_forms import save
from .virtual_forms import (
    batteries,
    battery,
    joined,
    key_of,
    keys_of,
    members_of,
)

pytestmark = pytest.mark.usefixtures("only_forms")


async def look(hass: HomeAssistant) -> list[tuple[str, dict[str, str]]]:
    """Return what a person is asked now: the kind of each repair, and the names in it."""
    await hass.async_block_till_done()
    issues = ir.async_get(hass).issues.values()
    return [
        (issue.translation_key or "", issue.translation_placeholders or {})
        for issue in issues
        if issue.domain == DOMAIN and issue.active
    ]


def of_bank(kind: str, member: str) -> tuple[str, dict[str, str]]:
    """Return a repair of the battery called Bank."""
    return kind, {"name": "Bank", "member": member}


async def changed(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options as a restart, an older version or a person might have left them."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


async def disable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Disable a battery that runs."""
    entry.mock_state(hass, ConfigEntryState.LOADED)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)


async def remove(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Remove a battery for good."""
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()


async def fix(hass: HomeAssistant, entry: MockConfigEntry, kind: str, member: str) -> Any:
    """Open a repair."""
    await async_setup_component(hass, REPAIRS, {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    issue_id = f"{kind}_{entry.entry_id}_{key_of(member)}"
    return await manager.async_init(DOMAIN, data={"issue_id": issue_id})


async def answer(hass: HomeAssistant, menu: Any, choice: str) -> Any:
    """Choose from the menu of a repair."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    result = await manager.async_configure(menu["flow_id"], {"next_step_id": choice})
    await hass.async_block_till_done()
    return result


# A member that is gone.


async def test_a_member_that_is_removed_is_told_by_the_name_it_had(hass: HomeAssistant) -> None:
    *_others, boat = batteries(hass, "A", "B", "Boat")
    bank = joined(hass, "series", "Bank", "A", "B", "Boat")
    hass.config_entries.async_update_entry(boat, title="Old boat")
    assert await look(hass) == []
    assert bank.options["member_names"][key_of("Boat")] == "Old boat"
    await remove(hass, boat)
    assert await look(hass) == [of_bank("member_gone", "Old boat")]
    [issue] = [issue for issue in ir.async_get(hass).issues.values() if issue.domain == DOMAIN]
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.ERROR


async def test_the_rest_goes_on_without_it(hass: HomeAssistant) -> None:
    *_others, boat = batteries(hass, "A", "B", "Boat")
    bank = joined(hass, "series", "Bank", "A", "B", "Boat")
    await remove(hass, boat)
    menu = await fix(hass, bank, "member_gone", "Boat")
    assert menu["menu_options"] == ["choose", "leave_out"]
    result = await answer(hass, menu, "leave_out")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert members_of(bank) == keys_of("A", "B")
    assert key_of("Boat") not in bank.options["member_names"]
    assert await look(hass) == []


async def test_another_takes_its_place_in_the_options_that_the_repair_opens(hass: HomeAssistant) -> None:
    boat, *_others = batteries(hass, "Boat", "A", "B", "New boat")
    bank = joined(hass, "series", "Bank", "Boat", "A")
    await remove(hass, boat)
    menu = await fix(hass, bank, "member_gone", "Boat")
    assert menu["menu_options"] == ["choose"], "one alone is no battery of several"
    result = await answer(hass, menu, "choose")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "choose_members")
    assert await look(hass) == [of_bank("member_gone", "Boat")], "nothing is decided yet"
    kind, flow_id = result["next_flow"]
    assert kind == "options_flow"
    opened = hass.config_entries.options.async_get(flow_id)
    assert (opened["handler"], opened["step_id"]) == (bank.entry_id, "members")
    form = await hass.config_entries.options.async_configure(flow_id)
    assert shown(form)["members"] == keys_of("A")
    await save(hass, form, members=keys_of("New boat", "A"))
    assert members_of(bank) == keys_of("New boat", "A")
    assert await look(hass) == []


@pytest.mark.parametrize("part", ["primary", "auxiliary"])
async def test_a_source_that_is_gone_opens_the_sources(hass: HomeAssistant, part: str) -> None:
    *_others, shunt = batteries(hass, "A", "B", "Shunt")
    bank = joined(hass, "parallel", "Bank", "A", "B", **{part: {key_of("Shunt"): ["current"]}})
    await changed(hass, bank, low_voltage=12.0)
    await remove(hass, shunt)
    assert await look(hass) == [of_bank("member_gone", "Shunt")]
    menu = await fix(hass, bank, "member_gone", "Shunt")
    assert menu["menu_options"] == ["choose", "leave_out"]
    result = await answer(hass, menu, "choose")
    assert result["reason"] == "choose_sources"
    flow_id = result["next_flow"][1]
    assert hass.config_entries.options.async_get(flow_id)["step_id"] == "sources"
    hass.config_entries.options.async_abort(flow_id)
    await answer(hass, await fix(hass, bank, "member_gone", "Shunt"), "leave_out")
    assert (bank.options[part], members_of(bank)) == ({}, keys_of("A", "B"))
    assert await look(hass) == []


async def test_a_member_that_is_disabled_is_nobodys_problem(hass: HomeAssistant) -> None:
    *_others, boat = batteries(hass, "A", "B", "Boat")
    joined(hass, "series", "Bank", "A", "B", "Boat")
    await disable(hass, boat)
    assert await look(hass) == []


async def test_a_virtual_battery_that_is_disabled_asks_nothing_until_it_is_enabled(
    hass: HomeAssistant,
) -> None:
    *_others, boat = batteries(hass, "A", "B", "Boat")
    bank = joined(hass, "series", "Bank", "A", "B", "Boat")
    await remove(hass, boat)
    await disable(hass, bank)
    assert await look(hass) == []
    await hass.config_entries.async_set_disabled_by(bank.entry_id, None)
    assert await look(hass) == [of_bank("member_gone", "Boat")]


async def test_a_virtual_battery_that_is_removed_takes_its_questions_along(hass: HomeAssistant) -> None:
    *_others, boat = batteries(hass, "A", "B", "Boat")
    bank = joined(hass, "series", "Bank", "A", "B", "Boat")
    other = joined(hass, "parallel", "House", "A", "Boat", all_but=True, excluded=[])
    await remove(hass, boat)
    assert len(await look(hass)) == 3
    await remove(hass, bank)
    await remove(hass, other)
    assert await look(hass) == []


async def test_other_repairs_are_left_alone(hass: HomeAssistant) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        "wrong_battery_x",
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key="wrong_battery",
        translation_placeholders={"name": "A", "difference": "model"},
    )
    battery(hass, "A")
    await changed(hass, joined(hass, "series", "Bank", "A"))
    assert [kind for kind, _names in await look(hass)] == ["wrong_battery"]


async def test_who_is_gone_since_before_the_start_is_told_at_the_start(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B")
    joined(hass, "series", "Bank", "A", "B", "Boat")
    async_watch_members(hass)
    assert await look(hass) == [of_bank("member_gone", "Boat")]
    assert roster_of(hass).member(key_of("Boat")).name == "Boat", "as its states tell, too"


@pytest.mark.parametrize("choice", ["choose", "leave_out"])
async def test_a_virtual_battery_that_is_removed_while_its_repair_is_open_does_no_harm(
    hass: HomeAssistant, choice: str
) -> None:
    *_others, boat = batteries(hass, "A", "B", "Boat")
    bank = joined(hass, "series", "Bank", "A", "B", "Boat")
    await remove(hass, boat)
    menu = await fix(hass, bank, "member_gone", "Boat")
    await remove(hass, bank)
    result = await answer(hass, menu, choice)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert await look(hass) == []


# A battery that is new.


async def test_a_new_battery_is_asked_about_once_and_taken_in(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", voltage=13.3)
    bank = joined(hass, "parallel", "Bank", "A", "B", all_but=True, excluded=[])
    assert await look(hass) == []
    battery(hass, "Garage", cells=8)
    await changed(hass, bank, low_voltage=12.0)
    assert await look(hass) == [of_bank("new_battery", "Garage")]
    menu = await fix(hass, bank, "new_battery", "Garage")
    assert menu["menu_options"] == ["take_in", "leave_out"]
    assert menu["description_placeholders"] == {
        "cells": "Garage: 8, A: 4, B: 4",
        "chemistry": "Garage: LiFePO4, A: LiFePO4, B: LiFePO4",
        "voltage": "A: 13.30 V, B: 13.30 V",
    }
    await answer(hass, menu, "take_in")
    assert members_of(bank) == keys_of("A", "B", "Garage")
    assert await look(hass) == []


async def test_a_new_battery_that_is_left_out_is_never_asked_about_again(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "Garage")
    bank = joined(hass, "parallel", "Bank", "A", "B", all_but=True, excluded=["OLD"])
    await changed(hass, bank, low_voltage=12.0)
    await answer(hass, await fix(hass, bank, "new_battery", "Garage"), "leave_out")
    assert bank.options["excluded"] == ["OLD", key_of("Garage")]
    await changed(hass, bank, low_voltage=12.1)
    assert await look(hass) == []
    assert members_of(bank) == keys_of("A", "B")


async def test_only_real_batteries_that_are_no_part_of_a_member_are_asked_about(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C", "Shunt", "Heater")
    joined(hass, "series", "String", "B", "C", primary={key_of("Heater"): []})
    options = {"all_but": True, "excluded": [], "primary": {key_of("Shunt"): []}}
    await changed(hass, joined(hass, "parallel", "Bank", "A", "String", **options))
    joined(hass, "parallel", "Other", "A", "B")
    assert await look(hass) == []


async def test_a_question_about_a_battery_that_is_removed_or_disabled_is_withdrawn(
    hass: HomeAssistant,
) -> None:
    *_others, garage, shed = batteries(hass, "A", "B", "Garage", "Shed")
    bank = joined(hass, "parallel", "Bank", "A", "B", all_but=True, excluded=[])
    await changed(hass, bank, low_voltage=12.0)
    assert {names["member"] for _kind, names in await look(hass)} == {"Garage", "Shed"}
    await remove(hass, garage)
    await disable(hass, shed)
    assert await look(hass) == []


async def test_a_battery_that_is_removed_while_its_question_is_open_is_not_taken_in(
    hass: HomeAssistant,
) -> None:
    *_others, garage = batteries(hass, "A", "B", "Garage")
    bank = joined(hass, "parallel", "Bank", "A", "B", all_but=True, excluded=[])
    await changed(hass, bank, low_voltage=12.0)
    menu = await fix(hass, bank, "new_battery", "Garage")
    await remove(hass, garage)
    result = await answer(hass, menu, "take_in")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert members_of(bank) == keys_of("A", "B")


async def test_without_all_but_nobody_is_asked(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "Garage")
    await changed(hass, joined(hass, "parallel", "Bank", "A", "B"), low_voltage=12.0)
    assert await look(hass) == []


@pytest.mark.parametrize("words", [EN, DE], ids=["en", "de"])
@pytest.mark.parametrize(
    ("issue", "menu", "entry"),
    [
        ("member_gone", "virtual", "members"),
        ("member_gone", "virtual", "sources"),
        ("entity_gone", "init", "entities"),
    ],
)
def test_a_repair_that_opens_the_options_says_which_entry_of_their_menu_to_choose(
    words: dict[str, Any], issue: str, menu: str, entry: str
) -> None:
    shown = words["options"]["step"][menu]["menu_options"]
    told = words["issues"][issue]["fix_flow"]["abort"][f"choose_{entry}"]
    assert re.findall("[“„](.+?)[”“]", told) == [shown[entry]]


@pytest.mark.parametrize("words", [EN, DE], ids=["en", "de"])
def test_a_repair_names_both_batteries(words: dict[str, Any]) -> None:
    for kind in ("member_gone", "new_battery"):
        for text in (
            words["issues"][kind]["title"],
            words["issues"][kind]["fix_flow"]["step"]["init"]["title"],
        ):
            assert {"{name}", "{member}"} <= set(text.replace("?", " ").replace(",", " ").split())
