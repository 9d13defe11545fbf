"""Entries without a wire stand beside those that have one, and none of the dialogs minds."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.diagnostics import async_get_config_entry_diagnostics
from custom_components.battmon.flow_reading import is_bluetooth
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ..battery import Bench
from .bluetooth_dialogs import asks, battery, begin, choose, heard, open_card, submit
from .house import add, flows
from .virtual_forms import joined, key_of, reconfigure

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "quick", "short_sight")


@pytest.fixture
def bank(hass: HomeAssistant) -> MockConfigEntry:
    """A battery made of others, which are not there."""
    return joined(hass, "series", "Bank", "Boat", "House")


async def test_a_battery_is_found_over_another_wire_beside_one_that_has_none(
    hass: HomeAssistant, bench: Bench, bank: MockConfigEntry
) -> None:
    port = bench.plug_in()
    await heard(hass, battery(port.device))
    await add(hass, port)
    result = await submit(hass, await open_card(hass), {})
    assert asks(result, "same_battery")
    assert (result["description_placeholders"] or {})["name"] == "Battery"


async def test_batteries_are_added_on_either_wire_beside_one_that_has_none(
    hass: HomeAssistant, bench: Bench, bank: MockConfigEntry
) -> None:
    await heard(hass, battery())
    assert asks(await submit(hass, await open_card(hass), {}), "battery")
    result = await submit(hass, await begin(hass, "serial"), {"device": bench.plug_in().path})
    assert asks(result, "battery")
    assert asks(await begin(hass, "bluetooth_manual"), "bluetooth_manual")


async def test_a_real_battery_moves_to_another_port_beside_one_that_has_no_wire(
    hass: HomeAssistant, bench: Bench, bank: MockConfigEntry
) -> None:
    port = bench.plug_in()
    entry = await add(hass, port)
    other = bench.plug_in(port.device)
    port.vanish()
    result = await submit(
        hass, await choose(hass, await reconfigure(hass, entry), "reconfigure_serial"), {"device": other.path}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()


async def test_one_without_a_wire_is_not_reached_over_bluetooth() -> None:
    assert not is_bluetooth({"battery_key": "X", "kind": "series"})


async def test_diagnostics_of_one_without_a_wire_tell_no_names(
    hass: HomeAssistant, bench: Bench, bank: MockConfigEntry
) -> None:
    await add(hass, bench.plug_in())
    found = await async_get_config_entry_diagnostics(hass, bank)
    assert found["entry"]["data"] == {"battery_key": key_of("Bank"), "kind": "series"}
    assert found["entry"]["options"]["members"] == [key_of("Boat"), key_of("House")]
    assert found["entry"]["options"]["member_names"] == "**REDACTED**"
    assert flows(hass) == []
