"""Calibration of a power monitor by what a multimeter says."""

import pytest

from custom_components.battmon.model.calibration import CannotCalibrate, Flaw
from custom_components.battmon.model.trim import Trim

TRIMS = [
    Trim(),
    Trim(sign=-1),
    Trim(1.02, 0.3),
    Trim(0.97, -0.25, sign=-1),
    Trim(20.0, 1.65),
]


@pytest.mark.parametrize("trim", TRIMS)
def test_what_is_shown_leads_back_to_what_was_counted(trim: Trim) -> None:
    assert trim.counted(trim.shown(7.5)) == pytest.approx(7.5)


def test_offset_counts_before_gain_and_sign() -> None:
    """As the power monitors of `protocols` do it."""
    assert Trim(2.0, 1.0, sign=-1).shown(4.0) == -6.0


@pytest.mark.parametrize("trim", TRIMS)
def test_a_gain_makes_one_point_right_and_leaves_the_zero(trim: Trim) -> None:
    found = trim.by_gain(trim.shown(8.0), 1.25 * trim.shown(8.0))
    assert found.shown(8.0) == pytest.approx(1.25 * trim.shown(8.0))
    assert found.shown(trim.offset) == 0.0
    assert (found.offset, found.sign) == (trim.offset, trim.sign)


@pytest.mark.parametrize("trim", TRIMS)
def test_an_offset_makes_one_point_right_and_leaves_the_gain(trim: Trim) -> None:
    found = trim.by_offset(trim.shown(0.4), 0.0)
    assert found.shown(0.4) == pytest.approx(0.0, abs=1e-6)
    assert (found.gain, found.sign) == (trim.gain, trim.sign)


def test_offset_and_then_gain_find_a_sensor_out() -> None:
    truth = Trim(1.05, 0.2, sign=-1)
    found = Trim(sign=-1)
    found = found.by_offset(found.shown(truth.counted(0.0)), 0.0)
    found = found.by_gain(found.shown(truth.counted(-40.0)), -40.0)
    assert found == pytest.approx(truth)


@pytest.mark.parametrize(
    ("shown", "measured", "flaw"),
    [
        (0.0, 5.0, Flaw.ZERO),
        (5.0, -5.0, Flaw.REVERSED),
        (1e-4, 5.0, Flaw.OUT_OF_RANGE),
        (5.0, 0.0, Flaw.REVERSED),
    ],
)
def test_what_no_gain_makes_right_is_refused(shown: float, measured: float, flaw: Flaw) -> None:
    with pytest.raises(CannotCalibrate) as refused:
        Trim().by_gain(shown, measured)
    assert refused.value.flaw is flaw
