"""The action `set_switches`: what automations can do with a battery."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import voluptuous as vol
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.coordinator import BattmonCoordinator
from custom_components.battmon.model import switching
from custom_components.battmon.model.switching import BALANCING_WRITES_A_DAY
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from simulators.jbd_registers import Register

from ..battery import ALLOW_ALL, Bench, Port, set_up, shown
from .house import FAST, add, coordinator_of, device_of, fixed, set_switches

pytestmark = pytest.mark.usefixtures("quick")

NAMES = ("charging", "discharging", "balancing")
MOSFETS = tuple((*pair, None) for pair in product((None, False, True), repeat=2))[1:]
WITH_BALANCING = (
    (None, None, False),
    (None, None, True),
    (False, False, False),
    (True, True, True),
    (False, None, False),
)


def truth(port: Port) -> tuple[bool, bool, bool]:
    """Return what the simulated board really does: charging, discharging, balancing."""
    device = port.device
    return device.charge_fet, device.discharge_fet, device.balancing_enabled


@pytest.mark.parametrize("wanted", MOSFETS + WITH_BALANCING)
async def test_every_combination_is_carried_out_and_shown(
    hass: HomeAssistant, bench: Bench, wanted: tuple[bool | None, ...]
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    fields = {name: on for name, on in zip(NAMES, wanted, strict=True) if on is not None}
    await set_switches(hass, entry, **fields)
    expected = tuple(on is not False for on in wanted)
    assert truth(port) == expected
    assert tuple(shown(hass, entry, "switch", name) == "on" for name in NAMES) == expected
    assert not port.device.in_factory_mode


@pytest.mark.parametrize(
    "data",
    [
        {"charging": True},
        {"device_id": "some"},
        {"device_id": "some", "force": True},
        {"device_id": "some", "charging": "perhaps"},
        {"device_id": "some", "charging": None},
        {"device_id": "some", "charging": True, "sleeping": True},
        {"device_id": ["one", "two"], "charging": True},
    ],
)
async def test_a_call_of_another_form_is_refused(
    hass: HomeAssistant, bench: Bench, data: dict[str, Any]
) -> None:
    port = bench.plug_in()
    await set_up(hass, port, **ALLOW_ALL)
    with pytest.raises(vol.Invalid):
        await hass.services.async_call(DOMAIN, "set_switches", data, blocking=True)
    assert truth(port) == (True, True, True)


async def not_a_battery(hass: HomeAssistant, device_id: str) -> None:
    """Assert that the action says of a device that it is not a battery."""
    data = {"device_id": device_id, "charging": False}
    with pytest.raises(ServiceValidationError, match=f"{device_id} is not a battery"):
        await hass.services.async_call(DOMAIN, "set_switches", data, blocking=True)


async def test_only_batteries_that_are_loaded_are_switched(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    await not_a_battery(hass, "nothing")
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "lamp")}
    )
    await not_a_battery(hass, lamp.id)
    device = device_of(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    await not_a_battery(hass, device.id)
    assert truth(port) == (True, True, True)


@pytest.mark.parametrize(
    ("allowed", "wanted", "named"),
    [
        ({}, {"charging": False}, "charging"),
        ({"allow_charging": True}, {"charging": False, "discharging": False}, "discharging"),
        ({"allow_charging": True}, dict.fromkeys(NAMES, False), "balancing, discharging"),
        ({"allow_balancing": False, "allow_charging": True}, {"balancing": True, "force": True}, "balancing"),
    ],
)
async def test_what_is_not_allowed_is_named_and_nothing_is_done(
    hass: HomeAssistant, bench: Bench, allowed: dict[str, bool], wanted: dict[str, bool], named: str
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, **allowed)
    with pytest.raises(ServiceValidationError, match=f"Not allowed for this battery: {named}\\."):
        await set_switches(hass, entry, **wanted)
    assert truth(port) == (True, True, True)
    assert not any(seen.write for seen in port.faults.log)


@pytest.mark.parametrize(
    ("current", "fields", "refused"),
    [
        (10.0, {}, False),
        (10.1, {}, True),
        (10.1, {"force": False}, True),
        (10.1, {"force": True}, False),
        (-50.0, {}, False),
        (0.0, {}, False),
    ],
)
async def test_charging_under_load_is_cut_only_by_force(
    hass: HomeAssistant, bench: Bench, current: float, fields: dict[str, bool], refused: bool
) -> None:
    port = bench.plug_in(fixed(demand=current, capacity=100.0))
    entry = await set_up(hass, port, **ALLOW_ALL)
    if refused:
        with pytest.raises(ServiceValidationError, match="alternator"):
            await set_switches(hass, entry, charging=False, **fields)
    else:
        await set_switches(hass, entry, charging=False, **fields)
    assert port.device.charge_fet == refused
    assert shown(hass, entry, "switch", "charging") == ("on" if refused else "off")


async def test_charging_on_is_never_held_back(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(demand=50.0, capacity=100.0))
    entry = await set_up(hass, port, **ALLOW_ALL)
    await set_switches(hass, entry, charging=True, discharging=False)
    assert truth(port) == (True, False, True)


async def test_without_a_capacity_nobody_knows_what_is_too_much(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(demand=5.0)
    device.registers[Register.DESIGN_CAPACITY] = 0
    port = bench.plug_in(device)
    entry = await set_up(hass, port, **ALLOW_ALL)
    with pytest.raises(ServiceValidationError, match="capacity is unknown"):
        await set_switches(hass, entry, charging=False)
    await set_switches(hass, entry, charging=False, force=True)
    assert truth(port) == (False, True, True)


async def test_balancing_is_written_once_a_minute_also_after_a_reload(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    await set_switches(hass, entry, balancing=False)
    # The same again is no write.
    await set_switches(hass, entry, balancing=False)
    for _ in range(2):
        with pytest.raises(ServiceValidationError, match="written a moment ago"):
            await set_switches(hass, entry, balancing=True)
        await hass.config_entries.async_reload(entry.entry_id)
    assert port.device.flash_writes == 1
    assert shown(hass, entry, "switch", "balancing") == "off"


async def test_balancing_is_written_ten_times_a_day_also_after_a_reload(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "BALANCING_PAUSE", timedelta(0))
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    for number in range(BALANCING_WRITES_A_DAY):
        await set_switches(hass, entry, balancing=bool(number % 2))
    await hass.config_entries.async_reload(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="10 times within a day"):
        await set_switches(hass, entry, balancing=False)
    assert port.device.flash_writes == BALANCING_WRITES_A_DAY
    assert shown(hass, entry, "switch", "balancing") == "on"


async def test_a_command_without_an_answer_leaves_the_truth_shown(hass: HomeAssistant, bench: Bench) -> None:
    """The board acts, but neither acknowledgement nor reading back gets through."""
    port = bench.plug_in()
    entry = await add(hass, port, {**FAST, **ALLOW_ALL})
    port.faults.inject("drop", None, register=0xE1)
    port.faults.inject("silence", None, match=lambda request: bool(port.device.lock))
    with pytest.raises(HomeAssistantError, match="does not answer"):
        await set_switches(hass, entry, discharging=False)
    assert truth(port) == (True, False, True)
    port.faults.clear()
    await coordinator_of(entry).async_read_now()
    assert shown(hass, entry, "switch", "discharging") == "off"


async def test_two_batteries_are_switched_apart(hass: HomeAssistant, bench: Bench) -> None:
    first, second = bench.plug_in(), bench.plug_in()
    await set_up(hass, first, **ALLOW_ALL)
    entry = await set_up(hass, second, **ALLOW_ALL)
    await set_switches(hass, entry, charging=False)
    assert (truth(first), truth(second)) == ((True, True, True), (False, True, True))


async def test_the_action_is_there_without_any_battery(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    assert isinstance(coordinator_of(entry), BattmonCoordinator)
    await hass.config_entries.async_remove(entry.entry_id)
    assert hass.services.has_service(DOMAIN, "set_switches")
