"""When a condition is believed: two samples in a row, delays, reads out of turn."""

from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.failsafe.levels import Kind

from .watching import CRITICAL, LOW, NONE, Watched, every, settings

VOLTAGE = {Kind.LOW_VOLTAGE: (11.5, 10.1)}
CRANKING = {"critical_voltage_delay": 15.0}


def test_the_first_critical_sample_asks_to_be_read_at_once_and_once() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (None, 10.1)}))
    battery.see(0, voltage=13.0)
    assert battery.failsafe.read_within is None
    battery.see(1, voltage=10.0)
    assert battery.failsafe.read_within == 0.0
    battery.see(1, voltage=10.0)
    assert (battery.level, battery.failsafe.read_within) == (NONE, 1.0), "not twice at one instant"
    battery.see(1.05, voltage=10.0)
    assert (battery.level, battery.failsafe.read_within) == (CRITICAL, None)


def test_a_critical_voltage_is_read_again_at_once_whatever_else_is_suspected_with_it() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (None, 10.1), Kind.LOW_STATE_OF_CHARGE: (20.0, None)}))
    battery.see(0, voltage=10.0, state_of_charge=19.0)
    assert battery.failsafe.read_within == 0.0


def test_a_low_cell_asks_out_of_turn_too() -> None:
    battery = Watched(settings({Kind.LOW_CELL: (None, 2.8)}))
    battery.see(0, cell_voltages=(3.2, 2.7))
    assert battery.failsafe.read_within == 0.0
    assert battery.see(0.1, cell_voltages=(3.2, 2.7)) is CRITICAL


@pytest.mark.parametrize(
    ("delay", "within"), [(0.0, 1.0), (2.0, 1.0), (4.0, 1.0), (10.0, 2.5), (120.0, 30.0)]
)
def test_while_a_timer_runs_it_is_read_four_times_in_its_delay(delay: float, within: float) -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}, low_voltage_delay=delay))
    battery.see(0, voltage=11.4)
    assert battery.failsafe.read_within == within
    battery.see(1, voltage=12.0)
    assert battery.failsafe.read_within is None


def test_the_shortest_timer_sets_the_pace() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None), Kind.DISCHARGE_HOT: (55.0, None)}))
    battery.see(0, voltage=11.4)
    assert battery.failsafe.read_within == 2.5
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None), Kind.LOW_STATE_OF_CHARGE: (20.0, None)}))
    battery.see(0, voltage=11.4, state_of_charge=19.0)
    assert battery.failsafe.read_within == 1.0


@pytest.mark.parametrize(
    ("kind", "sample"),
    [
        (Kind.LOW_STATE_OF_CHARGE, {"state_of_charge": 9.0}),
        (Kind.LOW_CAPACITY, {"remaining_capacity": 9.0}),
        (Kind.HIGH_VOLTAGE, {"voltage": 15.0}),
    ],
)
def test_only_what_may_be_cut_off_at_any_moment_is_read_out_of_turn(
    kind: Kind, sample: dict[str, Any]
) -> None:
    battery = Watched(settings({kind: (None, 10.0)}))
    undervoltage = frozenset({Alarm.PACK_UNDERVOLTAGE})
    battery.see(0, **sample, alarms=undervoltage)
    assert battery.kinds == [Kind.DEVICE_ALARM], "nor is it believed at once"
    assert battery.failsafe.read_within == 1.0


def test_a_spike_of_one_sample_raises_nothing() -> None:
    battery = Watched(settings(VOLTAGE))
    for second in every(10.0, 0.0, 1000.0):
        assert battery.see(second, voltage=13.0) is NONE
        assert battery.see(second + 5.0, voltage=3.0) is NONE


@pytest.mark.parametrize("alarm", [Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE])
def test_one_critical_sample_is_enough_when_the_device_reports_undervoltage(alarm: Alarm) -> None:
    battery = Watched(settings(VOLTAGE))
    assert battery.see(0, voltage=10.0, alarms=frozenset({alarm})) is CRITICAL
    assert set(battery.kinds) == {Kind.LOW_VOLTAGE, Kind.DEVICE_ALARM}


