"""A sensor is made right by what was measured; a load tells its current."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.calibration import (
    Adjust,
    CannotCalibrate,
    Correction,
    Flaw,
    LoadCurve,
    Pair,
    SyntheticCurrent,
    calibrated,
    current_from_power,
    filled,
    gauged,
)

UNTOUCHED = Correction()
AS_IT_WAS = Correction(1.02, -0.3)


def test_a_sensor_that_is_right_stays_as_it_is() -> None:
    assert UNTOUCHED.corrected(13.27) == 13.27


@pytest.mark.parametrize(
    ("correction", "reported", "true"),
    [
        # ArduPilot's analog monitor: (pin - VLT_OFFSET) * VOLT_MULT and (pin - AMP_OFFSET) * AMP_PERVLT.
        (Correction(10.1, -0.1 * 10.1), 1.25, 11.615),
        (Correction(17.0, -0.05 * 17.0), 1.0, 16.15),
        # Its fuel level: (v - FL_VLT_MIN) * FL_V_MULT of a tank.
        (Correction(50.0, -25.0), 1.5, 50.0),
        (Correction(50.0, -25.0), 2.7, 110.0),
    ],
)
def test_gain_and_offset_are_those_of_the_field(correction: Correction, reported: float, true: float) -> None:
    assert correction.corrected(reported) == pytest.approx(true)


def test_two_points_give_gain_and_offset() -> None:
    found = calibrated([Pair(10.0, 10.5), Pair(14.0, 14.1)], AS_IT_WAS, Adjust.GAIN)
    assert found.gain == pytest.approx(0.9)
    assert found.offset == pytest.approx(1.5)
    assert found.corrected(10.0) == pytest.approx(10.5)
    assert found.corrected(14.0) == pytest.approx(14.1)


def test_the_order_of_two_points_does_not_matter() -> None:
    one, other = Pair(-20.0, -19.0), Pair(30.0, 31.5)
    assert calibrated([one, other], UNTOUCHED, Adjust.GAIN) == pytest.approx(
        calibrated([other, one], UNTOUCHED, Adjust.GAIN)
    )


def test_one_point_gives_the_gain_and_keeps_the_offset() -> None:
    assert calibrated([Pair(20.0, 39.7)], Correction(1.5, -0.3), Adjust.GAIN) == (pytest.approx(2.0), -0.3)


def test_one_point_gives_the_offset_and_keeps_the_gain() -> None:
    assert calibrated([Pair(0.4, 0.0)], Correction(1.5, 7.0), Adjust.OFFSET) == (1.5, pytest.approx(-0.6))


@pytest.mark.parametrize(
    ("pairs", "flaw"),
    [
        ([Pair(12.0, 12.1), Pair(12.0, 12.3)], Flaw.TOO_CLOSE),
        ([Pair(12.0, 12.1), Pair(12.05, 12.3)], Flaw.TOO_CLOSE),
        ([Pair(0.0, 0.1), Pair(0.0, 0.2)], Flaw.TOO_CLOSE),
        ([Pair(0.0, 0.1)], Flaw.ZERO),
        ([Pair(10.0, 14.0), Pair(14.0, 10.0)], Flaw.REVERSED),
        ([Pair(10.0, 12.0), Pair(14.0, 12.0)], Flaw.REVERSED),
        ([Pair(10.0, -12.0)], Flaw.REVERSED),
        ([Pair(0.001, 12.0)], Flaw.OUT_OF_RANGE),
        ([Pair(5000.0, 0.1)], Flaw.OUT_OF_RANGE),
    ],
)
def test_points_that_say_nothing_are_refused(pairs: list[Pair], flaw: Flaw) -> None:
    with pytest.raises(CannotCalibrate, match=flaw.replace("_", " ")) as refused:
        calibrated(pairs, UNTOUCHED, Adjust.GAIN)
    assert refused.value.flaw is flaw


def test_points_just_far_enough_apart_are_taken() -> None:
    assert calibrated([Pair(12.0, 12.1), Pair(12.07, 12.17)], UNTOUCHED, Adjust.GAIN).gain == pytest.approx(1)


@given(st.floats(0.01, 100), st.floats(-50, 50), st.floats(-1000, 1000), st.floats(1, 1000))
def test_any_linear_error_is_found_again(gain: float, offset: float, at: float, apart: float) -> None:
    truth = Correction(gain, offset)
    pairs = [Pair(x, truth.corrected(x)) for x in (at, at + max(apart, abs(at) * 0.1))]
    found = calibrated(pairs, UNTOUCHED, Adjust.GAIN)
    assert found.gain == pytest.approx(gain, rel=1e-6)
    assert found.corrected(at) == pytest.approx(truth.corrected(at), rel=1e-6, abs=1e-6)


# ArduPilot's own numbers: I = (V / MAX_VOLT) x throttle^2 x 1e-4 x AMP_PERVLT + AMP_OFFSET.
@pytest.mark.parametrize(
    ("voltage", "load", "full", "idle", "at", "current"),
    [
        (12.6, 100, 50, 0.5, 12.6, 50.5),
        (12.6, 50, 50, 0.5, 12.6, 13.0),
        (11.34, 100, 50, 0.5, 12.6, 45.5),
        (11.34, -40, 50, 0.5, 12.6, 7.7),
        (12.6, 0, 50, 0.5, 12.6, 0.5),
        (14.8, 60, 17, 0, 12.6, 7.188571),
    ],
)
def test_a_synthetic_current_is_ardupilots_and_discharges(
    voltage: float, load: float, full: float, idle: float, at: float, current: float
) -> None:
    synthetic = SyntheticCurrent(full, idle, LoadCurve.SQUARE, at)
    assert synthetic.current(load, voltage) == pytest.approx(-current)


def test_an_inverters_load_is_a_share_of_its_current() -> None:
    assert SyntheticCurrent(200.0, 1.5).current(25.0, None) == pytest.approx(-51.5)


def test_a_current_that_follows_the_voltage_is_unknown_without_it() -> None:
    assert SyntheticCurrent(200.0, full_load_voltage=12.6).current(25.0, None) is None


@pytest.mark.parametrize(
    ("power", "voltage", "current"),
    [(520.0, 26.0, 20.0), (-520.0, 26.0, -20.0), (0.0, 26.0, 0.0), (520.0, None, None), (520.0, 0.9, None)],
)
def test_a_power_is_a_current_where_there_is_a_voltage(
    power: float, voltage: float | None, current: float | None
) -> None:
    assert current_from_power(power, voltage) == current


@pytest.mark.parametrize(
    ("percent", "shown"),
    [(-10.1, None), (-10.0, 0.0), (0.0, 0.0), (37.5, 37.5), (100.0, 100.0), (110.0, 100.0), (127.0, None)],
)
def test_a_gauge_may_be_a_little_beyond_its_ends(percent: float, shown: float | None) -> None:
    assert gauged(percent) == shown


# ArduPilot's fuel level by voltage: 5000 mL of a 5000 mL tank used at 0.5 V, 2500 at 1.5 V, -500 at 2.7 V.
@pytest.mark.parametrize(
    ("left", "percent"), [(0.0, 0.0), (2.5, 50.0), (5.0, 100.0), (5.5, 100.0), (-0.5, 0.0)]
)
def test_what_is_left_of_a_tank_is_its_state_of_charge(left: float, percent: float) -> None:
    assert filled(left, 5.0) == pytest.approx(percent)
