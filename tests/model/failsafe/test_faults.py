"""Cells, terminals and the device's alarms: what has no threshold."""

import pytest

from custom_components.battmon.model.alarms import NOT_A_PROBLEM, Alarm
from custom_components.battmon.model.failsafe.faults import ALARMS
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side

from .watching import CRITICAL, LOW, NONE, UNHEALTHY, Watched, every, settings

LIFEPO4_CELLS = {Kind.LOW_CELL: (3.0, 2.8), Kind.HIGH_CELL: (3.6, 3.65)}
DEAD = {"voltage": 9.9, "cell_voltages": (3.3, 0.0, 3.3, 3.3)}
BROKEN_WIRE = {"voltage": 13.2, "cell_voltages": (3.3, 0.0, 3.3, 3.3)}


# Cells.


def test_a_cell_at_0_v_is_critical_after_two_samples_on_both_sides() -> None:
    battery = Watched(settings())
    assert battery.see(0, **DEAD) is NONE
    assert battery.see(1, **DEAD) is CRITICAL
    assert battery.levels == (CRITICAL, CRITICAL, CRITICAL)
    assert [(r.kind, r.subject) for r in battery.failsafe.reasons] == [(Kind.DEAD_CELL, "2")]


def test_a_cell_at_0_v_of_a_whole_string_is_a_sense_wire_and_sheds_nothing() -> None:
    battery = Watched(settings(LIFEPO4_CELLS))
    assert battery.see_all(every(1.0, 0.0, 60.0), **BROKEN_WIRE) is CRITICAL
    assert battery.levels == (CRITICAL, NONE, NONE)
    assert [(r.kind, r.subject, r.side) for r in battery.failsafe.reasons] == [
        (Kind.SENSE_WIRE, "2", Side.FAULT)
    ]


def test_what_a_broken_wire_does_to_its_neighbours_is_not_believed() -> None:
    battery = Watched(settings(LIFEPO4_CELLS))
    battery.see_all(every(1.0, 0.0, 60.0), voltage=16.5, cell_voltages=(3.3, 6.6, 0.0, 3.3, 3.3))
    assert battery.kinds == [Kind.SENSE_WIRE]


def test_cells_beyond_the_neighbours_of_a_broken_wire_are_judged() -> None:
    battery = Watched(settings(LIFEPO4_CELLS))
    battery.see_all([0, 1], voltage=15.0, cell_voltages=(3.3, 6.6, 0.0, 3.3, 2.5))
    assert set(battery.kinds) == {Kind.SENSE_WIRE, Kind.LOW_CELL}
    assert battery.levels == (CRITICAL, CRITICAL, NONE)


def test_a_dead_cell_is_not_a_low_cell_too() -> None:
    battery = Watched(settings(LIFEPO4_CELLS))
    battery.see_all(every(1.0, 0.0, 60.0), **DEAD)
    assert battery.kinds == [Kind.DEAD_CELL]


def test_the_neighbours_of_a_dead_cell_are_judged() -> None:
    """Its wires are sound, other than those of one that only reads 0."""
    battery = Watched(settings(LIFEPO4_CELLS))
    battery.see_all([0, 1], voltage=9.0, cell_voltages=(3.3, 0.0, 2.4, 3.3))
    assert [(r.kind, r.subject) for r in battery.failsafe.reasons] == [
        (Kind.LOW_CELL, "3"),
        (Kind.DEAD_CELL, "2"),
    ]


