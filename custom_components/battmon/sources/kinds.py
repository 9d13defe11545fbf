"""The kinds of source that an entry can have."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.core import HomeAssistant

from ..protocols import PROTOCOLS
from ..protocols.bus import BusProtocol
from .device import open_device
from .entities import EntityKind
from .kind import Kind, Opening
from .pack import PackKind
from .places import place_of
from .pushed import PushedKind
from .settings import (
    CONF_KIND,
    CONF_PROTOCOL,
    KIND_DEVICE,
    KIND_ENTITIES,
    KIND_MERGED,
    KIND_PARALLEL,
    KIND_PUSHED,
    KIND_SERIES,
    DeviceSettings,
)
from .source import Source


class DeviceKind(Kind):
    """A device on a wire."""

    @override
    async def open(self, entry: Opening) -> Source:
        return await open_device(
            entry.hass,
            DeviceSettings.of(entry.data, entry.options),
            expected=entry.memory.fingerprint,
            switches=entry.memory.switches,
            keep=entry.keep,
        )

    @override
    def default_interval(self, data: Mapping[str, Any]) -> float:
        kind = PROTOCOLS[data[CONF_PROTOCOL]]
        return kind.default_interval if issubclass(kind, BusProtocol) else place_of(data).default_interval

    @override
    def dead_band(self, data: Mapping[str, Any]) -> float:
        return PROTOCOLS[data[CONF_PROTOCOL]].dead_band

    @override
    def current_is_unsigned(self, data: Mapping[str, Any]) -> bool:
        return PROTOCOLS[data[CONF_PROTOCOL]].current_is_unsigned

    @override
    def switches(
        self, hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> frozenset[str]:
        return PROTOCOLS[data[CONF_PROTOCOL]].switches


_PACK = PackKind()
KINDS: dict[str, Kind] = {
    KIND_DEVICE: DeviceKind(),
    KIND_SERIES: _PACK,
    KIND_PARALLEL: _PACK,
    KIND_MERGED: _PACK,
    KIND_ENTITIES: EntityKind(),
    KIND_PUSHED: PushedKind(),
}


def kind_of(data: Mapping[str, Any]) -> Kind:
    """Return the kind of an entry's source. Entries of devices do not name theirs."""
    return KINDS[data.get(CONF_KIND, KIND_DEVICE)]
