"""Reasons as a person would say them."""

import pytest

from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.model.failsafe.quantities import QUANTITIES
from custom_components.battmon.model.failsafe.readiness import NotReady, NotReadyKind
from custom_components.battmon.model.failsafe.words import in_words, not_ready_in_words

LOW, CRITICAL = Level.LOW, Level.CRITICAL


def reason(
    kind: Kind,
    level: Level = LOW,
    value: float | None = None,
    threshold: float | None = None,
    delay: float = 0.0,
    *,
    subject: str | None = None,
) -> Reason:
    return Reason(kind, level, Side.DISCHARGE, value, threshold, delay, subject)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (reason(Kind.LOW_VOLTAGE, LOW, 13.5, 14.0, 10.0), "low voltage: 13.5 V < 14.0 V for 10 s"),
        (reason(Kind.LOW_VOLTAGE, CRITICAL, 9.87, 10.1), "critical low voltage: 9.87 V < 10.1 V"),
        (reason(Kind.LOW_VOLTAGE, LOW, 13.999, 14.0, 2.5), "low voltage: 13.999 V < 14.0 V for 2.5 s"),
        (reason(Kind.HIGH_VOLTAGE, LOW, 14.5, 14.4), "high voltage: 14.5 V > 14.4 V"),
        (
            reason(Kind.LOW_CELL, CRITICAL, 2.795, 2.8, subject="3"),
            "critical low cell voltage of cell 3: 2.795 V < 2.8 V",
        ),
        (
            reason(Kind.HIGH_CELL, LOW, 3.65, 3.6, subject="16"),
            "high cell voltage of cell 16: 3.65 V > 3.6 V",
        ),
        (reason(Kind.LOW_STATE_OF_CHARGE, LOW, 19.0, 20.0), "low state of charge: 19 % < 20 %"),
        (reason(Kind.LOW_STATE_OF_CHARGE, LOW, 19.96, 20.0), "low state of charge: 19.96 % < 20 %"),
        (reason(Kind.LOW_CAPACITY, LOW, 0.9, 1.0), "low remaining capacity: 0.9 Ah < 1 Ah"),
        (
            reason(Kind.CHARGE_COLD, CRITICAL, -2.0, 0.0, 30.0, subject="2"),
            "critical low temperature while charging of sensor 2: -2 °C < 0 °C for 30 s",
        ),
        (
            reason(Kind.MOSFET_HOT, LOW, 86.5, 85.0, 30.0, subject="1"),
            "high MOSFET or board temperature of sensor 1: 86.5 °C > 85 °C for 30 s",
        ),
        (
            reason(Kind.DISCHARGE_OVERCURRENT, LOW, 120.0, 100.0, 10.0),
            "high discharge current: 120 A > 100 A for 10 s",
        ),
        (
            reason(Kind.DEAD_TERMINALS, CRITICAL, 0.0, 2.0, 10.0),
            "no voltage at the terminals (fuse, wire or BMS cut-off): 0.0 V < 2.0 V for 10 s",
        ),
        (reason(Kind.DEAD_CELL, CRITICAL, 1.0, subject="3"), "cell 3 at 0 V"),
        (reason(Kind.DEAD_CELL, CRITICAL, 2.0, subject="3, 7"), "cells 3, 7 at 0 V"),
        (reason(Kind.MISSING_CELL, CRITICAL, 1.0, subject="16"), "cell 16 missing"),
        (
            reason(Kind.SENSE_WIRE, CRITICAL, 1.0, subject="2"),
            "cell 2 at 0 V, but the pack's voltage is that of all cells: broken sense wire",
        ),
        (reason(Kind.UNREAD_CELLS, Level.UNHEALTHY, 2.0, subject="1, 2"), "cells 1, 2 not read"),
        (reason(Kind.DEVICE_ALARM, CRITICAL, subject="cell_undervoltage"), "device alarm: cell undervoltage"),
        (reason(Kind.SILENCE, Level.UNHEALTHY), "no answer"),
        (reason(Kind.SILENCE_WHILE_LOW, LOW), "no answer since it was low or nearly so"),
        (reason(Kind.DRILL, CRITICAL), "drill: critical, discharge"),
    ],
)
def test_a_reason_in_words(what: Reason, words: str) -> None:
    assert in_words(what) == words


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words(kind: Kind) -> None:
    assert in_words(reason(kind, LOW, 1.0, 2.0))


@pytest.mark.parametrize("kind", QUANTITIES)
def test_every_quantity_is_written_with_its_unit(kind: Kind) -> None:
    assert in_words(reason(kind, LOW, 1.0, 2.0)).count(f" {QUANTITIES[kind].unit}") == 2


def test_two_values_that_differ_never_look_equal() -> None:
    assert in_words(reason(Kind.LOW_VOLTAGE, LOW, 13.99999, 14.0)) == "low voltage: 13.99999 V < 14.0 V"
    # Beyond nine digits nobody looks.
    assert in_words(reason(Kind.LOW_VOLTAGE, LOW, 14.0 - 1e-12, 14.0)) == "low voltage: 14.0 V < 14.0 V"


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (NotReady(NotReadyKind.UNHEALTHY), "no answer"),
        (NotReady(NotReadyKind.RELEASED), "Bluetooth released"),
        (NotReady(NotReadyKind.READY_VOLTAGE, 12.5, 13.0), "voltage too low: 12.5 V < 13.0 V"),
        (NotReady(NotReadyKind.READY_CAPACITY, 40.0, 50.0), "remaining capacity too low: 40 Ah < 50 Ah"),
        (NotReady(NotReadyKind.READY_CAPACITY, None, 50.0), "remaining capacity unknown"),
        (NotReady(NotReadyKind.READY_STATE_OF_CHARGE, 79.5, 80.0), "state of charge too low: 79.5 % < 80 %"),
        (
            NotReady(NotReadyKind.THRESHOLD_ORDER, 14.0, 12.8, "low_voltage"),
            "thresholds of low voltage contradict each other: critical 14.0 V, low 12.8 V",
        ),
        (
            NotReady(NotReadyKind.THRESHOLD_ORDER, 14.0, 14.0, "low_voltage"),
            "thresholds of low voltage contradict each other: critical 14.0 V, low 14.0 V",
        ),
        (
            NotReady(NotReadyKind.FAILSAFE, reason=reason(Kind.LOW_VOLTAGE, LOW, 13.5, 14.0, 10.0)),
            "low voltage: 13.5 V < 14.0 V for 10 s",
        ),
        (
            NotReady(NotReadyKind.LOW, reason=reason(Kind.LOW_VOLTAGE, LOW, 13.5, 14.0, 10.0)),
            "low voltage: 13.5 V < 14.0 V",
        ),
    ],
)
def test_what_speaks_against_it_in_words(why: NotReady, words: str) -> None:
    assert not_ready_in_words(why) == words
