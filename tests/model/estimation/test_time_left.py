"""How long the present current can go on (rules 3)."""

from datetime import UTC, datetime
from itertools import pairwise
from math import exp, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.estimation.time_left import UNKNOWN, TimeLeft, follow
from custom_components.battmon.model.instant import Instant

NOW = Instant(1000.0, datetime(2026, 11, 21, tzinfo=UTC))
HOUR = 3600.0


def after(
    *currents: float | None,
    seconds: float | None = 10.0,
    before: TimeLeft = UNKNOWN,
    remaining: float | None = 50.0,
    full: float | None = 100.0,
    low_capacity: float | None = None,
    low_state_of_charge: float | None = None,
) -> TimeLeft:
    for current in currents:
        before = follow(
            before,
            current,
            Span(NOW, seconds),
            remaining=remaining,
            full=full,
            low_capacity=low_capacity,
            low_state_of_charge=low_state_of_charge,
        )
    return before


def test_a_discharge_ends_when_what_remains_is_gone() -> None:
    left = after(-10.0)
    assert (left.time_to_empty, left.time_to_full) == (5 * HOUR, None)


def test_a_charge_ends_when_what_is_missing_is_in() -> None:
    left = after(20.0)
    assert (left.time_to_empty, left.time_to_full, left.time_to_low) == (None, 2.5 * HOUR, None)


@pytest.mark.parametrize("current", [0.0, 0.499, -0.499])
def test_nothing_is_foretold_inside_the_dead_band_of_c_200(current: float) -> None:
    assert after(current) == TimeLeft(current)


@pytest.mark.parametrize(("current", "known"), [(-0.19, False), (-0.21, True)])
def test_the_dead_band_of_a_small_battery_is_200_ma(current: float, known: bool) -> None:
    left = after(current, full=10.0, remaining=5.0)
    assert (left.time_to_empty is not None) is known


def test_a_small_current_into_a_small_battery_fills_it_and_is_smoothed() -> None:
    assert after(0.5, full=10.0, remaining=5.0).time_to_full == 10 * HOUR
    assert after(-0.5, -0.5, -0.7, full=10.0, remaining=5.0).current == pytest.approx(-0.6)


@pytest.mark.parametrize("remaining", [None, float("nan"), float("inf")])
def test_nothing_is_foretold_of_what_nobody_knows_to_remain(remaining: float | None) -> None:
    for current in (-10.0, 10.0):
        assert after(current, remaining=remaining) == TimeLeft(current)


def test_at_the_edge_of_the_dead_band_something_is_foretold() -> None:
    assert after(-0.5).time_to_empty == 100 * HOUR


def test_nothing_beyond_240_hours_is_foretold() -> None:
    assert after(-0.5, remaining=120.0).time_to_empty == 240 * HOUR
    assert after(-0.5, remaining=120.1).time_to_empty is None


@pytest.mark.parametrize("absurd", [None, float("nan"), float("inf"), -float("inf")])
def test_without_a_current_nothing_is_known_and_the_average_begins_anew(absurd: float | None) -> None:
    assert after(-10.0, absurd) == UNKNOWN
    assert after(-10.0, absurd, -20.0).current == -20.0


@pytest.mark.parametrize("absurd", [None, float("nan"), float("inf")])
def test_without_what_remains_no_time_is_known_but_the_average_goes_on(absurd: float | None) -> None:
    assert after(-10.0, -20.0, remaining=absurd) == TimeLeft(-20.0, 10.0)


@pytest.mark.parametrize("absurd", [None, 0.0, -5.0, float("nan"), float("inf")])
def test_without_a_capacity_only_the_time_to_empty_is_known(absurd: float | None) -> None:
    assert after(-10.0, full=absurd, low_state_of_charge=20.0) == TimeLeft(-10.0, 0.0, 5 * HOUR)
    assert after(10.0, full=absurd) == TimeLeft(10.0)


def test_a_battery_said_to_hold_less_than_nothing_is_empty_now() -> None:
    assert after(-10.0, remaining=-3.0).time_to_empty == 0.0
    assert after(10.0, remaining=-3.0).time_to_full == 10 * HOUR


def test_a_battery_said_to_hold_more_than_it_can_is_full_now() -> None:
    assert after(10.0, remaining=103.0).time_to_full == 0.0


@pytest.mark.parametrize(
    ("capacity", "share", "hours"),
    [(30.0, None, 2), (None, 20.0, 3), (30.0, 20.0, 2), (10.0, 20.0, 3), (50.0, None, 0), (80.0, None, 0)],
)
def test_the_low_threshold_that_is_reached_first_counts(
    capacity: float | None, share: float | None, hours: float
) -> None:
    left = after(-10.0, low_capacity=capacity, low_state_of_charge=share)
    assert left.time_to_low == hours * HOUR


