"""Options of a battery that is made of others: all of it can be changed later, and only that changes."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.model.packs.settings import PackSettings
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData

from ..words import DE, EN
from .forms import changed, fields_of, prefilled, shown
from .option_forms import asks, choose, is_about, judged, said, save, submit, thresholds
from .option_forms import expected as suggested_for
from .virtual_forms import (
    all_but,
    batteries,
    battery,
    joined,
    key_of,
    keys_of,
    members,
    members_of,
    settings_of,
)

pytestmark = pytest.mark.usefixtures("only_forms")

MENU = ["members", "sources", "pack", "battery", "failsafe", "commands", "display"]
SPREADS = {"state_of_charge_spread", "cell_imbalance_limit"}


@pytest.fixture
def bank(hass: HomeAssistant) -> MockConfigEntry:
    """Two in series, and a third one beside them."""
    batteries(hass, "A", "B", "C")
    return joined(hass, "series", "Bank", "A", "B")


@pytest.mark.parametrize("kind", ["series", "parallel", "merged"])
async def test_a_virtual_battery_has_a_menu_of_its_own(hass: HomeAssistant, kind: str) -> None:
    batteries(hass, "A", "B")
    entry = joined(hass, kind, "Bank", "A", "B")
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert (menu["step_id"], menu["menu_options"]) == ("virtual", MENU)
    again = await hass.config_entries.options.async_configure(menu["flow_id"])
    assert again["step_id"] == "virtual", "a menu can be looked at twice"


@pytest.mark.parametrize(
    ("words", "entry", "untrue"),
    [
        (EN, "battery", "apacity"),
        (DE, "battery", "apazität"),
    ],
)
def test_its_menu_promises_nothing_that_its_forms_do_not_have(
    words: dict[str, Any], entry: str, untrue: str
) -> None:
    steps = words["options"]["step"]
    assert untrue not in steps["virtual"]["menu_option_descriptions"][entry]
    assert untrue in steps["init"]["menu_option_descriptions"][entry]


@pytest.mark.parametrize("words", [EN, DE], ids=["en", "de"])
def test_its_menu_calls_the_forms_that_every_battery_has_by_the_same_names(words: dict[str, Any]) -> None:
    own, common = (words["options"]["step"][step]["menu_options"] for step in ("virtual", "init"))
    assert {entry: own[entry] for entry in own.keys() & common.keys()} == {
        entry: common[entry] for entry in ("battery", "failsafe", "commands", "display")
    }


async def test_a_real_battery_has_none_of_it(hass: HomeAssistant) -> None:
    menu = await hass.config_entries.options.async_init(battery(hass, "A").entry_id)
    assert not any(step in (menu["menu_options"] or ()) for step in ("members", "sources", "pack"))


# Members.


async def test_members_and_their_order_change_and_all_else_stays(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    kept = {"low_voltage": 24.0, "rated_for_string": True, "cell_entities": False}
    hass.config_entries.async_update_entry(bank, options={**bank.options, **kept})
    result = await choose(hass, bank, "members")
    assert shown(result)["members"] == keys_of("A", "B")
    await save(hass, result, members=keys_of("C", "A", "B"))
    assert bank.options == {
        **kept,
        "members": keys_of("C", "A", "B"),
        "member_names": {key_of(title): title for title in "CAB"},
    }


@pytest.mark.parametrize(
    ("chosen", "error"),
    [(["A"], "too_few_members"), (["A", "B", "B"], "listed_twice"), (["A", "Street"], "circle")],
)
async def test_what_cannot_be_is_refused_and_nothing_is_saved(
    hass: HomeAssistant, bank: MockConfigEntry, chosen: list[str], error: str
) -> None:
    joined(hass, "parallel", "House", "Bank", "C")
    joined(hass, "parallel", "Street", "House", "C")
    before = dict(bank.options)
    result = await submit(hass, await choose(hass, bank, "members"), members(*chosen))
    assert asks(result, "members", members=error)
    if error != "too_few_members":
        assert all(chosen[-1] in text for text in said(result))
    assert bank.options == before


async def test_one_that_is_removed_while_the_form_is_open_is_named(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    result = await choose(hass, bank, "members")
    boat = battery(hass, "Boat")
    result = await choose(hass, bank, "members")
    await hass.config_entries.async_remove(boat.entry_id)
    result = await submit(hass, result, members("A", "Boat"))
    assert asks(result, "members", members="member_removed")
    assert all("Boat" in text for text in said(result))


async def test_another_number_of_cells_is_told_here_as_well(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    battery(hass, "Boat", cells=8)
    result = await submit(hass, await choose(hass, bank, "members"), members("A", "B", "Boat"))
    assert result["step_id"] == "differences"
    given = result["description_placeholders"] or {}
    for words in (EN, DE):
        text = words["options"]["step"]["differences"]["data_description"]["accept_cells"]
        assert "A: 4, B: 4, Boat: 8." in text.format_map(given)
    again = await submit(hass, result, {})
    assert (again["step_id"], shown(again)["members"]) == ("members", keys_of("A", "B", "Boat"))
    result = await submit(hass, again, members("A", "B", "Boat"))
    await save(hass, result, accept_cells=True)
    assert members_of(bank) == keys_of("A", "B", "Boat")


async def test_a_member_that_is_gone_is_not_offered_any_more(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(bank, options={"members": ["GONE", *keys_of("A", "B")]})
    result = await choose(hass, bank, "members")
    assert shown(result)["members"] == keys_of("A", "B")
    await save(hass, result)
    assert members_of(bank) == keys_of("A", "B")


# All but.


async def test_all_but_takes_in_who_is_there_and_no_part_of_a_member(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C", "D", "Shunt")
    joined(hass, "series", "String", "C", "D")
    entry = joined(hass, "parallel", "Bank", "A", "String")
    result = await submit(hass, await choose(hass, entry, "members"), all_but("Shunt", **members("String")))
    assert result["step_id"] == "differences", "a string has other cells than one of its parts"
    await save(hass, result, accept_cells=True)
    assert members_of(entry) == keys_of("String", "A", "B")
    assert entry.options["excluded"] == keys_of("Shunt")


async def test_who_is_taken_out_of_all_counts_as_excluded(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C", "D")
    entry = joined(hass, "parallel", "Bank", "A", "B", "C", all_but=True, excluded=[])
    result = await choose(hass, entry, "members")
    assert changed(result)["all"] == {"all_but": True, "excluded": []}
    await save(hass, result, members=keys_of("A", "B"))
    assert members_of(entry) == keys_of("A", "B"), "D is asked about elsewhere"
    assert entry.options["excluded"] == keys_of("C")


async def test_who_is_a_member_and_excluded_is_named(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C")
    entry = joined(hass, "parallel", "Bank", "A", "B")
    result = await choose(hass, entry, "members")
    result = await submit(hass, result, all_but("B", **members("A", "B")))
    assert asks(result, "members", all="member_excluded")
    assert all(text.startswith("B ") for text in said(result))


async def test_all_but_ends_with_the_members_that_it_had(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C")
    entry = joined(hass, "parallel", "Bank", "A", "B", all_but=True, excluded=keys_of("C"))
    await save(hass, await choose(hass, entry, "members"), all_but=False)
    assert members_of(entry) == keys_of("A", "B")
    assert not {"all_but", "excluded"} & entry.options.keys()


async def test_a_source_is_no_member_of_all(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "Shunt")
    entry = joined(hass, "parallel", "Bank", "A", "B", primary={key_of("Shunt"): []})
    result = await choose(hass, entry, "members")
    await save(hass, result, all_but=True)
    assert members_of(entry) == keys_of("A", "B")


# How members are judged together.


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("series", {"pack_capacity", "current_spread", "rated_for_string", *SPREADS}),
        (
            "parallel",
            {"pack_capacity", "voltage_spread", "minimum_voltage", "partial_sums", "strict", *SPREADS},
        ),
        ("merged", {"pack_capacity", "cell_imbalance_limit"}),
    ],
)
async def test_a_form_asks_only_what_matters_for_its_kind(
    hass: HomeAssistant, kind: str, fields: set[str]
) -> None:
    batteries(hass, "A", "B")
    result = await choose(hass, joined(hass, kind, "Bank", "A", "B"), "pack")
    assert fields_of(result).keys() == fields
    assert not any(prefilled(result).values()), "all is as the rules say"


SET: dict[str, Any] = {
    "pack_capacity": 200,
    "voltage_spread": 0.5,
    "state_of_charge_spread": 20,
    "cell_imbalance_limit": 0.3,
    "minimum_voltage": True,
    "partial_sums": True,
    "strict": True,
}


async def test_what_is_set_is_in_force_and_what_is_cleared_follows_the_rules_again(
    hass: HomeAssistant,
) -> None:
    batteries(hass, "A", "B")
    entry = joined(hass, "parallel", "Bank", "A", "B")
    await save(hass, await choose(hass, entry, "pack"), **SET)
    found = settings_of(entry)
    assert (found.capacity, found.voltage_spread, found.state_of_charge_spread) == (200, 0.5, 20)
    assert (found.cell_imbalance, found.minimum_voltage, found.partial_sums, found.strict) == (
        0.3,
        True,
        True,
        True,
    )
    result = await choose(hass, entry, "pack")
    assert shown(result) == SET
    nothing = {field: False if value is True else None for field, value in SET.items()}
    await save(hass, result, **nothing)
    assert settings_of(entry) == PackSettings(arrangement=found.arrangement, members=found.members)
    assert not {"pack_capacity", "voltage_spread"} & entry.options.keys()


async def test_a_limit_of_zero_is_kept_as_off(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    await save(hass, await choose(hass, bank, "pack"), current_spread=0, cell_imbalance_limit=0)
    assert (settings_of(bank).current_spread, settings_of(bank).cell_imbalance) == (0, 0)
    assert shown(await choose(hass, bank, "pack"))["current_spread"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pack_capacity", 0),
        ("pack_capacity", -5),
        ("pack_capacity", float("nan")),
        ("current_spread", -1),
        ("state_of_charge_spread", 101),
        ("cell_imbalance_limit", 2.1),
        ("cell_imbalance_limit", "much"),
    ],
)
async def test_what_is_no_limit_is_not_taken(
    hass: HomeAssistant, bank: MockConfigEntry, field: str, value: Any
) -> None:
    result = await choose(hass, bank, "pack")
    with pytest.raises(InvalidData):
        await submit(hass, result, changed(result, **{field: value}))


async def test_a_string_must_be_stated_to_be_safe_and_can_be_taken_back(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    await save(hass, await choose(hass, bank, "pack"), rated_for_string=True)
    assert bank.options["rated_for_string"] is True
    await save(hass, await choose(hass, bank, "pack"), rated_for_string=False)
    assert bank.options["rated_for_string"] is False
    for words in (EN, DE):
        risk = words["options"]["step"]["pack"]["data_description"]["rated_for_string"]
        assert "MOSFET" in risk


# What every battery has.


async def test_it_is_read_at_no_interval_of_its_own(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    result = await choose(hass, bank, "display")
    assert fields_of(result).keys() == {"publish_interval", "cell_entities", "internal"}
    await save(hass, result, publish_interval=30, internal=True)
    assert (bank.options["publish_interval"], bank.options["internal"]) == (30, True)


async def test_its_capacity_is_asked_once(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    real = fields_of(await choose(hass, battery(hass, "Real"), "battery")).keys()
    assert fields_of(await choose(hass, bank, "battery")).keys() == real - {"capacity"}


async def test_thresholds_are_suggested_for_the_cells_of_all(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    result = await thresholds(hass, bank, chemistry="lifepo4", use="stationary", suggest=True)
    await save(hass, result)
    assert is_about(judged(bank), suggested_for("lifepo4", 8))
