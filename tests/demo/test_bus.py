"""The demo's batteries on a bus, and what judges what is told of them."""

from pathlib import Path
from typing import Any

import pytest

from simulators.battery import SimulatedBattery
from simulators.demo.bus_batteries import BatteryBus, BusBattery, Metered, battery_bus
from simulators.demo.bus_flows import offered
from simulators.demo.claims.bus import is_allowed, tells
from simulators.demo.folder import Folder
from simulators.i2c.bus import Message
from simulators.load import Constant


@pytest.fixture
def bus(tmp_path: Path) -> BatteryBus:
    return battery_bus(Folder(tmp_path))


def test_every_battery_answers_at_its_address(bus: BatteryBus) -> None:
    assert [one.address for one in bus.batteries] == [0x0B, 0x0C, 0x0D, 0x40]
    for one in bus.batteries:
        assert bus.bus.transfer([Message(one.address, b"\x09"), Message(one.address, None, 2)])[1]


def test_both_batmons_are_told_apart(bus: BatteryBus) -> None:
    unique = {
        bus.bus.transfer([Message(one.address, b"\x23"), Message(one.address, None, 17)])[1]
        for one in bus.drones
    }
    assert len(unique) == 2


def test_of_what_is_said_only_writes_are_kept(bus: BatteryBus) -> None:
    bus.bus.transfer([Message(0x40, b"\x3e"), Message(0x40, None, 2)])
    bus.bus.transfer([Message(0x40, b"\x00\x80\x00")])
    assert [said.written for said in bus.bus.log] == [b"\x00\x80\x00"]


def test_a_battery_beside_a_power_monitor_lives_on_while_it_is_asked() -> None:
    now = 100.0
    battery = SimulatedBattery(4, 4.0, load=Constant(-2.0))
    metered = Metered(battery, lambda: now)
    before = metered.terminal_voltage
    now = 460.0
    assert metered.drawn() == pytest.approx(720.0)
    assert metered.current == -2.0
    assert metered.terminal_voltage < before
    assert battery.time == pytest.approx(360.0)


def test_what_a_form_offers_is_found_by_address() -> None:
    options = [{"value": "0x0b", "label": "A battery at 0x0B"}]
    form: dict[str, Any] = {
        "data_schema": [{"name": "devices", "selector": {"select": {"options": options}}}]
    }
    assert offered(form) == {"0x0b": "A battery at 0x0B"}


def words(one: BusBattery, cells: int, voltage: float) -> str:
    return f"{one.device} at 0x{one.address:02X}, {cells} cells, {voltage:.1f} V"


def test_only_the_right_words_tell_of_a_gauge(bus: BatteryBus) -> None:
    voltage = bus.mower.battery.terminal_voltage
    assert tells(words(bus.mower, 4, voltage), bus.mower)
    assert not tells(words(bus.mower, 5, voltage), bus.mower)
    assert not tells(words(bus.mower, 4, voltage / 10), bus.mower)
    assert not tells(words(bus.drones[0], 6, voltage), bus.drones[1])
    assert not tells("unknown device at 0x0B", bus.mower)


def test_only_the_right_words_tell_of_a_power_monitor(bus: BatteryBus) -> None:
    assert tells("INA228 at 0x40", bus.garden)
    assert not tells("INA226 at 0x40", bus.garden)


@pytest.mark.parametrize(
    ("address", "written", "allowed"),
    [
        (0x40, "008000", True),
        (0x40, "000000", True),
        (0x40, "0201f4", True),
        (0x40, "000010", False),
        (0x40, "0101f4", False),
        (0x40, "02", False),
        (0x0B, "008000", False),
    ],
)
def test_only_what_sets_a_power_monitor_up_may_be_written(address: int, written: str, allowed: bool) -> None:
    assert is_allowed(address, bytes.fromhex(written)) is allowed
