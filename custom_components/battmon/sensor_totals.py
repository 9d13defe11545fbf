"""Sensors of energy and charge, in and out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy

from .coordinator import BattmonCoordinator
from .entity import BattmonEntity
from .sensor_rows import AMPERE_HOURS


@dataclass(frozen=True, kw_only=True)
class TotalSensorDescription(SensorEntityDescription):
    """A total, and the quantity that the battery must offer for it."""

    needs: str
    digits: int
    """Decimals worth showing."""


def _energy(key: str) -> TotalSensorDescription:
    return TotalSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        needs="energy",
        digits=1,
    )


def _charge(key: str) -> TotalSensorDescription:
    return TotalSensorDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=AMPERE_HOURS,
        suggested_display_precision=1,
        needs="charge",
        digits=2,
    )


TOTALS = (_energy("energy_in"), _energy("energy_out"), _charge("charge_in"), _charge("charge_out"))
"""The keys are names of fields of `Counting`."""


def total_sensors(coordinator: BattmonCoordinator, quantities: frozenset[str]) -> Iterator[BattmonEntity]:
    """Yield the totals that can be counted of these quantities."""
    for row in TOTALS:
        if row.needs in quantities:
            yield TotalSensor(coordinator, row)


class TotalSensor(BattmonEntity, SensorEntity):
    """A total as it was last saved: what is shown never falls, whatever happens to the machine."""

    always_available = True

    entity_description: TotalSensorDescription

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        saved = self.coordinator.knowledge.async_add_saved_listener
        self.async_on_remove(saved(self._handle_coordinator_update))

    @override
    def shown(self) -> object:
        return self.native_value

    @property
    @override
    def native_value(self) -> float:
        row = self.entity_description
        total: float = getattr(self.coordinator.knowledge.saved_totals, row.key)
        return round(total, row.digits)
