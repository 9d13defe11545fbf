"""How Bluetooth links are made: by the best path, where a slot is free, one at a time on each proxy."""

import asyncio
import time

import pytest

from custom_components.battmon.model.errors import WireConflict
from custom_components.battmon.sources.bluetooth import HomeAssistantRadio
from custom_components.battmon.transports import ble
from custom_components.battmon.transports.ble import BleWire
from custom_components.battmon.transports.wires import Wires
from simulators.bluetooth.scanner import Scanner

from .rig import voltage
from .room import CHANNELS, MOMENT, Room, ask, fails, tried


def held(*proxies: Scanner) -> list[int]:
    """Return how many links each proxy holds."""
    return [proxy.slots - proxy.get_allocations().free for proxy in proxies]


# The way to a battery.


async def test_the_best_path_is_looked_up_whenever_a_link_is_made(room: Room) -> None:
    near, far = room.proxy(1), room.proxy(2, attenuation=20)
    battery = room.battery()
    wire = room.wire(battery)
    await ask(wire)
    assert held(near, far) == [1, 0]
    near.unregister()
    await ask(wire)
    assert held(near, far) == [0, 1]
    near.register(room.hass)
    battery.cut()
    room.air.advertise()
    await ask(wire)
    assert held(near, far) == [1, 0]
    await wire.end()
    assert held(near, far) == [0, 0]


async def test_a_battery_that_nobody_hears_is_said_to_be_out_of_range(room: Room) -> None:
    room.proxy()
    wire = room.wire(room.battery(signal=-200))
    await fails(wire, "not in range of anything that can connect: .+scanner")


async def test_a_proxy_that_cannot_connect_is_no_way(room: Room) -> None:
    room.proxy(connectable=False)
    wire = room.wire(room.battery())
    await fails(wire, "not in range of anything that can connect: .+proxy 1")


# Slots.


async def test_without_a_free_slot_nothing_is_tried(room: Room) -> None:
    proxy, battery = room.proxy(slots=2), room.battery()
    wire = room.wire(battery)
    proxy.occupy()
    for _attempt in range(3):
        await fails(wire, "no connection slot is free: .*all full.*proxy 1")
    assert tried(battery) == []
    proxy.occupy(1)
    assert voltage(await ask(wire)) == 6.6
    await wire.end()
    assert proxy.get_allocations().free == 1


async def test_where_the_best_proxy_is_full_the_next_one_connects(room: Room) -> None:
    near, far, battery = room.proxy(1), room.proxy(2, attenuation=20), room.battery()
    near.occupy()
    wire = room.wire(battery)
    await ask(wire)
    assert far.get_allocations().free == far.slots - 1
    await wire.end()


async def test_the_last_slot_goes_to_who_came_first(room: Room) -> None:
    proxy = room.proxy(slots=1)
    first, second = (room.wire(room.battery(number, connect_time=MOMENT)) for number in (1, 2))
    asked = asyncio.create_task(ask(first))
    await asyncio.sleep(0.01)
    await fails(second, "no connection slot is free: .*proxy 1")
    assert voltage(await asked) == 6.6
    await fails(second, "no connection slot is free")
    await first.end()
    assert voltage(await ask(second)) == 6.6
    await second.end()
    assert proxy.get_allocations().free == 1


# Taking turns.


async def test_two_batteries_at_one_proxy_are_connected_one_after_the_other(room: Room) -> None:
    room.proxy()
    batteries = [room.battery(number, connect_time=MOMENT) for number in (1, 2, 3)]
    wires = [room.wire(battery) for battery in batteries]
    await asyncio.gather(*map(ask, wires))
    begun = [at for battery in batteries for at in tried(battery)]
    assert [later - earlier >= MOMENT for earlier, later in zip(begun, begun[1:], strict=False)] == [True] * 2
    for wire in wires:
        await wire.end()


async def test_two_batteries_at_two_proxies_are_connected_side_by_side(room: Room) -> None:
    proxies = [room.proxy(number) for number in (1, 2)]
    batteries = [room.battery(number, proxy, connect_time=MOMENT) for number, proxy in enumerate(proxies)]
    wires = [room.wire(battery) for battery in batteries]
    await asyncio.gather(*map(ask, wires))
    (one,), (other,) = map(tried, batteries)
    assert abs(one - other) < MOMENT
    assert held(*proxies) == [1, 1]
    for wire in wires:
        await wire.end()


