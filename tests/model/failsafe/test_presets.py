"""Suggested thresholds, and those that contradict each other."""

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.levels import Kind, Side
from custom_components.battmon.model.failsafe.presets import order_errors, suggested
from custom_components.battmon.model.failsafe.quantities import QUANTITIES, Direction
from custom_components.battmon.model.failsafe.settings import FailsafeSettings, Thresholds


def test_what_suits_sixteen_lifepo4_cells() -> None:
    assert suggested(Chemistry.LIFEPO4, 16) == {
        Kind.LOW_VOLTAGE: (48.0, 44.8),
        Kind.HIGH_VOLTAGE: (57.6, 58.4),
        Kind.LOW_CELL: (3.0, 2.8),
        Kind.HIGH_CELL: (3.6, 3.65),
        Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0),
        Kind.CHARGE_COLD: (3.0, 0.0),
        Kind.CHARGE_HOT: (45.0, 55.0),
        Kind.DISCHARGE_COLD: (-15.0, -20.0),
        Kind.DISCHARGE_HOT: (55.0, 60.0),
        Kind.MOSFET_HOT: (85.0, 95.0),
    }


def test_what_suits_six_lead_acid_cells() -> None:
    found = suggested(Chemistry.LEAD_ACID, 6)
    assert found[Kind.LOW_VOLTAGE] == (11.7, 10.8)
    assert found[Kind.CHARGE_COLD] == (-10.0, -20.0)


@pytest.mark.parametrize("chemistry", Chemistry)
def test_without_a_number_of_cells_the_packs_voltages_are_left_out(chemistry: Chemistry) -> None:
    with_cells, without = suggested(chemistry, 4), suggested(chemistry, None)
    assert with_cells.keys() - without.keys() == {Kind.LOW_VOLTAGE, Kind.HIGH_VOLTAGE}
    assert without.items() <= with_cells.items()


@pytest.mark.parametrize("chemistry", Chemistry)
@pytest.mark.parametrize("cells", [1, 4, 6, 16])
def test_what_is_suggested_never_contradicts_itself(chemistry: Chemistry, cells: int) -> None:
    found = suggested(chemistry, cells)
    assert order_errors(found) == FailsafeSettings(thresholds=found).lines.contradictions == ()
    assert list(found) == [kind for kind in QUANTITIES if kind in found], "in the order of the form"


@pytest.mark.parametrize(
    ("kind", "low", "critical", "wrong"),
    [
        (Kind.LOW_VOLTAGE, 12.0, 11.0, False),
        (Kind.LOW_VOLTAGE, 12.0, 12.0, True),
        (Kind.LOW_VOLTAGE, 12.0, 13.0, True),
        (Kind.LOW_VOLTAGE, 12.0, 0.0, False),
        (Kind.LOW_VOLTAGE, 0.0, 12.0, False),
        (Kind.LOW_VOLTAGE, None, 12.0, False),
        (Kind.LOW_VOLTAGE, 12.0, None, False),
        (Kind.HIGH_CELL, 3.6, 3.65, False),
        (Kind.HIGH_CELL, 3.65, 3.6, True),
        (Kind.CHARGE_COLD, 3.0, 0.0, False),
        (Kind.CHARGE_COLD, 0.0, 3.0, True),
        (Kind.CHARGE_COLD, 0.0, -5.0, False),
        (Kind.CHARGE_HOT, 45.0, 0.0, True),
        (Kind.LOW_STATE_OF_CHARGE, 10.0, 20.0, True),
        (Kind.CHARGE_OVERCURRENT, 100.0, 50.0, True),
    ],
)
def test_critical_lies_beyond_low(kind: Kind, low: float | None, critical: float | None, wrong: bool) -> None:
    assert order_errors({kind: Thresholds(low, critical)}) == ((kind,) if wrong else ())


def test_every_error_is_named_in_the_order_given() -> None:
    pairs = {Kind.HIGH_CELL: Thresholds(2.0, 1.0), Kind.LOW_CELL: Thresholds(1.0, 2.0)}
    assert order_errors(pairs) == (Kind.HIGH_CELL, Kind.LOW_CELL)


@pytest.mark.parametrize("kind", QUANTITIES)
def test_0_is_off_except_for_temperatures(kind: Kind) -> None:
    quantity = QUANTITIES[kind]
    assert quantity.threshold(0.0) == (0.0 if quantity.unit == "°C" else None)
    assert quantity.threshold(None) is None
    assert quantity.threshold(-5.0) == -5.0


def test_sides_and_directions() -> None:
    names = {kind: (quantity.side, quantity.direction) for kind, quantity in QUANTITIES.items()}
    assert names[Kind.LOW_VOLTAGE] == (Side.DISCHARGE, Direction.BELOW)
    assert names[Kind.HIGH_VOLTAGE] == (Side.CHARGE, Direction.ABOVE)
    assert names[Kind.CHARGE_COLD] == (Side.CHARGE, Direction.BELOW)
    assert names[Kind.DISCHARGE_HOT] == (Side.DISCHARGE, Direction.ABOVE)
    assert names[Kind.MOSFET_HOT] == (Side.BOTH, Direction.ABOVE)


def test_what_is_off_is_not_judged() -> None:
    off = {kind: Thresholds(0.0, 0.0) for kind in QUANTITIES}
    lines = FailsafeSettings(thresholds=off).lines
    assert {line.kind for line in lines.each} == {k for k in QUANTITIES if QUANTITIES[k].unit == "°C"}
    assert FailsafeSettings().lines.each == ()
