"""What the multimeter says makes a factor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.calibration import CannotCalibrate, Flaw
from custom_components.battmon.model.trim import Trim

trims = st.builds(Trim, st.floats(0.1, 30), st.floats(-2, 2), st.sampled_from([1, -1]))
counts = st.floats(5, 60)


def test_a_voltage_that_is_shown_too_low_gets_a_higher_gain() -> None:
    assert Trim().by_gain(13.0, 13.26) == Trim(1.02, 0.0, 1)


def test_a_current_where_none_flows_is_an_offset() -> None:
    """Shown are 0.4 A of charge: the chip, which counts a load, counts -0.4."""
    found = Trim(sign=-1).by_offset(0.4, 0.0)
    assert found == Trim(1.0, -0.4, -1)
    assert found.shown(-0.4) == 0.0


def test_a_current_gain_leaves_the_offset_as_it_is() -> None:
    assert Trim(1.0, -0.4, -1).by_gain(-9.6, -10.08) == Trim(1.05, -0.4, -1)


@given(trims, counts, st.floats(0.9, 1.1))
def test_whatever_was_set_before_the_multimeter_is_right(before: Trim, above: float, factor: float) -> None:
    counted = before.offset + above
    shown = before.shown(counted)
    for found in (before.by_gain(shown, factor * shown), before.by_offset(shown, factor * shown)):
        assert found.shown(counted) == pytest.approx(factor * shown, rel=1e-5)


@given(trims, counts)
def test_what_is_counted_is_found_from_what_is_shown(trim: Trim, counted: float) -> None:
    assert trim.counted(trim.shown(counted)) == pytest.approx(counted)


@pytest.mark.parametrize(
    ("shown", "measured", "flaw"),
    [(10.0, -10.0, Flaw.REVERSED), (0.0, 10.0, Flaw.ZERO), (0.001, 5000.0, Flaw.OUT_OF_RANGE)],
)
def test_what_says_nothing_of_a_gain_is_refused(shown: float, measured: float, flaw: Flaw) -> None:
    with pytest.raises(CannotCalibrate) as refused:
        Trim().by_gain(shown, measured)
    assert refused.value.flaw is flaw