@pytest.mark.parametrize("alarm", [Alarm.SOFTWARE_LOCK, Alarm.PACK_OVERVOLTAGE])
def test_no_other_alarm_makes_one_critical_sample_enough(alarm: Alarm) -> None:
    battery = Watched(settings(VOLTAGE))
    assert battery.see(0, voltage=10.0, alarms=frozenset({alarm})) < CRITICAL
    assert Kind.LOW_VOLTAGE not in battery.kinds


def test_one_critical_sample_is_enough_when_the_second_read_fails() -> None:
    battery = Watched(settings(VOLTAGE))
    battery.see(0, voltage=10.0)
    assert battery.fail(0.5) is CRITICAL
    assert battery.failsafe.reasons[0].value == 10.0
    assert [timer.reason.level for timer in battery.failsafe.timers] == [LOW]
    assert battery.failsafe.read_within == 2.5


def test_a_read_that_fails_means_nothing_without_a_critical_sample() -> None:
    battery = Watched(settings(VOLTAGE))
    battery.see(0, voltage=13.0)
    assert battery.fail(1) is NONE
    battery.see(2, voltage=11.0)
    assert battery.fail(3) is NONE


def test_a_read_that_fails_while_an_engine_cranks_means_nothing() -> None:
    battery = Watched(settings(VOLTAGE, **CRANKING))
    battery.see(0, voltage=7.0)
    before = battery.failsafe
    assert battery.fail(0.5) is NONE
    assert battery.failsafe is before


@pytest.mark.parametrize("interval", [0.1, 1.0, 10.0])
def test_an_engine_that_cranks_for_10_s_is_not_critical_with_the_delay_of_lead_acid(interval: float) -> None:
    limits = VOLTAGE | {Kind.LOW_CELL: (1.95, 1.8), Kind.DISCHARGE_OVERCURRENT: (200.0, 300.0)}
    battery = Watched(settings(limits, low_voltage_delay=15.0, **CRANKING))
    battery.see_all(every(interval, 0.0, 10.0), voltage=12.7, current=-2.0, cell_voltages=(2.1,) * 6)
    battery.see_all(
        every(interval, 10.0 + interval, 20.0), voltage=9.0, current=-400.0, cell_voltages=(1.5,) * 6
    )
    battery.see_all(every(interval, 20.0 + interval, 60.0), voltage=14.2, current=30.0)
    assert battery.events == []


def test_a_starter_battery_is_watched_while_it_cranks_and_not_read_out_of_turn() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (None, 10.1)}, **CRANKING))
    battery.see(0, voltage=9.0)
    assert battery.failsafe.read_within == 3.75


def test_a_starter_battery_that_stays_low_is_critical_after_15_s() -> None:
    battery = Watched(settings(VOLTAGE, **CRANKING))
    battery.see_all(every(1.0, 0.0, 15.0), voltage=9.0)
    assert battery.level is LOW
    assert battery.see(16, voltage=9.0) is CRITICAL


def test_the_inrush_of_an_inverter_is_no_overcurrent() -> None:
    battery = Watched(settings({Kind.DISCHARGE_OVERCURRENT: (100.0, 150.0)}))
    battery.see_all(every(0.1, 0.0, 1.9), current=-600.0)
    battery.see(2.0, current=-50.0)
    assert (battery.events, battery.failsafe.timers) == ([], ())


@pytest.mark.parametrize(
    ("kind", "sign"), [(Kind.CHARGE_OVERCURRENT, 1.0), (Kind.DISCHARGE_OVERCURRENT, -1.0)]
)
def test_an_overcurrent_that_lasts_is_critical_after_2_s_and_low_after_the_low_delay(
    kind: Kind, sign: float
) -> None:
    battery = Watched(settings({kind: (100.0, 150.0)}))
    assert battery.see_all(every(0.1, 0.0, 2.0), current=160.0 * sign) is NONE
    assert battery.see(2.1, current=160.0 * sign) is CRITICAL
    battery = Watched(settings({kind: (100.0, 150.0)}))
    assert battery.see_all(every(1.0, 0.0, 10.0), current=120.0 * sign) is NONE
    assert battery.see(11, current=120.0 * sign) is LOW
    assert battery.failsafe.reasons[0].value == 120.0


