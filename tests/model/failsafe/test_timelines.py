"""The timelines of ArduPilot's failsafe (reference, 6.4), as rules 1 changes them.

What rules 1 changes: critical voltage takes two samples in a row instead of the low delay, the second
read out of turn; a delay of 0 is two samples in a row instead of off; a timer does not outlive being
disarmed; capacity takes two samples in a row.
"""

import pytest

from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.judging import disarmed
from custom_components.battmon.model.failsafe.levels import Kind

from .watching import (
    CRITICAL,
    LOW,
    NONE,
    ROSE,
    UNHEALTHY,
    WIRE_TIME,
    Watched,
    every,
    settings,
    steps,
    vehicle,
)

VOLTAGE = {Kind.LOW_VOLTAGE: (11.5, 10.1)}
CAPACITY = {Kind.LOW_VOLTAGE: (11.5, 10.1), Kind.LOW_CAPACITY: (1.0, 0.5)}
INTERVALS = [0.1, 1.0, 10.0, 30.0]
DELAY, SUSPICION = 10.0, 2.5


def watched(**others: float) -> Watched:
    return Watched(vehicle(VOLTAGE, **others), cells_expected=3)


def rises(battery: Watched) -> list[tuple[float, int]]:
    return [(event.at, event.level) for event in battery.events if event.change is ROSE]


# T1: low, recovery, critical.


def test_t1_low_and_recovery_are_as_in_ardupilot_but_critical_is_raised_by_the_second_sample() -> None:
    battery = watched()
    signal = steps((0, 12.5), (2, 11.4), (13, 12.5), (20, 10.0), (40, 12.5))
    battery.run(signal, 0.1, 60.0)
    assert rises(battery) == [(pytest.approx(12.1), LOW), (pytest.approx(20.0 + WIRE_TIME), CRITICAL)]
    assert battery.level is CRITICAL


@pytest.mark.parametrize("interval", INTERVALS)
def test_t1_stretched_is_seen_at_any_interval_with_suspicious_reads(interval: float) -> None:
    battery = watched()
    signal = steps((0, 12.5), (65, 11.4), (185, 12.5), (305, 10.0), (425, 12.5))
    battery.run(signal, interval, 600.0)
    (low_at, low), (critical_at, critical) = rises(battery)
    assert (low, critical) == (LOW, CRITICAL)
    assert 65 + DELAY < low_at <= 65 + interval + DELAY + SUSPICION
    assert 305 < critical_at <= 305 + interval + WIRE_TIME
    assert battery.level is CRITICAL


# T2: one sample at the threshold begins anew.


def test_t2_one_sample_at_the_threshold_begins_anew() -> None:
    battery = watched()
    battery.see_all(every(0.1, 1.0, 10.9), voltage=11.4)
    assert battery.see(11.0, voltage=11.5) is NONE
    assert battery.failsafe.timers == ()
    assert battery.see_all(every(0.1, 11.1, 21.1), voltage=11.4) is NONE
    assert battery.see(21.2, voltage=11.4) is LOW


@pytest.mark.parametrize("interval", [1.0, 10.0])
def test_t2_holds_at_slower_samples(interval: float) -> None:
    battery = watched()
    first = every(interval, 0.0, 10.0)
    assert battery.see_all(first, voltage=11.4) is NONE
    assert battery.see(first[-1] + interval, voltage=11.5) is NONE
    start = first[-1] + 2 * interval
    assert battery.see_all(every(interval, start, start + 10.0), voltage=11.4) is NONE
    assert battery.see(start + 10.0 + interval, voltage=11.4) is LOW


# T3: straight to critical.


@pytest.mark.parametrize("interval", INTERVALS)
def test_t3_critical_without_low_first_after_two_samples_instead_of_the_low_delay(interval: float) -> None:
    battery = watched()
    battery.run(steps((0, 12.5), (65, 9.9)), interval, 200.0)
    ((when, level),) = rises(battery)
    assert level is CRITICAL
    assert 65 < when <= 65 + interval + WIRE_TIME
    assert [event for event in battery.events if event.change is not ROSE] == [], "low is never reported"


