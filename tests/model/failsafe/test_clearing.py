"""How levels clear by themselves in stationary use, and begin again."""

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.levels import Kind

from .watching import (
    BEGAN,
    CRITICAL,
    ENDED,
    FELL,
    LOW,
    NONE,
    ROSE,
    UNHEALTHY,
    Watched,
    every,
    settings,
    vehicle,
)

VOLTAGE = {Kind.LOW_VOLTAGE: (11.5, 10.1)}


def low(cells: int | None = 4, **others: object) -> Watched:
    """Return a battery that is low at second 11, with a threshold of 11.5 V."""
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}, **others), cells_expected=cells)
    assert battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4) is LOW
    return battery


def critical() -> Watched:
    """Return a battery that is critical at second 1 and never was low."""
    battery = Watched(settings(VOLTAGE), cells_expected=4)
    assert battery.see_all([0, 1], voltage=10.0) is CRITICAL
    return battery


def test_low_clears_when_it_was_above_by_the_margin_for_60_s() -> None:
    battery = low()
    assert battery.see_all(every(1.0, 12.0, 71.0), voltage=11.9) is LOW
    assert battery.see(71.9, voltage=11.9) is LOW
    assert battery.see(72.0, voltage=11.9) is NONE
    assert [(e.change, e.kind) for e in battery.events] == [(ROSE, "low_voltage"), (FELL, "low_voltage")]


def test_within_the_margin_nothing_clears() -> None:
    battery = low()
    assert battery.see_all(every(10.0, 12.0, 1000.0), voltage=11.89) is LOW


@pytest.mark.parametrize("dip", [11.8, 11.45])
def test_the_time_to_clear_begins_anew_after_a_dip(dip: float) -> None:
    battery = low()
    battery.see_all(every(1.0, 12.0, 60.0), voltage=12.0)
    battery.see(61.0, voltage=dip)
    assert battery.see_all(every(1.0, 62.0, 121.0), voltage=12.0) is LOW
    assert battery.see(122.0, voltage=12.0) is NONE


def test_a_sample_without_a_voltage_adds_nothing_to_the_time_to_clear_and_takes_nothing_from_it() -> None:
    battery = low()
    battery.see_all(every(1.0, 12.0, 60.0), voltage=12.0)
    battery.see(61.0)
    assert battery.see_all(every(1.0, 62.0, 72.0), voltage=12.0) is LOW
    assert battery.see(73.0, voltage=12.0) is NONE


@pytest.mark.parametrize(
    ("chemistry", "cells", "clear"),
    [
        (None, 4, 11.9),
        (Chemistry.LIFEPO4, 4, 11.9),
        (Chemistry.LTO, 4, 11.82),
        (Chemistry.SODIUM_ION, 4, 12.1),
        (Chemistry.LEAD_ACID, 6, 12.1),
        (None, None, 11.615),
    ],
)
def test_the_margin_of_the_pack_is_that_of_its_chemistry_times_its_cells(
    chemistry: Chemistry | None, cells: int | None, clear: float
) -> None:
    battery = low(cells, chemistry=chemistry)
    battery.see_all([12, 3000], voltage=clear - 0.001)
    assert battery.level is LOW
    battery.see_all([3001, 3061], voltage=clear)
    assert battery.level is NONE


def test_the_configured_number_of_cells_goes_before_the_learned_one() -> None:
    battery = low(cells=10)
    other = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}, cells=4), cells_expected=10)
    other.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    for each in (battery, other):
        each.see_all([12, 72], voltage=11.9)
    assert (battery.level, other.level) == (LOW, NONE)


def test_cells_that_are_read_tell_how_many_there_are() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}), cell_voltages=(2.9,) * 4)
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    battery.see_all([12, 72], voltage=11.9)
    assert battery.level is NONE


# Critical.


def test_critical_takes_300_s() -> None:
    battery = critical()
    assert battery.see_all(every(1.0, 2.0, 301.0), voltage=12.5) is CRITICAL
    assert battery.see(302.0, voltage=12.5) is NONE