async def elapsed(wire: BleWire) -> float:
    """Connect and return how long that took, in s."""
    start = time.monotonic()
    await ask(wire)
    return time.monotonic() - start


async def test_one_that_does_not_let_us_in_delays_others_at_its_proxy_by_its_time_out(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", 2 * MOMENT)
    proxies = [room.proxy(number) for number in (1, 2)]
    hanging, *others = (room.battery(number, proxies[number // 2]) for number in (0, 1, 2))
    hanging.link_faults.inject("hang")
    asked = asyncio.create_task(fails(room.wire(hanging), "took too long.*proxy 1"))
    await asyncio.sleep(0.01)
    wires = [room.wire(battery) for battery in others]
    waited, at_once = await asyncio.gather(*map(elapsed, wires))
    assert at_once < MOMENT < waited < 4 * MOMENT
    await asked
    for wire in wires:
        await wire.end()


async def test_a_slot_that_is_taken_while_others_have_their_turn_is_not_asked_for(room: Room) -> None:
    proxy = room.proxy()
    slow, waiting = room.battery(1, connect_time=MOMENT), room.battery(2)
    wire = room.wire(slow)
    asked = [asyncio.create_task(ask(wire)), asyncio.create_task(fails(room.wire(waiting), "no connection"))]
    await asyncio.sleep(0.01)
    proxy.occupy(2)
    await asyncio.gather(*asked)
    assert tried(waiting) == []
    await wire.end()


async def test_a_turn_that_does_not_come_is_not_waited_for_any_longer(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "TURN_TIMEOUT", MOMENT)
    room.proxy()
    slow, waiting = room.battery(1, connect_time=3 * MOMENT), room.battery(2)
    first, second = room.wire(slow), room.wire(waiting)
    asked = asyncio.create_task(ask(first))
    await asyncio.sleep(0.01)
    await fails(second, "took too long.*proxy 1", under=2 * MOMENT)
    assert tried(waiting) == []
    await asked
    assert await elapsed(second) < MOMENT
    for wire in (first, second):
        await wire.end()


# Sharing.


async def test_entries_for_one_address_share_its_link(room: Room) -> None:
    room.proxy()
    battery, wires = room.battery(), Wires()
    radio = HomeAssistantRadio(room.hass, battery.address)
    first = wires.acquire_bluetooth(battery.address, radio, CHANNELS)
    second = wires.acquire_bluetooth(battery.address, radio, list(CHANNELS))
    assert first is second
    await asyncio.gather(ask(first), ask(second))
    assert first.connections == 1
    await wires.rest(first)
    assert battery.connected, "the other one uses it"
    await wires.release(first)
    assert battery.connected
    await wires.rest(second)
    assert not battery.connected
    await wires.release(second)
    await fails(second, "given back")
    assert wires.acquire_bluetooth(battery.address, radio, CHANNELS) is not first


async def test_another_kind_at_an_address_in_use_is_a_conflict_in_words(room: Room) -> None:
    battery, wires = room.battery(), Wires()
    radio = HomeAssistantRadio(room.hass, battery.address)
    wire = wires.acquire_bluetooth(battery.address, radio, CHANNELS)
    with pytest.raises(WireConflict, match=f"{battery.address} is in use as another kind of battery"):
        wires.acquire_bluetooth(battery.address, radio, CHANNELS[:1])
    await wires.release(wire)
    assert wires.acquire_bluetooth(battery.address, radio, CHANNELS[:1]).channels == CHANNELS[:1]


async def test_batteries_of_all_entries_take_turns(room: Room) -> None:
    room.proxy()
    wires = Wires()
    batteries = [room.battery(number, connect_time=MOMENT / 3) for number in (1, 2)]
    links = [
        wires.acquire_bluetooth(battery.address, HomeAssistantRadio(room.hass, battery.address), CHANNELS)
        for battery in batteries
    ]
    await asyncio.gather(*map(ask, links))
    (one,), (other,) = map(tried, batteries)
    assert other - one >= MOMENT / 3
    for wire in links:
        await wires.release(wire)
    assert not any(battery.connected for battery in batteries)
