"""Another battery behind the port: only a person can say whether it is meant to be there."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon import coordinator
from custom_components.battmon.const import DOMAIN
from custom_components.battmon.memory import STORE
from custom_components.battmon.model.estimation.charge_counting import ChargeCounting
from custom_components.battmon.model.estimation.counting import Counting
from custom_components.battmon.model.estimation.estimate import Estimators
from custom_components.battmon.model.estimation.resistance import ResistanceLearning, SpacedResistance
from custom_components.battmon.model.failsafe.failsafe import Failsafe, Held
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.repairs import async_create_fix_flow
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from ..battery import ALLOW_ALL, Bench, Port, shown, until
from .house import FAST, add, coordinator_of, fixed, keys, set_switches

pytestmark = pytest.mark.usefixtures("quick", "short_sight")

OLD = (3.3, 3.31, 3.32, 3.33)
NEW = (3.2, 3.21, 3.22)
ANOTHER = "JBD-SP03S002"
"""The model of the new battery: of the same model and date, it would be the old one that has lost a cell."""


def issue_of(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the issue about a battery that is not the one expected."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"wrong_battery_{entry.entry_id}")


def exchange(port: Port, *cells: float, **settings: Any) -> None:
    """Put another battery behind the port, as pulling and plugging does."""
    port.line.vanish()
    port.device = fixed(*cells, **settings)
    port.line.replace(port.device)
    port.line.reappear()


async def wrong_battery(hass: HomeAssistant, bench: Bench) -> tuple[MockConfigEntry, Port]:
    """Exchange a battery and wait until BattMon tells."""
    port = bench.plug_in(fixed(*OLD, probes=(20.0, 21.0, 22.0)))
    entry = await add(hass, port, {**FAST, **ALLOW_ALL})
    await set_switches(hass, entry, charging=False)
    exchange(port, *NEW, name=ANOTHER)
    await until(hass, lambda: issue_of(hass, entry) is not None)
    return entry, port


async def fix(hass: HomeAssistant, entry: MockConfigEntry, choice: str) -> Any:
    """Open the repair and choose from its menu."""
    await async_setup_component(hass, REPAIRS, {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    issue_id = f"wrong_battery_{entry.entry_id}"
    menu = await manager.async_init(DOMAIN, data={"issue_id": issue_id})
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["adopt", "wrong"]
    result = await manager.async_configure(menu["flow_id"], {"next_step_id": choice})
    await hass.async_block_till_done()
    return result


async def test_another_battery_is_told_and_not_shown(hass: HomeAssistant, bench: Bench) -> None:
    entry, _port = await wrong_battery(hass, bench)
    issue = issue_of(hass, entry)
    assert issue is not None
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_placeholders == {"name": "Battery", "difference": "model"}
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE)


async def test_the_new_battery_is_adopted_and_the_old_one_forgotten(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry, port = await wrong_battery(hass, bench)
    assert {"cell_4", "temperature_3"} < keys(hass, entry, "sensor")
    result = await fix(hass, entry, "adopt")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await until(hass, lambda: entry.state is ConfigEntryState.LOADED)
    await hass.async_block_till_done()
    assert issue_of(hass, entry) is None
    assert shown(hass, entry, "sensor", "cell_3") == "3.22"
    assert not {"cell_4", "temperature_1", "temperature_3"} & keys(hass, entry, "sensor")
    # What was commanded of the old battery says nothing about the new one.
    assert hass.data[STORE].get(entry.data["battery_key"]).switches.commanded is None
    assert port.device.charge_fet
    assert shown(hass, entry, "switch", "charging") == "on"


LEARNED = Estimators(
    counting=Counting(charge_in=70.0, charge_out=80.0, energy_in=900.0, energy_out=1000.0),
    resistance=ResistanceLearning(
        known=(SpacedResistance(-3, datetime(2026, 11, 21, tzinfo=UTC), None, (), 0.012),)
    ),
    charge=ChargeCounting(counted=42.0, uncertainty=3.0, learned_capacity=3.5),
)
HELD = Failsafe(
    level=Level.CRITICAL,
    discharge_level=Level.CRITICAL,
    held=(Held(Reason(Kind.LOW_VOLTAGE, Level.CRITICAL, Side.DISCHARGE, 9.9, 10.0)),),
)


async def test_what_was_learned_of_the_old_battery_says_nothing_about_the_new_one(
    hass: HomeAssistant, bench: Bench
) -> None:
    """Rules 3: a battery exchanged starts its own memory; a vehicle's level would be held for good."""
    port = bench.plug_in(fixed(*OLD))
    entry = await add(hass, port, {**FAST, "use": "vehicle"})
    watch = coordinator_of(entry).watch
    watch.state = replace(watch.state, estimators=LEARNED, failsafe=HELD)
    coordinator_of(entry).knowledge.touch()
    exchange(port, *NEW, name=ANOTHER)
    await until(hass, lambda: issue_of(hass, entry) is not None)
    await hass.data[STORE].async_save()
    assert float(shown(hass, entry, "sensor", "energy_out")) >= 1.0
    assert hass.data[STORE].get(entry.data["battery_key"]).failsafe.level is Level.CRITICAL
    await fix(hass, entry, "adopt")
    await until(hass, lambda: entry.state is ConfigEntryState.LOADED)
    state = coordinator_of(entry).state
    assert state.healthy
    assert state.estimators.counting.charge_in < 0.1
    assert state.estimators.counting.energy_out < 0.1
    assert state.estimators.resistance.known == ()
    assert (state.estimators.charge.counted, state.estimators.charge.learned_capacity) == (100.0, None)
    assert (state.failsafe.level, state.failsafe.held) == (Level.NONE, ())
    assert shown(hass, entry, "sensor", "failsafe") == "none"
    assert float(shown(hass, entry, "sensor", "energy_out")) == 0.0
    await hass.data[STORE].async_save()
    saved = hass.data[STORE].saved(entry.data["battery_key"])
    assert saved is not None
    assert saved.estimators.counting.charge_in < 0.1
    assert saved.failsafe.level is Level.NONE


