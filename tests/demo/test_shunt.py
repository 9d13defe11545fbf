"""The shunt: entities whose states are written from outside."""

from typing import Any, override

import pytest

from simulators.battery import SimulatedBattery
from simulators.demo.client import Answer, Client
from simulators.demo.shunt import CHARGE, CURRENT, ENTITIES, VOLTAGE, Shunt
from simulators.load import Constant


class Home(Client):
    """Takes states."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, Any]] = {}

    @override
    async def post(self, path: str, fields: Any) -> Answer:
        self.taken[path.removeprefix("states/")] = fields
        return {}

    def text(self, entity_id: str) -> str:
        state: str = self.taken[entity_id]["state"]
        return state


@pytest.fixture
def battery() -> SimulatedBattery:
    return SimulatedBattery(16, 4.0, state_of_charge=70.0, load=Constant(-2.5))


@pytest.fixture
def shunt(battery: SimulatedBattery) -> Shunt:
    return Shunt(battery)


async def test_it_reports_what_is_true_finely_and_with_units(shunt: Shunt, battery: SimulatedBattery) -> None:
    home = Home()
    await shunt.report(home)
    assert home.taken.keys() == set(ENTITIES.values())
    assert float(home.text(VOLTAGE)) == pytest.approx(battery.terminal_voltage, abs=0.0005)
    assert (home.text(CURRENT), home.text(CHARGE)) == ("-2.500", f"{battery.state_of_charge:.1f}")
    units = [home.taken[one]["attributes"]["unit_of_measurement"] for one in (VOLTAGE, CURRENT, CHARGE)]
    assert units == ["V", "A", "%"]


async def test_it_can_be_made_to_differ_and_to_fall_silent(shunt: Shunt) -> None:
    home = Home()
    shunt.offset, shunt.silent = 0.25, frozenset({CHARGE})
    await shunt.report(home)
    assert (home.text(CURRENT), home.text(CHARGE)) == ("-2.250", "unavailable")