@pytest.mark.parametrize(
    ("voltage", "cells", "kind"),
    [
        (9.9, (0.0, 3.3, 3.3, 3.3), Kind.DEAD_CELL),
        (13.2, (0.0, 3.3, 3.3, 3.3), Kind.SENSE_WIRE),
        (None, (0.0, 3.3, 3.3, 3.3), Kind.DEAD_CELL),
        (13.2, (0.0, 0.0, 0.0, 0.0), Kind.SENSE_WIRE),
        (1.0, (0.0, 0.0, 0.0, 0.0), Kind.DEAD_CELL),
        (6.6, (0.0, 3.3, 3.3, 0.0), Kind.DEAD_CELL),
        (13.2, (0.0, 3.3, 3.3, 0.0), Kind.SENSE_WIRE),
        (9.9, (0.004, 3.3, 3.3, 3.3), Kind.DEAD_CELL),
    ],
)
def test_dead_cell_or_broken_wire(voltage: float | None, cells: tuple[float, ...], kind: Kind) -> None:
    battery = Watched(settings())
    battery.see_all([0, 1], voltage=voltage, cell_voltages=cells)
    assert kind in battery.kinds
    assert len({Kind.DEAD_CELL, Kind.SENSE_WIRE} & set(battery.kinds)) == 1


def test_several_dead_cells_are_all_named() -> None:
    battery = Watched(settings())
    battery.see_all([0, 1], voltage=6.6, cell_voltages=(0.0, 3.3, 3.3, 0.0))
    assert (battery.failsafe.reasons[0].subject, battery.failsafe.reasons[0].value) == ("1, 4", 2.0)


@pytest.mark.parametrize("known", [{"cells_expected": 4}, {}])
def test_fewer_cells_than_known_are_critical_after_two_samples_and_shed_nothing(
    known: dict[str, int],
) -> None:
    battery = Watched(settings(cells=None if known else 4), **known)
    assert battery.see(0, cell_voltages=(3.3,) * 3) is NONE
    assert battery.see(1, cell_voltages=(3.3,) * 3) is CRITICAL
    assert battery.levels == (CRITICAL, NONE, NONE)
    assert battery.kinds == [Kind.MISSING_CELL]
    assert battery.failsafe.reasons[0].subject == "4"


def test_no_cells_at_all_where_there_were_some_are_missing() -> None:
    battery = Watched(settings(), cells_expected=2)
    assert battery.see_all([0, 1], cell_voltages=()) is CRITICAL
    assert battery.failsafe.reasons[0].subject == "1, 2"


def test_a_battery_without_cell_readings_lacks_none() -> None:
    battery = Watched(settings(cells=4), cells_expected=4)
    assert battery.see_all([0, 1], voltage=13.0) is NONE


def test_more_cells_than_expected_are_no_fault() -> None:
    battery = Watched(settings(cells=4))
    assert battery.see_all([0, 1], cell_voltages=(3.3,) * 5) is NONE


def test_cells_that_were_not_read_are_unhealthy_after_two_samples() -> None:
    battery = Watched(settings())
    assert battery.see(0, cell_voltages=(3.3, None, None)) is NONE
    assert battery.see(1, cell_voltages=(3.3, None, None)) is UNHEALTHY
    assert battery.levels == (UNHEALTHY, NONE, NONE)
    assert battery.failsafe.reasons[0].subject == "2, 3"


def test_the_lowest_and_the_highest_cell_are_judged_and_named() -> None:
    battery = Watched(settings(LIFEPO4_CELLS))
    battery.see_all([0, 1], cell_voltages=(3.3, 2.79, 3.3, 3.66))
    assert {(r.kind, r.subject, r.value) for r in battery.failsafe.reasons} == {
        (Kind.LOW_CELL, "2", 2.79),
        (Kind.HIGH_CELL, "4", 3.66),
    }
    assert battery.levels == (CRITICAL, CRITICAL, CRITICAL)


# Terminals.


@pytest.mark.parametrize(
    ("voltage", "cells", "dead"),
    [(1.99, 4, True), (2.0, 4, False), (0.4, None, True), (0.5, None, False), (-0.1, None, True)],
)
def test_dead_terminals_are_below_half_a_volt_a_cell(voltage: float, cells: int | None, dead: bool) -> None:
    battery = Watched(settings(), cells_expected=cells)
    assert battery.see_all([0, 1], voltage=voltage) is (UNHEALTHY if dead else NONE)
    assert battery.failsafe.discharge_level is (UNHEALTHY if dead else NONE)


