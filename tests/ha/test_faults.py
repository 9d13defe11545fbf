"""The fault table: every fault at every step of a poll, in a running Home Assistant."""

import logging
from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ..battery import Bench
from ..leaks import held, leaked
from .fault_table import FAULTS, HARMLESS
from .watched import Watched, side_by_side

pytestmark = pytest.mark.usefixtures("hasty")

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
LASTING: dict[str, dict[str, Any]] = {
    "info": {"register": 0x03},
    "cells": {"register": 0x04},
    "everything": {},
}


async def endure_passing(
    battery: Watched, fault: dict[str, Any], step: dict[str, Any], *, at_once: bool
) -> None:
    """One exchange of one step is spoiled."""
    armed = battery.faults.inject(**fault, **step)
    if not at_once:
        await battery.reconnect()
    await battery.until(lambda: armed.struck == 1)
    if fault["kind"] == "vanish":
        battery.port.line.reappear()
    errors = await battery.polled(2)
    assert None in errors, f"{battery.name}: {errors}"
    await battery.until(lambda: battery.connected)
    assert battery.reading.protection_counts is not None, battery.name
    assert battery.reading.balancing_enabled is True, battery.name
    assert not battery.device.in_factory_mode, battery.name


async def endure_lasting(
    battery: Watched, fault: dict[str, Any], step: dict[str, Any], *, harmless: bool
) -> None:
    """Every exchange of a step is spoiled, until it ends."""
    armed = battery.faults.inject(**fault, **step, count=None)
    await battery.until(lambda: armed.struck > 0)
    if harmless:
        assert await battery.polled(2) == [None, None]
    else:
        await battery.until(battery.is_lost)
    battery.faults.clear()
    battery.port.line.reappear()
    errors = await battery.polled(2)
    assert None in errors, f"{battery.name}: {errors}"
    await battery.until(lambda: battery.connected)
    await battery.polled(2)
    assert battery.reading.protection_counts is not None, battery.name
    assert battery.reading.balancing_enabled is True, battery.name


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_at_every_step_of_a_poll(
    hass: HomeAssistant,
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    fault, steps = FAULTS[name], {**AT_CONNECTING, **AT_EVERY_POLL, "everything": {}}
    batteries = {step: Watched(hass, bench, f"{name}, {step}") for step in steps}
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    before = held()
    for battery in batteries.values():
        await battery.set_up(monkeypatch)
        battery.watch()
    await hass.async_block_till_done()
    caplog.clear()
    caplog.set_level(logging.INFO)
    await side_by_side(
        *(
            endure_passing(batteries[step], fault, where, at_once=step in AT_EVERY_POLL)
            for step, where in (AT_CONNECTING | AT_EVERY_POLL).items()
        )
    )
    await side_by_side(
        *(
            endure_lasting(batteries[step], fault, where, harmless=name in HARMLESS)
            for step, where in LASTING.items()
        )
    )
    for battery in batteries.values():
        assert battery.wrong == []
        assert battery.logged(caplog, "WARNING") == battery.logged(caplog, "INFO") == battery.outages
        assert battery.device.flash_writes == 0
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    for battery in batteries.values():
        assert await hass.config_entries.async_unload(battery.entry.entry_id)
        assert not battery.device.in_factory_mode
    assert not leaked(before)
