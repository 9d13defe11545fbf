"""The buttons: one reads a battery now, whatever the intervals; one resets the failsafe."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..battery import Bench, set_up, shown, until
from .house import add, cells_of, fixed, polls, read_now, registered, state_of
from .judged import JUDGED, LOW, NO_LEVEL, WEAK, becomes, charge_to, levels, press_reset

pytestmark = pytest.mark.usefixtures("quick")


async def test_it_reads_once_and_shows_it_at_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3))
    entry = await set_up(hass, port, interval=3600, publish_interval=3600)
    cells_of(port.device).sensed_cell_voltages = (3.301, 3.3, 3.3, 3.3)
    before = polls(port)
    await read_now(hass, entry)
    assert polls(port) == before + 1
    assert shown(hass, entry, "sensor", "cell_1") == "3.301"
    assert registered(hass, entry, "button", "read_now").entity_category == "diagnostic"
    assert state_of(hass, entry, "button", "read_now").attributes["friendly_name"] == "Battery Read now"


async def test_it_says_why_nothing_came(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await set_up(hass, port, interval=3600)
    port.faults.inject("silence", None)
    with pytest.raises(HomeAssistantError, match="does not answer"):
        await read_now(hass, entry)
    port.line.vanish()
    with pytest.raises(HomeAssistantError, match="connection is down"):
        await read_now(hass, entry)
    port.faults.clear()
    port.line.reappear()
    await read_now(hass, entry)
    assert shown(hass, entry, "binary_sensor", "connected") == "on"


async def test_the_failsafe_is_reset_whether_or_not_the_battery_is_there(
    hass: HomeAssistant, bench: Bench, short_sight: None
) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "use": "vehicle"})
    reset = state_of(hass, entry, "button", "reset_failsafe")
    assert reset.attributes["friendly_name"] == "Battery Reset failsafe"
    assert registered(hass, entry, "button", "reset_failsafe").entity_category is None
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    port.line.vanish()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    assert shown(hass, entry, "button", "reset_failsafe") != "unavailable"
    assert levels(hass, entry) == LOW
    await press_reset(hass, entry)
    assert levels(hass, entry) == NO_LEVEL, "nobody knows whether it is low still"