def test_from_critical_it_falls_to_low_and_not_through_a_gap() -> None:
    battery = critical()
    # Above critical by the margin, below low: not often enough in a row to have become low.
    for second in every(2.0, 2.0, 300.0):
        battery.see(second, voltage=11.6 if second % 10 == 0 else 10.6)
    battery.see(301.0, voltage=10.6)
    assert battery.level is CRITICAL
    assert battery.see(302.0, voltage=10.6) is LOW
    assert [e.change for e in battery.events] == [ROSE, FELL], "one fall, from critical to low"
    assert battery.kinds == [Kind.LOW_VOLTAGE]
    assert battery.failsafe.timers == ()


def test_from_critical_it_falls_to_low_if_it_was_low_before() -> None:
    battery = Watched(settings(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 20.0), voltage=11.0)
    battery.see_all([21, 22], voltage=10.0)
    assert battery.level is CRITICAL
    assert battery.see_all(every(1.0, 23.0, 323.0), voltage=11.0) is LOW


def test_a_low_that_only_lasts_does_not_begin_again_when_critical_is_over() -> None:
    battery = Watched(settings(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 20.0), voltage=11.0)
    battery.see_all([21, 22], voltage=10.0)
    assert battery.see_all(every(1.0, 23.0, 323.0), voltage=11.6) is LOW, "not above by the margin"
    (held,) = battery.failsafe.held
    assert (held.begun, held.reason.value) == (1, 11.0)


def test_low_that_is_over_is_told_while_critical_is_still_held() -> None:
    battery = Watched(settings(VOLTAGE), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 20.0), voltage=11.0)
    battery.see_all([21, 22], voltage=10.0)
    assert battery.see_all(every(1.0, 23.0, 83.0), voltage=13.0) is CRITICAL
    assert battery.events[-1][1:] == (ENDED, "low_voltage", CRITICAL)
    assert battery.see_all(every(1.0, 84.0, 323.0), voltage=13.0) is NONE


# Other quantities and their margins.


@pytest.mark.parametrize(
    ("kind", "name", "threshold", "bad", "almost", "clear", "others"),
    [
        (Kind.HIGH_VOLTAGE, "voltage", 14.4, 14.5, 14.01, 14.0, {"cells_expected": 4}),
        (Kind.LOW_STATE_OF_CHARGE, "state_of_charge", 20.0, 19.0, 24.9, 25.0, {}),
        (Kind.LOW_CAPACITY, "remaining_capacity", 20.0, 19.0, 24.99, 25.0, {"full_capacity": 100.0}),
        (Kind.LOW_CAPACITY, "remaining_capacity", 20.0, 19.0, 24.9, 25.0, {}),
        (Kind.LOW_CAPACITY, "remaining_capacity", 20.0, 19.0, 29.9, 30.0, {"full_capacity": 200.0}),
        (Kind.CHARGE_OVERCURRENT, "current", 100.0, 101.0, 95.1, 95.0, {}),
        (Kind.DISCHARGE_OVERCURRENT, "current", 100.0, -101.0, -95.1, -95.0, {}),
    ],
)
def test_the_margin_of_each_quantity(
    kind: Kind,
    name: str,
    threshold: float,
    bad: float,
    almost: float,
    clear: float,
    others: dict[str, float],
) -> None:
    battery = Watched(settings({kind: (threshold, None)}), **others)
    assert battery.see_all(every(1.0, 0.0, 11.0), **{name: bad}) is LOW
    assert battery.see_all([12, 1000], **{name: almost}) is LOW
    assert battery.see_all([1001, 1060], **{name: clear}) is LOW
    assert battery.see(1061, **{name: clear}) is NONE


@pytest.mark.parametrize(
    ("kind", "threshold", "bad", "almost", "clear"),
    [
        (Kind.LOW_CELL, 3.0, 2.95, 3.049, 3.05),
        (Kind.HIGH_CELL, 3.6, 3.65, 3.551, 3.55),
    ],
)
def test_the_margin_of_a_cell(kind: Kind, threshold: float, bad: float, almost: float, clear: float) -> None:
    battery = Watched(settings({kind: (threshold, None)}))
    assert battery.see_all(every(1.0, 0.0, 11.0), cell_voltages=(3.3, bad)) is LOW
    assert battery.see_all([12, 1000], cell_voltages=(3.3, almost)) is LOW
    assert battery.see_all([1001, 1061], cell_voltages=(3.3, clear)) is NONE


