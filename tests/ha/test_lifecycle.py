"""Cancellation, unloading and Home Assistant's stop, at every step of a poll and of each command."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.memory import STORE
from custom_components.battmon.sources import occasion
from custom_components.battmon.transports import wire
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from simulators.faults import Fault

from ..battery import Bench
from ..leaks import held, leaked
from .house import coordinator_of, set_switches, turn
from .test_command_faults import STEPS
from .test_faults import AT_CONNECTING, AT_EVERY_POLL
from .watched import Watched, side_by_side

pytestmark = pytest.mark.usefixtures("hasty", "few_entities")

type Interrupt = Callable[[HomeAssistant, list[Watched]], Awaitable[None]]


async def unload(hass: HomeAssistant, batteries: list[Watched]) -> None:
    """Unload all."""
    for unloaded in await asyncio.gather(
        *(hass.config_entries.async_unload(battery.entry.entry_id) for battery in batteries)
    ):
        assert unloaded


async def reload(hass: HomeAssistant, batteries: list[Watched]) -> None:
    """Reload all, and unload them in the end."""
    await asyncio.gather(*(hass.config_entries.async_reload(battery.entry.entry_id) for battery in batteries))
    for battery in batteries:
        assert battery.entry.state is ConfigEntryState.LOADED
        assert battery.connected
    await unload(hass, batteries)


async def stop(hass: HomeAssistant, _batteries: list[Watched]) -> None:
    """Stop Home Assistant: entries are not unloaded then."""
    await hass.async_stop()


async def tell_of_stop(hass: HomeAssistant, batteries: list[Watched]) -> None:
    """Tell of the stop, with the sampler still running; whoever unloads afterwards does no harm."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    await unload(hass, batteries)


INTERRUPTS: dict[str, Interrupt] = {
    "unload": unload,
    "reload": reload,
    "stop": stop,
    "news of the stop": tell_of_stop,
}


def factory_mode_remembered(battery: Watched) -> bool:
    """Whether the memory says that factory mode has to be left."""
    memory = battery.hass.data[STORE].get(battery.entry.data[CONF_BATTERY_KEY])
    return memory.switches.factory_mode


async def ready(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, batteries: list[Watched], **options: Any
) -> Counter[str]:
    """Set batteries up and return what was held before."""
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    before = held()
    for battery in batteries:
        await battery.set_up(monkeypatch, **options)
    return before


