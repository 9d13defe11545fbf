"""In which steps derived values are shown."""

import pytest

from custom_components.battmon.sensor_steps import (
    CHARGE,
    MINUTES,
    RESTING_VOLTS,
    WATTS,
    Steps,
    in_steps,
    to_digits,
)


@pytest.mark.parametrize(
    ("steps", "exact", "shown"),
    [
        (MINUTES, 9.4, 9),
        (MINUTES, 29.4, 30),
        (MINUTES, 31.0, 30),
        (MINUTES, 241.3, 240),
        (MINUTES, 361.0, 360),
        (WATTS, -19.89, -19.9),
        (WATTS, 1084.9, 1085.0),
        (WATTS, -1084.9, -1085.0),
        (RESTING_VOLTS, 13.214, 13.21),
        (RESTING_VOLTS, 52.88, 52.9),
        (CHARGE, 3.214, 3.21),
        (CHARGE, 62.33, 62.35),
        (CHARGE, 280.04, 280.0),
    ],
)
def test_the_larger_a_value_the_coarser_its_steps(steps: Steps, exact: float, shown: float) -> None:
    assert in_steps(float, steps)(exact) == pytest.approx(shown, abs=1e-9)


def test_what_is_unknown_stays_so() -> None:
    def unknown(_: object) -> None:
        """Know nothing."""

    assert in_steps(unknown, WATTS)(1.0) is None
    assert to_digits(unknown, 2)(1.0) is None


def test_steps_leave_no_digits_of_binary_fractions() -> None:
    assert repr(to_digits(in_steps(float, CHARGE), 2)(62.34)) == "62.35"
