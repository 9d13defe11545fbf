"""Options: how a battery is read and shown, and what it may be commanded."""

from datetime import UTC, datetime
from typing import Any

import pytest
import voluptuous as vol
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from ..battery import ALLOW_ALL, Bench, set_up, shown
from .house import FAST, add, coordinator_of, fixed, keys, turn
from .room import Clock, Room

CELLS = {f"cell_{number}" for number in range(1, 5)}
NOTHING_ALLOWED = dict.fromkeys(ALLOW_ALL, False)


async def form(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> ConfigFlowResult:
    """Choose a form from the menu."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["sampling", "battery", "failsafe", "commands"]
    result = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": step})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step)
    return result


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    assert result["data_schema"] is not None
    values = {}
    for key in result["data_schema"].schema:
        description = key.description or {}
        if "suggested_value" in description:
            values[str(key)] = description["suggested_value"]
        elif isinstance(key, vol.Required):
            values[str(key)] = key.default()
    return values


def fields(result: ConfigFlowResult) -> set[str]:
    """Return the fields of a form."""
    assert result["data_schema"] is not None
    return {str(key) for key in result["data_schema"].schema}


async def save(hass: HomeAssistant, entry: MockConfigEntry, step: str, **values: Any) -> None:
    """Fill in a form from the menu and save it; the battery reloads."""
    result = await form(hass, entry, step)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {**suggested(result), **values}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_the_forms_show_the_defaults_and_then_what_was_saved(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), {})
    defaults = {"interval": 2.0, "publish_interval": 10.0, "cell_entities": True, "internal": False}
    assert suggested(await form(hass, entry, "sampling")) == defaults
    assert suggested(await form(hass, entry, "commands")) == NOTHING_ALLOWED
    await save(hass, entry, "sampling", interval=0.5, publish_interval=30, cell_entities=False)
    await save(hass, entry, "commands", allow_charging=True)
    assert suggested(await form(hass, entry, "sampling")) == {
        "interval": 0.5,
        "publish_interval": 30,
        "cell_entities": False,
        "internal": False,
    }
    assert suggested(await form(hass, entry, "commands")) == {**NOTHING_ALLOWED, "allow_charging": True}


async def test_one_form_keeps_what_the_other_saved(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, entry, "commands", allow_discharging=True)
    await save(hass, entry, "sampling", interval=0.2)
    await save(hass, entry, "commands", allow_balancing=True)
    assert entry.options == {
        **FAST,
        **NOTHING_ALLOWED,
        "interval": 0.2,
        "cell_entities": True,
        "internal": False,
        "allow_discharging": True,
        "allow_balancing": True,
    }


async def test_the_intervals_take_effect_at_once(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), {})
    await save(hass, entry, "sampling", interval=30)
    assert coordinator_of(entry).pace.interval == 30
    assert coordinator_of(entry).pace.settings.unhealthy_after == 90


@pytest.mark.parametrize("field", ["interval", "publish_interval"])
async def test_intervals_out_of_range_are_not_taken(hass: HomeAssistant, bench: Bench, field: str) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await form(hass, entry, "sampling")
    for value in (0, 0.09, 3600.1, -1, "soon"):
        with pytest.raises(InvalidData):
            await hass.config_entries.options.async_configure(
                result["flow_id"], {**suggested(result), field: value}
            )
    assert entry.options == FAST


@pytest.mark.parametrize("value", [0.1, 3600])
async def test_the_limits_themselves_are_taken(hass: HomeAssistant, bench: Bench, value: float) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, entry, "sampling", interval=value, publish_interval=value)
    assert (entry.options["interval"], entry.options["publish_interval"]) == (value, value)


async def test_a_permission_withdrawn_removes_its_switch_and_only_that(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    assert keys(hass, entry, "switch") == set()
    await save(hass, entry, "commands", **ALLOW_ALL)
    assert keys(hass, entry, "switch") == {"charging", "discharging", "balancing"}
    sensors = keys(hass, entry, "sensor")
    await save(hass, entry, "commands", allow_discharging=False)
    assert keys(hass, entry, "switch") == {"charging", "balancing"}
    assert keys(hass, entry, "sensor") == sensors
    await save(hass, entry, "commands", **NOTHING_ALLOWED)
    assert keys(hass, entry, "switch") == set()
    assert hass.states.async_entity_ids("switch") == []


async def test_cells_go_and_come_back_as_entities(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    others = keys(hass, entry, "sensor") - CELLS
    assert keys(hass, entry, "sensor") > CELLS
    await save(hass, entry, "sampling", cell_entities=False)
    assert keys(hass, entry, "sensor") == others
    assert {"lowest_cell", "highest_cell", "cell_imbalance"} < others
    await save(hass, entry, "sampling", cell_entities=True)
    assert keys(hass, entry, "sensor") == others | CELLS
    assert float(shown(hass, entry, "sensor", "cell_4")) > 3


# Bluetooth.

START = datetime(2026, 11, 21, tzinfo=UTC)
LINK = {"keep_connected", "release_minutes"}
SHOWN = {"cell_entities", "internal"}


async def test_only_bluetooth_has_a_link_to_keep_or_to_release(
    hass: HomeAssistant, room: Room, bench: Bench
) -> None:
    radio, serial = await set_up(hass, room.plug_in()), await set_up(hass, bench.plug_in())
    assert fields(await form(hass, radio, "sampling")) == {*FAST, *SHOWN, "let_it_sleep", *LINK}
    assert fields(await form(hass, serial, "sampling")) == {*FAST, *SHOWN, "let_it_sleep"}
    assert fields(await form(hass, radio, "commands")) == set(ALLOW_ALL)


async def test_a_bluetooth_battery_has_its_own_defaults_and_keeps_what_was_saved(
    hass: HomeAssistant, room: Room
) -> None:
    entry = await set_up(hass, room.plug_in())
    assert suggested(await form(hass, entry, "sampling")) == {
        "interval": 10.0,
        "publish_interval": 10.0,
        "cell_entities": True,
        "internal": False,
        "keep_connected": True,
        "release_minutes": 15,
    }
    saved = {"keep_connected": False, "release_minutes": 90, "let_it_sleep": False, "interval": 20}
    await save(hass, entry, "sampling", **saved)
    assert suggested(await form(hass, entry, "sampling")).items() >= saved.items()
    assert entry.options.items() >= saved.items()


@pytest.mark.parametrize("value", [0, 0.5, -1, 1441, 1e6, "", None])
async def test_a_release_lasts_a_minute_to_a_day(hass: HomeAssistant, room: Room, value: Any) -> None:
    entry = await set_up(hass, room.plug_in())
    result = await form(hass, entry, "sampling")
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            result["flow_id"], {**suggested(result), "release_minutes": value}
        )
    assert entry.options == {}


@pytest.mark.parametrize("minutes", [1, 1440])
async def test_a_release_lasts_as_long_as_was_saved(
    hass: HomeAssistant, room: Room, clock: Clock, minutes: int
) -> None:
    entry = await set_up(hass, room.plug_in())
    await save(hass, entry, "sampling", release_minutes=minutes)
    await turn(hass, entry, "release_bluetooth", on=True)
    await clock.advance(minutes * 60 - 5)
    assert shown(hass, entry, "switch", "release_bluetooth") == "on"
    await clock.advance(5)
    assert shown(hass, entry, "switch", "release_bluetooth") == "off"


async def test_the_link_is_dropped_or_kept_as_soon_as_that_is_saved(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(fixed(demand=-5.0))
    entry = await set_up(hass, battery)
    assert battery.connected
    await save(hass, entry, "sampling", keep_connected=False)
    assert not battery.connected
    await save(hass, entry, "sampling", keep_connected=True)
    assert battery.connected


def may_sleep(entry: MockConfigEntry) -> bool:
    """Whether the battery may sleep, now that its options are in force."""
    idle = BatteryState(reading=Reading(current=0.0), healthy=True, idle_since=Instant(0.0, START))
    pace = coordinator_of(entry).pace
    pace.adapt(idle, Instant(1e6, START))
    pace.note(None)
    return pace.until_next(idle, 0.0) == 300.0


async def test_who_never_touches_it_has_a_battery_sleep_that_is_let_go_of(
    hass: HomeAssistant, room: Room
) -> None:
    entry = await set_up(hass, room.plug_in())
    assert not may_sleep(entry)
    await save(hass, entry, "sampling", keep_connected=False)
    assert may_sleep(entry), "the form showed nothing else"
    assert suggested(await form(hass, entry, "sampling"))["let_it_sleep"] is True


async def test_who_says_how_it_shall_be_has_it_like_that(hass: HomeAssistant, room: Room) -> None:
    entry = await set_up(hass, room.plug_in())
    await save(hass, entry, "sampling", let_it_sleep=True)
    assert may_sleep(entry)
    await save(hass, entry, "sampling", keep_connected=False, let_it_sleep=False)
    assert not may_sleep(entry)
    assert suggested(await form(hass, entry, "sampling"))["let_it_sleep"] is False


async def test_the_forms_of_bluetooth_keep_what_the_other_saved(hass: HomeAssistant, room: Room) -> None:
    entry = await set_up(hass, room.plug_in())
    await save(hass, entry, "sampling", release_minutes=30)
    await save(hass, entry, "commands", allow_charging=True)
    assert keys(hass, entry, "switch") == {"release_bluetooth", "charging"}
    assert entry.options["release_minutes"] == 30
