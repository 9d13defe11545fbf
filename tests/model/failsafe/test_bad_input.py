"""What bad input gets: no false critical, and no true one missed."""

from math import inf, nan

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.codec import from_plain, to_plain
from custom_components.battmon.model.failsafe.conditions import is_quiet
from custom_components.battmon.model.failsafe.drill import start_drill
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.judging import judge
from custom_components.battmon.model.failsafe.levels import Kind, Side
from custom_components.battmon.model.failsafe.presets import suggested
from custom_components.battmon.model.failsafe.settings import Thresholds
from custom_components.battmon.model.reading import Place, Temperature

from .watching import CRITICAL, LOW, NONE, Limits, Watched, every, settings, span, view

LIMITS: Limits = suggested(Chemistry.LIFEPO4, 4) | {
    Kind.LOW_CAPACITY: Thresholds(20.0, 10.0),
    Kind.CHARGE_OVERCURRENT: Thresholds(50.0, 100.0),
    Kind.DISCHARGE_OVERCURRENT: Thresholds(100.0, 200.0),
}
DAY = 86400.0
GOOD = {
    "voltage": 13.2,
    "current": -10.0,
    "state_of_charge": 60.0,
    "remaining_capacity": 60.0,
    "full_capacity": 100.0,
    "cell_voltages": (3.3,) * 4,
    "temperatures": (Temperature(20.0, Place.CELL),),
    "cells_expected": 4,
}


def watched() -> Watched:
    return Watched(settings(LIMITS, chemistry=Chemistry.LIFEPO4), **GOOD)


def test_a_good_sample_changes_nothing() -> None:
    failsafe = Failsafe()
    assert judge(failsafe, view(**GOOD), span(), watched().settings) is failsafe
    assert is_quiet(view(**GOOD), watched().settings), "without looking twice"


@pytest.mark.parametrize(
    "sample",
    [
        {"current": None},
        {"current": nan},
        {"current": inf},
        {"current": -inf},
        {"state_of_charge": None},
        {"state_of_charge": 127.0},
        {"state_of_charge": 255.0},
        {"state_of_charge": -1.0},
        {"state_of_charge": nan},
        {"voltage": None},
        {"voltage": nan},
        {"voltage": inf},
        {"voltage": -inf},
        {"remaining_capacity": None},
        {"remaining_capacity": nan},
        {"remaining_capacity": -inf},
        {"cell_voltages": None},
        {"cell_voltages": (nan, 3.3, 3.3, 3.3)},
        {"cell_voltages": (3.3, 3.3, inf, 3.3)},
        {"cell_voltages": (nan,) * 4},
        {"temperatures": None},
        {"temperatures": (Temperature(nan, Place.CELL), Temperature(None, Place.MOSFET))},
    ],
)
def test_what_no_battery_can_be_is_never_judged(sample: dict[str, object]) -> None:
    battery = watched()
    battery.see_all(every(10.0, 0.0, 3600.0), **sample)
    assert battery.failsafe == Failsafe()


@pytest.mark.parametrize(
    "sample", [{"current": None}, {"state_of_charge": 255.0}, {"remaining_capacity": nan}, {"current": 10.0}]
)
def test_what_is_wrong_with_one_quantity_hides_nothing_of_the_others(sample: dict[str, object]) -> None:
    battery = watched()
    assert battery.see_all([0, 1], **({"voltage": 11.0, "cell_voltages": (2.75,) * 4} | sample)) is CRITICAL


def test_a_cell_that_is_not_a_number_hides_no_low_cell() -> None:
    battery = watched()
    assert battery.see_all([0, 1], cell_voltages=(nan, 3.3, 2.7, 3.3)) is CRITICAL
    assert battery.failsafe.reasons[0].subject == "3"


def test_an_unknown_sample_in_between_neither_confirms_nor_begins_anew() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}))
    battery.see_all(every(1.0, 0.0, 5.0), voltage=11.0)
    battery.see_all(every(1.0, 6.0, 9.0), voltage=None)
    assert battery.failsafe.timers[0].elapsed == 5.0
    battery.see_all(every(1.0, 10.0, 14.0), voltage=nan)
    battery.see_all(every(1.0, 15.0, 19.0), voltage=11.0)
    assert battery.level is NONE
    assert battery.see(20, voltage=11.0) is LOW


def test_a_current_with_the_wrong_sign_raises_nothing_at_healthy_values() -> None:
    battery = watched()
    for sign in (1.0, -1.0):
        assert battery.see_all(every(10.0, 0.0, 600.0), current=45.0 * sign) is NONE