# What has no threshold.


def test_an_alarm_of_the_device_clears_like_its_level_from_the_first_sample_without_it() -> None:
    battery = Watched(settings())
    both = frozenset({Alarm.CELL_OVERVOLTAGE, Alarm.CELL_UNDERVOLTAGE})
    assert battery.see(0, alarms=both) is CRITICAL
    assert battery.see_all(every(10.0, 10.0, 60.0), alarms=frozenset()) is CRITICAL
    assert len(battery.kinds) == 2
    battery.see(70.0, alarms=frozenset())
    assert [reason.subject for reason in battery.failsafe.reasons] == ["cell_undervoltage"]
    assert battery.see_all(every(10.0, 80.0, 300.0), alarms=frozenset()) is CRITICAL
    assert battery.see(310.0, alarms=frozenset()) is NONE


def test_an_alarm_is_not_over_because_the_device_says_nothing_of_alarms() -> None:
    battery = Watched(settings())
    battery.see(0, alarms=frozenset({Alarm.CELL_UNDERVOLTAGE}))
    assert battery.see_all(every(100.0, 100.0, 2000.0)) is CRITICAL


def test_a_dead_cell_clears_like_anything_critical() -> None:
    battery = Watched(settings(), voltage=9.9)
    assert battery.see_all([0, 1], cell_voltages=(3.3, 0.0, 3.3, 3.3)) is CRITICAL
    assert battery.see_all([2, 301], voltage=13.2, cell_voltages=(3.3,) * 4) is CRITICAL
    assert battery.see(302, voltage=13.2, cell_voltages=(3.3,) * 4) is NONE


def test_what_is_not_known_any_more_does_not_clear() -> None:
    battery = low()
    assert battery.see_all(every(10.0, 20.0, 1000.0)) is LOW
    battery = Watched(settings(), voltage=9.9)
    battery.see_all([0, 1], cell_voltages=(3.3, 0.0, 3.3, 3.3))
    assert battery.see_all(every(10.0, 20.0, 1000.0)) is CRITICAL


def test_a_threshold_that_was_taken_away_clears() -> None:
    battery = low()
    battery.settings = settings()
    battery.see_all([12, 72], voltage=11.4)
    assert battery.level is NONE


def test_unread_cells_clear_at_once() -> None:
    battery = Watched(settings())
    assert battery.see_all([0, 1], cell_voltages=(3.3, None)) is UNHEALTHY
    assert battery.see(2, cell_voltages=(3.3, 3.3)) is NONE


# Beginning again.


def test_a_condition_that_begins_again_while_it_clears_is_news() -> None:
    battery = low()
    battery.see_all([12, 30], voltage=12.5)
    battery.see_all(every(1.0, 31.0, 42.0), voltage=11.2)
    assert [(e.at, e.change) for e in battery.events] == [(11, ROSE), (42, BEGAN)]
    assert battery.failsafe.reasons[0].value == 11.2, "the reason is that of the new beginning"


def test_a_condition_that_never_went_beyond_the_margin_does_not_begin_again() -> None:
    battery = low()
    for second in every(20.0, 12.0, 400.0):
        battery.see_all(every(1.0, second, second + 5.0), voltage=11.6)
        battery.see_all(every(1.0, second + 6.0, second + 19.0), voltage=11.4)
    assert [e.change for e in battery.events] == [ROSE]


def test_a_condition_that_begins_again_in_vehicle_use_is_news_and_nothing_clears() -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 11.0), voltage=11.4)
    assert battery.see_all(every(100.0, 100.0, 3000.0), voltage=13.0) is LOW
    battery.see_all(every(1.0, 3001.0, 3012.0), voltage=11.3)
    battery.see(3013.0, voltage=13.0)
    assert [e.change for e in battery.events] == [ROSE, BEGAN]
    assert battery.failsafe.held[0].begun == 2


def test_in_vehicle_use_a_steady_sample_after_the_condition_changes_nothing() -> None:
    battery = Watched(vehicle({Kind.LOW_VOLTAGE: (11.5, None)}), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 12.0), voltage=11.4)
    battery.see(13.0, voltage=13.0)
    held = battery.failsafe
    battery.see(14.0, voltage=13.0)
    assert battery.failsafe is held
