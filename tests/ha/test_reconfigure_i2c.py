"""Moving a battery on an I2C bus, and changing what is said of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.diagnostics import async_get_config_entry_diagnostics
from custom_components.battmon.sources import bus_scan
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.i2c.bus import Bus
from simulators.i2c.ina3221 import Ina3221
from simulators.i2c.kernel import Kernel

from .bus_dialogs import PATH, add, asks, batmon, ina226, shunt, submit, told
from .forms import prefilled
from .house import state_of

OTHER = "/dev/i2c-8"


@pytest.fixture
def bus() -> Bus:
    return Bus({0x0B: batmon(), 0x40: ina226()})


@pytest.fixture
def other_bus() -> Bus:
    return Bus()


@pytest.fixture(autouse=True)
def kernel(bus: Bus, other_bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setattr(bus_scan, "DEVICES", tmp_path)
    with Kernel({PATH: bus, OTHER: other_bus}).installed() as kernel:
        yield kernel


async def change(hass: HomeAssistant, entry: MockConfigEntry, changes: Mapping[str, Any]) -> ConfigFlowResult:
    """Open the form, change some of what it is filled in with, and submit it."""
    form = await entry.start_reconfigure_flow(hass)
    assert asks(form, "reconfigure_i2c")
    result = await submit(hass, form, {**prefilled(form), **changes})
    await hass.async_block_till_done()
    return result


def is_done(result: ConfigFlowResult) -> bool:
    return (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")


async def test_a_battery_moves_to_another_address_and_bus(
    hass: HomeAssistant, bus: Bus, other_bus: Bus
) -> None:
    entry = await add(hass, "rotoye", 0x0B)
    key = entry.data["battery_key"]
    other_bus.chips[0x0C] = bus.chips.pop(0x0B)
    assert is_done(await change(hass, entry, {"bus": "8", "bus_address": "0x0c"}))
    assert (entry.data["bus"], entry.data["bus_address"]) == (OTHER, 0x0C)
    assert (entry.data["battery_key"], entry.unique_id) == (key, f"{OTHER} 0x0c")
    assert float(state_of(hass, entry, "sensor", "voltage").state) == pytest.approx(13.2, abs=0.1)


async def test_another_battery_is_refused_and_the_entry_goes_on(hass: HomeAssistant, bus: Bus) -> None:
    entry = await add(hass, "rotoye", 0x0B)
    stranger = batmon(99)
    stranger.registers[0x1C] = b"\x01\x02"
    bus.chips[0x0C] = stranger
    result = await change(hass, entry, {"bus_address": "0x0c"})
    assert asks(result, "reconfigure_i2c", base="wrong_battery")
    assert entry.data["bus_address"] == 0x0B
    assert entry.state is ConfigEntryState.LOADED


async def test_what_is_said_of_a_power_monitor_is_shown_and_changed(hass: HomeAssistant) -> None:
    settings = {"shunt": 0.0005, "max_current": 90, "voltage_gain": 2.0, "invert": True}
    entry = await add(hass, "ina226", 0x40, **settings)
    form = await entry.start_reconfigure_flow(hass)
    assert prefilled(form) == {
        "bus": PATH,
        "bus_address": "0x40",
        "shunt": 0.5,
        "max_current": 90,
        "invert": True,
        "calibration": {"voltage_gain": 2.0},
    }
    refused = await submit(hass, form, {**prefilled(form), "shunt": 5})
    assert asks(refused, "reconfigure_i2c", base="unfit_drop_too_high")
    assert (told(refused, "kind"), told(refused, "drop")) == ("INA226", "450")
    assert is_done(await submit(hass, refused, {**prefilled(form), "shunt": 0.25}))
    await hass.async_block_till_done()
    assert entry.data["shunt"] == 0.00025
    assert float(state_of(hass, entry, "sensor", "current").state) == pytest.approx(10.0, abs=0.05)


async def test_check_bytes_can_be_said_to_be_there(hass: HomeAssistant) -> None:
    entry = await add(hass, "rotoye", 0x0B)
    assert is_done(await change(hass, entry, {"pec": "on", "cells": 4}))
    assert (entry.data["pec"], entry.data["cells"]) == (True, 4)
    form = await entry.start_reconfigure_flow(hass)
    assert prefilled(form)["pec"] == "on"


async def test_an_address_must_be_one_and_free(hass: HomeAssistant, bus: Bus) -> None:
    bus.chips[0x41] = Ina3221([shunt()] * 3)
    first = await add(hass, "ina3221", 0x41, shunt=0.0005, channel=1)
    await add(hass, "rotoye", 0x0B)
    result = await change(hass, first, {"bus_address": "41"})
    assert asks(result, "reconfigure_i2c", bus_address="invalid_bus_address")
    second = await add(hass, "ina3221", 0x41, shunt=0.0005, channel=2)
    result = await change(hass, second, {"channel": 1})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_diagnostics_tell_the_bus_and_what_was_said_on_it(hass: HomeAssistant) -> None:
    entry = await add(hass, "ina226", 0x40, shunt=0.0005, max_current=90)
    shown = await async_get_config_entry_diagnostics(hass, entry)
    assert (shown["entry"]["data"]["bus"], shown["entry"]["data"]["bus_address"]) == (PATH, 0x40)
    requests = {spoken["request"] for spoken in shown["conversations"]}
    assert {"fe", "02", "04", "050e90"} <= requests


async def test_a_device_on_a_bus_is_not_offered_on_a_serial_port(hass: HomeAssistant) -> None:
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    form = await submit(hass, menu, {"next_step_id": "serial"})
    assert form["data_schema"] is not None
    selector = form["data_schema"].schema["protocol"]
    assert [one["value"] for one in selector.config["options"]] == ["jbd"]
