"""The dialogs about a bus, as the demo walks through them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from simulators.demo import bus_flows
from simulators.demo.bus_batteries import BatteryBus, battery_bus
from simulators.demo.client import Client, ClientError
from simulators.demo.folder import Folder

TOLD = ["SMP DB-1200 at 0x0B, 4 cells, 15.3 V", "Rotoye Batmon at 0x0C, 6 cells, 23.9 V"]


@pytest.fixture
def bus(tmp_path: Path) -> BatteryBus:
    return battery_bus(Folder(tmp_path))


def form(step: str, number: int = 0, *fields: str, **placeholders: str) -> dict[str, Any]:
    return {
        "type": "form",
        "step_id": step,
        "flow_id": str(number),
        "data_schema": [{"name": name} for name in fields],
        "description_placeholders": placeholders,
    }


class Home:
    """Has a dialog for each device, of which one begins when the one before is done."""

    def __init__(self, told: list[str]) -> None:
        self._told = told
        self.sent: list[Mapping[str, Any]] = []

    async def post(self, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        self.sent.append(fields)
        number = int(path.rpartition("/")[2])
        if "devices" in fields:
            return await self.get(path)
        if "name" not in fields:
            return form("battery", number, "name", "chemistry")
        created: dict[str, Any] = {"type": "create_entry", "result": {"entry_id": fields["name"]}}
        if number + 1 < len(self._told):
            created["next_flow"] = ["config_flow", str(number + 1)]
        return created

    async def get(self, path: str) -> dict[str, Any]:
        number = int(path.rpartition("/")[2])
        return form("i2c_device", number, "cells", device=self._told[number])


async def test_devices_are_added_one_after_the_other_by_their_dialogs(bus: BatteryBus) -> None:
    home = Home(TOLD)
    dialogs = bus_flows.add(cast(Client, home), form("i2c_pick"), bus.batteries[:2])
    added = {battery.key: entry_id async for battery, entry_id in dialogs}
    assert added == {"mower": "Mower battery", "drone_1": "Drone battery 1"}
    assert home.sent[0] == {"devices": ["0x0b", "0x0c"]}
    assert home.sent[-1] == {"name": "Drone battery 1", "chemistry": "li_ion"}


async def test_a_dialog_about_another_device_than_expected_is_an_error(bus: BatteryBus) -> None:
    home = Home(TOLD[::-1])
    with pytest.raises(ClientError, match="the Mower battery, not about Rotoye Batmon"):
        await anext(bus_flows.add(cast(Client, home), form("i2c_pick"), bus.batteries[:2]))


async def test_a_dialog_that_asks_for_no_bus_is_an_error(bus: BatteryBus) -> None:
    class Elsewhere:
        async def post(self, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
            return {"type": "menu", "step_id": "user", "flow_id": "1"}

    with pytest.raises(ClientError, match="expected to be asked for a bus"):
        await bus_flows.look(cast(Client, Elsewhere()), bus.path)
