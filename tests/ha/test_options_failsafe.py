"""Options about the failsafe: what is suggested, what is set, and how it is changed."""

from typing import Any

import pytest

from custom_components.battmon.flow_judgement import THRESHOLD_FIELDS
from custom_components.battmon.judgement_options import NUMBERS, THRESHOLDS, failsafe_settings
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import Thresholds
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ..battery import Bench
from .forms import fields_of, prefilled, shown
from .house import FAST, add
from .option_forms import LIFEPO4, choose, expected, is_about, judged, save, submit, thresholds

OWN = {"chemistry": "lifepo4", "use": "stationary", "low_voltage": 12.4, "low_voltage_critical": 11.9}
"""Options of a person who set values of his own."""


async def test_every_threshold_has_a_field(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    fields = fields_of(await thresholds(hass, entry))
    assert fields.keys() == THRESHOLD_FIELDS
    assert {kind.value for kind in THRESHOLDS} | {f"{kind}_critical" for kind in THRESHOLDS} < fields.keys()
    others = {"cells", "capacity", "charge_current_cap", "discharge_current_cap"}
    assert NUMBERS.keys() - others == fields.keys() - {"use_resting_voltage"}
    at_once = {field for field, part in fields.items() if part is None}
    assert at_once == {
        "low_voltage", "low_voltage_critical", "low_state_of_charge", "low_state_of_charge_critical"
    }  # fmt: skip


@pytest.mark.parametrize("chemistry", Chemistry)
async def test_a_chemistry_fills_in_what_suits_it_and_saving_sets_it(
    hass: HomeAssistant, bench: Bench, chemistry: Chemistry
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry, chemistry=chemistry.value)
    await save(hass, result)
    assert is_about(judged(entry), expected(chemistry, cells=4))
    settings = failsafe_settings(entry.options)
    assert (settings.chemistry, settings.cells) == (chemistry, None)
    assert settings.low_voltage_delay == 10.0
    assert settings.critical_voltage_delay == (15.0 if chemistry is Chemistry.LEAD_ACID else 0.0)
    assert (settings.ready_voltage, settings.ready_capacity, settings.ready_state_of_charge) == (None,) * 3


async def test_a_number_of_cells_goes_before_what_the_battery_tells(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, await thresholds(hass, entry, chemistry="lifepo4", cells=16))
    assert is_about(judged(entry), expected("lifepo4", cells=16))
    assert failsafe_settings(entry.options).cells == 16


async def test_suggestions_are_no_defaults(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry, **LIFEPO4)
    nothing: dict[str, Any] = {part: {} for part in fields_of(result).values() if part is not None}
    result = await submit(hass, result, nothing)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {**FAST, "chemistry": "lifepo4", "use": "stationary"}
    assert judged(entry) == {}


async def test_without_a_chemistry_nothing_is_suggested(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    assert shown(await thresholds(hass, entry)) == {}
    await save(hass, await thresholds(hass, entry), low_voltage=12)
    assert judged(entry) == {Kind.LOW_VOLTAGE: Thresholds(low=12.0)}


# What is set, and how it is changed.


async def test_values_that_were_set_are_shown_again_and_not_what_would_suit(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(), {**FAST, **OWN})
    first = await choose(hass, entry, "failsafe")
    assert prefilled(first) == {"chemistry": "lifepo4", "use": "stationary", "suggest": False}
    result = await submit(hass, first, prefilled(first))
    assert shown(result) == {"low_voltage": 12.4, "low_voltage_critical": 11.9}
    await save(hass, result)
    assert entry.options == {**FAST, **OWN}


@pytest.mark.parametrize("change", [{"suggest": True}, {"cells": 8}, {"chemistry": "lead_acid"}])
async def test_another_chemistry_or_number_of_cells_or_a_wish_fills_in_anew(
    hass: HomeAssistant, bench: Bench, change: dict[str, Any]
) -> None:
    entry = await add(hass, bench.plug_in(), {**FAST, **OWN, "ready_voltage": 12.8})
    result = await thresholds(hass, entry, **change)
    assert shown(result)["ready_voltage"] == 12.8, "nothing is suggested for it"
    assert entry.options == {**FAST, **OWN, "ready_voltage": 12.8}, "nothing is saved yet"
    await save(hass, result)
    wanted = expected(change.get("chemistry", "lifepo4"), change.get("cells", 4))
    assert is_about(judged(entry), wanted)


async def test_another_use_alone_fills_in_nothing_anew(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), {**FAST, **OWN})
    await save(hass, await thresholds(hass, entry, use="vehicle"))
    assert entry.options == {**FAST, **OWN, "use": "vehicle"}


async def test_a_chemistry_that_is_cleared_leaves_the_thresholds(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), {**FAST, **OWN})
    await save(hass, await thresholds(hass, entry, chemistry=None))
    assert "chemistry" not in entry.options
    assert judged(entry) == {Kind.LOW_VOLTAGE: Thresholds(12.4, 11.9)}


async def test_a_value_that_is_cleared_is_off_and_stays_off(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, await thresholds(hass, entry, **LIFEPO4))
    every = judged(entry)
    result = await thresholds(hass, entry)
    await save(hass, result, low_cell=None, low_cell_critical=None, low_voltage_critical=None)
    fewer = {kind: both for kind, both in every.items() if kind is not Kind.LOW_CELL}
    fewer[Kind.LOW_VOLTAGE] = Thresholds(low=fewer[Kind.LOW_VOLTAGE].low)
    assert judged(entry) == fewer
    again = await thresholds(hass, entry)
    assert not {"low_cell", "low_cell_critical", "low_voltage_critical"} & shown(again).keys()
    await save(hass, again)
    assert judged(entry) == fewer


async def test_a_delay_that_is_cleared_is_what_it_is_by_itself(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry, chemistry="lead_acid")
    await save(hass, result, low_voltage_delay=0, critical_voltage_delay=3)
    settings = failsafe_settings(entry.options)
    assert (settings.low_voltage_delay, settings.critical_voltage_delay) == (0.0, 3.0)
    result = await thresholds(hass, entry)
    await save(hass, result, low_voltage_delay=None, critical_voltage_delay=None)
    settings = failsafe_settings(entry.options)
    assert (settings.low_voltage_delay, settings.critical_voltage_delay) == (10.0, 15.0)


async def test_zero_degrees_is_a_threshold_and_zero_volts_is_off(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry)
    await save(hass, result, charge_cold=0, discharge_hot_critical=0, low_voltage=0, low_capacity=0)
    assert judged(entry) == {
        Kind.CHARGE_COLD: Thresholds(low=0.0),
        Kind.DISCHARGE_HOT: Thresholds(critical=0.0),
    }


async def test_the_resting_voltage_and_readiness_can_be_set(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    ready = {"ready_voltage": 13, "ready_capacity": 40, "ready_state_of_charge": 60}
    await save(hass, await thresholds(hass, entry), use_resting_voltage=True, **ready)
    settings = failsafe_settings(entry.options)
    assert settings.use_resting_voltage
    assert settings.ready_voltage == 13.0
    assert settings.ready_capacity == 40.0
    assert settings.ready_state_of_charge == 60.0


async def test_both_forms_keep_what_others_saved(hass: HomeAssistant, bench: Bench) -> None:
    others = {"capacity": 100, "armed_entity": "switch.ignition", "allow_charging": True}
    entry = await add(hass, bench.plug_in(), {**FAST, **others})
    await save(hass, await thresholds(hass, entry), low_voltage=12)
    assert entry.options == {**FAST, **others, "use": "stationary", "low_voltage": 12}
