"""Adding a battery that is made of others, and what is refused about its members."""

from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.judgement_options import failsafe_settings
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import Thresholds
from custom_components.battmon.model.packs.settings import Arrangement
from homeassistant.config_entries import SOURCE_USER, ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from .forms import changed, prefilled, shown
from .virtual_forms import (
    batteries,
    battery,
    begin,
    created,
    joined,
    key_of,
    keys_of,
    members,
    members_of,
    offered,
    reconfigure,
    submit,
    texts_of,
)

pytestmark = pytest.mark.usefixtures("only_forms")

SECTION: dict[str, Any] = {"all": {}}


async def test_two_batteries_become_one_in_series(hass: HomeAssistant) -> None:
    batteries(hass, "Left", "Right")
    result = await submit(hass, await begin(hass, "series"), members("Right", "Left", name=" Bank "))
    assert result["step_id"] == "virtual_battery"
    assert shown(result) == {"chemistry": "lifepo4", "cells": 8, "use": "stationary"}
    result = await submit(hass, result, prefilled(result))
    assert result["step_id"] == "thresholds"
    result = await submit(hass, result, prefilled(result))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.title == "Bank"
    assert entry.unique_id is None
    assert set(entry.data) == {"battery_key", "kind"}
    assert entry.data["kind"] == "series"
    assert members_of(entry) == keys_of("Right", "Left"), "in the order in which they were chosen"
    assert entry.options["member_names"] == {key_of("Right"): "Right", key_of("Left"): "Left"}
    assert entry.options["cell_entities"] is False
    found = failsafe_settings(entry.options).thresholds
    assert found[Kind.LOW_VOLTAGE] == Thresholds(24.0, 22.4)
    assert found[Kind.LOW_CELL] == Thresholds(3.0, 2.8)


@pytest.mark.parametrize(("kind", "cells"), [("series", 12), ("parallel", 4), ("merged", 4)])
async def test_cells_and_chemistry_are_those_of_the_members(
    hass: HomeAssistant, kind: str, cells: int
) -> None:
    batteries(hass, "A", "B", "C")
    result = await submit(hass, await begin(hass, kind), members("A", "B", "C"))
    assert shown(result) == {"chemistry": "lifepo4", "cells": cells, "use": "stationary"}
    entry, settings = await created(hass, result)
    assert settings.arrangement is Arrangement(kind)
    assert entry.title == "A + B + C", "who names it nothing gets the names of the members"


