"""The actions that reset the failsafe, set the state of charge and reset the counters."""

from typing import Any

import pytest
import voluptuous as vol

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from simulators.jbd_registers import Register

from ..battery import Bench, shown, until
from .house import FAST, add, cells_of, coordinator_of, device_of, fixed, polls, state_of
from .judged import (
    JUDGED,
    LOW,
    LOW_WORDS,
    NO_LEVEL,
    WEAK,
    WELL,
    act,
    becomes,
    charge_to,
    levels,
    reload,
    restart,
    some_samples,
)

pytestmark = pytest.mark.usefixtures("quick")

NOTHING: dict[str, Any] = {
    "level": "none",
    "discharge_level": "none",
    "charge_level": "none",
    "side": None,
    "reasons": [],
    "test": False,
}
COUNT = {**FAST, "ignore_device_state_of_charge": True}
ACTIONS: dict[str, dict[str, Any]] = {
    "reset_failsafe": {},
    "failsafe_drill": {"level": "low"},
    "set_state_of_charge": {"state_of_charge": 50},
    "reset_counters": {},
    "get_samples": {},
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_needs_a_battery_that_is_loaded(
    hass: HomeAssistant, bench: Bench, action: str
) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    device = device_of(hass, entry).id
    await hass.config_entries.async_unload(entry.entry_id)
    for device_id in ("nothing", device):
        data = {"device_id": device_id, **ACTIONS[action]}
        with pytest.raises(ServiceValidationError, match=f"{device_id} is not a battery"):
            await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("wrong", [{"device_id": ["one", "two"]}, {"device_id": None}, {"nonsense": 1}])
async def test_an_action_of_another_form_is_refused(
    hass: HomeAssistant, bench: Bench, action: str, wrong: dict[str, Any]
) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    with pytest.raises(vol.Invalid):
        await act(hass, entry, action, **{**ACTIONS[action], **wrong})


@pytest.mark.parametrize("action", sorted(ACTIONS.keys() - {"get_samples"}))
async def test_nobody_has_to_take_the_answer(hass: HomeAssistant, bench: Bench, action: str) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    data = {"device_id": device_of(hass, entry).id, **ACTIONS[action]}
    assert await hass.services.async_call(DOMAIN, action, data, blocking=True) is None


async def test_samples_are_the_answer(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed()))
    data = {"device_id": device_of(hass, entry).id}
    with pytest.raises(ServiceValidationError, match="response"):
        await hass.services.async_call(DOMAIN, "get_samples", data, blocking=True)


# Reset the failsafe.


async def test_a_reset_answers_with_what_remains(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "use": "vehicle"})
    assert await act(hass, entry, "reset_failsafe") == NOTHING
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    assert await act(hass, entry, "reset_failsafe") == {
        "level": "low",
        "discharge_level": "low",
        "charge_level": "none",
        "side": "discharge",
        "reasons": [LOW_WORDS],
        "test": False,
    }
    charge_to(port, WELL)
    await some_samples(hass, port)
    assert levels(hass, entry) == LOW
    assert await act(hass, entry, "reset_failsafe") == NOTHING
    assert levels(hass, entry) == NO_LEVEL


async def test_a_reset_is_for_one_battery(hass: HomeAssistant, bench: Bench) -> None:
    ports = bench.plug_in(fixed()), bench.plug_in(fixed())
    entries = [await add(hass, port, {**JUDGED, "use": "vehicle"}) for port in ports]
    for port, entry in zip(ports, entries, strict=True):
        charge_to(port, WEAK)
        await becomes(hass, entry, LOW)
        charge_to(port, WELL)
        await some_samples(hass, port)
    await act(hass, entries[0], "reset_failsafe")
    assert [levels(hass, entry) for entry in entries] == [NO_LEVEL, LOW]


# Set the state of charge.


