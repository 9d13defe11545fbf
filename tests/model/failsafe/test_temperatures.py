"""Temperatures are judged by the direction of the current."""

import pytest

from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.reading import Place, Temperature

from .watching import CRITICAL, LOW, NONE, Watched, every, settings

LIMITS = {
    Kind.CHARGE_COLD: (3.0, 0.0),
    Kind.CHARGE_HOT: (45.0, 55.0),
    Kind.DISCHARGE_COLD: (-15.0, -20.0),
    Kind.DISCHARGE_HOT: (55.0, 60.0),
    Kind.MOSFET_HOT: (85.0, 95.0),
}
CHARGING, DISCHARGING, RESTING = 5.0, -5.0, 0.5


def sensors(*values: float | None, place: Place = Place.CELL) -> tuple[Temperature, ...]:
    return tuple(Temperature(value, place) for value in values)


def watched(**others: object) -> Watched:
    return Watched(settings(LIMITS), idle_current=1.0, **others)


@pytest.mark.parametrize(
    ("current", "degrees", "level", "levels"),
    [
        (CHARGING, 2.9, LOW, (LOW, NONE, LOW)),
        (CHARGING, -0.1, CRITICAL, (CRITICAL, NONE, CRITICAL)),
        (CHARGING, 0.0, LOW, (LOW, NONE, LOW)),
        (CHARGING, 3.0, NONE, (NONE, NONE, NONE)),
        (CHARGING, 45.1, LOW, (LOW, NONE, LOW)),
        (CHARGING, 55.1, CRITICAL, (CRITICAL, NONE, CRITICAL)),
        (DISCHARGING, -0.1, NONE, (NONE, NONE, NONE)),
        (DISCHARGING, 50.0, NONE, (NONE, NONE, NONE)),
        (DISCHARGING, -15.1, LOW, (LOW, LOW, NONE)),
        (DISCHARGING, -20.1, CRITICAL, (CRITICAL, CRITICAL, NONE)),
        (DISCHARGING, 55.1, LOW, (LOW, LOW, NONE)),
        (DISCHARGING, 60.1, CRITICAL, (CRITICAL, CRITICAL, NONE)),
        (RESTING, -30.0, NONE, (NONE, NONE, NONE)),
        (-RESTING, 70.0, NONE, (NONE, NONE, NONE)),
        (1.0, -5.0, NONE, (NONE, NONE, NONE)),
        (None, -30.0, NONE, (NONE, NONE, NONE)),
        (float("nan"), -30.0, NONE, (NONE, NONE, NONE)),
    ],
)
def test_limits_by_direction_above_the_dead_band(
    current: float | None, degrees: float, level: int, levels: tuple[int, ...]
) -> None:
    battery = watched(current=current, temperatures=sensors(20.0, degrees))
    assert battery.see_all(every(5.0, 0.0, 30.0)) is NONE, "not before 30 s"
    assert battery.see(35.0) is level
    assert battery.levels == levels
    if level is not NONE:
        assert {reason.subject for reason in battery.failsafe.reasons} == {"2"}
        assert battery.failsafe.reasons[0].value == degrees


def test_0_degrees_is_a_threshold() -> None:
    battery = Watched(settings({Kind.CHARGE_COLD: (0.0, None)}), current=5.0, temperatures=sensors(-1.0))
    assert battery.see_all([0, 31]) is LOW


@pytest.mark.parametrize("place", [Place.MOSFET, Place.BOARD])
def test_electronics_have_limits_of_their_own_whichever_way_the_current_flows(place: Place) -> None:
    battery = watched(current=None, temperatures=sensors(20.0, 86.0, place=place))
    assert battery.see_all([0, 31]) is LOW
    assert battery.levels == (LOW, LOW, LOW)
    assert battery.failsafe.reasons[0].subject == "2"
    battery = watched(current=CHARGING, temperatures=sensors(60.0, place=place))
    assert battery.see_all([0, 31]) is NONE, "60 degC is no heat for electronics"


