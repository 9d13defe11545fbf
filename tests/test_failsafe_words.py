"""What attributes, events and actions tell of a failsafe: side, reasons, and whether it is a drill."""

import pytest

from custom_components.battmon.failsafe_words import failsafe_in_words, reasons_in_words, side_of
from custom_components.battmon.model.failsafe.failsafe import Failsafe, Held
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side

LOW = Reason(Kind.LOW_VOLTAGE, Level.LOW, Side.DISCHARGE, 12.8, 13.0)
HIGH = Reason(Kind.HIGH_VOLTAGE, Level.LOW, Side.CHARGE, 14.8, 14.6)
CRITICAL = Reason(Kind.LOW_CELL, Level.CRITICAL, Side.DISCHARGE, 2.5, 2.8, subject="3")
WIRE = Reason(Kind.SENSE_WIRE, Level.CRITICAL, Side.FAULT, subject="2")
SILENCE = Reason(Kind.SILENCE, Level.UNHEALTHY, Side.FAULT)
HOT = Reason(Kind.MOSFET_HOT, Level.LOW, Side.BOTH, 90.0, 85.0)


def drill(level: Level) -> Reason:
    """Return the reason of a drill."""
    return Reason(Kind.DRILL, level, Side.DISCHARGE)


@pytest.mark.parametrize(
    ("reasons", "side"),
    [
        ((), None),
        ((LOW,), "discharge"),
        ((HIGH,), "charge"),
        ((HOT,), "both"),
        ((LOW, HIGH), "both"),
        ((SILENCE,), "fault"),
        # What is worse decides, and where it is as bad, what a person can do something about.
        ((CRITICAL, HIGH), "discharge"),
        ((CRITICAL, WIRE), "discharge"),
        ((WIRE, LOW), "fault"),
    ],
)
def test_the_side_is_that_of_the_worst(reasons: tuple[Reason, ...], side: str | None) -> None:
    assert side_of(reasons) == side


@pytest.mark.parametrize(
    ("reasons", "test"),
    [
        ((), False),
        ((LOW,), False),
        ((drill(Level.LOW),), True),
        ((drill(Level.CRITICAL), LOW), True),
        ((drill(Level.LOW), LOW), False),
        ((CRITICAL, drill(Level.LOW)), False),
    ],
)
def test_a_level_is_a_test_where_nothing_real_is_as_bad(reasons: tuple[Reason, ...], test: bool) -> None:
    assert reasons_in_words(reasons)["test"] is test


def test_a_failsafe_is_told_in_plain_values() -> None:
    held = (Held(LOW), Held(CRITICAL), Held(SILENCE))
    failsafe = Failsafe(Level.CRITICAL, Level.CRITICAL, Level.NONE, held)
    assert failsafe_in_words(failsafe) == {
        "level": "critical",
        "discharge_level": "critical",
        "charge_level": "none",
        "side": "discharge",
        "reasons": [
            "critical low cell voltage of cell 3: 2.5 V < 2.8 V",
            "low voltage: 12.8 V < 13.0 V",
            "no answer",
        ],
        "test": False,
    }