# Time.


def test_two_samples_at_the_same_instant_are_one() -> None:
    battery = watched()
    assert battery.see_all([5, 5, 5, 5], voltage=11.0, cell_voltages=None) is NONE
    assert battery.see(6, voltage=11.0, cell_voltages=None) is CRITICAL


def test_time_that_runs_backwards_counts_towards_nothing_and_clears_nothing() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}))
    battery.see_all(every(1.0, 100.0, 105.0), voltage=11.0)
    battery.see(50.0, voltage=11.0)
    assert battery.failsafe.timers[0].elapsed == 5.0
    battery.see_all(every(1.0, 51.0, 55.0), voltage=11.0)
    assert battery.level is NONE
    assert battery.see(56.0, voltage=11.0) is LOW


def test_a_wall_clock_that_was_set_back_changes_nothing() -> None:
    """Only measured spans are used: whatever `now` says, the result is the same."""
    low = view(voltage=11.0)
    limits = settings({Kind.LOW_VOLTAGE: (11.5, None)})
    one = other = Failsafe()
    for second in range(12):
        one = judge(one, low, span(1.0)._replace(now=span().now), limits)
        earlier = span().now.utc.replace(year=2000 + second % 3)
        other = judge(other, low, span(1.0)._replace(now=span().now._replace(utc=earlier)), limits)
    assert one == other
    assert one.level is LOW


def test_a_gap_of_a_day_counts_towards_no_delay() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, 10.1)}))
    battery.see_all(every(1.0, 0.0, 5.0), voltage=11.0)
    assert battery.see(DAY, voltage=11.0) is NONE
    assert battery.failsafe.timers[0].elapsed == 5.0
    battery.see_all(every(1.0, DAY + 1, DAY + 5), voltage=11.0)
    assert battery.level is NONE
    assert battery.see(DAY + 6, voltage=11.0) is LOW


def test_a_gap_of_a_day_confirms_no_critical_sample_but_the_next_one_does() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (None, 10.1)}))
    battery.see(0, voltage=10.0)
    assert battery.see(DAY, voltage=10.0) is NONE
    assert battery.failsafe.read_within == 1.0
    assert battery.see(DAY + 1, voltage=10.0) is CRITICAL


def test_a_gap_of_a_day_clears_nothing() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, 10.1)}), cells_expected=4)
    battery.see_all([0, 1], voltage=10.0)
    battery.see(2, voltage=13.0)
    assert battery.see(DAY, voltage=13.0) is CRITICAL
    assert battery.see(DAY + 299, voltage=13.0) is CRITICAL
    assert battery.see(DAY + 300, voltage=13.0) is NONE


def test_the_first_sample_ever_has_no_time_behind_it() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (None, 10.1)}))
    assert battery.see(0, voltage=10.0) is NONE
    assert battery.see(1, voltage=10.0) is CRITICAL


# Restarts.


def restarted(battery: Watched) -> None:
    """Go through a file and a downtime."""
    battery.failsafe = from_plain(Failsafe, to_plain(battery.failsafe))
    battery.restart()


def test_a_restart_keeps_the_level_without_news() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, 10.1)}), cells_expected=4)
    battery.see_all([0, 1], voltage=10.0)
    battery.see_all([2, 100], voltage=13.0)
    told = battery.events[:]
    restarted(battery)
    assert battery.see(DAY, voltage=13.0) is CRITICAL
    assert battery.see(DAY + 201, voltage=13.0) is CRITICAL
    assert battery.events == told
    assert battery.see(DAY + 202, voltage=13.0) is NONE


def test_a_restart_keeps_the_time_of_a_timer_and_adds_none() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}))
    battery.see_all(every(1.0, 0.0, 6.0), voltage=11.0)
    restarted(battery)
    battery.see_all(every(1.0, 1000.0, 1004.0), voltage=11.0)
    assert battery.level is NONE
    assert battery.see(1005.0, voltage=11.0) is LOW


def test_a_drill_does_not_outlast_the_time_a_restart_took() -> None:
    limits = settings()
    drilled = start_drill(Failsafe(), LOW, Side.BOTH, 60.0)
    assert judge(drilled, view(voltage=13.0), span(None, unwatched=59.0), limits).level is LOW
    assert judge(drilled, view(voltage=13.0), span(None, unwatched=60.0), limits) == Failsafe()
