"""What members may get wrong while they are read: the whole says who, and claims nothing of its own."""

from math import nan
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from ..battery import Bench, shown, until
from .house import fixed, state_of
from .members import Fake, combined, hurry, join, ready
from .room import Clock
from .test_pack_following import becomes, real

MINUTE = 4
"""Looks 20 s apart: what is wrong for a moment only raises no alarm."""


@pytest.fixture(autouse=True)
async def _ready(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    await ready(hass)


def pair(hass: HomeAssistant, **of_second: Any) -> tuple[Fake, Fake]:
    """Return two batteries that were heard, the second one different in this."""
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.says()
    second.says(**of_second)
    return first, second


def told(hass: HomeAssistant, entry: Any, key: str, name: str, platform: str = "sensor") -> Any:
    """Return an attribute."""
    return state_of(hass, entry, platform, key).attributes[name]


async def blamed(hass: HomeAssistant, clock: Clock, entry: Any, *pair: Fake, **of_second: Any) -> list[str]:
    """Let two batteries go on as they are for a minute; return what is wrong between members, in words."""
    first, second = pair
    for _ in range(MINUTE):
        await clock.advance(20)
        first.says()
        second.says(**of_second)
        await combined(hass, entry)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "member_problem") == "on")
    return list(told(hass, entry, "member_problem", "reasons", "binary_sensor"))


async def test_a_reversed_current_is_told_with_the_names(hass: HomeAssistant, clock: Clock) -> None:
    members = pair(hass, current=10.0)
    entry = await join(hass, "series", *members)
    assert await blamed(hass, clock, entry, *members, current=10.0) == ["current spread: Pack A, Pack B"]


async def test_a_member_at_another_voltage_is_told_with_the_names(hass: HomeAssistant, clock: Clock) -> None:
    members = pair(hass, voltage=12.4)
    entry = await join(hass, "parallel", *members)
    assert await blamed(hass, clock, entry, *members, voltage=12.4) == ["voltage spread: Pack B, Pack A"], (
        "lowest first"
    )


async def test_cells_of_another_kind_are_told_with_the_names(hass: HomeAssistant, clock: Clock) -> None:
    cells = {"cell_voltages": (3.7, 3.7, 3.7)}
    members = pair(hass, **cells)
    entry = await join(hass, "parallel", *members)
    assert await blamed(hass, clock, entry, *members, **cells) == ["cell drift: Pack A, Pack B"]


@pytest.mark.parametrize("quantity", ["voltage", "current"])
async def test_a_number_that_is_none_counts_as_not_said(hass: HomeAssistant, quantity: str) -> None:
    entry = await join(hass, "parallel", *pair(hass, **{quantity: nan}))
    assert shown(hass, entry, "sensor", "quality") == "partial"
    second = told(hass, entry, "quality", "members")[1]
    assert (second["name"], second["why"], second["lacks"]) == ("Pack B", "incomplete", [quantity])


async def test_a_slow_member_is_named_once_its_sample_is_old(hass: HomeAssistant, clock: Clock) -> None:
    first, second = pair(hass)
    entry = await join(hass, "parallel", first, second)
    second.says(poll=20.0)
    for _ in range(MINUTE):
        await clock.advance(20)
        first.says()
        await combined(hass, entry)
    words = ["Pack B: stale"]
    await until(hass, lambda: told(hass, entry, "member_problem", "reasons", "binary_sensor") == words)
    assert told(hass, entry, "quality", "missing") == ["Pack B"]


async def test_a_member_whose_mosfets_are_off_is_named_and_its_charge_stays(hass: HomeAssistant) -> None:
    off = {"charging_enabled": False, "discharging_enabled": False, "current": 0.0, "voltage": 13.6}
    entry = await join(hass, "parallel", *pair(hass, **off))
    second = told(hass, entry, "quality", "members")[1]
    assert (second["name"], second["why"]) == ("Pack B", "off_the_bus")
    assert shown(hass, entry, "sensor", "quality") == "ok"
    assert shown(hass, entry, "sensor", "voltage") == "13.2", "of the one that is on the bus"
    assert shown(hass, entry, "sensor", "remaining_capacity") == "120.0"


@pytest.mark.usefixtures("quick", "few_values")
async def test_a_member_that_is_removed_while_it_is_read_is_named(hass: HomeAssistant, bench: Bench) -> None:
    ports = bench.plug_in(fixed()), bench.plug_in(fixed())
    first, second = await real(hass, ports[0], "Pack A"), await real(hass, ports[1], "Pack B")
    entry = await join(hass, "parallel", first, second)
    await becomes(hass, entry, "ok")
    ports[1].faults.inject("silence", count=None)
    asked = len(ports[1].faults.log)
    await until(hass, lambda: len(ports[1].faults.log) > asked)  # now an answer is waited for
    assert await hass.config_entries.async_remove(second.entry_id)
    await becomes(hass, entry, "partial")
    assert told(hass, entry, "member_problem", "reasons", "binary_sensor") == ["Pack B: removed"]
