"""What is asked of a source of any kind before it is open."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from homeassistant.core import HomeAssistant

from ..model.memory import BatteryMemory
from .source import KeepSwitches, Source


class Opening(NamedTuple):
    """All that it takes to open the source of an entry."""

    hass: HomeAssistant
    data: Mapping[str, Any]
    options: Mapping[str, Any]
    memory: BatteryMemory
    keep: KeepSwitches
    """Saves what is remembered about commands."""


class Kind(ABC):
    """One kind of source. Data and options are those of an entry."""

    has_interval: ClassVar[bool] = True
    """Whether it is read at an interval that can be set; others say themselves when there is news."""

    @abstractmethod
    async def open(self, entry: Opening) -> Source:
        """Return the source of an entry. Nothing is read yet. Raises `BattMonError`."""

    @abstractmethod
    def default_interval(self, data: Mapping[str, Any]) -> float:
        """Return how often it is read unless the person says otherwise, in s."""

    def dead_band(self, data: Mapping[str, Any]) -> float:
        """Return the current in A below which its electronics read 0."""
        return 0.0

    def current_is_unsigned(self, data: Mapping[str, Any]) -> bool:
        """Whether its electronics cannot tell charging from discharging."""
        return False

    def switches(
        self, hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> frozenset[str]:
        """Return which switches can be allowed: names of the fields of `Wanted`."""
        return frozenset()
