"""The fault table of the radio link: whatever happens to it, at every step of a poll."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ..battery import until
from ..leaks import held, leaked
from . import test_faults
from .corner import Cornered
from .fault_table import FAMILIES, Fault
from .test_faults import recover
from .watched import side_by_side

type Ordeal = Callable[[Cornered], Awaitable[None]]
type Endure = Callable[..., Awaitable[None]]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enable_bluetooth", "impatient", "few_values")]

WRITES = 10
"""From connecting on, until a poll is complete: identify 2, first poll 2, settings 3, counts 1, poll 2."""
NOTIFICATIONS = 14
"""That answer them."""


# Faults that pass.


def strike(kind: str, skip: int = 0) -> Ordeal:
    """Lose the link, and let something go wrong once on the way from connecting to a complete poll."""

    async def endure(battery: Cornered) -> None:
        armed = battery.link_faults.inject(kind, skip=skip)
        await battery.reconnect()
        await battery.until(lambda: armed.struck == 1)
        await recover(battery)

    return endure


def at_every(number: int, *kinds: str) -> dict[str, Ordeal]:
    """Return faults of these kinds at every write, or notification."""
    return {f"{kind} {step + 1}": strike(kind, step) for kind in kinds for step in range(number)}


async def between_polls(battery: Cornered) -> None:
    """The link is lost, twice in a row."""
    for _time in range(2):
        battery.peripheral.cut()
        await recover(battery)
    assert battery.outages == 0


PASSING: dict[str, dict[str, Ordeal]] = {
    "at connecting": {
        "between polls": between_polls,
        **{kind: strike(kind) for kind in ("refuse", "hang", "slow", "fail_listen", "cut_at_listen")},
    },
    "at writing": at_every(WRITES, "cut_at_write", "fail_write"),
    "at notifications": at_every(NOTIFICATIONS, "cut_at_notification", "lose", "junk"),
}


# Faults that last.


def last(begin: Callable[[Cornered], None], end: Callable[[Cornered], None]) -> Ordeal:
    """Let something go wrong until the battery is out of sight, and end it."""

    async def endure(battery: Cornered) -> None:
        begin(battery)
        await battery.until(battery.is_lost)
        end(battery)
        await recover(battery)

    return endure


def whenever(kind: str) -> Ordeal:
    """Let something go wrong every time, with the link and when it is made anew."""

    def begin(battery: Cornered) -> None:
        battery.link_faults.inject(kind, count=None)
        battery.peripheral.cut()

    return last(begin, lambda battery: battery.link_faults.clear())


def take_all_slots(battery: Cornered) -> None:
    battery.proxy.occupy()
    battery.peripheral.cut()


def come_back(battery: Cornered) -> None:
    battery.proxy.register(battery.hass)


LASTING: dict[str, Ordeal] = {
    **{
        kind: whenever(kind)
        for kind in ("refuse", "hang", "fail_listen", "cut_at_listen", "fail_write", "cut_at_write", "lose")
    },
    "no slot": last(take_all_slots, lambda battery: battery.proxy.free()),
    "proxy gone": last(lambda battery: battery.proxy.unregister(), come_back),
    "out of reach": last(
        lambda battery: battery.peripheral.vanish(), lambda battery: battery.peripheral.reappear()
    ),
}


async def a_phone_has_it(battery: Cornered) -> None:
    """A battery serves one central."""
    battery.peripheral.cut()
    phone = await battery.corner.connect_a_phone(battery.peripheral)
    await battery.until(battery.is_lost)
    phone.drop()
    await recover(battery)


async def services_changed(battery: Cornered) -> None:
    """While connected, and while away."""
    battery.peripheral.change_services("dh04")
    await recover(battery)
    battery.peripheral.cut()
    battery.peripheral.change_services("ff00", ("write",))
    await recover(battery)
    assert battery.outages == 0


async def the_better_proxy_goes(battery: Cornered) -> None:
    """The other one takes over, and gives it back when its link is lost."""
    near, far = battery.proxy, battery.corner.add_proxy(attenuation=20)
    for used, do in ((far, near.unregister), (near, lambda: near.register(battery.hass))):
        do()
        battery.peripheral.cut()
        battery.corner.air.advertise()
        await recover(battery)
        assert used.get_allocations().free == used.slots - 1
    far.unregister()
    assert battery.outages == 0


OTHERS: dict[str, Ordeal] = {
    "a phone has it": a_phone_has_it,
    "services changed": services_changed,
    "the better proxy goes": the_better_proxy_goes,
}
TABLE = {**PASSING, "lasting": LASTING, "others": OTHERS}
NEVER_LOST = {"between polls", "services changed", "the better proxy goes"}
"""Ordeals through which a battery stays in sight the whole time."""
PATIENT = 0.6
"""Seconds between their polls: a busy machine may stop for longer than three of the others' take."""


async def go_through(battery: Cornered, ordeal: Ordeal) -> None:
    """Endure it; say whose it was."""
    try:
        await ordeal(battery)
    except AssertionError as error:
        error.add_note(battery.name)
        raise


def between_module_and_board(name: str, fault: Fault, step: str) -> Ordeal:
    """Spoil what the board says, as on a serial line."""

    async def endure(battery: Cornered) -> None:
        await test_faults.go_through(battery, name, fault, step)

    return endure


@pytest.fixture
def endure(hass: HomeAssistant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Endure:
    """Return what leads batteries through their ordeals side by side, and looks at what is shown and left."""

    async def all_of(ordeals: dict[str, Ordeal], **options: Any) -> None:
        batteries = [Cornered(hass, number, name) for number, name in enumerate(ordeals)]
        assert await async_setup_component(hass, DOMAIN, {})
        await hass.async_block_till_done(wait_background_tasks=True)
        before = held()
        for battery in batteries:
            pace = {"interval": PATIENT} if battery.name in NEVER_LOST else {}
            await battery.set_up(monkeypatch, **options, **pace)
            battery.watch()
        await until(hass, lambda: all(battery.connected for battery in batteries))
        for battery in batteries:
            battery.outages = 0
        caplog.clear()
        caplog.set_level(logging.INFO)
        await side_by_side(*(go_through(battery, ordeals[battery.name]) for battery in batteries))
        await until(hass, lambda: all(battery.connected for battery in batteries))
        for battery in batteries:
            assert battery.wrong == []
            assert battery.logged(caplog, "WARNING") == battery.logged(caplog, "INFO") == battery.outages
            assert battery.device.flash_writes == 0
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
        for battery in batteries:
            assert await hass.config_entries.async_unload(battery.entry.entry_id)
            assert not battery.device.in_factory_mode
            assert battery.let_go
        assert not leaked(before)

    return all_of


@pytest.mark.parametrize("family", TABLE)
async def test_every_fault_of_the_link(endure: Endure, family: str) -> None:
    await endure(TABLE[family])


@pytest.mark.parametrize("family", [family for family in TABLE if family != "others"])
async def test_every_fault_of_a_link_that_is_let_go_between_polls(endure: Endure, family: str) -> None:
    await endure(TABLE[family], keep_connected=False, let_it_sleep=False)


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_fault_behind_the_module(endure: Endure, family: str) -> None:
    await endure(
        {
            f"{name}, {step}": between_module_and_board(name, fault, step)
            for name, fault in FAMILIES[family].items()
            for step in test_faults.STEPS
        }
    )
