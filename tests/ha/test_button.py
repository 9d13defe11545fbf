"""The button that reads a battery now, whatever the intervals."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..battery import Bench, set_up, shown
from .house import cells_of, fixed, polls, read_now, registered, state_of

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
