"""Letting go of the link between readings, and making it again when it was lost."""

from itertools import pairwise
from typing import Any

import pytest

from custom_components.battmon.transports import ble
from homeassistant.core import HomeAssistant
from simulators.bluetooth.link_faults import CONNECT
from simulators.bluetooth.peripheral import Peripheral
from simulators.jbd_registers import FUNCTION_BALANCING, Register

from ..battery import set_up, shown, until
from .drowsy import (
    AWAY,
    COUNTS,
    ENTER_FACTORY_MODE,
    FIVE_MINUTES,
    HOUR,
    INTERVAL,
    MOSFETS,
    SETTINGS,
    busy,
    half_an_hour,
    idle,
    pass_by,
    settled,
    voltage,
)
from .house import asked, coordinator_of, polls, read_now, set_switches
from .room import Clock, Room

pytestmark = pytest.mark.usefixtures("quick")


# Connect, read, release.


async def test_it_is_connected_only_while_it_is_read(hass: HomeAssistant, room: Room, clock: Clock) -> None:
    battery = room.plug_in(busy())
    entry = await set_up(hass, battery, **AWAY)
    connected = battery.link_faults.count(CONNECT)
    for turn in range(3):
        assert not battery.connected
        assert voltage(hass, entry) == "13.21"
        (await room.connect_a_phone(battery)).drop()
        battery.faults.inject("delay", register=0x04, delay=0.05)
        await clock.advance(INTERVAL)
        assert battery.connected
        await settled(hass, entry)
        assert battery.link_faults.count(CONNECT) == connected + 2 * (turn + 1)
    assert not battery.connected


async def test_it_is_let_go_of_after_whatever_was_wanted_of_it(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(busy())
    entry = await set_up(hass, battery, allow_charging=True, **AWAY)
    await read_now(hass, entry)
    assert not battery.connected
    await set_switches(hass, entry, charging=False)
    assert not battery.connected
    assert shown(hass, entry, "switch", "charging") == "off"
    battery.faults.inject("error", status=0x83, register=MOSFETS, write=True)
    with pytest.raises(Exception, match="password"):
        await set_switches(hass, entry, charging=True)
    await settled(hass, entry)
    assert not battery.connected


async def test_it_is_let_go_of_after_a_read_that_failed(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(busy())
    entry = await set_up(hass, battery, **AWAY)
    battery.faults.inject("error", status=0x80, register=0x04)
    await pass_by(hass, clock, battery, entry, INTERVAL)
    assert coordinator_of(entry).last_error is not None
    assert not battery.connected


async def test_an_idle_battery_that_is_let_go_of_sleeps_by_default(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(idle())
    entry = await set_up(hass, battery, **AWAY)
    await half_an_hour(hass, clock, battery, entry)
    assert await pass_by(hass, clock, battery, entry, FIVE_MINUTES - 2) == 0


async def test_settings_are_not_read_at_every_connection_but_once_an_hour(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    """Reading them enters factory mode."""
    battery = room.plug_in(device := busy())
    entry = await set_up(hass, battery, allow_balancing=True, **{**AWAY, "interval": 600.0})
    read, entered = asked(battery, SETTINGS), asked(battery, ENTER_FACTORY_MODE)
    assert shown(hass, entry, "switch", "balancing") == "on"
    device.registers[Register.FUNCTION] &= ~FUNCTION_BALANCING
    for _ in range(5):
        assert await pass_by(hass, clock, battery, entry, 600.0) > 0
        assert shown(hass, entry, "switch", "balancing") == "on", "it stays known"
    assert (asked(battery, SETTINGS), asked(battery, ENTER_FACTORY_MODE)) == (read, entered)
    for _ in range(2):
        await pass_by(hass, clock, battery, entry, 600.0)
    assert (asked(battery, SETTINGS), asked(battery, ENTER_FACTORY_MODE)) == (2 * read, 2 * entered)
    assert shown(hass, entry, "switch", "balancing") == "off"


async def test_a_link_that_was_really_lost_has_settings_read_again(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in(device := busy())
    entry = await set_up(hass, battery, allow_balancing=True, **AWAY)
    device.registers[Register.FUNCTION] &= ~FUNCTION_BALANCING
    battery.link_faults.inject("cut_at_write", skip=1)
    await pass_by(hass, clock, battery, entry, INTERVAL)
    await until(hass, lambda: shown(hass, entry, "switch", "balancing") == "off", 2)


@pytest.mark.parametrize("options", [{}, {"allow_balancing": True}])
async def test_protection_counts_are_read_once_a_minute_however_often_it_is_connected(
    hass: HomeAssistant, room: Room, clock: Clock, options: dict[str, Any]
) -> None:
    battery = room.plug_in(busy())
    entry = await set_up(hass, battery, **{**AWAY, "interval": 10.0, **options})
    await pass_by(hass, clock, battery, entry, 10.0)
    before = asked(battery, COUNTS)
    for _ in range(5):
        assert await pass_by(hass, clock, battery, entry, 10.0) > 0
    assert asked(battery, COUNTS) == before
    await pass_by(hass, clock, battery, entry, 11.0)
    assert asked(battery, COUNTS) == before + 1


# A link that is lost.


async def test_a_link_that_is_lost_is_made_again_at_once(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(busy())
    entry = await set_up(hass, battery, interval=HOUR)
    before = polls(battery)
    battery.cut()
    await until(hass, lambda: polls(battery) > before, 1)
    await settled(hass, entry)
    assert battery.connected
    assert coordinator_of(entry).pace.link_quality == 100, "nothing failed"


async def attempts(battery: Peripheral, clock: Clock, seconds: float) -> list[float]:
    """Let time pass and return the time from each attempt to connect to the next one, in s."""
    begin = len(battery.link_faults.log)
    for _ in range(round(seconds / 0.1)):
        await clock.advance(0.1)
    times = [seen.time for seen in list(battery.link_faults.log)[begin:] if seen.event == CONNECT]
    return [after - before for before, after in pairwise(times)]


async def test_attempts_follow_each_other_as_the_wire_wants_it(
    hass: HomeAssistant, room: Room, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "BACK_OFF", (0.0, 0.5, 3.0))
    battery = room.plug_in(busy())
    await set_up(hass, battery, interval=HOUR)
    battery.link_faults.inject("refuse", count=None, error="no")
    battery.cut()
    found = await attempts(battery, clock, 10.0)
    assert found[:4] == pytest.approx([0.1, 1.0, 3.0, 3.0], abs=0.4)


async def test_attempts_that_take_long_are_followed_by_others_just_as_soon(
    hass: HomeAssistant, room: Room, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time to wait counts from the end of an attempt."""
    monkeypatch.setattr(ble, "BACK_OFF", (0.0, 3.0))
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", 1.0)
    battery = room.plug_in(busy())
    await set_up(hass, battery, interval=HOUR)
    battery.link_faults.inject("hang", count=None)
    battery.cut()
    found = await attempts(battery, clock, 10.5)
    assert found[:3] == pytest.approx([1.1, 4.0, 4.0], abs=0.5)


async def test_attempts_are_never_rarer_than_polls(
    hass: HomeAssistant, room: Room, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "BACK_OFF", (1000.0,))
    battery = room.plug_in(busy())
    entry = await set_up(hass, battery, interval=2.0)
    battery.link_faults.inject("refuse", count=None, error="no")
    battery.cut()
    await clock.advance(0.5)
    reads = coordinator_of(entry).pace._reads
    before = len(reads)
    for _ in range(10):
        await clock.advance(1.0)
    assert 5 <= len(reads) - before <= 10
