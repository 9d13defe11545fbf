"""The cells of a virtual battery: in the action `get_cells`, and as entities where somebody wants them."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.memory import STORE
from custom_components.battmon.model.memory import BatteryMemory
from custom_components.battmon.model.profile import Profile
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from ..battery import Bench, set_up, shown, until
from .house import add, fixed, keys, registered, state_of
from .judged import SELDOM, act
from .members import Fake, combined, hurry, join, ready

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(autouse=True)
async def _ready(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    await ready(hass)


def known(hass: HomeAssistant, member: Fake, cells: int = 4) -> None:
    """Have a battery remembered with so many cells."""
    hass.data[STORE].put(member.key, BatteryMemory(profile=Profile(cells=cells)))


async def cells_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Call the action."""
    answer = await act(hass, entry, "get_cells")
    found: dict[str, Any] = json.loads(json.dumps(answer))
    return found


async def test_the_action_tells_every_cell_of_every_member(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.says(cell_voltages=(3.2, 3.3))
    second.says(cell_voltages=(3.4, 3.5), balancing_cells=(2,))
    entry = await join(hass, "series", first, second)
    found = await cells_of(hass, entry)
    assert (found["healthy"], found["quality"]) == (True, "ok")
    assert found["sampled_at"].startswith("20")
    assert [
        (cell["name"], cell["member"], cell["voltage"], cell["balancing"]) for cell in found["cells"]
    ] == [
        ("Pack A / cell 1", "Pack A", 3.2, False),
        ("Pack A / cell 2", "Pack A", 3.3, False),
        ("Pack B / cell 1", "Pack B", 3.4, False),
        ("Pack B / cell 2", "Pack B", 3.5, True),
    ]
    assert found["lowest"] == {"number": 1, "voltage": 3.2}
    assert found["highest"] == {"number": 4, "voltage": 3.5}
    assert found["mean"] == 3.35, "without the digits of floating point"
    assert found["imbalance"] == 0.3, "over all"
    assert found["drift"] == 0.2, "between the members' means"
    assert [(one["name"], one["imbalance"]) for one in found["members"]] == [
        ("Pack A", 0.1),
        ("Pack B", 0.1),
    ]


async def test_a_missing_member_leaves_its_cells_empty(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.says(cell_voltages=(3.2, 3.3))
    second.says(cell_voltages=(3.4, 3.5))
    entry = await join(hass, "parallel", first, second)
    first.is_lost()
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "partial")
    found = await cells_of(hass, entry)
    assert found["quality"] == "partial"
    assert [(cell["name"], cell["voltage"]) for cell in found["cells"]] == [
        ("Pack A / cell 1", None),
        ("Pack A / cell 2", None),
        ("Pack B / cell 1", 3.4),
        ("Pack B / cell 2", 3.5),
    ]


async def test_of_one_that_is_out_of_sight_nothing_old_is_told(hass: HomeAssistant) -> None:
    member = Fake(hass, "Pack A")
    entry = await join(hass, "series", member)
    assert await cells_of(hass, entry) == {
        "healthy": False,
        "quality": "insufficient",
        "sampled_at": None,
        "cells": [],
        "members": [],
        "lowest": None,
        "highest": None,
        "mean": None,
        "imbalance": None,
        "drift": None,
    }


async def test_it_works_for_any_battery(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed(3.3, 3.31, 3.32, 3.35)), SELDOM)
    found = await cells_of(hass, entry)
    assert (found["healthy"], found["quality"], found["drift"]) == (True, None, None)
    assert [(cell["name"], cell["voltage"]) for cell in found["cells"]] == [
        ("cell 1", 3.3),
        ("cell 2", 3.31),
        ("cell 3", 3.32),
        ("cell 4", 3.35),
    ]
    assert [one["name"] for one in found["members"]] == [None]


async def test_a_battery_without_cells_has_none(hass: HomeAssistant) -> None:
    shunt = Fake(hass, "Shunt")
    shunt.says(cell_voltages=None)
    entry = await join(hass, "parallel", shunt)
    found = await cells_of(hass, entry)
    assert (found["healthy"], found["cells"], found["members"], found["lowest"]) == (True, [], [], None)


async def test_what_is_no_battery_has_no_cells(hass: HomeAssistant) -> None:
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            "battmon", "get_cells", {"device_id": "none"}, blocking=True, return_response=True
        )


# As entities.


async def test_cells_are_no_entities_unless_somebody_wants_them(hass: HomeAssistant, bench: Bench) -> None:
    member = Fake(hass, "Pack A")
    known(hass, member)
    member.says()
    entry = await join(hass, "series", member)
    assert not [key for key in keys(hass, entry, "sensor") if key.startswith("cell_K")]
    assert "cell_1" in keys(hass, await set_up(hass, bench.plug_in()), "sensor"), "of any other they are"


async def test_a_cell_that_is_an_entity_is_named_after_its_member(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    for member in (first, second):
        known(hass, member)
    first.says()
    second.says(cell_voltages=(3.3, 3.3, 3.35, 3.3))
    entry = await join(hass, "series", first, second, cell_entities=True)
    assert registered(hass, entry, "sensor", "cell_KEYPackB_3").original_name == "Pack B cell 3"
    assert shown(hass, entry, "sensor", "cell_KEYPackB_3") == "3.35"
    assert shown(hass, entry, "sensor", "cell_KEYPackA_4") == "3.32"


async def test_a_cell_stays_the_same_whoever_comes_first(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    for member in (first, second):
        known(hass, member)
    second.says(cell_voltages=(3.3, 3.3, 3.35, 3.3))
    entry = await join(hass, "parallel", first, second, cell_entities=True)
    assert shown(hass, entry, "sensor", "cell_KEYPackB_3") == "3.35"
    assert shown(hass, entry, "sensor", "cell_KEYPackA_3") == "unknown"
    first.says()
    await combined(hass, entry)
    await until(hass, lambda: shown(hass, entry, "sensor", "cell_KEYPackA_3") == "3.31")
    assert shown(hass, entry, "sensor", "cell_KEYPackB_3") == "3.35"


async def test_cells_of_a_renamed_member_go_on(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    for member in (first, second):
        known(hass, member)
        member.says()
    entry = await join(hass, "series", first, second, cell_entities=True)
    hass.config_entries.async_update_entry(first.entry, title="Bow")
    first.says(cell_voltages=(3.28, 3.29, 3.2, 3.32))
    await until(hass, lambda: shown(hass, entry, "sensor", "cell_KEYPackA_3") == "3.2")


async def test_cells_appear_when_a_member_is_first_seen(hass: HomeAssistant) -> None:
    member = Fake(hass, "Pack A")
    entry = await join(hass, "parallel", member, cell_entities=True)
    assert "cell_KEYPackA_1" not in keys(hass, entry, "sensor")
    known(hass, member)
    member.says()
    await until(hass, lambda: "cell_KEYPackA_1" in keys(hass, entry, "sensor"))
    await until(hass, lambda: state_of(hass, entry, "sensor", "cell_KEYPackA_1").state == "3.28")


async def test_the_cells_of_a_member_that_was_not_found_yet_are_kept(hass: HomeAssistant) -> None:
    member = Fake(hass, "Pack A")
    known(hass, member)
    entry = await join(hass, "parallel", member, cell_entities=True)
    assert "cell_KEYPackA_4" in keys(hass, entry, "sensor")
    assert shown(hass, entry, "sensor", "cell_KEYPackA_4") == "unavailable"