def test_without_a_low_threshold_there_is_no_time_to_it() -> None:
    assert after(-10.0).time_to_low is None


# The average


def test_a_step_is_followed_within_the_smoothing_time_at_every_sampling() -> None:
    """Five minutes after a step 63 % of it are seen."""
    for seconds in (0.1, 1.0, 10.0, 30.0, 300.0):
        steady = after(*(-10.0,) * 3, seconds=300.0)
        stepped = after(*(-20.0,) * round(300 / seconds), seconds=seconds, before=steady)
        assert stepped.current == pytest.approx(-20.0 + 10.0 * exp(-1), rel=1e-9)


def test_spans_of_different_length_weigh_by_their_length() -> None:
    steady = after(*(-10.0,) * 3, seconds=300.0)
    one = after(-20.0, seconds=60.0, before=steady)
    many = steady
    for seconds in (1.0, 20.0, 0.5, 38.5):
        many = after(-20.0, seconds=seconds, before=many)
    assert many.current == pytest.approx(one.current)


def test_until_there_is_enough_to_average_it_is_the_plain_mean_of_what_there_is() -> None:
    assert after(-99.0, -10.0).current == -10.0  # of the first nobody knows for how long it flowed
    assert after(-99.0, -10.0, -20.0).current == -15.0
    assert after(-99.0, -10.0, -20.0, -30.0).current == pytest.approx(-20.0)


def test_a_steady_load_and_a_steady_charge_change_nothing() -> None:
    steady = after(*(-10.0,) * 40)
    assert after(-10.0, before=steady) == steady == TimeLeft(-10.0, 300.0, 5 * HOUR)


def test_a_spike_of_one_sample_hardly_counts() -> None:
    steady = after(*(-10.0,) * 40)
    assert after(-200.0, before=steady).current == pytest.approx(-10.0 - 190.0 * (1 - exp(-1 / 30)))


@pytest.mark.parametrize("current", [50.0, 0.6])
def test_a_current_that_turns_round_is_believed_at_once(current: float) -> None:
    assert after(current, before=after(*(-10.0,) * 40)) == after(current)


def test_noise_of_the_other_sign_does_not_end_a_discharge() -> None:
    left = after(0.3, before=after(*(-10.0,) * 40))
    assert left.current is not None
    assert -10.0 < left.current < -9.5


def test_a_load_after_rest_is_believed_at_once() -> None:
    resting = after(*(-0.1,) * 40)
    assert resting.time_to_empty is None
    assert after(-50.0, before=resting).time_to_empty == HOUR


def test_a_gap_begins_the_average_anew() -> None:
    steady = after(*(-10.0,) * 40)
    assert after(-50.0, seconds=None, before=steady) == after(-50.0)


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_a_sample_at_the_same_instant_or_before_moves_no_average(seconds: float) -> None:
    steady = after(*(-10.0,) * 40)
    assert after(-50.0, seconds=seconds, before=steady).current == -10.0


numbers = st.none() | st.floats()
spans = st.none() | st.floats(0, 1e6)


@given(st.lists(st.tuples(numbers, spans, numbers, numbers), max_size=10), numbers, numbers)
def test_no_time_is_ever_negative_or_endless_whatever_is_read(
    samples: list[tuple[float | None, float | None, float | None, float | None]],
    low_capacity: float | None,
    low_share: float | None,
) -> None:
    left = UNKNOWN
    for current, seconds, remaining, full in samples:
        left = after(
            current,
            seconds=seconds,
            before=left,
            remaining=remaining,
            full=full,
            low_capacity=low_capacity,
            low_state_of_charge=low_share,
        )
        for time in left[2:]:
            assert time is None or 0.0 <= time <= 240 * HOUR
        assert left.current is None or isfinite(left.current)


@given(st.floats(-100, -1), st.floats(1, 100), st.floats(0, 100))
def test_low_comes_before_empty(current: float, remaining: float, share: float) -> None:
    left = after(current, remaining=remaining, low_state_of_charge=share)
    assert left.time_to_empty is not None
    assert left.time_to_low is not None
    assert left.time_to_low <= left.time_to_empty


@given(st.floats(0.5, 200), st.lists(st.floats(1, 100), min_size=2, max_size=20))
def test_under_a_steady_load_the_time_falls_with_what_remains(load: float, charges: list[float]) -> None:
    left = UNKNOWN
    times = []
    for remaining in sorted(charges, reverse=True):
        left = after(-load, before=left, remaining=remaining)
        assert left.time_to_empty is not None
        times.append(left.time_to_empty)
    assert all(later <= earlier for earlier, later in pairwise(times))
