"""A Home Assistant with simulated proxies, for the tests of the radio under its Bluetooth stack."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bleak_retry_connector
import pytest
from bleak_retry_connector import establish_connection

from homeassistant.components import bluetooth
from homeassistant.components.bluetooth import BluetoothServiceInfoBleak
from homeassistant.core import HomeAssistant
from simulators.bluetooth.air import Air
from simulators.bluetooth.jbd import ADDRESS
from simulators.bluetooth.peripheral import Peripheral
from simulators.bluetooth.scanner import Scanner

from .radio import quick, until


@dataclass
class House:
    """Home Assistant with one proxy and one battery."""

    hass: HomeAssistant
    battery: Peripheral = field(default_factory=quick)
    lost: int = 0
    notified: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.air = Air(self.battery, interval=0.02)

    async def scanner(self, *settings: Any, **options: Any) -> Scanner:
        """Register a scanner and wait until it has heard the battery."""
        scanner = Scanner(self.air, *settings, **options)
        scanner.register(self.hass)
        await until(lambda: ADDRESS in scanner.discovered_addresses)
        await self.hass.async_block_till_done(wait_background_tasks=True)
        return scanner

    @property
    def heard(self) -> BluetoothServiceInfoBleak:
        info = bluetooth.async_last_service_info(self.hass, ADDRESS)
        assert info is not None
        return info

    async def connect(self, attempts: int = 1, listen: bool = True) -> Any:
        """Connect as integrations do."""
        device = bluetooth.async_ble_device_from_address(self.hass, ADDRESS)
        assert device is not None
        client = await establish_connection(
            bleak_retry_connector.BleakClientWithServiceCache,
            device,
            "battery",
            self._on_lost,
            max_attempts=attempts,
        )
        if listen:
            await client.start_notify(self.notifying(client), self._on_notified)
        return client

    @staticmethod
    def notifying(client: Any) -> Any:
        found = client.services.characteristics.values()
        return next(row for row in found if "notify" in row.properties)

    async def ask(self, client: Any, request: bytes) -> bytes:
        self.notified.clear()
        await client.write_gatt_char("ff02", request, response=False)
        await until(lambda: b"".join(self.notified).endswith(b"\x77"))
        return b"".join(self.notified)

    def _on_lost(self, client: Any) -> None:
        self.lost += 1

    def _on_notified(self, sender: Any, data: bytearray) -> None:
        self.notified.append(bytes(data))


@pytest.fixture
def house(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> Iterator[House]:
    """A house in whose log nobody complains."""
    yield House(hass)
    assert [row.getMessage() for row in caplog.get_records("call") if row.levelno >= logging.WARNING] == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up connecting, and try again, at once."""
    monkeypatch.setattr(bleak_retry_connector, "BLEAK_TIMEOUT", 0.05)
    for name in [name for name in vars(bleak_retry_connector) if name.endswith("BACKOFF_TIME")]:
        monkeypatch.setattr(bleak_retry_connector, name, 0.0)
