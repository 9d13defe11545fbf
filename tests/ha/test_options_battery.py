"""Options about the battery: said, refused and taken back."""

import pytest

from custom_components.battmon.flow_chemistry import CHEMISTRY_SELECTOR, USE_SELECTOR
from custom_components.battmon.judgement_options import armed_entity, battery_settings, failsafe_settings
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.settings import Use
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData

from ..battery import Bench
from .forms import changed, fields_of, prefilled
from .house import FAST, add
from .option_forms import choose, save, submit


async def test_the_form_about_the_battery_is_empty_at_first(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await choose(hass, entry, "battery")
    assert prefilled(result) == {"ignore_device_state_of_charge": False, "use": "stationary"}
    assert fields_of(result).keys() == {
        "chemistry", "cells", "capacity", "ignore_device_state_of_charge",
        "charge_current_cap", "discharge_current_cap", "use", "armed_entity",
    }  # fmt: skip


async def test_what_is_said_about_a_battery_is_kept_and_can_be_taken_back(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await add(hass, bench.plug_in(), {**FAST, "low_voltage": 12.4})
    everything = {
        "chemistry": "lead_acid",
        "cells": 6,
        "capacity": 95.5,
        "ignore_device_state_of_charge": True,
        "charge_current_cap": 70,
        "discharge_current_cap": 90,
        "use": "vehicle",
        "armed_entity": "input_boolean.armed",
    }
    await save(hass, await choose(hass, entry, "battery"), **everything)
    assert entry.options == {**FAST, "low_voltage": 12.4, **everything}
    assert repr(entry.options["cells"]) == "6", "a whole number"
    settings = battery_settings(entry.options, dead_band=0.0)
    assert (settings.chemistry, settings.cells, settings.capacity) == (Chemistry.LEAD_ACID, 6, 95.5)
    assert (settings.charge_current_cap, settings.discharge_current_cap) == (70.0, 90.0)
    again = await choose(hass, entry, "battery")
    assert prefilled(again) == everything
    cleared = dict.fromkeys(everything)
    await save(hass, again, **{**cleared, "ignore_device_state_of_charge": False, "use": "stationary"})
    remaining = {"ignore_device_state_of_charge": False, "use": "stationary"}
    assert entry.options == {**FAST, "low_voltage": 12.4, **remaining}


async def test_a_vehicle_has_an_entity_that_arms_it(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    await save(hass, await choose(hass, entry, "battery"), use="vehicle", armed_entity="switch.ignition")
    assert failsafe_settings(entry.options).use is Use.VEHICLE
    assert armed_entity(entry.options) == "switch.ignition"
    await save(hass, await choose(hass, entry, "battery"), armed_entity=None)
    assert failsafe_settings(entry.options).use is Use.VEHICLE
    assert armed_entity(entry.options) is None
    await save(hass, await choose(hass, entry, "battery"), use="stationary", armed_entity="switch.ignition")
    assert armed_entity(entry.options) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("armed_entity", "sensor.speed"),
        ("armed_entity", "armed"),
        ("use", "submarine"),
        ("chemistry", "plutonium"),
        ("cells", 0),
        ("cells", 401),
        ("cells", float("nan")),
        ("capacity", -1),
        ("capacity", 10_001),
        ("capacity", float("nan")),
        ("charge_current_cap", -70),
        ("discharge_current_cap", -90),
        ("discharge_current_cap", "much"),
    ],
)
async def test_what_no_battery_is_like_is_not_taken(
    hass: HomeAssistant, bench: Bench, field: str, value: object
) -> None:
    entry = await add(hass, bench.plug_in(), FAST)
    result = await choose(hass, entry, "battery")
    with pytest.raises(InvalidData):
        await submit(hass, result, changed(result, **{field: value}))
    assert entry.options == FAST
    await save(hass, result, capacity=100)
    assert entry.options["capacity"] == 100


def test_every_chemistry_and_every_use_can_be_chosen() -> None:
    assert list(CHEMISTRY_SELECTOR.config["options"]) == list(Chemistry)
    assert list(USE_SELECTOR.config["options"]) == list(Use)
