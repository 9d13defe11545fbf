"""Sensors of virtual batteries: how much is known of one, and how far its members are apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE

from .coordinator import BattmonCoordinator
from .entity import BattmonEntity
from .model.cell import Cell
from .model.packs.cell_table import cell_figures_of_members
from .model.packs.members import Contribution, PackReading, Quality, Why
from .model.packs.settings import Arrangement
from .model.publishing import Published
from .sensor_rows import AMPERE, CELLS, DIAGNOSTIC, VOLT, BattmonSensorDescription, Value
from .sensor_steps import to_digits

TOGETHER = frozenset({Arrangement.SERIES, Arrangement.PARALLEL})
"""Members are batteries of their own."""
ABSENT = frozenset({Why.NOT_SEEN, Why.LOST, Why.STALE, Why.PAUSED, Why.DISABLED, Why.REMOVED})
"""Why nothing at all comes from a member."""
SAME_MOMENT = timedelta(seconds=15)
"""Ages are those at the moment of combination, and a combination may be shown some time after it."""

QUALITIES = {Quality.OK: "ok", Quality.PARTIAL: "partial", Quality.UNAVAILABLE: "insufficient"}
"""Home Assistant says "unavailable" of entities without a state; this is one, and it is known."""

type Attributes = Callable[[Published], Mapping[str, Any] | None]


@dataclass(frozen=True, kw_only=True)
class PackSensorDescription(BattmonSensorDescription):
    """A sensor of virtual batteries whose members are joined in one of these ways."""

    arrangements: frozenset[Arrangement]


def _row(
    key: str,
    unit: str,
    value: Callable[[Published], Value],
    digits: int,
    *arrangements: Arrangement,
    device_class: SensorDeviceClass | None = None,
    needs: tuple[str, ...] = (),
    attributes: Attributes | None = None,
) -> PackSensorDescription:
    return PackSensorDescription(
        key=key,
        translation_key=key,
        device_class=device_class,
        native_unit_of_measurement=unit,
        suggested_display_precision=digits,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=DIAGNOSTIC,
        value=to_digits(value, digits),
        needs=needs,
        attributes=attributes,
        arrangements=frozenset(arrangements) or TOGETHER,
    )


def _spread(name: str) -> Callable[[Published], Value]:
    return attrgetter(f"state.reading.spreads.{name}")


def _unevenest(shown: Published) -> Mapping[str, Any] | None:
    """Return the figures of the member whose own cells are furthest apart."""
    reading = shown.cells.reading
    figures = [] if reading is None else cell_figures_of_members(reading)
    known = [one for one in figures if one["imbalance"] is not None]
    return max(known, key=itemgetter("imbalance"), default=None)


def _inside(name: str) -> Callable[[Published], Any]:
    def value(shown: Published) -> Any:
        figures = _unevenest(shown)
        return None if figures is None else figures[name]

    return value


VOLTAGE = SensorDeviceClass.VOLTAGE
PACK_SENSORS = (
    _row("voltage_spread", VOLT, _spread("voltage"), 3, Arrangement.PARALLEL, device_class=VOLTAGE),
    _row(
        "current_spread",
        AMPERE,
        _spread("current"),
        2,
        Arrangement.SERIES,
        device_class=SensorDeviceClass.CURRENT,
    ),
    _row("state_of_charge_spread", PERCENTAGE, _spread("state_of_charge"), 1),
    _row("cell_drift", VOLT, _spread("cell_drift"), 3, device_class=VOLTAGE, needs=CELLS),
    _row(
        "member_imbalance",
        VOLT,
        _inside("imbalance"),
        3,
        device_class=VOLTAGE,
        needs=CELLS,
        attributes=lambda shown: {"member": _inside("name")(shown)},
    ),
    _row(
        "mean_cell", VOLT, lambda shown: shown.cells.mean_cell_voltage, 3, device_class=VOLTAGE, needs=CELLS
    ),
)


def _lowest_member(shown: Published) -> Mapping[str, Any]:
    reading = shown.state.reading
    return {"lowest_member": reading.lowest_member if isinstance(reading, PackReading) else None}


def _name_of(cell: Callable[[Published], Cell | None]) -> Attributes:
    """Return what tells in which member a cell is."""

    def attributes(shown: Published) -> Mapping[str, Any] | None:
        # Cells are shown more seldom than a name may change.
        found, reading = cell(shown), shown.state.reading
        if found is None or not isinstance(reading, PackReading):
            return None
        return {"name": next(iter(reading.cell_names[found.number - 1 :]), None)}

    return attributes


MORE: Mapping[str, Attributes] = {
    "state_of_charge": _lowest_member,
    "lowest_cell": _name_of(lambda shown: shown.cells.lowest_cell),
    "highest_cell": _name_of(lambda shown: shown.cells.highest_cell),
}
"""What is told of virtual batteries beside the attributes that every battery has."""


def pack_rows(
    rows: Iterable[BattmonSensorDescription], arrangement: Arrangement, quantities: frozenset[str]
) -> Iterator[BattmonSensorDescription]:
    """Yield the rows of any battery as they are of a virtual one, and those that only such a one has."""
    for row in rows:
        more = MORE.get(row.key) if arrangement in TOGETHER else None
        yield row if more is None else replace(row, attributes=_both(row.attributes, more))
    for own in PACK_SENSORS:
        if arrangement in own.arrangements and quantities.issuperset(own.needs):
            yield own


def _both(first: Attributes | None, second: Attributes) -> Attributes:
    def attributes(shown: Published) -> Mapping[str, Any]:
        return {**((first and first(shown)) or {}), **(second(shown) or {})}

    return attributes


@dataclass(frozen=True, kw_only=True)
class QualitySensorDescription(SensorEntityDescription):
    """How much is known."""


QUALITY = QualitySensorDescription(
    key="quality",
    translation_key="quality",
    device_class=SensorDeviceClass.ENUM,
    options=list(QUALITIES.values()),
)


class QualitySensor(BattmonEntity, SensorEntity):
    """How much of a virtual battery is known, and what became of each member. Always there."""

    always_available = True

    _unrecorded_attributes = frozenset({"members"})

    def __init__(self, coordinator: BattmonCoordinator) -> None:
        super().__init__(coordinator, QUALITY)
        self._seen: dict[str, datetime] = {}

    @override
    def shown(self) -> object:
        return self.native_value, self.extra_state_attributes

    @property
    @override
    def native_value(self) -> str:
        pack = self.coordinator.data.state.pack
        return QUALITIES[Quality.UNAVAILABLE if pack is None else pack.quality]

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        pack = self.coordinator.data.state.pack
        given = () if pack is None else pack.contributions
        return {
            "missing": [one.name for one in given if one.why in ABSENT],
            "members": [self._told(one) for one in given],
        }

    def _told(self, given: Contribution) -> dict[str, Any]:
        return {
            "name": given.name,
            "used": given.used,
            "why": given.why,
            "lacks": list(given.lacks),
            "gives": list(given.gives),
            "last_seen": self._last_seen(given) if given.why in ABSENT else None,
        }

    def _last_seen(self, given: Contribution) -> str | None:
        """Return when a missing member was sampled last. Its age would change with every second."""
        if given.age is None:
            return None
        at = self.coordinator.data.at.utc - timedelta(seconds=given.age)
        if given.key not in self._seen or abs(at - self._seen[given.key]) > SAME_MOMENT:
            self._seen[given.key] = at
        return self._seen[given.key].isoformat(timespec="seconds")
