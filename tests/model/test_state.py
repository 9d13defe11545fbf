"""What a state says of itself."""

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState


@pytest.mark.parametrize("state", [BatteryState(), BatteryState(reading=Reading())])
def test_without_alarms_nothing_is_known_of_problems_or_locks(state: BatteryState) -> None:
    assert (state.problems, state.locked) == (None, None)


@pytest.mark.parametrize(
    ("alarms", "problems", "locked"),
    [
        (set(), set(), False),
        ({Alarm.SOFTWARE_LOCK}, set(), True),
        ({Alarm.SHORT_CIRCUIT}, {Alarm.SHORT_CIRCUIT}, False),
        ({Alarm.SHORT_CIRCUIT, Alarm.SOFTWARE_LOCK}, {Alarm.SHORT_CIRCUIT}, True),
    ],
)
def test_a_lock_is_no_problem(alarms: set[Alarm], problems: set[Alarm], locked: bool) -> None:
    state = BatteryState(reading=Reading(alarms=frozenset(alarms)))
    assert (state.problems, state.locked) == (problems, locked)
