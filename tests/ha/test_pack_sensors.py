"""What virtual batteries show beside what every battery shows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.battmon.binary_sensor_pack import problems
from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.publishing import whole
from custom_components.battmon.model.state import BatteryState
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..battery import Bench, set_up, shown, until
from .house import coordinator_of, device_of, keys, registered, state_of
from .members import USUAL, Fake, combined, hurry, join, pack_of, ready
from .room import Clock

SERIES_ONLY = {"current_spread"}
PARALLEL_ONLY = {"voltage_spread"}
VIRTUAL_ONLY = {"quality", "member_imbalance", "state_of_charge_spread", "cell_drift", "mean_cell"}


@pytest.fixture(autouse=True)
async def _ready(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    await ready(hass)


def two(hass: HomeAssistant, **of_second: Any) -> tuple[Fake, Fake]:
    """Return two batteries that were heard, the second one different in this."""
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.says()
    second.says(**of_second)
    return first, second


def number(hass: HomeAssistant, entry: Any, key: str) -> float:
    """Return what a sensor shows."""
    return float(shown(hass, entry, "sensor", key))


def said(hass: HomeAssistant, entry: Any, key: str, name: str, platform: str = "sensor") -> Any:
    """Return an attribute."""
    return state_of(hass, entry, platform, key).attributes[name]


@pytest.mark.parametrize(
    ("kind", "own", "others"),
    [("series", SERIES_ONLY, PARALLEL_ONLY), ("parallel", PARALLEL_ONLY, SERIES_ONLY)],
)
async def test_it_has_what_makes_sense_for_how_its_members_are_joined(
    hass: HomeAssistant, kind: str, own: set[str], others: set[str]
) -> None:
    entry = await join(hass, kind, *two(hass))
    found = keys(hass, entry, "sensor")
    assert found >= {
        "voltage",
        "current",
        "power",
        "state_of_charge",
        "failsafe",
        "energy_in",
        *VIRTUAL_ONLY,
        *own,
    }
    assert not found & others
    assert "member_problem" in keys(hass, entry, "binary_sensor")


async def test_an_ordinary_battery_has_nothing_of_this(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    assert not keys(hass, entry, "sensor") & (VIRTUAL_ONLY | SERIES_ONLY | PARALLEL_ONLY)
    assert "member_problem" not in keys(hass, entry, "binary_sensor")
    assert said(hass, entry, "state_of_charge", "origin") == "device"
    for platform, key in (
        ("sensor", "state_of_charge"),
        ("sensor", "lowest_cell"),
        ("binary_sensor", "problem"),
    ):
        told = state_of(hass, entry, platform, key).attributes
        assert not {"lowest_member", "members", "name"} & told.keys(), key


async def test_a_string_shows_its_sum(hass: HomeAssistant) -> None:
    entry = await join(
        hass, "series", *two(hass, state_of_charge=50.0, remaining_capacity=50.0, current=-10.4)
    )
    assert number(hass, entry, "voltage") == pytest.approx(26.4)
    assert number(hass, entry, "current") == pytest.approx(-10.2)
    assert number(hass, entry, "state_of_charge") == pytest.approx(55.6), "50 Ah of 90 Ah"
    assert said(hass, entry, "state_of_charge", "lowest_member") == "Pack B"
    assert number(hass, entry, "current_spread") == pytest.approx(0.4)
    assert number(hass, entry, "state_of_charge_spread") == pytest.approx(10.0)


async def test_a_bank_shows_how_far_its_members_are_apart(hass: HomeAssistant) -> None:
    entry = await join(hass, "parallel", *two(hass, voltage=13.25, cell_voltages=(3.3, 3.3, 3.32, 3.33)))
    assert number(hass, entry, "voltage_spread") == pytest.approx(0.05)
    assert number(hass, entry, "cell_drift") == pytest.approx(0.013, abs=6e-4)
    assert registered(hass, entry, "sensor", "voltage_spread").entity_category is EntityCategory.DIAGNOSTIC


async def test_cells_are_told_by_the_name_of_their_battery(hass: HomeAssistant) -> None:
    entry = await join(hass, "series", *two(hass, cell_voltages=(3.3, 3.3, 3.35, 3.3)))
    assert number(hass, entry, "highest_cell") == 3.35
    assert (said(hass, entry, "highest_cell", "cell"), said(hass, entry, "highest_cell", "name")) == (
        7,
        "Pack B / cell 3",
    )
    assert said(hass, entry, "lowest_cell", "name") == "Pack A / cell 1"
    assert number(hass, entry, "mean_cell") == pytest.approx(3.306, abs=6e-4)
    assert number(hass, entry, "cell_imbalance") == pytest.approx(0.07)


async def test_nested_cells_are_told_by_every_name_on_the_way(hass: HomeAssistant) -> None:
    string = await join(hass, "series", *two(hass, cell_voltages=(3.3, 3.3, 3.35, 3.3)), title="String A")
    other = Fake(hass, "Alone")
    other.says(voltage=26.4)
    entry = await join(hass, "parallel", string, other, title="Bank")
    assert said(hass, entry, "highest_cell", "name") == "String A / Pack B / cell 3"


async def test_it_is_a_device_of_its_own(hass: HomeAssistant) -> None:
    for kind, model in (("series", "Series battery"), ("parallel", "Parallel battery")):
        entry = await join(hass, kind, *two(hass), title=kind)
        device = device_of(hass, entry)
        assert (device.manufacturer, device.model, device.via_device_id) == ("BattMon", model, None)


async def test_the_quality_is_there_when_nothing_else_is(hass: HomeAssistant, clock: Clock) -> None:
    first, second = two(hass)
    entry = await join(hass, "series", first, second)
    assert shown(hass, entry, "sensor", "quality") == "ok"
    assert said(hass, entry, "quality", "missing") == []
    second.is_lost()
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "insufficient")
    assert said(hass, entry, "quality", "missing") == ["Pack B"]
    told = said(hass, entry, "quality", "members")
    assert [(one["name"], one["used"], one["why"]) for one in told] == [
        ("Pack A", True, None),
        ("Pack B", False, "lost"),
    ]
    assert told[0]["last_seen"] is None
    assert told[1]["last_seen"].startswith("20")
    await clock.advance(5)
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "unavailable")
    assert shown(hass, entry, "sensor", "quality") == "insufficient", "a state, not the lack of one"
    assert said(hass, entry, "quality", "missing") == ["Pack B"]


async def test_of_a_member_that_was_removed_it_is_told_when_it_was_seen_last(hass: HomeAssistant) -> None:
    first, second, never = *two(hass), Fake(hass, "Pack C")
    first.says()
    second.says(age=300.0)
    assert second.state.sampled_at is not None
    seen_at = second.state.sampled_at.monotonic
    entry = await join(hass, "parallel", first, second, never)
    for gone in (second, never):
        await hass.config_entries.async_remove(gone.entry.entry_id)
    await combined(hass, entry)
    told = {one["name"]: one for one in said(hass, entry, "quality", "members")}
    assert [told[name]["why"] for name in told] == [None, "removed", "removed"]
    ago = (dt_util.utcnow() - datetime.fromisoformat(told["Pack B"]["last_seen"])).total_seconds()
    assert ago == pytest.approx(hass.loop.time() - seen_at, abs=60.0)
    assert told["Pack C"]["last_seen"] is None, "it was not seen since the start"
    await hass.config_entries.async_reload(entry.entry_id)
    await until(hass, lambda: said(hass, entry, "quality", "members")[1]["last_seen"] is not None)


async def test_a_bank_without_one_is_partial_and_its_sums_do_not_shrink(hass: HomeAssistant) -> None:
    first, second = two(hass)
    entry = await join(hass, "parallel", first, second)
    assert number(hass, entry, "remaining_capacity") == 120.0
    second.is_lost()
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "partial")
    for sum_of_all in ("current", "power", "remaining_capacity"):
        assert shown(hass, entry, "sensor", sum_of_all) == "unknown", sum_of_all
    assert number(hass, entry, "voltage") == 13.2
    assert number(hass, entry, "state_of_charge") == 60.0


async def test_a_member_that_lacks_something_is_named_with_it(hass: HomeAssistant) -> None:
    entry = await join(hass, "parallel", *two(hass, current=None))
    assert shown(hass, entry, "sensor", "quality") == "partial"
    told = said(hass, entry, "quality", "members")[1]
    assert (told["name"], told["why"], told["lacks"]) == ("Pack B", "incomplete", ["current"])
    assert said(hass, entry, "quality", "missing") == []


async def test_a_steady_battery_writes_no_quality(hass: HomeAssistant) -> None:
    first, second = two(hass)
    entry = await join(hass, "parallel", first, second)
    second.is_lost()
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "partial")
    written = state_of(hass, entry, "sensor", "quality").last_updated
    for _ in range(3):
        first.says()
        await combined(hass, entry)
    assert pack_of(entry).contributions[1].age != 0
    assert state_of(hass, entry, "sensor", "quality").last_updated == written


async def test_a_missing_member_is_a_problem_that_names_it(hass: HomeAssistant) -> None:
    first, second = two(hass)
    entry = await join(hass, "parallel", first, second)
    assert shown(hass, entry, "binary_sensor", "member_problem") == "off"
    second.is_lost()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "member_problem") == "on")
    assert said(hass, entry, "member_problem", "members", "binary_sensor") == ["Pack B"]
    assert said(hass, entry, "member_problem", "reasons", "binary_sensor") == ["Pack B: lost"]
    second.says()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "member_problem") == "off")


async def test_released_bluetooth_is_named_but_no_problem(hass: HomeAssistant) -> None:
    first, second = two(hass)
    entry = await join(hass, "parallel", first, second)
    second.is_released()
    await until(hass, lambda: said(hass, entry, "quality", "missing") == ["Pack B"])
    assert said(hass, entry, "quality", "members")[1]["why"] == "paused"
    assert shown(hass, entry, "binary_sensor", "member_problem") == "off"


async def test_members_have_their_time_to_come_after_a_start(hass: HomeAssistant, clock: Clock) -> None:
    first, second = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    first.says()
    entry = await join(hass, "parallel", first, second)
    assert said(hass, entry, "quality", "missing") == ["Pack B"]
    assert shown(hass, entry, "binary_sensor", "member_problem") == "off"
    await clock.advance(61)
    first.says()
    reasons = ["Pack B: not seen"]
    await until(hass, lambda: said(hass, entry, "member_problem", "reasons", "binary_sensor") == reasons)
    assert shown(hass, entry, "binary_sensor", "member_problem") == "on"
    assert said(hass, entry, "failsafe", "reasons") == ["Pack B is missing"]


async def test_a_spread_that_lasts_is_a_problem_that_names_the_members(
    hass: HomeAssistant, clock: Clock
) -> None:
    first, second = two(hass, current=-20.0)
    entry = await join(hass, "series", first, second)
    assert shown(hass, entry, "binary_sensor", "member_problem") == "off"
    for _ in range(4):
        await clock.advance(20)
        first.says()
        second.says(current=-20.0)
        await combined(hass, entry)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "member_problem") == "on")
    assert set(said(hass, entry, "member_problem", "members", "binary_sensor")) == {"Pack A", "Pack B"}
    (reason,) = said(hass, entry, "member_problem", "reasons", "binary_sensor")
    assert reason.startswith("current spread: Pack ")
    assert said(hass, entry, "problem", "alarms", "binary_sensor") == ["current_spread"]
    named = said(hass, entry, "problem", "members", "binary_sensor")["current_spread"]
    assert set(named) == {"Pack A", "Pack B"}


async def test_an_alarm_names_who_raised_it(hass: HomeAssistant) -> None:
    entry = await join(hass, "series", *two(hass, alarms=frozenset({Alarm.CELL_UNDERVOLTAGE})))
    assert shown(hass, entry, "binary_sensor", "problem") == "on"
    assert said(hass, entry, "problem", "alarms", "binary_sensor") == ["cell_undervoltage"]
    assert said(hass, entry, "problem", "members", "binary_sensor") == {"cell_undervoltage": ["Pack B"]}
    assert shown(hass, entry, "binary_sensor", "member_problem") == "off", "it is there, and like the other"


async def test_a_change_among_members_is_told_once_and_not_at_the_start(hass: HomeAssistant) -> None:
    first, second = two(hass)
    entry = await join(hass, "parallel", first, second)
    told: list[str] = []
    watch = coordinator_of(entry).watch
    entry.async_on_unload(
        watch.async_add_listener(lambda changes: told.extend(change for change, _ in changes))
    )
    assert said(hass, entry, "failsafe_event", "event_type", "event") != "members_changed"
    second.is_lost()
    await until(hass, lambda: pack_of(entry).contributions[1].why == "lost")
    for _ in range(2):
        first.says(voltage=USUAL["voltage"] - 0.01)
        await combined(hass, entry)
    assert told.count("members_changed") == 1


async def test_members_that_are_called_alike_are_told_apart(hass: HomeAssistant) -> None:
    first, second = Fake(hass, "JBD", "KEY1"), Fake(hass, "JBD", "KEY2")
    first.says()
    second.says(cell_voltages=(3.2, 3.3, 3.3, 3.3))
    entry = await join(hass, "parallel", first, second)
    assert said(hass, entry, "lowest_cell", "name") == "JBD (2) / cell 1"
    second.is_lost()
    await until(hass, lambda: said(hass, entry, "quality", "missing") == ["JBD (2)"])


async def test_the_cells_of_the_most_uneven_member_are_told(hass: HomeAssistant) -> None:
    entry = await join(hass, "series", *two(hass, cell_voltages=(3.5, 3.5, 3.51, 3.52)))
    assert number(hass, entry, "cell_imbalance") == pytest.approx(0.24)
    assert number(hass, entry, "member_imbalance") == pytest.approx(0.04)
    assert said(hass, entry, "member_imbalance", "member") == "Pack A"


async def test_a_cell_that_is_not_read_any_more_has_no_name(hass: HomeAssistant) -> None:
    member = Fake(hass, "Pack A")
    member.says()
    entry = await join(hass, "series", member)
    assert said(hass, entry, "lowest_cell", "name") == "Pack A / cell 1"
    member.says(cell_voltages=None)
    await until(hass, lambda: shown(hass, entry, "sensor", "lowest_cell") == "unknown")
    assert "name" not in state_of(hass, entry, "sensor", "lowest_cell").attributes


def test_of_one_that_was_not_looked_at_nothing_is_wrong() -> None:
    now = Instant(0.0, datetime.now(UTC))
    assert list(problems(whole(BatteryState(), now))) == []


async def test_one_battery_seen_by_several_devices_has_no_spreads(hass: HomeAssistant) -> None:
    first, second = two(hass, voltage=None, cell_voltages=None)
    entry = await join(hass, "merged", first, second, cell_entities=True)
    assert device_of(hass, entry).model == "Merged battery"
    found = keys(hass, entry, "sensor")
    assert "quality" in found
    assert not found & ((VIRTUAL_ONLY - {"quality"}) | SERIES_ONLY | PARALLEL_ONLY)
    assert shown(hass, entry, "sensor", "cell_3") == "3.31", "one battery, and its own cells"
    assert "name" not in state_of(hass, entry, "sensor", "lowest_cell").attributes
    assert "voltage" in said(hass, entry, "quality", "members")[0]["gives"]
    first.is_lost()
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "partial")
    assert said(hass, entry, "member_problem", "members", "binary_sensor") == ["Pack A"]


async def test_members_that_were_not_heard_of_have_as_long_as_slow_ones(hass: HomeAssistant) -> None:
    member, gone = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    await hass.config_entries.async_remove(gone.entry.entry_id)
    entry = await join(hass, "parallel", member, gone)
    pace = coordinator_of(entry).pace
    assert pace.settings.unhealthy_after == 30.0
    member.says(poll=1.0)
    await combined(hass, entry)
    assert pace.settings.unhealthy_after == 5.0
