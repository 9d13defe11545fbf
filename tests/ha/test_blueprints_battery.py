"""The blueprints with a battery that BattMon reads: what it says is what they wait for."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.components.persistent_notification import DOMAIN as NOTIFICATIONS
from homeassistant.core import HomeAssistant
from simulators.jbd import JbdDevice

from ..battery import Bench, entity_id, until
from .automated import (
    ALL,
    automate,
    furnish,
    hass_config_dir,  # noqa: F401
    loads,
    on,
    switch_off,
)
from .house import FAST, add, cells_of, device_of, fixed, registered, state_of
from .test_blueprints import BLUEPRINTS, entities, load

pytestmark = pytest.mark.usefixtures("quick")

THRESHOLDS = {
    **FAST,
    "chemistry": "lifepo4",
    "low_voltage_delay": 0.0,
    "low_cell": 3.0,
    "low_cell_critical": 2.8,
    "high_cell": 3.6,
    "high_cell_critical": 3.65,
    "ready_voltage": 9.5,
}
WELL, LOW, CRITICAL, HIGH = (3.3, 3.31, 3.32), (2.9, 3.31, 3.32), (2.7, 3.31, 3.32), (3.3, 3.31, 3.62)


class House:
    """A battery, and an automation that looks at it."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, device: JbdDevice) -> None:
        self.hass = hass
        self.entry = entry
        self.device = device

    async def automate(self, blueprint: str, **inputs: Any) -> None:
        """Make an automation of a blueprint, with the battery's own entities filled in."""
        (path,) = (path for path in BLUEPRINTS if path.stem == blueprint)
        own = {key: self.entity(taken, key) for key, taken in entities(load(path))}
        await furnish(self.hass)
        await automate(self.hass, blueprint, own | inputs)

    def entity(self, taken: dict[str, Any], key: str) -> str:
        """Return the entity that an input is named after."""
        (platform,) = taken["domain"]
        return entity_id(self.hass, self.entry, platform, key)

    async def drill(self, level: str) -> None:
        """Begin a drill on the discharge side."""
        data = {"device_id": device_of(self.hass, self.entry).id, "level": level, "side": "discharge"}
        await self.hass.services.async_call(DOMAIN, "failsafe_drill", data, blocking=True)

    def measures(self, cells: tuple[float, ...]) -> None:
        """Let the battery measure something else from now on."""
        cells_of(self.device).sensed_cell_voltages = cells

    async def leaves_on(self, *names: str) -> None:
        """Wait until these loads, and no others, are on."""
        await until(self.hass, lambda: on(self.hass) == set(names))

    def messages(self) -> list[str]:
        """Return what people are told."""
        return [told["message"] for told in self.hass.data.get(NOTIFICATIONS, {}).values()]


@pytest.fixture
async def house(hass: HomeAssistant, bench: Bench) -> AsyncIterator[House]:
    """A battery that is well."""
    port = bench.plug_in(device := fixed(*WELL))
    yield House(hass, await add(hass, port, THRESHOLDS), device)
    if hass.services.has_service("automation", "turn_off"):
        await switch_off(hass)


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
async def test_every_entity_that_is_asked_for_is_offered_by_a_battery(house: House, path: Any) -> None:
    for key, taken in entities(load(path)):
        (platform,) = taken["domain"]
        entry = registered(house.hass, house.entry, platform, key)
        assert entry.platform == taken["integration"]
        assert [entry.original_device_class] == taken.get("device_class", [entry.original_device_class])
        assert not entry.disabled


async def test_cells_that_are_low_shed_loads(house: House) -> None:
    await house.automate("shed_loads", shed=loads("boiler"))
    house.measures(LOW)
    await house.leaves_on("fridge", "inverter")
    await until(house.hass, lambda: bool(house.messages()))
    (message,) = house.messages()
    assert message.startswith("The discharge level is low (low cell")


async def test_cells_that_are_high_stop_chargers_and_shed_nothing(house: House) -> None:
    await house.automate("stop_charging", stop=loads("inverter"))
    house.measures(HIGH)
    await house.leaves_on("boiler", "fridge")
    assert state_of(house.hass, house.entry, "sensor", "discharge_level").state == "none"


async def test_critical_cells_cut(house: House) -> None:
    await house.automate("cut_at_critical", low_cut=loads("boiler"), critical_cut=loads("inverter"))
    house.measures(CRITICAL)
    await house.leaves_on("fridge")


async def test_a_battery_that_may_not_set_out_is_told_of_with_its_reasons(house: House) -> None:
    await house.automate("not_ready", unready_for={"seconds": 0})
    house.measures((3.0, 3.0, 3.0))
    await until(house.hass, lambda: bool(house.messages()))
    (message,) = house.messages()
    assert message.startswith("The battery is not ready: ")
    assert "9.5 V" in message


async def test_a_drill_sheds_nothing(house: House) -> None:
    await house.automate("shed_loads", shed=loads("boiler"))
    await house.drill("low")
    await until(house.hass, lambda: bool(house.messages()))
    assert house.messages()[0].startswith("Drill: The discharge level is low")
    assert on(house.hass) == ALL


@pytest.mark.parametrize("level", ["low", "critical"])
async def test_a_drill_sheds_where_it_may(house: House, level: str) -> None:
    await house.automate("shed_loads", shed=loads("boiler"), act_in_drill=True)
    await house.drill(level)
    await house.leaves_on("fridge", "inverter")


async def test_a_battery_that_becomes_low_during_a_drill_sheds_loads(house: House) -> None:
    await house.automate("shed_loads", shed=loads("boiler"))
    await house.drill("low")
    await until(house.hass, lambda: bool(house.messages()))
    house.measures(LOW)
    await house.leaves_on("fridge", "inverter")
