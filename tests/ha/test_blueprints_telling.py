"""The blueprints that only tell something, run by Home Assistant itself."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from homeassistant.core import HomeAssistant

from .automated import (
    TOLD,
    UNKNOWN,
    Automated,
    hass_config_dir,  # noqa: F401
)

pytestmark = pytest.mark.slow

ENTITIES = {
    "not_ready": "binary_sensor.house_ready",
    "cell_imbalance": "sensor.house_cell_imbalance",
    "full_charge_due": "sensor.house_days_since_full",
}
WHY = {"reasons": ["low voltage", "out of sight"]}
VOLTS, DAYS = {"unit_of_measurement": "V"}, {"unit_of_measurement": "d"}
CURRENT = "sensor.house_current"
UPSET = ("homeassistant.components", "homeassistant.helpers")
"""Who complains of a template that fails."""


@pytest.fixture
async def telling(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Automated]:
    """An automation made of the blueprint that a test names; nothing that it meets upsets it."""
    automated = Automated(hass, freezer, request.param, ENTITIES[request.param])
    yield automated
    await automated.end()
    records = [record for record in caplog.get_records("call") if record.name.startswith(UPSET)]
    assert [record.getMessage() for record in records if record.levelno >= logging.WARNING] == []


def told(telling: Automated) -> list[str]:
    """Return the messages since this was asked last; nothing else may have been done."""
    done = telling.did()
    assert done == [TOLD] * len(telling.told)
    return telling.told


def only(blueprint: str) -> pytest.MarkDecorator:
    """Run a test with one blueprint."""
    return pytest.mark.parametrize("telling", [blueprint], indirect=True)


# Not ready.

READY = {"ready": ENTITIES["not_ready"]}


@only("not_ready")
async def test_a_battery_that_is_not_ready_for_a_minute_is_told_of_with_all_reasons(
    telling: Automated,
) -> None:
    await telling.set_up(READY, "on")
    await telling.becomes("off", **WHY)
    await telling.passes(seconds=58)
    assert told(telling) == []
    await telling.passes(seconds=4)
    assert told(telling) == ["The battery is not ready: low voltage; out of sight."]
    await telling.passes(days=2)
    assert told(telling) == []


@only("not_ready")
@pytest.mark.parametrize("then", ["on", *UNKNOWN])
async def test_a_battery_that_is_ready_again_or_unknown_is_not_told_of(
    telling: Automated, then: str | None
) -> None:
    await telling.set_up({**READY, "daily": True}, "on")
    await telling.becomes("off", **WHY)
    await telling.passes(seconds=30)
    await telling.becomes(then)
    await telling.passes(hours=1)
    await telling.comes("07:00", 1)
    assert told(telling) == []


@only("not_ready")
async def test_every_day_at_a_time_it_is_told_of_where_that_is_wanted(telling: Automated) -> None:
    await telling.set_up({**READY, "at_once": False, "daily": True, "time": "18:30:00"}, "on")
    await telling.becomes("off", **WHY)
    await telling.comes("18:29", 0)
    assert told(telling) == []
    for day in range(2):
        await telling.comes("18:30", day)
        assert told(telling) == ["The battery is not ready: low voltage; out of sight."]


@only("not_ready")
async def test_a_start_with_a_battery_that_is_not_ready_is_told_of_when_it_stays(telling: Automated) -> None:
    await telling.restart(READY, "off", **WHY)
    assert told(telling) == []
    await telling.passes(seconds=121)
    assert told(telling) == ["The battery is not ready: low voltage; out of sight."]


@only("not_ready")
@pytest.mark.parametrize(("then", "inputs"), [("on", {}), ("unavailable", {}), ("off", {"at_once": False})])
async def test_a_start_is_not_told_of_otherwise(
    telling: Automated, then: str, inputs: dict[str, Any]
) -> None:
    await telling.restart({**READY, **inputs}, "off", **WHY)
    await telling.becomes(then, **WHY)
    await telling.passes(seconds=121)
    assert told(telling) == []


# Cells that drift apart.

APART = {"cell_imbalance": ENTITIES["cell_imbalance"]}
QUIET = {**APART, "current": CURRENT, "quiet_current": 10}


@only("cell_imbalance")
@pytest.mark.parametrize(
    ("shown", "unit"), [("0.051", "V"), ("51", "mV"), ("51000", "μV")], ids=["V", "mV", "uV"]
)
async def test_cells_that_differ_for_five_minutes_are_told_of(
    telling: Automated, shown: str, unit: str
) -> None:
    await telling.set_up(APART, "0.01", **VOLTS)
    await telling.becomes(shown, unit_of_measurement=unit)
    await telling.passes(seconds=298)
    assert told(telling) == []
    await telling.passes(seconds=4)
    assert told(telling) == ["The cells differ by 51 mV."]
    await telling.becomes("0.1", **VOLTS)
    await telling.passes(hours=1)
    assert told(telling) == [], "once is enough"


@only("cell_imbalance")
@pytest.mark.parametrize("then", ["0.05", "0.0", *UNKNOWN])
async def test_cells_that_do_not_differ_all_the_time_are_not_told_of(
    telling: Automated, then: str | None
) -> None:
    await telling.set_up(APART, "unavailable", **VOLTS)
    await telling.becomes("0.2", **VOLTS)
    await telling.passes(minutes=4)
    await telling.becomes(then, **VOLTS)
    await telling.passes(minutes=4)
    assert told(telling) == []


@only("cell_imbalance")
@pytest.mark.parametrize(
    ("current", "unit", "messages"),
    [
        ("-9.9", "A", 1),
        ("9.9", "A", 1),
        ("-9900", "mA", 1),
        ("-10.1", "A", 0),
        ("10.1", "A", 0),
        ("unknown", "A", 0),
        ("unavailable", "A", 0),
    ],
)
async def test_only_quiet_times_count_where_the_current_was_chosen(
    hass: HomeAssistant, telling: Automated, current: str, unit: str, messages: int
) -> None:
    hass.states.async_set(CURRENT, current, {"unit_of_measurement": unit})
    await telling.set_up(QUIET, "0.01", **VOLTS)
    await telling.becomes("0.2", **VOLTS)
    await telling.passes(minutes=6)
    assert len(told(telling)) == messages


@only("cell_imbalance")
async def test_the_time_begins_anew_with_every_load(hass: HomeAssistant, telling: Automated) -> None:
    hass.states.async_set(CURRENT, "0", {"unit_of_measurement": "A"})
    await telling.set_up(QUIET, "0.01", **VOLTS)
    await telling.becomes("0.2", **VOLTS)
    await telling.passes(minutes=4)
    for current in ("-50", "-1"):
        hass.states.async_set(CURRENT, current, {"unit_of_measurement": "A"})
        await telling.passes(minutes=4)
    assert told(telling) == []
    await telling.passes(minutes=2)
    assert told(telling) == ["The cells differ by 200 mV."]


@only("cell_imbalance")
@pytest.mark.parametrize(("then", "messages"), [("0.2", 1), ("0.01", 0), ("unavailable", 0)])
async def test_a_start_with_cells_that_differ_is_told_of_when_they_stay_so(
    telling: Automated, then: str, messages: int
) -> None:
    await telling.restart(APART, "0.2", **VOLTS)
    await telling.becomes(then, **VOLTS)
    await telling.passes(seconds=301)
    assert len(told(telling)) == messages


# A full charge.

FULL = {"days_since_full": ENTITIES["full_charge_due"]}


@only("full_charge_due")
@pytest.mark.parametrize(
    ("shown", "unit"), [("14.1", "d"), ("338.5", "h"), ("2.02", "w"), ("20310", "min"), ("1218600", "s")]
)
async def test_a_battery_that_was_not_full_for_long_is_told_of_every_day(
    telling: Automated, shown: str, unit: str
) -> None:
    await telling.set_up(FULL, shown, unit_of_measurement=unit)
    await telling.comes("08:59", 1)
    assert told(telling) == []
    for day in (1, 2):
        await telling.comes("09:00", day)
        assert told(telling) == ["The battery was last full 14 days ago. A full charge is due."]


@only("full_charge_due")
@pytest.mark.parametrize("days", ["0", "13.9", "14.0", *UNKNOWN])
async def test_a_battery_that_was_full_or_of_which_that_is_not_known_is_not_told_of(
    telling: Automated, days: str | None
) -> None:
    await telling.set_up(FULL, days, **DAYS)
    await telling.comes("09:00", 1)
    assert told(telling) == []


@only("full_charge_due")
async def test_the_number_of_days_and_the_time_can_be_chosen(telling: Automated) -> None:
    await telling.set_up({**FULL, "days": 7, "time": "20:15:00"}, "7.5", **DAYS)
    await telling.comes("20:14", 0)
    assert told(telling) == []
    await telling.comes("20:15", 0)
    assert told(telling) == ["The battery was last full 7 days ago. A full charge is due."]
    await telling.comes("09:00", 1)
    assert told(telling) == []