async def test_what_no_member_tells_is_asked(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", cells=None, chemistry=None)
    result = await submit(hass, await begin(hass, "series"), members("A", "B"))
    assert shown(result) == {"use": "stationary"}
    entry, settings = await created(hass, result, cells=8)
    assert (entry.options["cells"], settings.chemistry) == (8, None)


async def test_virtual_batteries_are_members_like_any_other(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C", "D")
    joined(hass, "series", "Left", "A", "B")
    joined(hass, "series", "Right", "C", "D")
    result = await submit(hass, await begin(hass, "parallel"), members("Left", "Right"))
    assert shown(result)["cells"] == 8
    entry, _settings = await created(hass, result)
    assert members_of(entry) == keys_of("Left", "Right")


async def test_a_single_battery_cannot_be_joined(hass: HomeAssistant) -> None:
    battery(hass, "A")
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await submit(hass, menu, {"next_step_id": "virtual"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "too_few_batteries")


async def test_a_form_offers_every_battery_by_a_name_that_tells_it_apart(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "Boat")
    joined(hass, "series", "Bank", "A", "B")
    twin = battery(hass, "Twin")
    hass.config_entries.async_update_entry(twin, title="Boat")
    resting = battery(hass, "Winter")
    await hass.config_entries.async_set_disabled_by(resting.entry_id, ConfigEntryDisabler.USER)
    labels = offered(await begin(hass, "series"))
    assert labels == {
        key_of("A"): "A",
        key_of("B"): "B",
        key_of("Boat"): "Boat (/dev/Boat)",
        key_of("Twin"): "Boat (/dev/Twin)",
        key_of("Winter"): "Winter (disabled)",
        key_of("Bank"): "Bank",
    }


async def test_the_language_of_the_house_is_spoken_in_the_list(hass: HomeAssistant) -> None:
    hass.config.language = "de"
    _other, resting = batteries(hass, "A", "B")
    await hass.config_entries.async_set_disabled_by(resting.entry_id, ConfigEntryDisabler.USER)
    assert offered(await begin(hass, "series"))[key_of("B")] == "B (deaktiviert)"


# What is refused.


@pytest.mark.parametrize("kind", ["series", "parallel", "merged"])
@pytest.mark.parametrize("chosen", [[], ["A"]])
async def test_less_than_two_are_refused(hass: HomeAssistant, kind: str, chosen: list[str]) -> None:
    batteries(hass, "A", "B")
    result = await submit(hass, await begin(hass, kind), members(*chosen))
    assert (result["step_id"], result["errors"]) == (kind, {"members": "too_few_members"})
    result = await submit(hass, result, members("A", "B"))
    assert result["step_id"] == "virtual_battery"


async def test_nobody_chosen_at_all_is_refused(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B")
    result = await submit(hass, await begin(hass, "series"), {})
    assert result["errors"] == {"members": "too_few_members"}


async def test_one_that_is_listed_twice_is_named(hass: HomeAssistant) -> None:
    batteries(hass, "Left", "Right")
    result = await submit(hass, await begin(hass, "parallel"), members("Left", "Right", "Left"))
    assert result["errors"] == {"members": "listed_twice"}
    assert all("Left" in text for text in texts_of(result, "config", "listed_twice"))


async def test_one_that_nobody_knows_is_refused(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B")
    result = await begin(hass, "series")
    for wrong in (["nobody", key_of("A")], "A", 7, None):
        with pytest.raises(InvalidData):
            await submit(hass, result, {"members": wrong, **SECTION})


async def test_one_that_is_removed_while_the_form_is_open_is_named(hass: HomeAssistant) -> None:
    *_others, gone = batteries(hass, "A", "B", "Boat")
    result = await begin(hass, "series")
    await hass.config_entries.async_remove(gone.entry_id)
    result = await submit(hass, result, members("A", "Boat", name="Bank"))
    assert result["errors"] == {"members": "member_removed"}
    assert all("Boat" in text for text in texts_of(result, "config", "member_removed"))
    assert set(offered(result)) == set(keys_of("A", "B"))
    assert shown(result)["members"] == keys_of("A"), "the others stay chosen"
    assert shown(result)["name"] == "Bank"


async def test_one_that_is_removed_later_in_the_dialog_does_no_harm(hass: HomeAssistant) -> None:
    first, _second = batteries(hass, "A", "B")
    result = await submit(hass, await begin(hass, "series"), members("A", "B"))
    await hass.config_entries.async_remove(first.entry_id)
    entry, _settings = await created(hass, result)
    assert members_of(entry) == keys_of("A", "B")


# Reconfiguring.


async def test_reconfiguring_changes_the_members_and_nothing_else(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C")
    entry = joined(hass, "series", "Bank", "A", "B", low_voltage=24.0, rated_for_string=True)
    result = await reconfigure(hass, entry)
    assert result["step_id"] == "reconfigure_members"
    assert shown(result)["members"] == keys_of("A", "B")
    result = await submit(hass, result, changed(result, members=keys_of("C", "A", "B")))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.title == "Bank"
    assert entry.data == {"battery_key": key_of("Bank"), "kind": "series"}
    assert entry.options == {
        "members": keys_of("C", "A", "B"),
        "member_names": {key_of(title): title for title in "CAB"},
        "low_voltage": 24.0,
        "rated_for_string": True,
    }


async def test_a_battery_cannot_be_its_own_grandparent(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C")
    entry = joined(hass, "series", "String", "A", "B")
    joined(hass, "parallel", "Bank", "String", "C")
    joined(hass, "merged", "House", "Bank", "C")
    result = await reconfigure(hass, entry)
    assert key_of("String") not in offered(result)
    result = await submit(hass, result, members("A", "House"))
    assert result["errors"] == {"members": "circle"}
    assert all("House" in text for text in texts_of(result, "config", "circle"))
    assert members_of(entry) == keys_of("A", "B")


async def test_a_merged_battery_is_reconfigured_without_all_but(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B")
    entry = joined(hass, "merged", "House", "A", "B", quantities={key_of("A"): ["voltage"]})
    result = await reconfigure(hass, entry)
    assert shown(result) == {"members": keys_of("A", "B")}
    result = await submit(hass, result, members("B", "A"))
    assert result["reason"] == "reconfigure_successful"
    assert members_of(entry) == keys_of("B", "A")
    assert entry.options["quantities"] == {key_of("A"): ["voltage"]}


async def test_a_real_battery_is_reconfigured_as_before(hass: HomeAssistant) -> None:
    entry = battery(hass, "A")
    result: Any = await reconfigure(hass, entry)
    assert result["menu_options"] == ["reconfigure_bluetooth", "reconfigure_serial"]