def test_cells_that_are_read_tell_when_the_terminals_are_dead() -> None:
    battery = Watched(settings(), cell_voltages=(3.3,) * 4)
    assert battery.see_all([0, 1], voltage=1.9) is UNHEALTHY
    assert battery.kinds == [Kind.DEAD_TERMINALS]


def test_the_second_sample_confirms_dead_terminals_and_cells_however_soon_and_is_asked_for_within_1_s() -> (
    None
):
    battery = Watched(settings(), cells_expected=4)
    battery.see(0, voltage=0.0)
    assert battery.failsafe.read_within == 1.0
    assert battery.see(0.1, voltage=0.0) is UNHEALTHY
    battery = Watched(settings())
    battery.see(0, **DEAD)
    assert battery.failsafe.read_within == 1.0
    assert battery.see(0.1, **DEAD) is CRITICAL


def test_dead_terminals_are_not_unhealthy_after_one_sample() -> None:
    battery = Watched(settings(), cells_expected=4)
    assert battery.see(0, voltage=0.0) is NONE
    assert battery.see(1, voltage=13.0) is NONE
    assert battery.see(2, voltage=0.0) is NONE


def test_dead_terminals_are_critical_after_the_low_delay_where_a_voltage_threshold_is_set() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (None, 10.0)}, low_voltage_delay=20.0), cells_expected=4)
    assert battery.see_all(every(1.0, 0.0, 20.0), voltage=0.0) is UNHEALTHY
    assert battery.see(21, voltage=0.0) is CRITICAL
    assert battery.levels == (CRITICAL, CRITICAL, NONE)
    assert battery.failsafe.reasons[0].threshold == 2.0
    # Unhealthy is over at once, critical after its time.
    battery.see(22, voltage=13.0)
    assert [r.level for r in battery.failsafe.reasons] == [CRITICAL]
    assert battery.see_all([23, 322], voltage=13.0) is NONE


def test_a_low_voltage_timer_waits_while_the_terminals_are_dead() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, None)}), cells_expected=4)
    battery.see_all(every(1.0, 0.0, 5.0), voltage=11.0)
    battery.see_all(every(1.0, 6.0, 8.0), voltage=0.0)
    battery.see_all(every(1.0, 9.0, 13.0), voltage=11.0)
    assert (battery.level, battery.failsafe.timers[0].elapsed) == (NONE, 10.0)
    assert battery.see(14, voltage=11.0) is LOW


def test_dead_terminals_hide_nothing_but_the_voltage() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (11.5, 10.1), Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)}))
    battery.see_all([0, 1], voltage=0.0, state_of_charge=5.0)
    assert Kind.LOW_STATE_OF_CHARGE in battery.kinds
    assert battery.level is CRITICAL


def test_a_missing_voltage_says_nothing_about_the_terminals() -> None:
    battery = Watched(settings(), cells_expected=4)
    battery.see(0, voltage=0.0)
    battery.see(1)
    assert [t.elapsed for t in battery.failsafe.timers] == [0.0]
    assert battery.see(2, voltage=0.0) is UNHEALTHY


# Alarms.

