"""Thresholds that make no sense are refused, with the reason in words, and can be corrected."""

import pytest

from custom_components.battmon.flow_judgement import THRESHOLD_FIELDS
from custom_components.battmon.judgement_options import NUMBERS, THRESHOLDS
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import Thresholds
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData

from ..battery import Bench
from ..words import DE, EN, placeholders
from .forms import changed, fields_of, opened, shown
from .house import FAST, add
from .option_forms import LIFEPO4, asks, expected, is_about, judged, said, save, submit, thresholds

ABOVE = {
    Kind.HIGH_VOLTAGE, Kind.HIGH_CELL, Kind.CHARGE_HOT, Kind.DISCHARGE_HOT, Kind.MOSFET_HOT,
    Kind.CHARGE_OVERCURRENT, Kind.DISCHARGE_OVERCURRENT,
}  # fmt: skip
"""Kinds whose critical threshold lies above the low one."""


@pytest.mark.parametrize("kind", THRESHOLDS)
async def test_critical_must_lie_beyond_low_and_both_numbers_are_named(
    hass: HomeAssistant, bench: Bench, kind: Kind
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    good, middle, bad = (4.5, 3.75, 3.25) if kind in ABOVE else (3.25, 3.75, 4.5)
    result = await thresholds(hass, entry)
    critical = f"{kind}_critical"
    for wrong in (bad, middle):
        result = await submit(hass, result, changed(result, **{kind.value: middle, critical: wrong}))
        part = fields_of(result)[kind]
        assert asks(result, "thresholds", **{part or critical: f"{kind}_order"})
        for text in said(result):
            assert f"{wrong:g} {NUMBERS[kind].unit}" in text
            assert f"{middle:g} {NUMBERS[kind].unit}" in text
        assert opened(result) == ({part} if part else set())
        assert shown(result) == {kind.value: middle, critical: wrong}, "what was typed is still there"
    assert entry.options == FAST
    await save(hass, result, **{critical: good})
    assert judged(entry) == {kind: Thresholds(middle, good)}


async def test_the_numbers_are_named_as_they_were_typed(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry)
    result = await submit(hass, result, changed(result, low_voltage=11.5, low_voltage_critical=12.0))
    assert said(result) == [
        "Voltage: critical 12 V must lie below low 11.5 V.",
        "Spannung: kritisch 12 V muss unter niedrig 11.5 V liegen.",
    ]


async def test_everything_that_is_wrong_is_said_at_once_section_by_section(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry, **LIFEPO4)
    wrong = {
        "low_voltage_critical": 13,
        "low_state_of_charge_critical": 30,
        "high_cell_critical": 3.5,
        "low_cell_critical": 3.1,
        "mosfet_hot_critical": 20,
    }
    right = {field: shown(result)[field] for field in wrong}
    result = await submit(hass, result, changed(result, **wrong))
    assert asks(
        result,
        "thresholds",
        low_voltage_critical="low_voltage_order",
        low_state_of_charge_critical="low_state_of_charge_order",
        cells="low_cell_order",
        temperatures="mosfet_hot_order",
    )
    assert opened(result) == {"cells", "temperatures"}
    # Of two in a section the second is told when the first is right.
    result = await submit(hass, result, changed(result, **{**right, "high_cell_critical": 3.5}))
    assert asks(result, "thresholds", cells="high_cell_order")
    await save(hass, result, **right)
    assert is_about(judged(entry), expected("lifepo4", cells=4))


async def test_a_critical_threshold_may_stand_alone(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    # Zero volts is off, and a threshold that is off orders nothing.
    result = await thresholds(hass, entry)
    await save(hass, result, low_voltage_critical=12, high_cell=3.6, high_cell_critical=0)
    assert judged(entry) == {
        Kind.LOW_VOLTAGE: Thresholds(critical=12.0),
        Kind.HIGH_CELL: Thresholds(low=3.6),
    }


@pytest.mark.parametrize("field", sorted(THRESHOLD_FIELDS - {"use_resting_voltage"}))
async def test_numbers_out_of_all_sense_are_not_taken(hass: HomeAssistant, bench: Bench, field: str) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await thresholds(hass, entry)
    numbers = NUMBERS[field]
    for value in (numbers.least - 0.1, numbers.most + 0.1, float("nan"), float("inf"), "cold", None, ""):
        filled = changed(result, **{field: numbers.most})
        part = fields_of(result)[field]
        (filled if part is None else filled[part])[field] = value
        with pytest.raises(InvalidData):
            await submit(hass, result, filled)
    assert entry.options == FAST
    await save(hass, result, **{field: numbers.most})
    assert entry.options[field] == numbers.most


def test_what_is_said_in_error_names_both_thresholds() -> None:
    for words in (EN, DE):
        for flow in ("config", "options"):
            for kind in THRESHOLDS:
                text = words[flow]["error"][f"{kind}_order"]
                assert placeholders(text) == {kind.value, f"{kind}_critical"}
