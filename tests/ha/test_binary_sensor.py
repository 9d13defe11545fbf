"""Binary sensors: what the battery does, what is wrong with it, and whether it is there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from custom_components.battmon.model.alarms import Alarm
from homeassistant.core import HomeAssistant
from simulators.jbd_protection import Bit

from ..battery import ALLOW_ALL, Bench, entity_id, set_up, shown, until
from ..product import product_json
from .house import FAST, add, cells_of, fixed, keys, read_now, registered, set_switches, state_of
from .judged import ALWAYS

pytestmark = pytest.mark.usefixtures("quick")


class Looks(NamedTuple):
    """How a binary sensor appears."""

    state: str
    name: str
    device_class: str | None = None
    category: str | None = "diagnostic"
    attributes: Mapping[str, Any] = MappingProxyType({})


LISTS = ("alarms", "cells", "reasons")
EXPECTED = {
    "charging": Looks("off", "Charging", "battery_charging", None),
    "problem": Looks("off", "Problem", "problem", None, {"alarms": []}),
    "charge_mosfet": Looks("on", "Charge MOSFET"),
    "discharge_mosfet": Looks("on", "Discharge MOSFET"),
    "locked": Looks("on", "Command lock", "lock"),
    "balancing": Looks("off", "Balancing", "running", attributes={"cells": []}),
    "low_battery": Looks("off", "Battery", "battery", None),
    "ready": Looks("on", "Ready", None, None, {"reasons": []}),
    "connected": Looks("on", "Connectivity", "connectivity"),
}


async def test_every_binary_sensor(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in(fixed()))
    assert keys(hass, entry, "binary_sensor") == EXPECTED.keys()
    for key, expected in EXPECTED.items():
        state = state_of(hass, entry, "binary_sensor", key)
        attributes = {name: state.attributes[name] for name in LISTS if name in state.attributes}
        known = registered(hass, entry, "binary_sensor", key)
        assert known.disabled_by is None
        name = str(state.attributes["friendly_name"]).removeprefix("Battery ")
        device_class = state.attributes.get("device_class")
        assert Looks(state.state, name, device_class, known.entity_category, attributes) == expected


@pytest.mark.parametrize(("current", "state"), [(5.0, "on"), (0.2, "on"), (0.0, "off"), (-5.0, "off")])
async def test_a_positive_current_charges(
    hass: HomeAssistant, bench: Bench, current: float, state: str
) -> None:
    entry = await set_up(hass, bench.plug_in(fixed(demand=current)))
    assert shown(hass, entry, "binary_sensor", "charging") == state


async def test_a_problem_says_which_alarms_and_goes_away(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await set_up(hass, port)
    port.device.defects = Bit.FRONT_END | Bit.CHARGE_MOSFET
    await read_now(hass, entry)
    problem = state_of(hass, entry, "binary_sensor", "problem")
    assert problem.state == "on"
    assert problem.attributes["alarms"] == ["charge_mosfet_failure", "front_end_failure"]
    port.device.defects = Bit(0)
    await read_now(hass, entry)
    problem = state_of(hass, entry, "binary_sensor", "problem")
    assert (problem.state, problem.attributes["alarms"]) == ("off", [])


async def test_a_tripped_protection_is_a_problem_and_its_mosfet_is_off(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await set_up(hass, port)
    port.line.run(port.device.short_circuit)
    await read_now(hass, entry)
    assert state_of(hass, entry, "binary_sensor", "problem").attributes["alarms"] == ["short_circuit"]
    assert shown(hass, entry, "binary_sensor", "discharge_mosfet") == "off"
    assert shown(hass, entry, "binary_sensor", "locked") == "on", "nobody commanded it off"


async def test_a_switch_that_is_off_by_command_is_a_lock_and_no_problem(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed())
    entry = await set_up(hass, port, **ALLOW_ALL)
    await set_switches(hass, entry, charging=False)
    assert shown(hass, entry, "binary_sensor", "locked") == "off"  # locked
    assert shown(hass, entry, "binary_sensor", "charge_mosfet") == "off"
    assert shown(hass, entry, "binary_sensor", "discharge_mosfet") == "on"
    problem = state_of(hass, entry, "binary_sensor", "problem")
    assert (problem.state, problem.attributes["alarms"]) == ("off", [])


async def test_the_cells_that_bleed_are_named(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(3.45, 3.3, 3.46, 3.3))
    entry = await set_up(hass, port)
    port.device.balancer.bleeding = (1, 3)
    await read_now(hass, entry)
    balancing = state_of(hass, entry, "binary_sensor", "balancing")
    assert (balancing.state, balancing.attributes["cells"]) == ("on", [1, 3])


@pytest.mark.usefixtures("short_sight")
async def test_out_of_sight_is_unavailable_except_for_what_says_so(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(probes=(20.0,)))
    entry = await add(hass, port, {**FAST, **ALLOW_ALL})
    port.line.vanish()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    assert shown(hass, entry, "button", "read_now") != "unavailable"
    there = {state.entity_id for state in hass.states.async_all() if state.state != "unavailable"}
    assert there == {
        entity_id(hass, entry, platform, key) for platform, keys in ALWAYS.items() for key in keys
    }
    cells_of(port.device).demand = 2.0
    port.line.reappear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert shown(hass, entry, "sensor", "current") == "2.0"
    assert shown(hass, entry, "switch", "charging") == "on"
    assert not [state for state in hass.states.async_all() if state.state == "unavailable"]


def test_every_alarm_has_words() -> None:
    entities = product_json("translations/en.json")["entity"]["binary_sensor"]
    words = entities["problem"]["state_attributes"]["alarms"]["state"]
    # A lock is told by a sensor of its own.
    assert words.keys() == {alarm.value for alarm in Alarm} - {"software_lock"}
