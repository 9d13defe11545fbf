"""Polls and shows every sample that differs from the one before."""

import logging
from collections import deque
from datetime import timedelta
from typing import override

from aiobmsble import BMSSample
from aiobmsble.bms.jbd_bms import BMS
from bleak.exc import BleakError

from homeassistant.components.bluetooth import async_last_service_info
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import CONNECTION_BLUETOOTH, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator, UpdateFailed

_LOGGER = logging.getLogger(__name__)

type PeerConfigEntry = ConfigEntry[PeerCoordinator]


class PeerCoordinator(DataUpdateCoordinator[BMSSample]):
    """Keeps the link, and remembers how the last hundred reads went."""

    def __init__(
        self, hass: HomeAssistant, entry: PeerConfigEntry, bms: BMS, address: str, interval: timedelta
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=interval,
            always_update=False,
        )
        self.device_info = DeviceInfo(
            identifiers={("ble_peer", address)},
            connections={(CONNECTION_BLUETOOTH, address)},
            name=entry.title,
            manufacturer="Jiabaida",
        )
        self._bms = bms
        self._address = address
        self._reads: deque[bool] = deque(maxlen=100)

    @property
    def rssi(self) -> int | None:
        """Signal of the newest advertisement, in dBm."""
        info = async_last_service_info(self.hass, self._address, connectable=True)
        return None if info is None else info.rssi

    @property
    def link_quality(self) -> int:
        """Good reads among the last, in %."""
        return self._reads.count(True) * 100 // max(1, len(self._reads))

    @override
    async def _async_update_data(self) -> BMSSample:
        self._reads.append(False)
        try:
            sample = await self._bms.async_update()
        except (BleakError, EOFError, TimeoutError) as error:
            raise UpdateFailed(str(error)) from error
        self._reads[-1] = True
        return sample

    @override
    async def async_shutdown(self) -> None:
        await super().async_shutdown()
        await self._bms.disconnect()


class PeerEntity(CoordinatorEntity[PeerCoordinator]):
    """What its entities share."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: PeerCoordinator, description: EntityDescription) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"ble_peer-{description.key}"
        self._attr_device_info = coordinator.device_info
