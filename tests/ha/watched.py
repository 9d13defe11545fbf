"""A battery whose voltages tell the time, and everything that Home Assistant is shown of it."""

import asyncio
import time
from bisect import bisect
from collections.abc import Callable, Collection
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.model.errors import BattMonError
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from simulators.bluetooth.peripheral import Peripheral
from simulators.faults import FaultPanel
from simulators.jbd import JbdDevice

from ..battery import ALLOW_ALL, Bench, Port, make_entry, shown, until
from .house import coordinator_of
from .room import Room

INTERVAL = 0.15
DIGIT = 0.006
"""Seconds that the digits of a voltage leave open."""
SLACK = 0.4
"""Seconds that a busy machine may be late."""
CELLS = 4
LOGGER = "custom_components.battmon.coordinator"


class ClockBattery:
    """Each cell's voltage is the number of seconds since it was made, and 3 V more."""

    frozen = True
    charge_allowed = True
    discharge_allowed = True
    bleed_resistance = 10.0
    current = 0.0

    def __init__(self) -> None:
        self._made = time.monotonic() - 3.0

    @property
    def now(self) -> float:
        """What a cell measures at this moment."""
        return time.monotonic() - self._made

    @property
    def sensed_cell_voltages(self) -> tuple[float, ...]:
        return (self.now,) * CELLS

    @property
    def terminal_voltage(self) -> float:
        return self.now * CELLS

    def temperatures(self, sensors: int) -> tuple[float, ...]:
        return (20.0,) * sensors

    def bleed(self, numbers: Collection[int]) -> None:
        """It balances nothing."""

    def advance(self, seconds: float) -> None:
        """Its time is the real one."""


class Watched:
    """A battery that is set up, and watched."""

    def __init__(self, hass: HomeAssistant, bench: Bench | Room, name: str, **settings: Any) -> None:
        self.hass = hass
        self.name = name
        self.battery = ClockBattery()
        settings.setdefault("delay", 0.001)
        self.port: Port | Peripheral = bench.plug_in(JbdDevice(self.battery, **settings))
        self.entry: MockConfigEntry = make_entry(
            self.port, interval=INTERVAL, publish_interval=INTERVAL, cell_entities=False, **ALLOW_ALL
        )
        self.wrong: list[str] = []
        self._overdue = 0
        """Looks in a row that found a value too old."""
        """What was shown and ought not to have been."""
        self.outages = 0
        self.samples: list[tuple[float, BattMonError | None]] = []
        """When each sample began, and its error."""
        self._available = True
        self._begun: list[float] = []
        """When samples began, by the battery's clock."""

    @property
    def device(self) -> JbdDevice:
        """The board."""
        assert isinstance(self.port.device, JbdDevice)
        return self.port.device

    @property
    def faults(self) -> FaultPanel:
        """What spoils its answers."""
        return self.port.faults

    async def set_up(self, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
        """Add the entry and begin to count its samples."""
        self.entry.add_to_hass(self.hass)
        self.hass.config_entries.async_update_entry(
            self.entry, title=self.name, options={**self.entry.options, **options}
        )
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        coordinator = coordinator_of(self.entry)
        take_sample = coordinator.async_sample

        async def sample() -> None:
            start = time.monotonic()
            self._begun.append(self.battery.now)
            await take_sample()
            self.samples.append((start, coordinator.last_error))

        monkeypatch.setattr(coordinator, "async_sample", sample)

    def watch(self) -> None:
        """Look at all that is shown from now on."""
        # Called after all entities, which were there before.
        self.entry.async_on_unload(coordinator_of(self.entry).async_add_listener(self._look))
        self._look()

    def shows(self, key: str, platform: str = "sensor") -> str:
        """Return the state of an entity."""
        return shown(self.hass, self.entry, platform, key)

    @property
    def connected(self) -> bool:
        """What the connectivity sensor shows."""
        return self.shows("connected", "binary_sensor") == "on"

    @property
    def reading(self) -> Any:
        """The newest reading."""
        return coordinator_of(self.entry).state.reading

    @callback
    def _look(self) -> None:
        values = {key: self.shows(key) for key in ("voltage", "lowest_cell", "highest_cell")}
        available = self.connected
        if self._available and not available:
            self.outages += 1
        self._available = available
        if not available:
            if set(values.values()) != {STATE_UNAVAILABLE}:
                self.wrong.append(f"not connected, but {values}")
            return
        pack = float(values["voltage"]) / CELLS
        lowest, highest = float(values["lowest_cell"]), float(values["highest_cell"])
        first, last = sorted((pack, lowest))
        # The next sample may have begun right after this one.
        if lowest != highest or bisect(self._begun, first + DIGIT) < bisect(self._begun, last):
            self.wrong.append(f"of several samples: {values}; {self._begun[-5:]}")

    def is_lost(self) -> bool:
        """Whether it is shown as out of sight; until then, nothing shown may grow too old."""
        if not self.connected:
            return True
        age = self.battery.now - float(self.shows("voltage")) / CELLS
        limit = coordinator_of(self.entry).pace.settings.unhealthy_after + INTERVAL + SLACK
        self._overdue = self._overdue + 1 if age > limit else 0
        # On a busy machine the event loop may come to us just before it comes to the deadline.
        if self._overdue == 2:
            self.wrong.append(f"{age:.2f} s old")
        return False

    async def polled(self, times: int, since: float | None = None) -> list[BattMonError | None]:
        """Wait for samples that begin from now (or `since`) on, and return their errors."""
        begin = time.monotonic() if since is None else since

        def errors() -> list[BattMonError | None]:
            return [error for start, error in self.samples if start >= begin]

        await self.until(lambda: len(errors()) >= times)
        return errors()[:times]

    async def until(self, claim: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait until a claim holds."""
        try:
            await until(self.hass, claim, seconds)
        except AssertionError as error:
            raise AssertionError(f"{self.name}: {error}; {self.samples[-5:]}") from error

    async def reconnect(self) -> None:
        """Pull the plug and put it back, or lose the link."""
        self.port.cut()

    def logged(self, caplog: pytest.LogCaptureFixture, level: str) -> int:
        """Count what the log says of this battery."""
        return sum(
            record.levelname == level and record.getMessage().startswith(f"{self.name} is ")
            for record in caplog.records
            if record.name == LOGGER
        )


async def side_by_side(*awaitables: Any) -> None:
    """Do all at once; all of what fails is told."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    errors = [result for result in results if isinstance(result, Exception)]
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {len(results)} failed", errors)