def test_t3_with_a_critical_delay_takes_that_delay() -> None:
    battery = watched(critical_voltage_delay=10.0)
    battery.run(steps((0, 12.5), (2, 9.9)), 0.1, 20.0)
    # The same sample makes it low and critical: one rise.
    assert rises(battery) == [(pytest.approx(12.1), CRITICAL)]


# T4: a low delay of 0, and capacity.


def test_t4_a_low_delay_of_0_is_two_samples_in_a_row_instead_of_off() -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}, low_voltage_delay=0.0))
    assert battery.see(1.0, voltage=9.0) is NONE
    assert battery.see(2.0, voltage=9.0) is LOW


def test_t4_capacity_is_judged_by_two_samples_in_a_row_instead_of_at_once() -> None:
    battery = Watched(vehicle({Kind.LOW_CAPACITY: (1.0, 0.5)}), full_capacity=5.0)
    assert battery.see_all([1, 60], remaining_capacity=1.001) is NONE
    assert battery.see_all([61, 62], remaining_capacity=1.0) is NONE, "equal is not below"
    assert battery.see(63, remaining_capacity=0.9995) is NONE
    assert battery.see(64, remaining_capacity=0.9995) is LOW
    assert battery.see_all([65, 66], remaining_capacity=0.5) is LOW
    assert battery.see(67, remaining_capacity=0.4995) is LOW
    assert battery.see(68, remaining_capacity=0.4995) is CRITICAL
    assert battery.see(69, remaining_capacity=5.0) is CRITICAL, "vehicle: held"


# T5: unhealthy.


def test_t5_unhealthy_is_held_and_low_outranks_it() -> None:
    battery = watched()
    battery.see(1.0, voltage=12.3)
    assert battery.lose(6.1) is UNHEALTHY
    assert battery.see(7.0, voltage=12.3) is UNHEALTHY
    assert battery.see_all(every(0.1, 8.0, 18.0), voltage=11.0) is UNHEALTHY
    assert battery.see(18.1, voltage=11.0) is LOW


def test_t5_a_good_sample_ends_unhealthy_at_once_in_stationary_use() -> None:
    battery = Watched(settings(VOLTAGE), cells_expected=3)
    battery.see(1.0, voltage=12.3)
    assert battery.lose(6.1) is UNHEALTHY
    assert battery.see(7.0, voltage=12.3) is NONE


# T6: no voltage.


def test_t6_no_voltage_is_unhealthy_after_two_samples_and_critical_after_the_low_delay() -> None:
    battery = watched()
    battery.see(1.0, voltage=12.3)
    assert battery.see(2.0, voltage=0.0) is NONE
    assert battery.see(3.0, voltage=0.0) is UNHEALTHY
    assert battery.see_all(every(1.0, 4.0, 12.0), voltage=0.0) is UNHEALTHY
    assert battery.see(13.0, voltage=0.0) is CRITICAL
    assert set(battery.kinds) == {Kind.DEAD_TERMINALS}, "never low voltage"


@pytest.mark.parametrize("interval", INTERVALS)
def test_t6_without_a_voltage_threshold_no_voltage_stays_unhealthy(interval: float) -> None:
    battery = Watched(vehicle({}), cells_expected=3)
    battery.run(steps((0, 12.3), (65, 0.0)), interval, 300.0)
    assert battery.level is UNHEALTHY
    assert battery.times(ROSE)[0] <= 65 + interval + 1.0


# T7: armed and disarmed.


def test_t7_a_timer_does_not_outlive_being_disarmed_as_it_does_in_ardupilot() -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}))
    battery.see_all(every(1.0, 61.0, 66.0), voltage=11.4)
    assert battery.failsafe.timers
    battery.note(67.0, disarmed(battery.failsafe))
    assert battery.failsafe == Failsafe()
    battery.restart()
    assert battery.see_all(every(0.1, 300.1, 310.1), voltage=11.4) is NONE
    assert battery.see(310.2, voltage=11.4) is LOW


