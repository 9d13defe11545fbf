"""Bluetooth links that do not come about, or do not end: given up in time, with nothing left behind."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import bleak_retry_connector
import pytest
from bleak.exc import BleakDBusError, BleakError

from custom_components.battmon.model.errors import LinkDown
from custom_components.battmon.transports import ble
from homeassistant.components import bluetooth
from simulators.bluetooth import link
from simulators.bluetooth.client import Client
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.scanner import Scanner

from .rig import voltage
from .room import MOMENT, Room, ask, fails, tried

type Hang = Callable[..., Awaitable[None]]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon, and let the connector not wait after a failure."""
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", MOMENT)
    monkeypatch.setattr(ble, "CLOSE_TIMEOUT", MOMENT)
    for name in ("TRANSIENT_MEDIUM_", "DBUS_", ""):
        monkeypatch.setattr(bleak_retry_connector, f"BLEAK_{name}BACKOFF_TIME", 0.0)


def nothing_held(proxy: Scanner, *batteries: Peripheral) -> bool:
    """Whether no link is left, on either side."""
    return proxy.get_allocations().free == proxy.slots and not any(battery.connected for battery in batteries)


# Attempts that fail.

AT_CONNECTING = {
    "refuse": "ESP_GATT_CONN_FAIL_ESTABLISH.*proxy 1",
    "hang": "took too long.*proxy 1",
    "fail_listen": "Unlikely Error.*proxy 1",
    "cut_at_listen": "Disconnected.*proxy 1",
}


@pytest.mark.parametrize(("kind", "said"), AT_CONNECTING.items(), ids=AT_CONNECTING)
async def test_an_attempt_that_fails_leaves_nothing_and_the_next_one_counts(
    room: Room, kind: str, said: str
) -> None:
    proxy, battery = room.proxy(), room.battery()
    wire = room.wire(battery)
    battery.link_faults.inject(kind, count=None)
    for _attempt in range(3):
        await fails(wire, said)
        assert nothing_held(proxy, battery)
    assert wire.connections == 0
    battery.link_faults.clear()
    assert voltage(await ask(wire)) == 6.6
    assert wire.connection == wire.connections == 1
    await wire.end()