async def test_the_state_of_charge_that_is_set_is_answered_and_shown(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    port = bench.plug_in(fixed(capacity=100.0, full_capacity=100.0, remaining_capacity=60.0))
    entry = await add(hass, port, FAST)
    hass.config_entries.async_update_entry(entry, options=COUNT)
    await reload(hass, entry)
    assert shown(hass, entry, "sensor", "state_of_charge") == "60.0"
    answer = await act(hass, entry, "set_state_of_charge", state_of_charge=81.5)
    expected = {"state_of_charge": 81.5, "uncertainty": 1.0, "remaining_capacity": 81.5}
    assert answer == pytest.approx(expected, abs=0.05)
    await until(hass, lambda: shown(hass, entry, "sensor", "state_of_charge") == "81.5")
    assert state_of(hass, entry, "sensor", "state_of_charge").attributes["origin"] == "counted"
    assert shown(hass, entry, "sensor", "remaining_capacity") == "81.5"
    assert shown(hass, entry, "sensor", "state_of_charge_uncertainty") == "1.0"
    await restart(hass, entry)
    assert shown(hass, entry, "sensor", "state_of_charge") == "81.5", "it was in the file at once"


async def test_it_is_read_and_shown_soon_also_where_it_is_read_seldom(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    entry = await add(hass, port, {**COUNT, "interval": 3600})
    before = polls(port)
    await act(hass, entry, "set_state_of_charge", state_of_charge=10)
    await until(hass, lambda: polls(port) > before)
    await until(hass, lambda: shown(hass, entry, "sensor", "state_of_charge") == "10.0")


async def test_a_device_that_is_trusted_keeps_its_own(hass: HomeAssistant, bench: Bench) -> None:
    """What is set is what is counted beside it; the uncertainty's sensor shows that it was taken."""
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    entry = await add(hass, port)
    answer = await act(hass, entry, "set_state_of_charge", state_of_charge=80)
    # A sample may have been counted in between.
    expected = {"state_of_charge": 80.0, "uncertainty": 1.0, "remaining_capacity": 2.4}
    assert answer == pytest.approx(expected, abs=0.05)
    await until(hass, lambda: shown(hass, entry, "sensor", "state_of_charge_uncertainty") == "1.0")
    assert shown(hass, entry, "sensor", "state_of_charge") == "60.0"
    assert state_of(hass, entry, "sensor", "state_of_charge").attributes["origin"] == "device"


async def test_what_people_set_is_judged(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    entry = await add(hass, port, FAST)
    hass.config_entries.async_update_entry(entry, options={**COUNT, "low_state_of_charge": 20})
    await reload(hass, entry)
    await some_samples(hass, port)
    assert levels(hass, entry) == NO_LEVEL
    await act(hass, entry, "set_state_of_charge", state_of_charge=15)
    await becomes(hass, entry, LOW)


@pytest.mark.parametrize("percent", [-0.1, 100.1, "much", None, float("nan"), float("inf"), [50]])
async def test_a_state_of_charge_that_cannot_be_is_refused(
    hass: HomeAssistant, bench: Bench, percent: Any
) -> None:
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    entry = await add(hass, port, COUNT)
    before = coordinator_of(entry).state.estimators.charge.counted
    with pytest.raises(vol.Invalid):
        await act(hass, entry, "set_state_of_charge", state_of_charge=percent)
    with pytest.raises(vol.Invalid):
        await act(hass, entry, "set_state_of_charge")
    assert coordinator_of(entry).state.estimators.charge.counted == before


async def test_nothing_is_set_where_nothing_is_counted(hass: HomeAssistant, bench: Bench) -> None:
    """Without a capacity the charge that passes is no share of anything."""
    device = fixed()
    device.registers[Register.DESIGN_CAPACITY] = 0
    entry = await add(hass, bench.plug_in(device), COUNT)
    with pytest.raises(
        ServiceValidationError, match="is not counted: its current or its capacity is unknown"
    ):
        await act(hass, entry, "set_state_of_charge", state_of_charge=50)


async def test_nothing_is_set_before_the_battery_was_read(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, COUNT)
    port.vanish()
    await reload(hass, entry)
    with pytest.raises(ServiceValidationError, match="was not read yet"):
        await act(hass, entry, "set_state_of_charge", state_of_charge=50)


# Reset the counters.


TOTALS = ("energy_in", "energy_out", "charge_in", "charge_out")


def totals(hass: HomeAssistant, entry: Any) -> dict[str, float]:
    """Return what is shown, in kWh and Ah."""
    return {key: float(shown(hass, entry, "sensor", key)) for key in TOTALS}


async def test_a_reset_of_the_counters_answers_with_the_values_before(
    hass: HomeAssistant, bench: Bench, hass_storage: dict[str, Any]
) -> None:
    port = bench.plug_in(fixed(demand=-300.0, capacity=600.0, full_capacity=600.0, remaining_capacity=300.0))
    entry = await add(hass, port, FAST)
    await some_samples(hass, port, 8)
    cells_of(port.device).demand = 300.0
    await some_samples(hass, port, 8)
    cells_of(port.device).demand = 0.0
    await some_samples(hass, port, 2)
    before = coordinator_of(entry).state.estimators.counting
    answer = await act(hass, entry, "reset_counters")
    assert answer == {"before": {key: getattr(before, key) for key in TOTALS}}
    assert all(value > 0.01 for value in answer["before"].values())
    assert totals(hass, entry) == dict.fromkeys(TOTALS, 0.0)
    assert (await act(hass, entry, "reset_counters"))["before"] == dict.fromkeys(TOTALS, 0.0)
    await restart(hass, entry)
    assert totals(hass, entry) == dict.fromkeys(TOTALS, 0.0), "it was in the file at once"


async def test_the_counters_of_a_battery_out_of_sight_are_reset(
    hass: HomeAssistant, bench: Bench, short_sight: None
) -> None:
    port = bench.plug_in(fixed(demand=-300.0, capacity=600.0, full_capacity=600.0, remaining_capacity=300.0))
    entry = await add(hass, port, FAST)
    await some_samples(hass, port, 8)
    port.vanish()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    await coordinator_of(entry).knowledge.async_save()
    assert totals(hass, entry)["charge_out"] > 0
    await act(hass, entry, "reset_counters")
    assert totals(hass, entry)["charge_out"] == 0
    assert shown(hass, entry, "sensor", "voltage") == "unavailable"


async def test_what_was_learned_outlives_a_reset_of_the_counters(hass: HomeAssistant, bench: Bench) -> None:
    entry = await add(hass, bench.plug_in(fixed(remaining_capacity=2.4)), COUNT)
    before = coordinator_of(entry).state.estimators
    await act(hass, entry, "reset_counters")
    after = coordinator_of(entry).state.estimators
    assert (after.charge, after.resistance) == (before.charge, before.resistance)
