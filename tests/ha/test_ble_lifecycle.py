"""Unloading and Home Assistant's stop in the middle of every fault of a radio link, and while one is made."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from custom_components.battmon.sources.device import WIRES
from custom_components.battmon.transports import ble
from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .corner import Cornered
from .house import turn
from .test_lifecycle import INTERRUPTS, check_end, ready
from .watched import side_by_side

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "impatient", "few_entities")

type Begin = Callable[[Cornered], None]


def always(kind: str) -> Begin:
    """Let the link be lost, and something go wrong with every other one."""

    def begin(battery: Cornered) -> None:
        battery.link_faults.inject(kind, count=None, delay=30.0)
        battery.peripheral.cut()

    return begin


def behind_the_module(kind: str) -> Begin:
    """Let something go wrong with every answer."""

    def begin(battery: Cornered) -> None:
        battery.faults.inject(kind, count=None)

    return begin


def no_slot(battery: Cornered) -> None:
    battery.proxy.occupy()
    battery.peripheral.cut()


def no_turn(battery: Cornered) -> None:
    """Somebody else is being connected, for ever."""
    device = bluetooth.async_ble_device_from_address(battery.hass, battery.peripheral.address, True)
    assert device is not None
    battery.hass.data[WIRES]._queue.turn(device)._locked = True  # type: ignore[attr-defined]
    battery.peripheral.cut()


STATES: dict[str, Begin] = {
    **{
        kind: always(kind)
        for kind in ("refuse", "hang", "slow", "fail_listen", "cut_at_listen", "fail_write", "cut_at_write")
    },
    **{kind: behind_the_module(kind) for kind in ("drop", "silence", "corrupt", "truncate")},
    "lost right now": lambda battery: battery.peripheral.cut(),
    "out of reach": lambda battery: battery.peripheral.vanish(),
    "proxy gone": lambda battery: battery.proxy.unregister(),
    "no slot": no_slot,
    "no turn": no_turn,
}
NOW = {"lost right now"}


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as an error, by anybody."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def stand(battery: Cornered) -> None:
    """Bring a battery into its state."""
    STATES[battery.name](battery)
    if battery.name not in NOW:
        await battery.until(lambda: not battery.connected)


@pytest.mark.parametrize("name", [name for name in INTERRUPTS if name != "reload"])
async def test_a_battery_may_be_unloaded_in_the_middle_of_any_fault(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(ble, "TURN_TIMEOUT", 30.0)
    batteries = [Cornered(hass, number, name) for number, name in enumerate(STATES)]
    before = await ready(hass, monkeypatch, [*batteries])
    caplog.clear()
    await side_by_side(*(stand(battery) for battery in batteries))
    async with asyncio.timeout(5):
        await INTERRUPTS[name](hass, [*batteries])
    assert [battery.name for battery in batteries if not battery.let_go] == []
    assert errors(caplog) == []
    check_end([*batteries], before, caplog)


@pytest.mark.parametrize("name", [name for name in INTERRUPTS if name != "reload"])
@pytest.mark.parametrize("state", ["hang", "no turn", "drop"])
async def test_a_command_that_waits_for_a_link_does_not_hold_unloading_up(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    name: str,
) -> None:
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", 30.0)
    monkeypatch.setattr(ble, "TURN_TIMEOUT", 30.0)
    battery = Cornered(hass, 1, state)
    before = await ready(hass, monkeypatch, [battery], interval=3600)
    caplog.clear()
    STATES[state](battery)
    commands = [asyncio.create_task(turn(hass, battery.entry, "charging", on=False)) for _time in range(2)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(3):
        await INTERRUPTS[name](hass, [battery])
        for command in commands:
            with pytest.raises(HomeAssistantError):
                await command
    assert battery.device.lock == 0
    assert battery.let_go
    check_end([battery], before, caplog)
