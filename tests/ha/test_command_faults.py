"""The fault table: every fault at every step of each command, in a running Home Assistant."""

from typing import Any

import pytest

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.memory import STORE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from simulators.bluetooth.link_faults import LinkFault
from simulators.faults import Fault

from ..battery import Bench
from ..leaks import held, leaked
from .fault_table import FAMILIES
from .fault_table import Fault as Row
from .house import coordinator_of, set_switches, turn
from .watched import Watched, side_by_side

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hasty", "few_entities")]

INFO, CELLS = {"register": 0x03}, {"register": 0x04}
AFTER = {"skip": 1}
STEPS: dict[str, dict[str, dict[str, Any]]] = {
    "charging": {
        "info before": INFO,
        "cells before": CELLS,
        "write": {"register": 0xE1},
        "info after": INFO | AFTER,
        "cells after": CELLS | AFTER,
    },
    "balancing": {
        "info before": INFO,
        "enter factory mode": {"register": 0x00, "write": True},
        "read": {"register": 0x2D, "write": False},
        "write": {"register": 0x2D, "write": True},
        "read back": {"register": 0x2D, "write": False} | AFTER,
        "leave factory mode": {"register": 0x01, "write": True},
        "info after": INFO | AFTER,
    },
}
MAY_FAIL = {"error 80", "error 81", "error 83", "port gone"}
"""All others are made up for by asking again."""


class Trial:
    """A switch that is used while one step of its command is spoiled."""

    def __init__(self, battery: Watched, switch: str, step: str, name: str, fault: Row) -> None:
        self.battery = battery
        self.switch = switch
        self.step = step
        self.name = name
        self.fault = fault

    @property
    def may_fail(self) -> bool:
        """Whether an error may be all that a passing fault leads to."""
        once = (self.switch, self.step) == ("balancing", "write")  # it wears the flash
        return self.name in MAY_FAIL or (once and self.name == "request lost")

    @property
    def is_on(self) -> bool:
        """The truth."""
        device = self.battery.device
        return device.charge_fet if self.switch == "charging" else device.balancing_enabled

    async def use(self, *, on: bool, lasting: bool) -> HomeAssistantError | None:
        """Use the switch and return the error that the person sees."""
        device = self.battery.device
        writes = device.flash_writes
        armed = self.arm(None if lasting else 1)
        error = None
        try:
            await self.turn(on=on)
        except HomeAssistantError as raised:
            error = raised
        assert armed.struck, "the fault came to nothing"
        assert device.flash_writes - writes <= (self.switch == "balancing")
        assert not device.lock & 2, "the other switch was not meant"
        if error is None:
            assert self.is_on is on
            self.check_shown()
        else:
            assert str(error)
            assert error.translation_key
        self.disarm()
        return error

    def arm(self, count: int | None) -> Fault | LinkFault:
        """Let the step be spoiled."""
        return self.battery.faults.inject(**self.fault, **STEPS[self.switch][self.step], count=count)

    def disarm(self) -> None:
        """Let everything be well again."""
        self.battery.faults.clear()
        self.battery.port.reappear()

    async def turn(self, *, on: bool) -> None:
        """Use the switch; what was left in doubt may have to be stated whole."""
        hass, entry = self.battery.hass, self.battery.entry
        if on and self.switch == "charging":
            await set_switches(hass, entry, charging=True, discharging=True)
        else:
            await turn(hass, entry, self.switch, on=on)

    async def recover(self) -> None:
        """Two polls make everything true."""
        coordinator = coordinator_of(self.battery.entry)
        await coordinator.async_sample()
        if coordinator.last_error is not None:
            await coordinator.async_sample()
        assert coordinator.last_error is None
        self.check_shown()
        memory = self.battery.hass.data[STORE].get(self.battery.entry.data[CONF_BATTERY_KEY])
        assert not self.battery.device.in_factory_mode
        assert not memory.switches.factory_mode

    def check_shown(self) -> None:
        """What is shown is what is."""
        battery, on = self.battery, {True: "on", False: "off"}
        assert battery.shows(self.switch, "switch") == on[self.is_on]
        assert battery.shows("charge_mosfet", "binary_sensor") == on[battery.device.charge_fet]
        assert battery.shows("discharge_mosfet", "binary_sensor") == "on"

    async def go_through(self) -> None:
        """Off with a passing fault, and on with a lasting one."""
        try:
            error = await self.use(on=False, lasting=False)
            if not self.may_fail:
                assert error is None
            await self.recover()
            if not self.is_on:
                await self.use(on=True, lasting=True)
                await self.recover()
        except (AssertionError, TimeoutError) as error:
            error.add_note(self.battery.name)
            raise


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_fault_at_every_step_of_a_command(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    trials = [
        Trial(Watched(hass, bench, f"{name}, {switch}, {step}"), switch, step, name, fault)
        for name, fault in FAMILIES[family].items()
        for switch, steps in STEPS.items()
        for step in steps
    ]
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    before = held()
    for trial in trials:
        # Nothing but the command uses the wire meanwhile.
        await trial.battery.set_up(monkeypatch, interval=3600, publish_interval=0.1)
    await side_by_side(*(trial.go_through() for trial in trials))
    for trial in trials:
        assert await hass.config_entries.async_unload(trial.battery.entry.entry_id)
    assert not leaked(before)