async def test_what_was_refused_until_the_time_was_over_is_said(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connector tries a few times by itself, and waits in between."""
    monkeypatch.setattr(bleak_retry_connector, "BLEAK_TRANSIENT_MEDIUM_BACKOFF_TIME", 10.0)
    room.proxy()
    battery = room.battery()
    battery.link_faults.inject("refuse", count=None)
    await fails(room.wire(battery), "took too long: .*ESP_GATT_CONN_FAIL_ESTABLISH.*proxy 1")


SAYS: dict[str, tuple[Exception, str]] = {
    "nothing": (BleakError(), "BleakError"),
    "nothing in time": (TimeoutError(), "TimeoutError"),
    "a number first": (OSError(5, "Input/output error"), "Input/output error"),
    "what the bus said": (BleakDBusError("org.bluez.Error.Failed", ["in progress"]), "in progress"),
    "a broken pipe": (BrokenPipeError(), "BrokenPipeError"),
    "the end": (EOFError(), "EOFError"),
    "something is missing": (AttributeError("'NoneType' has no 'x'"), "has no 'x'"),
}


@pytest.mark.parametrize(("error", "said"), SAYS.values(), ids=SAYS)
@pytest.mark.parametrize("call", ["connect", "start_notify"])
async def test_whatever_connecting_raises_is_a_link_that_is_down_in_words(
    room: Room, monkeypatch: pytest.MonkeyPatch, call: str, error: Exception, said: str
) -> None:
    async def fail(*_args: Any, **_settings: Any) -> None:
        raise error

    proxy, battery = room.proxy(), room.battery()
    wire = room.wire(battery)
    with monkeypatch.context() as patch:
        patch.setattr(Client, call, fail)
        words = await fails(wire, "scanner.* proxy 1")
        assert (said in words) or "took too long" in words
        assert nothing_held(proxy, battery)
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


# Links that do not end.


@pytest.mark.parametrize("error", [None, BleakError("no"), OSError(), EOFError(), AttributeError("gone")])
async def test_a_link_that_does_not_end_is_left_to_end_by_itself(
    room: Room, monkeypatch: pytest.MonkeyPatch, hang: Hang, error: Exception | None
) -> None:
    async def fail(*_args: Any) -> None:
        assert error is not None
        raise error

    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    await ask(wire)
    with monkeypatch.context() as patch:
        patch.setattr(Client, "disconnect", hang if error is None else fail)
        start = time.monotonic()
        await wire.close()
        assert time.monotonic() - start < 2 * MOMENT
    assert wire.connection is None
    battery.cut()
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


async def test_a_client_that_does_not_let_go_after_a_failure_costs_its_time_out(
    room: Room, monkeypatch: pytest.MonkeyPatch, hang: Hang
) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    battery.link_faults.inject("fail_listen")
    with monkeypatch.context() as patch:
        patch.setattr(Client, "disconnect", hang)
        await fails(wire, "proxy 1", under=4 * MOMENT)
    battery.cut()
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


# Ending early.


class Attempt:
    """An attempt to connect that stands at a stage from which it does not go on."""

    def __init__(self, room: Room) -> None:
        self.proxy = room.proxy()
        self.battery = room.battery()
        self.other = room.wire(room.battery(2))
        self.wire = room.wire(self.battery)
        device = bluetooth.async_ble_device_from_address(room.hass, self.battery.address, True)
        assert device is not None
        self._turn = room.queue.turn(device)
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(ble, "CONNECT_TIMEOUT", 30.0)

    async def stand_at(self, stage: str, hang: Hang) -> asyncio.Task[bytes]:
        """Begin, and return what is under way."""
        if stage == "turn":
            await self._turn.acquire()
        elif stage == "connect":
            self.battery.link_faults.inject("hang")
        else:
            self._patch.setattr(link.LocalLink, "listen", hang)
        asked = asyncio.create_task(ask(self.wire))
        await asyncio.sleep(0.02)
        assert self.battery.connected is (stage == "listen")
        assert (self.proxy.get_allocations().free == self.proxy.slots) is (stage == "turn")
        return asked

    async def check_end(self, stage: str) -> None:
        """Nothing is held any more, and others have their turn."""
        self._patch.undo()
        if stage == "turn":
            self._turn.release()
        assert not self._turn.locked()
        assert nothing_held(self.proxy, self.battery)
        assert self.wire.connection is None
        assert voltage(await ask(self.other)) == 6.6
        await self.other.end()


at_every_stage = pytest.mark.parametrize("stage", ["turn", "connect", "listen"])


@at_every_stage
async def test_connecting_may_be_cancelled(room: Room, hang: Hang, stage: str) -> None:
    attempt = Attempt(room)
    asked = await attempt.stand_at(stage, hang)
    asked.cancel()
    await asyncio.wait([asked], timeout=MOMENT)
    assert asked.cancelled()
    await attempt.check_end(stage)
    assert voltage(await ask(attempt.wire)) == 6.6
    await attempt.wire.end()


@at_every_stage
async def test_a_wire_that_connects_may_end(room: Room, hang: Hang, stage: str) -> None:
    attempt = Attempt(room)
    asked = await attempt.stand_at(stage, hang)
    start = time.monotonic()
    await attempt.wire.end()
    assert time.monotonic() - start < MOMENT
    with pytest.raises(LinkDown, match="given back"):
        await asked
    await attempt.check_end(stage)
    await fails(attempt.wire, "given back")


@at_every_stage
async def test_a_wire_that_connects_may_be_closed_and_goes_on(room: Room, hang: Hang, stage: str) -> None:
    """Closing is for a connection that is no good; one that is being made is another."""
    attempt = Attempt(room)
    asked = await attempt.stand_at(stage, hang)
    await attempt.wire.close()
    await asyncio.sleep(0.02)
    assert not asked.done()
    asked.cancel()
    await asyncio.wait([asked], timeout=MOMENT)
    await attempt.check_end(stage)


# Trying again.


async def try_for(wire: ble.BleWire, seconds: float) -> None:
    """Ask again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await fails(wire, "busy.*proxy 1")
        await asyncio.sleep(0.005)


async def test_each_failure_lets_a_battery_rest_longer_until_one_succeeds(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "BACK_OFF", (0.0, 0.1, 0.2))
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    for _round in range(2):
        before = len(tried(battery))
        battery.link_faults.inject("refuse", count=None, error="busy")
        await try_for(wire, 0.6)
        times = tried(battery)[before:]
        rests = [after - earlier for earlier, after in zip(times, times[1:], strict=False)]
        assert len(rests) >= 3
        for rest, least in zip(rests, (0.0, 0.1, 0.2, 0.2), strict=False):
            assert least <= rest < least + 0.09
        battery.link_faults.clear()
        wire.retry_now()
        await ask(wire)
        battery.cut()
    await wire.end()


async def test_a_back_off_is_forgotten_when_there_is_reason_to(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ble, "BACK_OFF", (3600.0,))
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    battery.link_faults.inject("refuse", error="busy")
    await try_for(wire, 0.05)
    assert len(tried(battery)) == 1
    assert wire.retry_at > asyncio.get_running_loop().time() + 3000
    wire.retry_now()
    assert wire.retry_at == 0.0
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


async def test_the_real_back_off_begins_at_once_and_ends_within_a_poll() -> None:
    assert ble.BACK_OFF[0] == 0.0
    assert list(ble.BACK_OFF) == sorted(ble.BACK_OFF)
    assert max(ble.BACK_OFF) <= 10.0


@pytest.mark.parametrize("times", [1, 5])
async def test_a_battery_may_come_and_go(room: Room, times: int) -> None:
    proxy, battery = room.proxy(), room.battery()
    wire = room.wire(battery)
    for number in range(1, times + 1):
        assert voltage(await ask(wire)) == 6.6
        assert wire.connection == wire.connections == number
        battery.vanish()
        assert wire.connection is None
        await fails(wire, "took too long")
        assert nothing_held(proxy, battery)
        battery.reappear()
    await wire.end()
