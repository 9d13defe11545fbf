"""Which quantities of a virtual battery are taken from where."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.model.packs.overlay import QUANTITIES
from custom_components.battmon.model.packs.settings import Source
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from .forms import fields_of, shown
from .option_forms import asks, choose, said, save, submit
from .virtual_forms import (
    batteries,
    joined,
    key_of,
    keys_of,
    members_of,
    offered,
    settings_of,
)

pytestmark = pytest.mark.usefixtures("only_forms")


@pytest.fixture
def bank(hass: HomeAssistant) -> MockConfigEntry:
    """Two in parallel, and a shunt and a heater beside them."""
    batteries(hass, "A", "B", "Shunt", "Heater")
    return joined(hass, "parallel", "Bank", "A", "B")


@pytest.fixture
def seen_twice(hass: HomeAssistant) -> MockConfigEntry:
    """One battery that two devices see."""
    batteries(hass, "Shunt", "Bms", "Other")
    return joined(hass, "merged", "House", "Shunt", "Bms")


def of(title: str, *quantities: str) -> Source:
    """Return what a source of the pure part looks like."""
    return Source(key=key_of(title), quantities=frozenset(quantities))


def named(result: ConfigFlowResult) -> str:
    """Return the battery that a form asks about."""
    return (result["description_placeholders"] or {})["member"]


async def test_sources_are_asked_about_one_after_the_other(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    result = await choose(hass, bank, "sources")
    assert fields_of(result).keys() == {"primary", "auxiliary"}
    assert set(offered(result, "primary")) == set(keys_of("Shunt", "Heater")), "members are no sources"
    chosen = {"primary": keys_of("Shunt", "Heater"), "auxiliary": keys_of("Heater")}
    result = await submit(hass, result, chosen)
    assert (result["step_id"], named(result)) == ("primary_quantities", "Shunt")
    result = await submit(hass, result, {"quantities": ["current", "power"]})
    assert (result["step_id"], named(result)) == ("primary_quantities", "Heater")
    result = await submit(hass, result, {"quantities": ["temperatures"]})
    assert (result["step_id"], named(result)) == ("auxiliary_quantities", "Heater")
    result = await submit(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    found = settings_of(bank)
    assert found.primary == (of("Shunt", "current", "power"), of("Heater", "temperatures"))
    assert found.auxiliary == (of("Heater"),)
    assert members_of(bank) == keys_of("A", "B")
    assert bank.options["member_names"] == {key_of(title): title for title in ("A", "B", "Shunt", "Heater")}


async def test_the_forms_show_what_was_saved(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    stored = {key_of("Shunt"): ["power", "current"], key_of("Heater"): []}
    hass.config_entries.async_update_entry(bank, options={**bank.options, "primary": stored})
    result = await choose(hass, bank, "sources")
    assert shown(result) == {"primary": keys_of("Shunt", "Heater"), "auxiliary": []}
    result = await submit(hass, result, {"primary": keys_of("Heater", "Shunt")})
    assert shown(result) == {"quantities": []}
    result = await submit(hass, result, shown(result))
    assert shown(result) == {"quantities": ["power", "current"]}
    await save(hass, result)
    assert list(bank.options["primary"].items()) == [
        (key_of("Heater"), []),
        (key_of("Shunt"), ["power", "current"]),
    ], "the order is that of precedence"


async def test_sources_can_be_taken_away_again(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    options = {**bank.options, "primary": {key_of("Shunt"): []}, "auxiliary": {key_of("Heater"): []}}
    hass.config_entries.async_update_entry(bank, options=options)
    await save(hass, await choose(hass, bank, "sources"), primary=None, auxiliary=None)
    assert not {"primary", "auxiliary"} & bank.options.keys()
    assert bank.options["member_names"] == {key_of("A"): "A", key_of("B"): "B"}


async def test_a_device_of_a_merged_battery_can_give_only_some_quantities(
    hass: HomeAssistant, seen_twice: MockConfigEntry
) -> None:
    result = await choose(hass, seen_twice, "sources")
    assert set(offered(result, "quantities")) == set(keys_of("Shunt", "Bms"))
    assert set(offered(result, "auxiliary")) == set(keys_of("Other"))
    result = await submit(hass, result, {"quantities": keys_of("Shunt")})
    assert (result["step_id"], named(result)) == ("member_quantities", "Shunt")
    await save(hass, result, quantities=["current", "state_of_charge"])
    assert settings_of(seen_twice).members == (of("Shunt", "current", "state_of_charge"), of("Bms"))
    # What is said of a device goes with it.
    result = await choose(hass, seen_twice, "members")
    await save(hass, result, members=keys_of("Bms", "Other"))
    assert settings_of(seen_twice).members == (of("Bms"), of("Other"))
    assert seen_twice.options["quantities"] == {}


async def test_every_quantity_can_be_chosen_and_no_other(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    result = await submit(hass, await choose(hass, bank, "sources"), {"primary": keys_of("Shunt")})
    for wrong in (["volts"], "voltage", ["voltage", None]):
        with pytest.raises(InvalidData):
            await submit(hass, result, {"quantities": wrong})
    await save(hass, result, quantities=[*QUANTITIES, "voltage"])
    assert bank.options["primary"] == {key_of("Shunt"): [*QUANTITIES]}


async def test_a_quantity_that_is_no_longer_offered_is_left_out(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    stored = {key_of("Shunt"): ["voltage", "colour"]}
    hass.config_entries.async_update_entry(bank, options={**bank.options, "primary": stored})
    result = await choose(hass, bank, "sources")
    result = await submit(hass, result, shown(result))
    await save(hass, result)
    assert bank.options["primary"] == {key_of("Shunt"): ["voltage"]}


async def test_a_source_that_is_listed_twice_is_named(hass: HomeAssistant, bank: MockConfigEntry) -> None:
    result = await choose(hass, bank, "sources")
    result = await submit(hass, result, {"primary": keys_of("Shunt", "Heater", "Shunt")})
    assert asks(result, "sources", primary="listed_twice")
    assert all("Shunt" in text for text in said(result))


@pytest.mark.parametrize("part", ["primary", "auxiliary"])
async def test_a_source_that_is_made_of_this_battery_is_named(
    hass: HomeAssistant, bank: MockConfigEntry, part: str
) -> None:
    joined(hass, "series", "Street", "Bank", "Shunt")
    joined(hass, "parallel", "Town", "Heater", "Shunt", auxiliary={key_of("Street"): []})
    result = await submit(hass, await choose(hass, bank, "sources"), {part: keys_of("Shunt", "Town")})
    assert asks(result, "sources", **{part: "circle"})
    assert all("Town" in text for text in said(result))
    assert shown(result)[part] == keys_of("Shunt", "Town")


async def test_a_source_that_is_removed_while_the_form_is_open_is_named(
    hass: HomeAssistant, bank: MockConfigEntry
) -> None:
    result = await choose(hass, bank, "sources")
    shunt = next(entry for entry in hass.config_entries.async_entries("battmon") if entry.title == "Shunt")
    await hass.config_entries.async_remove(shunt.entry_id)
    result = await submit(hass, result, {"primary": keys_of("Shunt", "Heater")})
    assert asks(result, "sources", primary="member_removed")
    assert all("Shunt" in text for text in said(result))
    assert shown(result)["primary"] == keys_of("Heater")
