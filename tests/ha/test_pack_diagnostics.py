"""Diagnostics of a virtual battery: every member's last contribution, and no names."""

import json
from typing import Any

import pytest

from custom_components.battmon.diagnostics_pack import Aliases
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.model.failsafe.readiness import NotReady, NotReadyKind
from homeassistant.core import HomeAssistant

from ..battery import until
from .judged import reasons
from .members import Fake, hurry, join, pack_of, ready
from .test_diagnostics import downloaded

NAMES = ("Granny's shed", "Boat of Uwe", "House at Elm Street")


@pytest.fixture(autouse=True)
async def _ready(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    await ready(hass)


async def two(hass: HomeAssistant, kind: str = "parallel") -> tuple[Fake, Fake, Any]:
    """Return two members and what they are together."""
    first, second = Fake(hass, NAMES[0], "KEY1"), Fake(hass, NAMES[1], "KEY2")
    first.says()
    second.says(voltage=13.25, cell_voltages=(3.31, 3.31, 3.31, 3.32))
    return first, second, await join(hass, kind, first, second, title=NAMES[2])


async def test_they_show_what_every_member_gave(hass: HomeAssistant) -> None:
    _, _, entry = await two(hass)
    found = await downloaded(hass, entry)
    pack = found["pack"]
    assert pack["quality"] == "ok"
    assert pack["spreads"]["voltage"] == pytest.approx(0.05)
    assert pack["lowest_member"] in ("member 1", "member 2")
    assert pack["cell_names"][4:6] == ["member 2 / cell 1", "member 2 / cell 2"]
    told = pack["contributions"]
    assert [(one["name"], one["key"], one["used"], one["voltage"]) for one in told] == [
        ("member 1", "KEY1", True, 13.2),
        ("member 2", "KEY2", True, 13.25),
    ]
    assert found["reading"]["voltage"] == pytest.approx(13.225)
    assert "contributions" not in found["reading"]


async def test_no_name_is_in_them_whatever_is_told(hass: HomeAssistant) -> None:
    first, second, entry = await two(hass)
    first.raises(Level.LOW, Side.DISCHARGE)
    second.is_lost()
    await until(hass, lambda: bool(reasons(hass, entry)) and pack_of(entry).quality == "partial")
    found = await downloaded(hass, entry)
    assert [one["name"] for one in found["pack"]["levels"]] == ["member 1"]
    assert found["failsafe"]["reasons"] == ["member 1 is low"]
    assert "member 1 is low" in found["not_ready"]
    text = json.dumps(found)
    assert [name for name in NAMES if name in text] == []


async def test_one_that_cannot_be_read_says_why_without_names(hass: HomeAssistant) -> None:
    _, second, entry = await two(hass, "series")
    second.is_lost()
    await until(hass, lambda: pack_of(entry).quality == "unavailable")
    found = await downloaded(hass, entry)
    assert found["state"]["last_error"] == "MembersMissing('member 2 (lost)')"
    text = json.dumps(found)
    assert [name for name in NAMES if name in text] == []


async def test_one_that_is_not_loaded_has_no_names_in_its_memory(hass: HomeAssistant) -> None:
    first, _, entry = await two(hass)
    first.raises(Level.LOW, Side.DISCHARGE)
    await until(hass, lambda: reasons(hass, entry) == [f"{NAMES[0]} is low"])
    assert await hass.config_entries.async_unload(entry.entry_id)
    found = await downloaded(hass, entry)
    (held,) = found["memory"]["failsafe"]["held"]
    assert held["reason"]["subject"] == "battery 1"
    text = json.dumps(found)
    assert [name for name in NAMES if name in text] == []


def test_names_inside_of_members_are_told_apart_and_strange_ones_are_struck_out() -> None:
    aliases = Aliases(None, ["String A", "Pack 1"])
    assert aliases.of("String A / Pack 1 / cell 3") == "battery 1 / battery 2 / cell 3"
    assert aliases.of("Gone / cell 3") == "unknown battery / cell 3"
    assert aliases.of("cell of mine") == "unknown battery"


@pytest.mark.parametrize(
    ("reason", "subject"),
    [
        (Reason(Kind.LOW_CELL, Level.LOW, Side.DISCHARGE, subject="3"), "3"),
        (Reason(Kind.LOW_CELL, Level.LOW, Side.DISCHARGE, subject="Pack / cell 3"), "battery 1 / cell 3"),
        (Reason(Kind.DEVICE_ALARM, Level.LOW, Side.DISCHARGE, subject="short_circuit"), "short_circuit"),
        (Reason(Kind.MEMBER, Level.LOW, Side.DISCHARGE, subject="Pack"), "battery 1"),
        (Reason(Kind.SILENCE, Level.UNHEALTHY, Side.FAULT), None),
    ],
)
def test_a_reason_keeps_what_is_no_name(reason: Reason, subject: str | None) -> None:
    aliases = Aliases(None, ["Pack"])
    assert aliases.in_reason(reason).subject == subject
    assert aliases.in_not_ready(NotReady(NotReadyKind.FAILSAFE, reason=reason)).reason == aliases.in_reason(
        reason
    )
    unhealthy = NotReady(NotReadyKind.UNHEALTHY)
    assert aliases.in_not_ready(unhealthy) is unhealthy
