"""A Home Assistant with Bluetooth and one battery in range: `python -m figures.ble_side SIDE REPLIES`.

The event loop's clock leaps over waiting, see `leaping`. Answers `turn` on standard input with the processor
time of a sample in s, and `note` with what else is worth knowing, in words.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import count
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

PEER = "ble_peer"
TURN = 1800.0
"""Seconds of each turn: 900 samples, five rounds of the household."""
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
        if ulid_at_time.__module__ == "ulid_transform._py_ulid_impl":  # 2 us for every state written
            stack.enter_context(patch.object(core, "ulid_at_time", lambda _time: f"{next(numbers):026}"))
        yield


@asynccontextmanager
async def _home(side: str, battery: CannedBattery) -> AsyncIterator[HomeAssistant]:
    custom_components.__path__.append(str(Path(__file__).parent))
    with _as_in_reality():
        async with home_assistant({}) as hass:
            if not await async_setup_component(hass, bluetooth.DOMAIN, {}):
                raise RuntimeError("Bluetooth is not set up")
            Scanner(battery).register(hass)
            await _add(hass, *SIDES[side])
            await hass.async_block_till_done()
            yield hass


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


async def _turn(loop: LeapingLoop, battery: CannedBattery) -> float:
    before = battery.samples
    start = process_time()
    await loop.leap(TURN)
    return (process_time() - start) / (battery.samples - before)


async def _note(loop: LeapingLoop, battery: CannedBattery, hass: HomeAssistant) -> str:
    writes, before = StateWrites(hass), battery.samples
    await loop.leap(TURN)
    writes.stop()
    written = writes.count / (battery.samples - before)
    before = battery.samples
    with shares() as spans:
        whole = await _turn(loop, battery)
        samples = battery.samples - before
    parts = {part: spent / samples / whole for part, spent in spans().items() if spent}
    return ", ".join(
        [f"{written:.1f} states", *(f"{100 * share:.0f} % {part}" for part, share in parts.items())]
    )


async def _serve(loop: LeapingLoop, side: str, replies: str) -> None:
    battery = CannedBattery(REPLIES[replies]())
    async with _home(side, battery) as hass:
        await loop.leap(SETTLING)
        while wanted := await loop.run_in_executor(None, sys.stdin.readline):
            if wanted == "turn\n":
                print(await _turn(loop, battery), flush=True)
            else:
                print(await _note(loop, battery, hass), flush=True)


def main() -> None:
    """Serve one side until standard input ends."""
    with asyncio.Runner(debug=False, loop_factory=LeapingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, LeapingLoop)
        runner.run(_serve(loop, *sys.argv[1:]))


if __name__ == "__main__":
    main()