def test_an_overcurrent_the_other_way_is_none() -> None:
    battery = Watched(settings({Kind.CHARGE_OVERCURRENT: (100.0, 150.0)}))
    assert battery.see_all(every(1.0, 0.0, 60.0), current=-200.0) is NONE


def test_too_high_a_voltage_is_critical_after_two_samples_and_low_after_the_low_delay() -> None:
    limits = {Kind.HIGH_VOLTAGE: (14.4, 14.6), Kind.HIGH_CELL: (3.6, 3.65)}
    battery = Watched(settings(limits, critical_voltage_delay=15.0))
    assert battery.see(0, voltage=14.7) is NONE
    assert battery.see(1, voltage=14.7) is CRITICAL
    assert battery.levels == (CRITICAL, NONE, CRITICAL)
    battery = Watched(settings(limits))
    battery.see_all(every(1.0, 0.0, 10.0), voltage=14.5, cell_voltages=(3.62, 3.4))
    assert battery.level is NONE
    battery.see(11, voltage=14.5, cell_voltages=(3.62, 3.4))
    assert battery.levels == (LOW, NONE, LOW)
    assert {reason.subject for reason in battery.failsafe.reasons} == {None, "1"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.LOW_STATE_OF_CHARGE, "state_of_charge"), (Kind.LOW_CAPACITY, "remaining_capacity")],
)
def test_capacity_is_judged_by_two_samples_in_a_row_whatever_the_delays(kind: Kind, name: str) -> None:
    battery = Watched(settings({kind: (20.0, 10.0)}, low_voltage_delay=60.0, **CRANKING))
    assert battery.see(0, **{name: 19.0}) is NONE
    assert battery.see(1, **{name: 20.0}) is NONE
    assert battery.see(2, **{name: 19.0}) is NONE
    assert battery.see(3, **{name: 19.0}) is LOW
    assert battery.see(4, **{name: 9.0}) is LOW
    assert battery.see(5, **{name: 9.0}) is CRITICAL
    assert battery.levels == (CRITICAL, CRITICAL, NONE)


def test_an_empty_battery_is_critical() -> None:
    assert (
        Watched(settings({Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)})).see_all([0, 1], state_of_charge=0.0)
        is CRITICAL
    )


def test_a_counted_state_of_charge_is_judged_without_what_is_uncertain_of_it() -> None:
    limits = settings({Kind.LOW_STATE_OF_CHARGE: (20.0, None)})
    known = {"state_of_charge": 25.0, "state_of_charge_uncertainty": 6.0}
    assert Watched(limits, origin_is_counted=True).see_all([0, 1], **known) is LOW
    assert Watched(limits, origin_is_counted=False).see_all([0, 1], **known) is NONE
    counted = Watched(limits, origin_is_counted=True)
    assert counted.see_all([0, 1], state_of_charge=20.1) is NONE, "an unknown uncertainty is none"
    assert counted.see_all([2, 3], state_of_charge=1.0, state_of_charge_uncertainty=6.0) is LOW


def test_two_kinds_are_each_timed_by_themselves() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None), Kind.LOW_CELL: (2.9, None)}))
    battery.see_all(every(1.0, 0.0, 5.0), voltage=11.4)
    battery.see_all(every(1.0, 6.0, 11.0), voltage=11.4, cell_voltages=(2.8,) * 4)
    assert battery.kinds == [Kind.LOW_VOLTAGE]
    battery.see_all(every(1.0, 12.0, 17.0), voltage=11.4, cell_voltages=(2.8,) * 4)
    assert battery.kinds == [Kind.LOW_VOLTAGE, Kind.LOW_CELL]


def test_another_cell_that_becomes_the_lowest_goes_on_with_the_timer() -> None:
    battery = Watched(settings({Kind.LOW_CELL: (2.9, None)}))
    battery.see_all(every(1.0, 0.0, 10.0), cell_voltages=(2.8, 3.0))
    assert battery.see(11, cell_voltages=(3.0, 2.8)) is LOW
    assert battery.failsafe.reasons[0].subject == "2"