def check_end(batteries: list[Watched], before: Counter[str], caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is left open, and no device in factory mode."""
    assert not leaked(before)
    assert [battery.name for battery in batteries if battery.device.in_factory_mode] == []
    assert [battery.name for battery in batteries if factory_mode_remembered(battery)] == []
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == []


async def reach(battery: Watched, where: dict[str, Any], *, at_connecting: bool) -> None:
    """Bring a poll to a step whose answer does not come."""
    armed = battery.faults.inject("drop", **where)
    if at_connecting:
        await battery.reconnect()
    await battery.until(lambda: armed.struck > 0)


@pytest.mark.parametrize("interrupt", INTERRUPTS.values(), ids=INTERRUPTS)
async def test_every_step_of_a_poll_may_be_the_last(
    hass: HomeAssistant,
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    interrupt: Interrupt,
) -> None:
    steps = AT_CONNECTING | AT_EVERY_POLL
    batteries = [Watched(hass, bench, step) for step in steps]
    before = await ready(hass, monkeypatch, batteries)
    await side_by_side(
        *(
            reach(battery, steps[battery.name], at_connecting=battery.name in AT_CONNECTING)
            for battery in batteries
        )
    )
    async with asyncio.timeout(5):
        await interrupt(hass, batteries)
    check_end(batteries, before, caplog)


class Command:
    """A switch that is used, and stands at one step."""

    def __init__(self, battery: Watched, switch: str, where: dict[str, Any]) -> None:
        self.battery = battery
        self._switch = switch
        self._where = where
        self._armed: Fault | None = None
        self.task: asyncio.Task[HomeAssistantError | None] | None = None

    async def reach(self) -> None:
        """Use the switch and wait for the step."""
        armed = self.battery.faults.inject("drop", **self._where)
        self.task = asyncio.create_task(self._use())
        await self.battery.until(lambda: armed.struck > 0)

    async def _use(self) -> HomeAssistantError | None:
        try:
            await turn(self.battery.hass, self.battery.entry, self._switch, on=False)
        except HomeAssistantError as error:
            return error
        return None

    def check(self) -> None:
        """It was carried out, once."""
        device = self.battery.device
        assert device.flash_writes == (self._switch == "balancing"), self.battery.name
        assert device.lock == (self._switch == "charging"), self.battery.name


def commands(hass: HomeAssistant, bench: Bench) -> list[Command]:
    """Return a command for every step."""
    return [
        Command(Watched(hass, bench, f"{switch}, {step}"), switch, where)
        for switch, steps in STEPS.items()
        for step, where in steps.items()
    ]


@pytest.mark.parametrize("interrupt", INTERRUPTS.values(), ids=INTERRUPTS)
async def test_a_command_under_way_is_finished_first(
    hass: HomeAssistant,
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    interrupt: Interrupt,
) -> None:
    under_way = commands(hass, bench)
    batteries = [command.battery for command in under_way]
    before = await ready(hass, monkeypatch, batteries, interval=3600)
    await side_by_side(*(command.reach() for command in under_way))
    async with asyncio.timeout(5):
        await interrupt(hass, batteries)
        for command in under_way:
            assert command.task is not None
            assert await command.task is None
    for command in under_way:
        command.check()
    check_end(batteries, before, caplog)


async def test_a_command_is_carried_out_though_nobody_waits_for_it_any_more(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = commands(hass, bench)
    batteries = [command.battery for command in under_way]
    before = await ready(hass, monkeypatch, batteries, interval=3600)
    await side_by_side(*(command.reach() for command in under_way))
    for command in under_way:
        assert command.task is not None
        command.task.cancel()
        with suppress(asyncio.CancelledError):
            await command.task
    for battery in batteries:
        await coordinator_of(battery.entry).async_sample()  # waits for the command
        assert coordinator_of(battery.entry).last_error is None
    for command in under_way:
        command.check()
        device, reading = command.battery.device, command.battery.reading
        assert reading.charging_enabled is device.charge_fet
        assert reading.balancing_enabled is device.balancing_enabled
    await unload(hass, batteries)
    check_end(batteries, before, caplog)


async def test_a_command_that_is_itself_cancelled_leaves_factory_mode(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant does so with what is left at the very end of its stop."""
    under_way = commands(hass, bench)
    batteries = [command.battery for command in under_way]
    before = await ready(hass, monkeypatch, batteries, interval=3600)
    await side_by_side(*(command.reach() for command in under_way))
    for command in under_way:
        (task,) = coordinator_of(command.battery.entry).source._commands  # type: ignore[attr-defined]
        task.cancel()
    for command in under_way:
        assert command.task is not None
        with pytest.raises(asyncio.CancelledError):
            await command.task
        assert not command.battery.device.in_factory_mode, command.battery.name
        assert command.battery.device.flash_writes <= 1
    await unload(hass, batteries)
    check_end(batteries, before, caplog)


async def test_a_command_of_a_battery_that_fell_silent_ends_and_factory_mode_is_left_later(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "CLEAN_UP_TIME", 0.5)
    battery = Watched(hass, bench, "silent")
    before = await ready(hass, monkeypatch, [battery], interval=3600)
    battery.faults.inject("silence", count=None, register=0x01)
    with pytest.raises(HomeAssistantError):
        await turn(hass, battery.entry, "balancing", on=False)
    assert battery.device.in_factory_mode
    await unload(hass, [battery])
    assert battery.device.in_factory_mode
    assert factory_mode_remembered(battery)
    battery.faults.clear()
    assert await hass.config_entries.async_setup(battery.entry.entry_id)
    assert not battery.device.in_factory_mode
    assert battery.device.flash_writes == 1
    await unload(hass, [battery])
    check_end([battery], before, caplog)


async def test_a_board_that_does_not_let_go_is_read_meanwhile_and_asked_again(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occasion, "RETRY", 0.5)
    battery = Watched(hass, bench, "stubborn")
    before = await ready(hass, monkeypatch, [battery])
    battery.faults.inject("silence", count=None, register=0x01)
    with pytest.raises(HomeAssistantError):
        await turn(hass, battery.entry, "balancing", on=False)
    assert await battery.polled(3) == [None] * 3
    assert battery.device.in_factory_mode
    battery.faults.clear()
    await battery.until(lambda: not battery.device.in_factory_mode)
    await unload(hass, [battery])
    check_end([battery], before, caplog)


async def test_no_command_begins_while_a_battery_is_unloaded(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    before = await ready(hass, monkeypatch, [battery], interval=3600)
    first = Command(battery, "charging", STEPS["charging"]["write"])
    await first.reach()
    second = asyncio.create_task(set_switches(hass, battery.entry, discharging=False))
    await asyncio.sleep(0.01)
    await unload(hass, [battery])
    assert first.task is not None
    assert await first.task is None
    with pytest.raises(HomeAssistantError):
        await second
    assert battery.device.lock == 1
    check_end([battery], before, caplog)


async def test_a_port_that_does_not_open_does_not_hold_unloading_up(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = Watched(hass, bench, "battery")
    before = await ready(hass, monkeypatch, [battery])
    connecting = asyncio.Event()

    async def hang(*_args: Any) -> None:
        connecting.set()
        await asyncio.sleep(60)

    monkeypatch.setattr("serialx.create_serial_connection", hang)
    battery.port.vanish()
    await connecting.wait()
    async with asyncio.timeout(2):
        await unload(hass, [battery])
    check_end([battery], before, caplog)


async def test_setting_up_and_unloading_again_and_again_leaves_nothing(
    hass: HomeAssistant, bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    batteries = [Watched(hass, bench, str(number)) for number in range(3)]
    before = await ready(hass, monkeypatch, batteries)
    await unload(hass, batteries)
    for _round in range(4):
        for battery in batteries:
            assert await hass.config_entries.async_setup(battery.entry.entry_id)
        await unload(hass, batteries)
    check_end(batteries, before, caplog)