async def test_mixed_up_cables_are_left_to_the_person(hass: HomeAssistant, bench: Bench) -> None:
    entry, port = await wrong_battery(hass, bench)
    result = await fix(hass, entry, "wrong")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "put_it_back")
    assert issue_of(hass, entry) is not None
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE)
    exchange(port, *OLD, probes=(20.0, 21.0, 22.0))
    await until(hass, lambda: issue_of(hass, entry) is None)
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "13.26")


async def test_an_adopted_battery_out_of_reach_is_tried_again_later(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry, port = await wrong_battery(hass, bench)
    port.faults.inject("silence", None)
    await fix(hass, entry, "adopt")
    await until(hass, lambda: entry.state is ConfigEntryState.SETUP_RETRY)
    assert keys(hass, entry, "sensor") >= {"cell_4"}, "nothing is removed before the new battery was met"
    port.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not keys(hass, entry, "sensor") & {"cell_4"}


async def test_a_repair_for_an_entry_that_was_removed_meanwhile_does_nothing(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry, _port = await wrong_battery(hass, bench)
    await hass.config_entries.async_remove(entry.entry_id)
    flow = await async_create_fix_flow(hass, "wrong_battery", {"entry_id": entry.entry_id})
    flow.hass = hass
    result = await flow.async_step_adopt()  # type: ignore[attr-defined]
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert hass.data[STORE].get(entry.data["battery_key"]).fingerprint is None


async def test_an_entry_that_is_removed_or_disabled_takes_its_issue_along(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry, _port = await wrong_battery(hass, bench)
    disabled_by = ConfigEntryDisabler.USER
    await hass.config_entries.async_set_disabled_by(entry.entry_id, disabled_by)
    assert issue_of(hass, entry) is None
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await until(hass, lambda: issue_of(hass, entry) is not None)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issue_of(hass, entry) is None


async def test_the_wrong_battery_at_start_is_told_too(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "FIRST_TRY", 1.0)
    port = bench.plug_in(fixed(*OLD))
    entry = await add(hass, port)
    await hass.config_entries.async_unload(entry.entry_id)
    exchange(port, *NEW, name=ANOTHER)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert issue_of(hass, entry) is not None
    assert shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE
