"""What automations wait for."""

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.judging import judge
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.transitions import changes

from .watching import (
    BEGAN,
    CRITICAL,
    ENDED,
    FELL,
    LOW,
    NONE,
    ROSE,
    Watched,
    every,
    settings,
    span,
    view,
)

LIMITS = {Kind.LOW_VOLTAGE: (11.5, 10.1), Kind.HIGH_CELL: (3.6, 3.65), Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)}


def news(battery: Watched) -> list[tuple[Change, str | None]]:
    return [(event.change, event.kind) for event in battery.events]


def alarms(*which: Alarm) -> dict[str, frozenset[Alarm]]:
    return {"alarms": frozenset(which)}


def test_nothing_changed() -> None:
    failsafe = Failsafe()
    assert list(changes(failsafe, failsafe)) == []
    assert list(changes(failsafe, Failsafe())) == []


def test_a_timer_that_runs_is_no_news() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all(every(1.0, 0.0, 10.0), voltage=11.4)
    assert (news(battery), len(battery.failsafe.timers)) == ([], 1)


def test_the_other_side_rises_though_the_highest_level_is_held() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all([0, 1], voltage=10.0)
    battery.see_all(every(1.0, 2.0, 14.0), voltage=10.0, cell_voltages=(3.62, 3.3))
    assert news(battery) == [(ROSE, "low_voltage"), (ROSE, "high_cell")]
    assert battery.levels == (CRITICAL, CRITICAL, LOW)


def test_a_second_reason_of_a_held_level_has_begun() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    battery.see_all([12, 13], voltage=11.4, state_of_charge=19.0)
    assert news(battery) == [(ROSE, "low_voltage"), (BEGAN, "low_state_of_charge")]


def test_one_rise_for_all_that_rises_in_one_step() -> None:
    battery = Watched(settings())
    battery.see(0, **alarms(Alarm.CELL_OVERVOLTAGE, Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE))
    assert news(battery) == [(ROSE, "device_alarm")]


def test_beside_a_rise_a_reason_of_a_held_level_begins() -> None:
    battery = Watched(settings())
    battery.see(0, **alarms(Alarm.LOW_CAPACITY))
    battery.see(1, **alarms(Alarm.LOW_CAPACITY, Alarm.DISCHARGE_OVERCURRENT, Alarm.PACK_UNDERVOLTAGE))
    assert news(battery) == [(ROSE, "device_alarm"), (ROSE, "device_alarm"), (BEGAN, "device_alarm")]


def test_a_low_alarm_is_news_beside_another_alarm_that_is_critical() -> None:
    battery = Watched(settings())
    battery.see(0, **alarms(Alarm.PACK_UNDERVOLTAGE))
    battery.see(1, **alarms(Alarm.PACK_UNDERVOLTAGE, Alarm.DISCHARGE_OVERCURRENT))
    assert news(battery) == [(ROSE, "device_alarm"), (BEGAN, "device_alarm")]


def test_low_is_no_news_where_the_same_quantity_is_critical() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all(every(1.0, 0.0, 30.0), voltage=10.0)
    assert len(battery.failsafe.reasons) == 2
    assert news(battery) == [(ROSE, "low_voltage")]


def test_a_reason_ends_while_its_level_is_held_by_another() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all(every(1.0, 0.0, 12.0), voltage=11.4, state_of_charge=19.0)
    battery.see_all([13, 73], voltage=13.0, state_of_charge=19.0)
    assert news(battery)[-1] == (ENDED, "low_voltage")
    battery.see_all([74, 134], voltage=13.0, state_of_charge=50.0)
    assert news(battery)[-1] == (FELL, "low_state_of_charge")
    assert battery.level is NONE


def test_two_that_end_together_are_one_fall() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all(every(1.0, 0.0, 12.0), voltage=11.4, state_of_charge=19.0)
    battery.see_all([13, 73], voltage=13.0, state_of_charge=50.0)
    assert [change for change, _ in news(battery)] == [ROSE, BEGAN, FELL]
    assert battery.level is NONE


def test_two_that_end_together_below_a_held_level_are_both_told() -> None:
    battery = Watched(settings(LIMITS))
    battery.see(0, **alarms(Alarm.PACK_UNDERVOLTAGE))
    held = alarms(Alarm.PACK_UNDERVOLTAGE)
    battery.see_all(every(1.0, 1.0, 13.0), voltage=11.4, state_of_charge=19.0, **held)
    battery.see_all([14, 74], voltage=13.0, state_of_charge=50.0, **held)
    assert news(battery)[-2:] == [(ENDED, "low_state_of_charge"), (ENDED, "low_voltage")]


def test_a_level_that_was_restored_without_its_reasons_falls() -> None:
    """A damaged file: each part is read by itself."""
    damaged = Failsafe(level=CRITICAL)
    after = judge(damaged, view(voltage=13.0), span(), settings(LIMITS))
    assert after == Failsafe()
    assert list(changes(damaged, after)) == [Transition(FELL, None)]


def test_reasons_that_were_restored_without_their_level_raise_it() -> None:
    battery = Watched(settings(LIMITS))
    battery.see_all([0, 1], voltage=10.0)
    damaged = battery.failsafe._replace(level=NONE, discharge_level=NONE)
    after = judge(damaged, view(voltage=10.0), span(), battery.settings)
    assert after[:3] == battery.levels
    assert list(changes(damaged, after)) == [Transition(ROSE, "low_voltage")]
