"""A Home Assistant with Bluetooth and one battery: `python -m figures.ble_side SIDE REPLIES [recorded]`.

The event loop's clock leaps over waiting, see `leaping`. With `recorded` all states are, see `recording`.
Answers `turn` on standard input with the processor time of a sample in s, and `note` with what else is worth
knowing, in words.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from itertools import count
from operator import sub
from pathlib import Path
from time import process_time
from types import MappingProxyType
from typing import Any, override
from unittest.mock import patch

import habluetooth.manager
from bluetooth_adapters import AdapterDetails, BluetoothAdapters
from ulid_transform import ulid_at_time

import custom_components
from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from homeassistant import core
from homeassistant.components import bluetooth
from homeassistant.components.recorder import db_schema
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulators.bluetooth.jbd import ADDRESS
from simulators.bluetooth.scanner import Scanner

from .ble_replies import INTERVAL, REPLIES, CannedBattery
from .ble_shares import shares
from .home import ALLOW_ALL, StateWrites, home_assistant
from .judged import judged
from .leaping import LeapingLoop
from .recording import recording, rows, written
from .side import serve

PEER = "ble_peer"
TURN = 1800.0
"""Seconds of each turn: 900 samples."""
SETTLING = 120.0
"""Seconds from the set-up to the first turn."""

OUR_DATA = {CONF_BATTERY_KEY: "battery", "wire": "bluetooth", "protocol": "jbd", "address": ADDRESS}
OUR_OPTIONS: dict[str, Any] = {**ALLOW_ALL, **judged(16), "interval": INTERVAL}
SIDES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "ours": (DOMAIN, OUR_DATA, OUR_OPTIONS),
    "ours_at_once": (DOMAIN, OUR_DATA, {**OUR_OPTIONS, "publish_interval": INTERVAL}),
    "theirs": (PEER, {"address": ADDRESS}, {}),
}
"""Domain, data and options of the entry that is measured."""


def _as_bytes(ulid: str | None) -> bytes | None:
    return None if ulid is None else ulid[-16:].encode()


class NoAdapters(BluetoothAdapters):
    """In the place of this machine's own."""

    @property
    @override
    def adapters(self) -> dict[str, AdapterDetails]:
        return {}

    @property
    @override
    def default_adapter(self) -> str:
        return "hci0"


class NoControl:
    """In the place of BlueZ's management interface."""

    def __init__(self, *_arguments: object) -> None:
        pass

    async def setup(self) -> None:
        """There is none."""
        raise ConnectionRefusedError


@contextmanager
def _as_in_reality() -> Iterator[None]:
    """Keep this machine's own Bluetooth out, and the cost of what Home Assistant's images have compiled."""
    numbers = count()
    with ExitStack() as stack:
        stack.enter_context(patch.object(bluetooth, "get_adapters", NoAdapters))
        stack.enter_context(patch.object(habluetooth.manager, "MGMTBluetoothCtl", NoControl))
        # 2 us for every state that is written, and as much for every one that is recorded.
        if ulid_at_time.__module__ == "ulid_transform._py_ulid_impl":
            stack.enter_context(patch.object(core, "ulid_at_time", lambda _time: f"{next(numbers):026}"))
            stack.enter_context(patch.object(db_schema, "ulid_to_bytes_or_none", _as_bytes))
        yield


class _Home:
    """A running Home Assistant and its battery."""

    def __init__(
        self, loop: LeapingLoop, hass: HomeAssistant, battery: CannedBattery, recorded: bool
    ) -> None:
        self.hass = hass
        self._loop = loop
        self._battery = battery
        self._recorded = recorded

    async def samples_of_a_turn(self) -> int:
        """Let a turn pass, and return how many samples were taken."""
        before = self._battery.samples
        await self._loop.leap(TURN)
        if self._recorded:
            await written(self.hass)
        return self._battery.samples - before

    async def seconds_per_sample(self) -> float:
        """Measure a turn."""
        start = process_time()
        samples = await self.samples_of_a_turn()
        return (process_time() - start) / samples

    async def note(self) -> str:
        """Say how many states a sample writes, changes and has recorded, and where our time goes."""
        before = await self._rows()
        writes = StateWrites(self.hass)
        samples = await self.samples_of_a_turn()
        writes.stop()
        states, runs = map(sub, await self._rows(), before)
        with shares() as spans:
            start = process_time()
            await self.samples_of_a_turn()
            whole = process_time() - start
        parts = [f"{100 * spent / whole:.0f} % {part}" for part, spent in spans().items() if spent]
        counts = f"{writes.count / samples:.1f} states, {writes.changed / samples:.1f} of them changed"
        if self._recorded:
            counts += f", {states / samples:.1f} recorded, statistics {runs} times"
        return ", ".join([counts, *parts])

    async def _rows(self) -> tuple[int, int]:
        return await rows(self.hass) if self._recorded else (0, 0)


@asynccontextmanager
async def _home(loop: LeapingLoop, side: str, replies: str, *, recorded: bool) -> AsyncIterator[_Home]:
    battery = CannedBattery(REPLIES[replies]())
    custom_components.__path__.append(str(Path(__file__).parent))
    async with AsyncExitStack() as stack:
        stack.enter_context(_as_in_reality())
        hass = await stack.enter_async_context(home_assistant({}))
        if recorded:
            await stack.enter_async_context(recording(hass, loop))
        if not await async_setup_component(hass, bluetooth.DOMAIN, {}):
            raise RuntimeError("Bluetooth is not set up")
        Scanner(battery).register(hass)
        await _add(hass, *SIDES[side])
        await hass.async_block_till_done()
        yield _Home(loop, hass, battery, recorded)


async def _add(hass: HomeAssistant, domain: str, data: dict[str, Any], options: dict[str, Any]) -> None:
    entry: ConfigEntry[object] = ConfigEntry(
        data=data,
        discovery_keys=MappingProxyType({}),
        domain=domain,
        minor_version=1,
        options=options,
        source="user",
        subentries_data=(),
        title="battery",
        unique_id=ADDRESS.lower(),
        version=1,
    )
    await hass.config_entries.async_add(entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"{domain} is not set up: {entry.reason}")


async def _serve(loop: LeapingLoop, side: str, replies: str, *more: str) -> None:
    async with _home(loop, side, replies, recorded="recorded" in more) as home:
        await loop.leap(SETTLING)
        await serve(lambda wanted: home.seconds_per_sample() if wanted == "turn" else home.note())


def main() -> None:
    """Serve one side until standard input ends."""
    with asyncio.Runner(debug=False, loop_factory=LeapingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, LeapingLoop)
        runner.run(_serve(loop, *sys.argv[1:]))


if __name__ == "__main__":
    main()
