"""Calibration in the options: what a multimeter says, before and after, and back again."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.i2c.bus import Bus
from simulators.i2c.ina import Ina226
from simulators.i2c.kernel import Kernel

from .bus_dialogs import PATH, add, gauge, shunt
from .house import read_now, state_of

NOTHING = {"adjust_current": "gain", "reset": False}


@pytest.fixture
def bus() -> Bus:
    return Bus({0x40: Ina226(shunt(13.0, -10.0))})


@pytest.fixture
def kernel(bus: Bus) -> Iterator[Kernel]:
    with Kernel({PATH: bus}).installed() as kernel:
        yield kernel


async def meter(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Open the form."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["meter", "sampling", "battery", "failsafe"]
    return await submit(hass, menu, {"next_step_id": "meter"})


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: Mapping[str, Any]
) -> ConfigFlowResult:
    """Fill in what is shown."""
    result = await hass.config_entries.options.async_configure(result["flow_id"], dict(user_input))
    await hass.async_block_till_done()
    return result


def told(result: ConfigFlowResult) -> dict[str, str]:
    """Return what the form tells."""
    return dict(result["description_placeholders"] or {})


def value(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> float:
    """Return what a sensor shows."""
    return float(state_of(hass, entry, "sensor", key).state)


def calibration(entry: MockConfigEntry) -> dict[str, float]:
    """Return the corrections among the options."""
    return {name: factor for name, factor in entry.options.items() if name.endswith(("_gain", "_offset"))}


async def test_voltage_and_current_are_made_right_and_shown_before(
    hass: HomeAssistant, kernel: Kernel
) -> None:
    entry = await add(hass)
    form = await meter(hass, entry)
    assert told(form)["voltage"] == "13"
    assert float(told(form)["current"]) == pytest.approx(-10, abs=0.01)
    shown = await submit(hass, form, {**NOTHING, "measured_voltage": 13.26, "measured_current": -10.5})
    assert shown["step_id"] == "metered"
    assert entry.options == {}
    assert told(shown)["new_voltage"] == "13.26"
    assert told(shown)["new_voltage_gain"] == "1.02"
    assert told(shown)["new_current"] == "-10.5"
    saved = await submit(hass, shown, {})
    assert saved["type"] is FlowResultType.CREATE_ENTRY
    assert calibration(entry) == {
        "voltage_gain": pytest.approx(1.02, rel=1e-3),
        "current_gain": pytest.approx(1.05, rel=1e-3),
    }
    assert value(hass, entry, "voltage") == pytest.approx(13.26, abs=0.01)
    assert value(hass, entry, "current") == pytest.approx(-10.5, abs=0.01)


@pytest.mark.parametrize(("invert", "sign"), [(False, 1), (True, -1)])
async def test_an_offset_and_then_a_gain_make_a_crooked_sensor_right(
    hass: HomeAssistant, kernel: Kernel, bus: Bus, *, invert: bool, sign: int
) -> None:
    """It shows 0.2 A too much, and 4 % too little."""
    source = shunt(13.0, sign * 0.2)
    bus.chips[0x40] = Ina226(source)
    entry = await add(hass, invert=invert)
    shown = await submit(
        hass, await meter(hass, entry), {**NOTHING, "measured_current": 0, "adjust_current": "offset"}
    )
    assert float(told(shown)["new_current"]) == pytest.approx(0.0, abs=1e-6)
    await submit(hass, shown, {})
    assert value(hass, entry, "current") == pytest.approx(0.0, abs=0.003)
    source.battery.current = sign * (0.2 - 50 * 0.96)  # type: ignore[misc]
    await read_now(hass, entry)
    shown = await submit(hass, await meter(hass, entry), {**NOTHING, "measured_current": -50})
    await submit(hass, shown, {})
    assert value(hass, entry, "current") == pytest.approx(-50, abs=0.02)
    assert calibration(entry)["current_gain"] == pytest.approx(1 / 0.96, rel=1e-3)


async def test_a_second_calibration_starts_from_the_first(hass: HomeAssistant, kernel: Kernel) -> None:
    entry = await add(hass, voltage_gain=2.0)
    assert value(hass, entry, "voltage") == pytest.approx(26.0, abs=0.01)
    for measured in (26.5, 26.6):
        form = await meter(hass, entry)
        await submit(hass, await submit(hass, form, {**NOTHING, "measured_voltage": measured}), {})
        assert value(hass, entry, "voltage") == pytest.approx(measured, abs=0.01)
    assert calibration(entry) == {"voltage_gain": pytest.approx(2 * 26.6 / 26, rel=1e-3)}


async def test_all_corrections_are_taken_back(hass: HomeAssistant, kernel: Kernel) -> None:
    entry = await add(hass)
    shown = await submit(hass, await meter(hass, entry), {**NOTHING, "measured_voltage": 14.0})
    await submit(hass, shown, {})
    await submit(hass, await meter(hass, entry), {**NOTHING, "reset": True})
    assert calibration(entry) == {}
    assert value(hass, entry, "voltage") == pytest.approx(13.0, abs=0.01)


@pytest.mark.parametrize(
    ("measured", "error"),
    [
        ({}, "nothing_to_compare"),
        ({"measured_current": 10}, "calibration_reversed"),
        ({"measured_current": 0}, "calibration_reversed"),
    ],
)
async def test_what_cannot_be_compared_leads_back(
    hass: HomeAssistant, kernel: Kernel, measured: dict[str, float], error: str
) -> None:
    entry = await add(hass)
    form = await submit(hass, await meter(hass, entry), {**NOTHING, **measured})
    assert (form["step_id"], form["errors"]) == ("meter", {"base": error})
    assert (await submit(hass, form, {**NOTHING, "measured_voltage": 13.1}))["step_id"] == "metered"


async def test_without_a_reading_nothing_can_be_compared(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    entry = await add(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    form = await meter(hass, entry)
    assert told(form)["voltage"] == "?"
    form = await submit(hass, form, {**NOTHING, "measured_voltage": 13.1})
    assert form["errors"] == {"base": "nothing_to_compare"}


async def test_a_number_of_cells_among_the_options_is_no_setting_of_the_device(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips[0x0B] = gauge()
    entry = await add(hass, "sbs", 0x0B)
    hass.config_entries.async_update_entry(entry, options={"cells": 24})
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_a_smart_battery_has_nothing_to_calibrate_or_switch(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips[0x0B] = gauge()
    entry = await add(hass, "sbs", 0x0B)
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["sampling", "battery", "failsafe"]
    assert entry.data[CONF_BATTERY_KEY]
