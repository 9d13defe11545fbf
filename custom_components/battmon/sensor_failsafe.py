"""Sensors of the failsafe: its levels, and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription

from .coordinator import BattmonCoordinator
from .entity import BattmonEntity
from .failsafe_words import reasons_in_words
from .model.failsafe.failsafe import Failsafe
from .model.failsafe.levels import Level, Reason, Side

LEVELS = [level.key for level in Level]


@dataclass(frozen=True, kw_only=True)
class FailsafeSensorDescription(SensorEntityDescription):
    """One of the levels, and the sides whose reasons raise it."""

    level: Callable[[Failsafe], Level]
    sides: frozenset[Side]


FAILSAFE_SENSORS = tuple(
    FailsafeSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENUM,
        options=LEVELS,
        level=level,
        sides=frozenset(sides),
    )
    for key, level, sides in (
        ("failsafe", lambda failsafe: failsafe.level, Side),
        ("discharge_level", lambda failsafe: failsafe.discharge_level, (Side.DISCHARGE, Side.BOTH)),
        ("charge_level", lambda failsafe: failsafe.charge_level, (Side.CHARGE, Side.BOTH)),
    )
)


def failsafe_sensors(coordinator: BattmonCoordinator) -> Iterator[BattmonEntity]:
    """Yield the sensors that every battery has."""
    for row in FAILSAFE_SENSORS:
        yield FailsafeSensor(coordinator, row)


class FailsafeSensor(BattmonEntity, SensorEntity):
    """A level. It is there when the battery is not: that is when it matters."""

    always_available = True

    entity_description: FailsafeSensorDescription

    @override
    def shown(self) -> object:
        return self.native_value, self._reasons

    @property
    def _failsafe(self) -> Failsafe:
        return self.coordinator.data.state.failsafe

    @property
    def _reasons(self) -> tuple[Reason, ...]:
        sides = self.entity_description.sides
        return tuple(reason for reason in self._failsafe.reasons if reason.side in sides)

    @property
    @override
    def native_value(self) -> str:
        return self.entity_description.level(self._failsafe).key

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return reasons_in_words(self._reasons)
