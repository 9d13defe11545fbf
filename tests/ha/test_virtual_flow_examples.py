"""BatteryAggregator's three documented examples, in forms: what its configuration says, ours says, too."""

import pytest

from custom_components.battmon.model.packs.settings import Arrangement, Source
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .forms import changed
from .option_forms import choose, save
from .option_forms import submit as submit_options
from .virtual_forms import (
    all_but,
    batteries,
    begin,
    created,
    key_of,
    keys_of,
    members,
    members_of,
    settings_of,
    submit,
)

pytestmark = pytest.mark.usefixtures("only_forms")

NO_CELLS = {"cells": None, "chemistry": None}


async def add(hass: HomeAssistant, kind: str, **form: object) -> ConfigEntry:
    """Join batteries that are alike."""
    entry, _settings = await created(hass, await submit(hass, await begin(hass, kind), form))
    return entry


async def test_exclude_a_shunt_from_aggregation(hass: HomeAssistant) -> None:
    batteries(hass, "ttyS6", "ttyS7")
    batteries(hass, "Shunt", **NO_CELLS)
    entry = await add(hass, "parallel", **all_but("Shunt"))
    assert members_of(entry) == keys_of("ttyS6", "ttyS7")
    assert entry.options["all_but"] is True
    assert entry.options["excluded"] == keys_of("Shunt")


async def test_aggregate_all_with_the_state_of_charge_of_a_shunt_taking_precedence(
    hass: HomeAssistant,
) -> None:
    batteries(hass, "ttyS6", "ttyS7")
    batteries(hass, "ttyS5", **NO_CELLS)
    entry = await add(hass, "parallel", **all_but("ttyS5"))
    result = await choose(hass, entry, "sources")
    result = await submit_options(hass, result, {"primary": keys_of("ttyS5")})
    assert result["step_id"] == "primary_quantities"
    await save(hass, result, quantities=["state_of_charge"])
    settings = settings_of(entry)
    assert settings.primary == (Source(key=key_of("ttyS5"), quantities=frozenset({"state_of_charge"})),)
    assert [source.key for source in settings.members] == keys_of("ttyS6", "ttyS7")


async def test_two_virtual_batteries_each_of_a_bms_and_a_shunt_and_both_aggregated(
    hass: HomeAssistant,
) -> None:
    batteries(hass, "ttyUSB0", "ttyUSB1")
    batteries(hass, "ttyS6", "ttyS7", **NO_CELLS)
    first = await add(hass, "merged", **members("ttyS6", "ttyUSB0", name="virtual1"))
    second = await add(hass, "merged", **members("ttyS7", "ttyUSB1", name="virtual2"))
    parts = [first.data["battery_key"], second.data["battery_key"]]
    # "All" takes nothing in that is a part of a member already.
    bank = await add(hass, "parallel", name="Bank", **{**all_but(), "members": parts})
    assert members_of(bank) == parts
    assert settings_of(bank).arrangement is Arrangement.PARALLEL
    assert [source.key for source in settings_of(first).members] == keys_of("ttyS6", "ttyUSB0")
    # The more advanced syntax of the same example: only the state of charge of the shunt.
    result = await choose(hass, first, "sources")
    result = await submit_options(hass, result, {"quantities": keys_of("ttyS6")})
    assert result["step_id"] == "member_quantities"
    await save(hass, result, quantities=["state_of_charge"])
    limited = Source(key=key_of("ttyS6"), quantities=frozenset({"state_of_charge"}))
    assert settings_of(first).members == (limited, Source(key=key_of("ttyUSB0")))


async def test_auxiliary_sources_a_fixed_capacity_and_the_minimum_voltage(hass: HomeAssistant) -> None:
    """What else its configuration can say."""
    batteries(hass, "A", "B")
    batteries(hass, "Meta", "Last", **NO_CELLS)
    entry = await add(hass, "parallel", **members("A", "B"))
    result = await choose(hass, entry, "sources")
    result = await submit_options(hass, result, {"auxiliary": keys_of("Meta", "Last")})
    result = await submit_options(hass, result, {})
    assert result["step_id"] == "auxiliary_quantities"
    await save(hass, result, quantities=["temperatures", "cycle_count"])
    result = await choose(hass, entry, "pack")
    await save(hass, result, pack_capacity=200, minimum_voltage=True)
    settings = settings_of(entry)
    assert settings.auxiliary == (
        Source(key=key_of("Meta")),
        Source(key=key_of("Last"), quantities=frozenset({"temperatures", "cycle_count"})),
    )
    assert (settings.capacity, settings.minimum_voltage) == (200, True)


async def test_the_form_shows_what_was_saved(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C")
    entry = await add(hass, "parallel", **all_but("C"))
    result = await choose(hass, entry, "members")
    await save(hass, result)
    assert (members_of(entry), entry.options["excluded"]) == (keys_of("A", "B"), keys_of("C"))
    assert changed(result)["all"] == {"all_but": True, "excluded": keys_of("C")}
