"""Joining batteries that are not alike: the person is told who differs in what, and decides."""

from typing import Any

import pytest

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant

from ..words import DE, EN
from .forms import fields_of, shown
from .virtual_forms import (
    batteries,
    battery,
    begin,
    created,
    joined,
    keys_of,
    members,
    members_of,
    reconfigure,
    submit,
)

pytestmark = pytest.mark.usefixtures("only_forms")


def told(result: ConfigFlowResult, difference: str) -> list[str]:
    """Return what the form tells about a difference, in both languages."""
    given = result["description_placeholders"] or {}
    return [
        words["config"]["step"]["differences"]["data_description"][f"accept_{difference}"].format_map(given)
        for words in (EN, DE)
    ]


async def compared(hass: HomeAssistant, kind: str, *titles: str) -> ConfigFlowResult:
    """Choose members that are not alike."""
    result = await submit(hass, await begin(hass, kind), members(*titles))
    assert result["step_id"] == "differences", result
    return result


async def test_another_number_of_cells_is_told_with_the_names(hass: HomeAssistant) -> None:
    battery(hass, "House", cells=4)
    battery(hass, "Boat", cells=8)
    result = await compared(hass, "parallel", "House", "Boat")
    assert set(fields_of(result)) == {"accept_cells"}
    assert shown(result) == {"accept_cells": False}
    assert all("House: 4, Boat: 8." in text for text in told(result, "cells"))


async def test_another_chemistry_is_told_with_the_names(hass: HomeAssistant) -> None:
    battery(hass, "House")
    battery(hass, "Boat", chemistry="lead_acid")
    battery(hass, "Shed", chemistry=None)
    result = await compared(hass, "series", "House", "Boat", "Shed")
    assert set(fields_of(result)) == {"accept_chemistry"}
    assert all("House: LiFePO4, Boat: Pb." in text for text in told(result, "chemistry"))


async def test_voltages_far_apart_are_told_with_the_names(hass: HomeAssistant) -> None:
    battery(hass, "House", voltage=13.3)
    battery(hass, "Boat", voltage=12.9)
    result = await compared(hass, "parallel", "House", "Boat")
    assert set(fields_of(result)) == {"accept_voltage"}
    assert all("House: 13.30 V, Boat: 12.90 V" in text for text in told(result, "voltage"))


async def test_unlike_capacities_in_series_are_told_with_the_names(hass: HomeAssistant) -> None:
    battery(hass, "House", capacity=280.0)
    battery(hass, "Boat", capacity=100.0)
    result = await compared(hass, "series", "House", "Boat")
    assert set(fields_of(result)) == {"accept_capacity"}
    assert all("House: 280 Ah, Boat: 100 Ah." in text for text in told(result, "capacity"))


@pytest.mark.parametrize("kind", ["series", "parallel", "merged"])
async def test_a_battery_that_counts_twice_is_named(hass: HomeAssistant, kind: str) -> None:
    batteries(hass, "Left", "Middle", "Right")
    joined(hass, "series", "String", "Left", "Middle", cells=4)
    result = await compared(hass, kind, "Right", "String", "Middle")
    assert set(fields_of(result)) == {"accept_twice"}
    assert all(text.startswith("Middle ") for text in told(result, "twice"))


async def test_who_accepts_all_goes_on(hass: HomeAssistant) -> None:
    battery(hass, "House", cells=4)
    battery(hass, "Boat", cells=8, chemistry="li_ion")
    result = await compared(hass, "series", "House", "Boat")
    result = await submit(hass, result, {"accept_cells": True, "accept_chemistry": True})
    assert shown(result) == {"cells": 12, "use": "stationary"}
    entry, _settings = await created(hass, result)
    assert members_of(entry) == keys_of("House", "Boat")


@pytest.mark.parametrize(
    "accepted",
    [{}, {"accept_cells": True}, {"accept_chemistry": True, "accept_cells": False}],
)
async def test_who_does_not_accept_all_chooses_again(hass: HomeAssistant, accepted: dict[str, Any]) -> None:
    battery(hass, "House", cells=4)
    battery(hass, "Boat", cells=8, chemistry="li_ion")
    battery(hass, "Shed", cells=4)
    result = await submit(hass, await begin(hass, "series"), members("House", "Boat", name="Bank"))
    result = await submit(hass, result, accepted)
    assert (result["step_id"], result["errors"]) == ("series", {})
    assert shown(result)["members"] == keys_of("House", "Boat")
    assert shown(result)["name"] == "Bank"
    result = await submit(hass, result, members("House", "Shed", name="Bank"))
    entry, _settings = await created(hass, result)
    assert (entry.title, members_of(entry)) == ("Bank", keys_of("House", "Shed"))


async def test_batteries_of_which_nothing_is_known_are_joined_without_a_question(hass: HomeAssistant) -> None:
    battery(hass, "House", cells=None, chemistry=None)
    battery(hass, "Boat")
    result = await submit(hass, await begin(hass, "parallel"), members("House", "Boat"))
    assert result["step_id"] == "virtual_battery"


async def test_a_nested_battery_is_compared_by_what_its_members_are(hass: HomeAssistant) -> None:
    batteries(hass, "A", "B", "C", "D", "E")
    joined(hass, "series", "Left", "A", "B")
    joined(hass, "parallel", "Right", "C", "D")
    result = await compared(hass, "parallel", "Left", "Right")
    assert all("Left: 8, Right: 4." in text for text in told(result, "cells"))


async def test_stored_circles_do_not_hang_the_form(hass: HomeAssistant) -> None:
    """Options come from files, too."""
    battery(hass, "A")
    joined(hass, "series", "One", "A", "Two")
    joined(hass, "series", "Two", "A", "One")
    result = await submit(hass, await begin(hass, "parallel"), members("One", "A"))
    assert result["step_id"] == "differences"


async def test_only_new_members_are_asked_about_when_it_is_changed(hass: HomeAssistant) -> None:
    battery(hass, "House", cells=4)
    battery(hass, "Boat", cells=8)
    battery(hass, "Shed", cells=4)
    entry = joined(hass, "series", "Bank", "House", "Boat", "Shed")
    result = await submit(hass, await reconfigure(hass, entry), members("Boat", "House"))
    assert result["reason"] == "reconfigure_successful"
    result = await submit(hass, await reconfigure(hass, entry), members("Boat", "House", "Shed"))
    assert result["step_id"] == "differences"
    result = await submit(hass, result, {"accept_cells": False})
    assert result["step_id"] == "reconfigure_members"
    assert members_of(entry) == keys_of("Boat", "House")
