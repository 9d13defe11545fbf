"""A battery that an action feeds."""

from typing import Any

import pytest
import voluptuous as vol
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.errors import CommandBlocked, LinkDown, NoReply
from custom_components.battmon.model.failsafe.levels import Level
from custom_components.battmon.model.reading import Place
from custom_components.battmon.model.switching import Wanted
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.exceptions import ServiceValidationError

from ..battery import ALLOW_ALL, shown
from . import option_forms
from .forms import changed, fields_of, prefilled
from .house import coordinator_of, device_of
from .made_of_entities import reading, set_up, shunt
from .room import Clock
from .test_config_flow import asks, submit
from .test_entity_flow import begin, choose


async def pushed(hass: HomeAssistant, **options: Any) -> MockConfigEntry:
    """Set up a battery that waits for readings."""
    return await set_up(hass, {}, "pushed", **options)


async def push(hass: HomeAssistant, entry: MockConfigEntry, **fields: Any) -> ServiceResponse:
    """Call the action and return what it says."""
    data = {"device_id": device_of(hass, entry).id, **fields}
    response = await hass.services.async_call(
        DOMAIN, "push_reading", data, blocking=True, return_response=True
    )
    await hass.async_block_till_done()
    return response


async def test_a_reading_is_folded_at_once_and_shown(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    assert coordinator_of(entry).state.reading is None
    response = await push(hass, entry, voltage=13.2, current=-5, state_of_charge=61)
    assert response == {
        "accepted": {"voltage": 13.2, "current": -5.0, "state_of_charge": 61.0},
        "time_out": 60.0,
    }
    assert shown(hass, entry, "sensor", "voltage") == "13.2"
    assert shown(hass, entry, "sensor", "state_of_charge") == "61.0"


EVERYTHING = {
    "voltage": 13.2,
    "current": -5,
    "state_of_charge": 61,
    "state_of_health": 98,
    "remaining_capacity": 61,
    "full_capacity": 100,
    "design_capacity": 105,
    "cycle_count": 12,
    "cell_voltages": [3.3, None, 0, 3.31],
    "temperatures": [
        21,
        {"value": 35.5, "place": "mosfet"},
        {"value": None, "place": "ambient"},
        {"value": 4},
    ],
    "balancing_cells": [1, 4],
    "balancing_enabled": True,
    "charging_enabled": True,
    "discharging_enabled": False,
    "alarms": ["cell_undervoltage", "cell_imbalance"],
    "charge_voltage_limit": 14.4,
    "charge_current_limit": 50,
    "discharge_current_limit": 100,
    "time_to_empty": 3600,
    "time_to_full": 0,
    "humidity": 45,
    "balance_current": 0.1,
    "protection_counts": {"short_circuit": 1, "restarts": 3},
}


async def test_every_field_of_a_reading_can_be_pushed(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    response = await push(hass, entry, **EVERYTHING)
    assert response is not None
    accepted = response["accepted"]
    assert isinstance(accepted, dict)
    assert accepted.keys() == EVERYTHING.keys() == {*reading(entry).__dataclass_fields__}
    found = reading(entry)
    assert found.cell_voltages == (3.3, None, 0.0, 3.31)
    assert found.temperatures == (
        (21.0, Place.CELL),
        (35.5, Place.MOSFET),
        (None, Place.AMBIENT),
        (4.0, Place.CELL),
    )
    assert found.alarms == {Alarm.CELL_UNDERVOLTAGE, Alarm.CELL_IMBALANCE}
    assert found.protection_counts == {"short_circuit": 1, "restarts": 3}
    assert accepted["alarms"] == ["cell_imbalance", "cell_undervoltage"]


async def test_what_is_not_given_is_unknown_and_not_as_before(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    await push(hass, entry, voltage=13.2, current=-5)
    await push(hass, entry, voltage=13.1, current=None)
    assert (reading(entry).voltage, reading(entry).current) == (13.1, None)


async def test_an_alarm_raises_the_failsafe(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    for _ in range(2):
        await push(hass, entry, voltage=13.2, alarms=["cell_undervoltage"])
    assert coordinator_of(entry).state.failsafe.level is Level.CRITICAL


async def test_wrong_data_is_refused_by_the_name_of_the_field(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    with pytest.raises(vol.Invalid, match=r"nan is no number.*voltage"):
        await push(hass, entry, voltage=float("nan"), current=1)
    with pytest.raises(vol.Invalid, match="at least one of: voltage, current"):
        await push(hass, entry)
    assert coordinator_of(entry).state.reading is None


async def test_a_battery_that_is_not_fed_by_an_action_takes_no_readings(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.2))
    with pytest.raises(ServiceValidationError) as refused:
        await push(hass, entry, voltage=14)
    assert refused.value.translation_key == "not_pushed"
    assert refused.value.translation_placeholders == {"name": "House"}
    assert reading(entry).voltage == 13.2


async def test_what_is_no_battery_takes_no_readings(hass: HomeAssistant) -> None:
    await pushed(hass)
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN, "push_reading", {"device_id": "nothing", "voltage": 13}, blocking=True
        )
    assert refused.value.translation_key == "not_a_battery"


async def test_a_reading_is_never_folded_twice(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    await push(hass, entry, voltage=13.2)
    coordinator = coordinator_of(entry)
    before = coordinator.state.sampled_at
    await coordinator.async_sample()
    assert coordinator.state.sampled_at is before
    assert coordinator.last_error is None
    await push(hass, entry, voltage=13.2)
    assert coordinator.state.sampled_at is not before


async def test_without_readings_it_is_out_of_sight_after_the_time_out(
    hass: HomeAssistant, clock: Clock
) -> None:
    entry = await pushed(hass, time_out=30.0)
    coordinator = coordinator_of(entry)
    await push(hass, entry, voltage=13.2)
    await clock.advance(15)
    assert coordinator.state.healthy
    await clock.advance(16)
    assert not coordinator.state.healthy
    assert shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE
    with pytest.raises(NoReply, match="no reading was pushed for more than 30 s"):
        await coordinator.source.read()
    await push(hass, entry, voltage=13.1)
    assert coordinator.state.healthy
    assert shown(hass, entry, "sensor", "voltage") == "13.1"


async def test_a_slow_feed_is_healthy_within_its_time_out(hass: HomeAssistant, clock: Clock) -> None:
    entry = await pushed(hass, time_out=600.0)
    await push(hass, entry, voltage=13.2)
    await clock.advance(500)
    assert coordinator_of(entry).state.healthy


async def test_nothing_old_is_shown_after_a_restart(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    await push(hass, entry, voltage=13.2)
    source = coordinator_of(entry).source
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE
    with pytest.raises(NoReply, match="since the start"):
        await coordinator_of(entry).source.read()
    with pytest.raises(LinkDown, match="unloaded"):
        await source.read()


async def test_it_cannot_be_commanded(hass: HomeAssistant) -> None:
    entry = await pushed(hass, **ALLOW_ALL)
    with pytest.raises(CommandBlocked) as blocked:
        await coordinator_of(entry).source.command(Wanted(charging=True), force=True)
    assert blocked.value.placeholders == {"switches": "charging"}


async def test_the_menu_has_a_place_for_it(hass: HomeAssistant) -> None:
    result = await begin(hass, "pushed")
    assert asks(result, "pushed")
    assert list(fields_of(result)) == ["name", "chemistry", "cells", "use", "time_out"]
    result = await submit(
        hass, result, changed(result, name="Boat", chemistry="lead_acid", cells=6, time_out=120)
    )
    assert asks(result, "thresholds")
    result = await submit(hass, result, prefilled(result))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.title == "Boat"
    assert entry.options["low_voltage"] == pytest.approx(11.7)
    assert entry.options["time_out"] == 120
    await push(hass, entry, voltage=12.6)
    assert shown(hass, entry, "sensor", "voltage") == "12.6"


@pytest.mark.parametrize(
    "wrong", [{"time_out": 4}, {"time_out": float("nan")}, {"cells": 0}, {"use": "space"}]
)
async def test_the_form_takes_nothing_that_it_does_not_offer(
    hass: HomeAssistant, wrong: dict[str, Any]
) -> None:
    result = await begin(hass, "pushed")
    with pytest.raises(InvalidData):
        await submit(hass, result, changed(result, **wrong))


async def test_a_name_is_all_that_is_needed_and_an_empty_one_will_do(hass: HomeAssistant) -> None:
    result = await begin(hass, "pushed")
    result = await submit(hass, result, changed(result, name=" "))
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Battery")


async def test_the_time_out_can_be_changed_later(hass: HomeAssistant) -> None:
    entry = await pushed(hass, time_out=30.0, low_voltage=12.0)
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["pushed", "battery", "failsafe", "display"]
    result = await choose(hass, entry, "pushed")
    assert prefilled(result) == {"time_out": 30.0}
    await option_forms.save(hass, result, time_out=90)
    assert entry.options["time_out"] == 90
    assert entry.options["low_voltage"] == 12.0
    response = await push(hass, entry, voltage=13)
    assert response is not None
    assert response["time_out"] == 90


async def test_how_it_is_shown_has_no_interval(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    result = await choose(hass, entry, "display")
    assert "interval" not in prefilled(result)
    assert prefilled(result)["publish_interval"] == 0.1


async def test_there_is_nothing_to_reconfigure(hass: HomeAssistant) -> None:
    entry = await pushed(hass)
    result = await entry.start_reconfigure_flow(hass)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "nothing_to_reconfigure")
