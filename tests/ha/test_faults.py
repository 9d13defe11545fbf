"""The fault table: every fault at every step of a poll, in a running Home Assistant."""

import logging
from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ..battery import Bench, until
from ..leaks import held, leaked
from .fault_table import FAMILIES, HARMLESS, Fault
from .watched import Watched, side_by_side

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hasty", "few_values")]

AT_CONNECTING: dict[str, dict[str, Any]] = {
    "identify": {"register": 0x03},
    "name": {"register": 0x05},
    "enter factory mode": {"register": 0x00, "write": True},
    "settings": {"register": 0x2D},
    "leave factory mode": {"register": 0x01, "write": True},
}
AT_EVERY_POLL: dict[str, dict[str, Any]] = {
    "info": {"register": 0x03},
    "cells": {"register": 0x04},
    "counts": {"register": 0xAA},
}
STEPS = AT_CONNECTING | AT_EVERY_POLL
LASTING: dict[str, dict[str, Any]] = {
    "info": {"register": 0x03},
    "cells": {"register": 0x04},
    "identify": {},
}
"""Which batteries have a fault that lasts, and where: one of them everywhere."""


async def endure_passing(battery: Watched, fault: Fault, step: str) -> None:
    """One exchange of one step is spoiled."""
    armed = battery.faults.inject(**fault, **STEPS[step])
    if step in AT_CONNECTING:
        await battery.reconnect()
    await battery.until(lambda: armed.struck == 1)
    if fault["kind"] == "vanish":
        battery.port.reappear()
    await recover(battery)


async def endure_lasting(battery: Watched, fault: Fault, where: dict[str, Any], *, harmless: bool) -> None:
    """Every exchange is spoiled, until it ends."""
    armed = battery.faults.inject(**fault, **where, count=None)
    await battery.until(lambda: armed.struck > 0)
    if harmless:
        assert await battery.polled(2) == [None, None]
    else:
        await battery.until(battery.is_lost)
    battery.faults.clear()
    battery.port.reappear()
    await recover(battery)


async def recover(battery: Watched) -> None:
    """Two polls, and everything is there again."""
    errors = await battery.polled(2)
    assert None in errors, errors
    await battery.until(lambda: battery.connected)
    if errors[-1] is not None or errors[0] is not None:
        await battery.polled(1)
    assert battery.reading.protection_counts is not None
    assert battery.reading.balancing_enabled is True
    assert not battery.device.in_factory_mode


async def go_through(battery: Watched, name: str, fault: Fault, step: str) -> None:
    """First a fault that passes, then one that lasts."""
    try:
        await endure_passing(battery, fault, step)
        if step in LASTING:
            await endure_lasting(battery, fault, LASTING[step], harmless=name in HARMLESS)
    except AssertionError as error:
        error.add_note(battery.name)
        raise


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_fault_at_every_step_of_a_poll(
    hass: HomeAssistant,
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    family: str,
) -> None:
    rows = [
        (Watched(hass, bench, f"{name}, {step}"), name, fault, step)
        for name, fault in FAMILIES[family].items()
        for step in STEPS
    ]
    batteries = [battery for battery, *_row in rows]
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    before = held()
    for battery in batteries:
        await battery.set_up(monkeypatch)
        battery.watch()
    await until(hass, lambda: all(battery.connected for battery in batteries))
    for battery in batteries:
        battery.outages = 0
    caplog.clear()
    caplog.set_level(logging.INFO)
    await side_by_side(*(go_through(*row) for row in rows))
    await until(hass, lambda: all(battery.connected for battery in batteries))
    for battery in batteries:
        assert battery.wrong == []
        assert battery.logged(caplog, "WARNING") == battery.logged(caplog, "INFO") == battery.outages
        assert battery.device.flash_writes == 0
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    for battery in batteries:
        assert await hass.config_entries.async_unload(battery.entry.entry_id)
        assert not battery.device.in_factory_mode
    assert not leaked(before)
