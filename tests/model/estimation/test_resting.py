"""Resting voltage, sag, and what the failsafe may go by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.estimation.resting import resting_voltage, sag, trustworthy

from .ardupilot_series import HAZARDS


@pytest.mark.parametrize(
    ("current", "resting", "sagging"), [(-20.0, 13.0, 1.0), (0.0, 12.0, 0.0), (10.0, 11.5, -0.5)]
)
def test_a_load_pulls_the_voltage_below_that_of_rest_and_a_charger_lifts_it(
    current: float, resting: float, sagging: float
) -> None:
    estimate = resting_voltage(12.0, current, 0.05)
    assert estimate == pytest.approx(resting)
    assert sag(12.0, estimate) == pytest.approx(sagging)


@pytest.mark.parametrize("known", [(None, -5.0, 0.05), (12.0, None, 0.05), (12.0, -5.0, None)])
def test_it_is_unknown_never_stale_when_a_part_of_it_is_unknown(
    known: tuple[float | None, float | None, float | None],
) -> None:
    assert resting_voltage(*known) is None
    assert sag(known[0], resting_voltage(*known)) is None
    assert trustworthy(resting_voltage(*known), known[0]) is None


def test_it_does_not_outlive_the_load_where_ardupilot_s_hides_a_low_voltage() -> None:
    """Its series E: the load ends, the voltage breaks down to 11.0 V, and 11.576 V are reported."""
    row = HAZARDS["E: the load ends and the voltage breaks down"].rows[9]
    assert resting_voltage(row.voltage, row.current, row.ardupilot) == 11.0


@pytest.mark.parametrize(
    ("voltage", "current", "trusted"),
    [(10.0, -15.0, True), (10.0, -15.1, False), (10.0, 15.0, True), (10.0, 15.1, False), (10.0, 0.0, True)],
)
def test_the_failsafe_trusts_it_up_to_a_sag_of_15_percent_of_the_voltage(
    voltage: float, current: float, trusted: bool
) -> None:
    resting = resting_voltage(voltage, current, 0.1)
    assert trustworthy(resting, voltage) == (resting if trusted else None)


@given(st.floats(0, 100), st.floats(-500, 500), st.floats(0, 1))
def test_the_terminals_sag_below_rest_exactly_when_current_flows_out(
    voltage: float, current: float, resistance: float
) -> None:
    estimate = resting_voltage(voltage, current, resistance)
    assert estimate is not None
    assert estimate >= voltage if current <= 0 else estimate <= voltage


def test_without_a_voltage_there_is_no_sag_and_no_trust() -> None:
    assert sag(None, 12.0) is None
    assert trustworthy(12.0, None) is None