def test_a_sensor_of_unknown_place_is_taken_for_the_batterys_and_one_of_the_air_for_none() -> None:
    cold = {"current": CHARGING}
    assert watched(temperatures=sensors(-5.0, place=Place.UNKNOWN), **cold).see_all([0, 31]) is CRITICAL
    assert watched(temperatures=sensors(-5.0, place=Place.AMBIENT), **cold).see_all([0, 31]) is NONE


@pytest.mark.parametrize("degrees", [-40.1, 120.1, -273.1, None, float("nan"), float("-inf")])
def test_a_missing_sensor_is_not_cold(degrees: float | None) -> None:
    battery = watched(current=CHARGING, temperatures=sensors(20.0, degrees))
    assert battery.see_all(every(10.0, 0.0, 100.0)) is NONE
    assert watched(current=CHARGING, temperatures=()).see_all([0, 31]) is NONE


@pytest.mark.parametrize(("current", "degrees"), [(CHARGING, -40.0), (DISCHARGING, 120.0)])
def test_the_ends_of_the_range_are_real(current: float, degrees: float) -> None:
    assert watched(current=current, temperatures=sensors(degrees)).see_all([0, 31]) is CRITICAL


def test_a_timer_begins_anew_when_charging_pauses() -> None:
    battery = watched(temperatures=sensors(-5.0))
    battery.see_all(every(5.0, 0.0, 25.0), current=CHARGING)
    battery.see(26.0, current=RESTING)
    assert battery.failsafe.timers == ()
    assert battery.see_all(every(5.0, 30.0, 60.0), current=CHARGING) is NONE
    assert battery.see(65.0, current=CHARGING) is CRITICAL


def test_it_is_still_too_cold_to_charge_when_the_charger_was_stopped_for_it() -> None:
    battery = watched(temperatures=sensors(-5.0))
    battery.see_all([0, 31], current=CHARGING)
    assert battery.level is CRITICAL
    assert battery.see_all(every(60.0, 60.0, 3600.0), current=0.0) is CRITICAL
    assert battery.see_all(every(60.0, 3660.0, 3900.0), current=0.0, temperatures=sensors(3.0)) is CRITICAL
    # 3 degC above the critical threshold, but not above the low one.
    assert battery.see(3960.0, current=0.0, temperatures=sensors(3.0)) is LOW
    assert battery.see_all([4000.0, 4060.0], current=0.0, temperatures=sensors(6.0)) is NONE


@pytest.mark.parametrize("gone", [sensors(None), (), None])
def test_a_sensor_that_is_lost_clears_nothing(gone: tuple[Temperature, ...] | None) -> None:
    battery = watched(temperatures=sensors(-5.0))
    battery.see_all([0, 31], current=CHARGING)
    assert battery.see_all(every(60.0, 60.0, 3600.0), current=0.0, temperatures=gone) is CRITICAL


def test_the_margin_of_a_temperature_is_3_degrees() -> None:
    battery = watched(current=CHARGING)
    battery.see_all([0, 31], temperatures=sensors(46.0))
    assert battery.level is LOW
    assert battery.see_all([60, 1000], temperatures=sensors(42.1)) is LOW
    assert battery.see_all([1001, 1061], temperatures=sensors(42.0)) is NONE


def test_a_reason_names_the_sensor_that_it_is_about_and_none_that_reads_the_same_elsewhere() -> None:
    battery = watched(current=DISCHARGING)
    around, cell, switch = Place.AMBIENT, Place.CELL, Place.MOSFET
    hot = tuple(Temperature(90.0, place) for place in (around, switch, cell))
    battery.see_all([0, 31], temperatures=hot)
    assert {reason.kind: reason.subject for reason in battery.failsafe.reasons} == {
        Kind.DISCHARGE_HOT: "3",
        Kind.MOSFET_HOT: "2",
    }


def test_a_voltage_of_as_many_volts_as_a_sensor_has_degrees_is_about_no_sensor() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}), temperatures=sensors(11.0))
    assert battery.see_all([0, 11], voltage=11.0) is LOW
    assert battery.failsafe.reasons[0].subject is None