def test_t7_what_is_held_stays_when_disarmed() -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (None, 10.1)}))
    battery.see_all([1, 2], voltage=10.0)
    held = battery.failsafe
    assert held.level is CRITICAL
    assert disarmed(held) is held, "no timer runs, nothing changes"


# T8: resting voltage.


def test_t8_low_is_judged_by_the_resting_voltage() -> None:
    battery = Watched(vehicle(VOLTAGE, use_resting_voltage=True))
    assert battery.see_all(every(0.1, 1.0, 12.9), voltage=11.0, resting_voltage=11.9) is NONE
    assert battery.see_all(every(0.1, 13.0, 23.0), voltage=11.0, resting_voltage=11.45) is NONE
    assert battery.see(23.1, voltage=11.0, resting_voltage=11.45) is LOW


def test_t8_critical_is_judged_by_the_raw_voltage_even_so() -> None:
    battery = Watched(vehicle(VOLTAGE, use_resting_voltage=True))
    assert battery.see_all([1, 2], voltage=10.0, resting_voltage=11.9) is CRITICAL


@pytest.mark.parametrize("resting", [None, float("nan"), float("inf"), float("-inf")])
def test_t8_an_unknown_resting_voltage_is_the_raw_one(resting: float | None) -> None:
    battery = Watched(vehicle(VOLTAGE, use_resting_voltage=True))
    assert battery.see_all(every(0.1, 1.0, 11.0), voltage=11.0, resting_voltage=resting) is NONE
    assert battery.see(11.1, voltage=11.0, resting_voltage=resting) is LOW


def test_t8_the_resting_voltage_is_used_only_where_that_is_set() -> None:
    battery = Watched(vehicle(VOLTAGE))
    assert battery.see_all(every(1.0, 1.0, 12.0), voltage=11.0, resting_voltage=11.9) is LOW


# T9: nothing left from the first sample on.


def test_t9_nothing_left_is_low_on_the_second_evaluation_instead_of_the_first() -> None:
    battery = Watched(vehicle({Kind.LOW_CAPACITY: (1.0, None)}), voltage=12.5)
    assert battery.see(1.0, remaining_capacity=0.0) is NONE
    assert battery.see(2.0, remaining_capacity=0.0) is LOW


# T10: the effect of sampling.


@pytest.mark.parametrize(
    ("delay", "interval", "when"),
    [
        (10.0, 0.1, 11.1),
        (1.0, 0.1, 2.1),
        (5.0, 0.1, 6.1),
        (10.0, 1.0, 12.0),  # suspicious reads every 2.5 s are slower than the interval
    ],
)
def test_t10_a_delay_is_exceeded_strictly(delay: float, interval: float, when: float) -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}, low_voltage_delay=delay))
    battery.run(lambda _: 11.4, interval, 30.0)
    assert rises(battery) == [(pytest.approx(when), LOW)]


@pytest.mark.parametrize(("interval", "when"), [(10.0, 21.0), (30.0, 31.0)])
def test_t10_without_suspicious_reads_slow_samples_are_as_late_as_in_ardupilot(
    interval: float, when: float
) -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}))
    battery.see_all(every(interval, 1.0, when), voltage=11.4)
    assert rises(battery) == [(when, LOW)]


@pytest.mark.parametrize("interval", [10.0, 30.0])
def test_t10_suspicious_reads_make_slow_samples_fast(interval: float) -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}))
    battery.run(lambda _: 11.4, interval, 60.0)
    # 1.0, 3.5, 6.0, 8.5, 11.0 (exactly the delay; at 10 s the regular one), then the next.
    (when,) = battery.times(ROSE)
    assert 11.0 < when <= 13.5


@pytest.mark.parametrize("interval", INTERVALS)
def test_no_two_levels_rise_in_one_step(interval: float) -> None:
    battery = Watched(vehicle(CAPACITY), cells_expected=3, remaining_capacity=0.1)
    battery.run(steps((0, 9.0)), interval, 100.0)
    times = battery.times(ROSE)
    assert len(times) == len(set(times)) > 0
