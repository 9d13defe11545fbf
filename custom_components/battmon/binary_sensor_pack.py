"""Whether something is wrong among the members of a virtual battery."""

from collections.abc import Iterator, Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

from .coordinator import BattmonCoordinator
from .entity import BattmonEntity
from .model.alarms import Alarm
from .model.packs.members import Why
from .model.publishing import Published
from .model.state import STARTING

SPREADS = (Alarm.VOLTAGE_SPREAD, Alarm.CURRENT_SPREAD, Alarm.STATE_OF_CHARGE_SPREAD, Alarm.CELL_DRIFT)
MISSING = frozenset({Why.NOT_SEEN, Why.LOST, Why.STALE, Why.DISABLED, Why.REMOVED})
"""Not one whose Bluetooth is released: that is the person's wish, and ends by itself."""
STARTING_TOO = frozenset({Why.NOT_SEEN, Why.STALE})
"""What a member may be while batteries start one after the other."""

MEMBER_PROBLEM = BinarySensorEntityDescription(
    key="member_problem",
    translation_key="member_problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
)

type Problem = tuple[tuple[str, ...], str]
"""The members that it is about, and what it is in words."""


class MemberProblem(BattmonEntity, BinarySensorEntity):
    """On while a member is missing, or members are too far apart. Always there."""

    always_available = True

    _unrecorded_attributes = frozenset({"reasons"})

    def __init__(self, coordinator: BattmonCoordinator) -> None:
        super().__init__(coordinator, MEMBER_PROBLEM)

    @override
    def shown(self) -> object:
        return self._problems

    @property
    def _problems(self) -> list[Problem]:
        return list(problems(self.coordinator.data))

    @property
    @override
    def is_on(self) -> bool:
        return bool(self._problems)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        found = self._problems
        return {
            "members": list(dict.fromkeys(name for names, _ in found for name in names)),
            "reasons": [words for _, words in found],
        }


def problems(shown: Published) -> Iterator[Problem]:
    """Yield what is wrong among the members of a virtual battery."""
    pack, started = shown.state.pack, shown.state.started_at
    if pack is None:
        return
    starting = started is not None and shown.at.monotonic - started.monotonic < STARTING
    for given in pack.contributions:
        if given.why in MISSING and not (starting and given.why in STARTING_TOO):
            yield (given.name,), f"{given.name}: {_in_words(given.why)}"
    for alarm in SPREADS:
        if alarm in (pack.alarms or ()):
            names = pack.alarm_members.get(alarm, ())
            yield names, f"{_in_words(alarm)}: {', '.join(names)}"


def _in_words(word: str) -> str:
    return word.replace("_", " ")