CRITICAL_ALARMS = {
    Alarm.CELL_UNDERVOLTAGE: Side.DISCHARGE,
    Alarm.PACK_UNDERVOLTAGE: Side.DISCHARGE,
    Alarm.SHORT_CIRCUIT: Side.BOTH,
    Alarm.FRONT_END_FAILURE: Side.FAULT,
    Alarm.CHARGE_MOSFET_FAILURE: Side.CHARGE,
    Alarm.DISCHARGE_MOSFET_FAILURE: Side.DISCHARGE,
    Alarm.DISCHARGE_OVERTEMPERATURE: Side.DISCHARGE,
    Alarm.MOSFET_OVERTEMPERATURE: Side.BOTH,
    Alarm.PERMANENT_FAILURE: Side.BOTH,
    Alarm.CELLS_MISSING: Side.FAULT,
    Alarm.TERMINATE_DISCHARGE: Side.DISCHARGE,
    Alarm.FULLY_DISCHARGED: Side.DISCHARGE,
}
LOW_ALARMS = {
    Alarm.CELL_OVERVOLTAGE: Side.CHARGE,
    Alarm.PACK_OVERVOLTAGE: Side.CHARGE,
    Alarm.CHARGE_OVERCURRENT: Side.CHARGE,
    Alarm.DISCHARGE_OVERCURRENT: Side.DISCHARGE,
    Alarm.CHARGE_OVERTEMPERATURE: Side.CHARGE,
    Alarm.CHARGE_UNDERTEMPERATURE: Side.CHARGE,
    Alarm.DISCHARGE_UNDERTEMPERATURE: Side.DISCHARGE,
    Alarm.LOW_CAPACITY: Side.DISCHARGE,
    Alarm.REMAINING_TIME_LOW: Side.DISCHARGE,
    Alarm.OVERCHARGED: Side.CHARGE,
}
UNHEALTHY_ALARMS = {Alarm.NOT_INITIALIZED: Side.FAULT}
SPREADS = {Alarm.VOLTAGE_SPREAD, Alarm.CURRENT_SPREAD, Alarm.STATE_OF_CHARGE_SPREAD, Alarm.CELL_DRIFT}
NEVER = {Alarm.SOFTWARE_LOCK, Alarm.CELL_IMBALANCE, *SPREADS}


def test_every_alarm_has_its_place() -> None:
    judged = CRITICAL_ALARMS.keys() | LOW_ALARMS.keys() | UNHEALTHY_ALARMS.keys()
    assert judged | NEVER == set(Alarm)
    assert ALARMS.keys() == judged
    assert NOT_A_PROBLEM.isdisjoint(ALARMS)


@pytest.mark.parametrize(
    ("alarm", "level", "side"),
    [(alarm, CRITICAL, side) for alarm, side in CRITICAL_ALARMS.items()]
    + [(alarm, LOW, side) for alarm, side in LOW_ALARMS.items()]
    + [(alarm, UNHEALTHY, side) for alarm, side in UNHEALTHY_ALARMS.items()],
)
def test_an_alarm_of_the_device_raises_at_once(alarm: Alarm, level: Level, side: Side) -> None:
    battery = Watched(settings())
    assert battery.see(0, alarms=frozenset({alarm})) is level
    (reason,) = battery.failsafe.reasons
    assert (reason.kind, reason.subject, reason.side) == (Kind.DEVICE_ALARM, alarm.value, side)
    assert type(reason.subject) is str, "it goes to a file"
    assert battery.failsafe.discharge_level is (level if side in {Side.DISCHARGE, Side.BOTH} else NONE)
    assert battery.failsafe.charge_level is (level if side in {Side.CHARGE, Side.BOTH} else NONE)


@pytest.mark.parametrize("alarm", sorted(NEVER))
def test_an_alarm_that_is_none_of_the_failsafes_business_raises_nothing(alarm: Alarm) -> None:
    battery = Watched(settings())
    assert battery.see_all(every(1.0, 0.0, 60.0), alarms=frozenset({alarm})) is NONE
    battery.see(61, alarms=frozenset({alarm, Alarm.SHORT_CIRCUIT}))
    assert [r.subject for r in battery.failsafe.reasons] == ["short_circuit"]


@pytest.mark.parametrize("kind", [Kind.LOW_CAPACITY, Kind.LOW_STATE_OF_CHARGE])
def test_the_devices_low_capacity_counts_only_where_no_capacity_threshold_is_set(kind: Kind) -> None:
    said = {"alarms": frozenset({Alarm.LOW_CAPACITY})}
    assert Watched(settings()).see(0, **said) is LOW
    assert Watched(settings({kind: (0.0, None)})).see(0, **said) is LOW, "0 is off"
    assert Watched(settings({kind: (20.0, None)})).see(0, **said) is NONE
    assert Watched(settings({kind: (None, 10.0)})).see(0, **said) is NONE
