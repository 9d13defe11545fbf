"""`script/read` in a simulated room: all of bleak is real, except for its backend.

The first argument is the room, as JSON; the others are those of `script/read`. When the command has
ended, what became of the radio is written to the room's `report`.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, override

import bleak
import reading.radio
from bleak.backends import BleakBackend
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import NotifyCallback
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError
from bluetooth_data_tools import parse_advertisement_data_tuple
from reading.__main__ import main

from simulators.bluetooth.air import Air, Heard
from simulators.bluetooth.client import Client
from simulators.bluetooth.gatt import Service
from simulators.bluetooth.jbd import jbd_peripheral
from simulators.bluetooth.link import Link
from simulators.bluetooth.login import Login
from simulators.presets import steady_4s

if TYPE_CHECKING:
    from simulators.bluetooth.scanner import Scanner

ADAPTERS: dict[str, Exception] = {
    "none": BleakBluetoothNotAvailableError(
        "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
    ),
    "no BlueZ": BleakDBusError(
        "org.freedesktop.DBus.Error.ServiceUnknown", ["The name org.bluez was not provided by any file"]
    ),
    "busy": BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]),
    "forbidden": PermissionError(13, "Permission denied"),
}

SHORTLY = 0.15
"""Seconds: a battery that answers at once has been read by then."""


class Room:
    """An adapter and one battery. As a scanner for `Client` it has endless memory and slots."""

    def __init__(self, plan: dict[str, Any]) -> None:
        login = Login(**plan["login"]) if "login" in plan else None
        board = steady_4s(delay=0.0, **plan.get("board", {}))
        self.battery = jbd_peripheral(board, baud_rate=None, gap=0.0, login=login)
        for kind, settings in plan.get("faults", ()):
            self.battery.link_faults.inject(kind, **settings)
        self.radio = Air(self.battery, interval=0.05)
        if plan.get("absent"):
            self.radio.remove(self.battery.address)
        self.known_services: dict[str, tuple[Service, ...]] = {}
        self.scans = 0
        """Scans that have not ended."""
        self._adapter: str | None = plan.get("adapter")
        self._doings: dict[str, Callable[[], None]] = {}
        if "interrupt" in plan:
            self._doings[plan["interrupt"]] = lambda: os.kill(os.getpid(), signal.SIGINT)
        if "cut" in plan:
            self._doings[plan["cut"]] = self.battery.cut
        self._links = 0

    def reach(self, point: str) -> None:
        """Do what is to be done shortly after this."""
        if doing := self._doings.pop(point, None):
            asyncio.get_running_loop().call_later(SHORTLY, doing)

    def hear_a_link(self) -> None:
        self._links += 1
        self.reach("listening" if self._links == 1 else "second link")

    def check_adapter(self) -> None:
        if self._adapter is not None:
            raise ADAPTERS[self._adapter]

    def report(self) -> dict[str, Any]:
        log = self.battery.link_faults.log
        return {
            "connected": self.battery.connected,
            "scans": self.scans,
            "events": [happened.event for happened in log if happened.event in ("connect", "lost")],
            "writes": [happened.data.hex() for happened in log if happened.event == "write"],
        }

    def attempt(self, _address: str) -> AbstractContextManager[None]:
        self.reach("connecting")
        return nullcontext()

    def connecting(self) -> AbstractContextManager[None]:
        return nullcontext()

    def hold(self, link: Link, address: str) -> None:
        pass

    def release(self, link: Link) -> None:
        pass


class RoomScanner(BaseBleakScanner):
    def __init__(self, room: Room, callback: Any, uuids: Any, _mode: str, **_options: Any) -> None:
        super().__init__(callback, uuids)
        self._room = room
        self._detach: Callable[[], None] | None = None

    @override
    async def start(self) -> None:
        self._room.check_adapter()
        self._room.scans += 1
        self._detach = self._room.radio.attach(self)
        self._room.reach("scanning")

    @override
    async def stop(self) -> None:
        assert self._detach is not None
        self._detach()
        self._room.scans -= 1

    def hear(self, heard: Heard) -> None:
        name, uuids, services, manufacturers, _tx = parse_advertisement_data_tuple(
            (heard.packet, heard.scan_response)
        )
        said = AdvertisementData(name, manufacturers, services, list(uuids), None, heard.signal, ())
        device = self.create_or_update_device(heard.address, heard.address, name, None, said)
        self.call_detection_callbacks(device, said)


class RoomClient(Client):
    @override
    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **options: Any
    ) -> None:
        await super().start_notify(characteristic, callback, **options)
        cast("Room", self._scanner).hear_a_link()


def run() -> int:
    plan = json.loads(sys.argv[1])
    sys.argv[:2] = []
    sys.argv.insert(0, "script/read")
    room = Room(plan)
    client = partial(RoomClient, scanner=cast("Scanner", room))
    backend = BleakBackend.BLUEZ_DBUS
    setattr(bleak, "get_platform_scanner_backend_type", lambda: (partial(RoomScanner, room), backend))  # noqa: B010
    setattr(bleak, "get_platform_client_backend_type", lambda: (client, backend))  # noqa: B010
    reading.radio.SCAN_TIME = 0.5
    status = main()
    Path(plan["report"]).write_text(json.dumps(room.report()))
    return status


if __name__ == "__main__":
    sys.exit(run())
