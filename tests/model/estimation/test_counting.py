"""Counting of charge and energy: the rules, and what bad input gets."""

from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.estimation.counting import (
    LARGEST_CURRENT,
    QUIET_SAMPLES,
    Counting,
    count,
    net_charge,
)
from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.reading import Reading

from .series import at, counted, household

HOUR = Span(at(3600.0), 3600.0)
EMPTY = Counting()


def reading(current: float | None, voltage: float | None = 10.0) -> Reading:
    return Reading(current=current, voltage=voltage)


def between(
    first: float | None, last: float | None, volts: tuple[float | None, float | None] = (10.0, 10.0)
) -> Counting:
    """Count one hour between two currents."""
    return count(EMPTY, reading(first, volts[0]), reading(last, volts[1]), HOUR)


@pytest.mark.parametrize(
    ("first", "last", "charge_in", "charge_out"),
    [
        (2.0, 2.0, 2.0, 0.0),
        (-2.0, -2.0, 0.0, 2.0),
        (2.0, 4.0, 3.0, 0.0),
        (0.0, 4.0, 2.0, 0.0),
        (-4.0, 0.0, 0.0, 2.0),
        (10.0, -10.0, 2.5, 2.5),  # Half an hour each, of 5 A on average.
        (-10.0, 10.0, 2.5, 2.5),
        (30.0, -10.0, 11.25, 1.25),  # It crosses zero after three quarters of the hour.
        (-10.0, 30.0, 11.25, 1.25),
        (0.4, -0.4, 0.1, 0.1),
    ],
)
def test_an_hour_is_a_trapezoid_split_at_the_zero_crossing(
    first: float, last: float, charge_in: float, charge_out: float
) -> None:
    assert between(first, last)[:4] == pytest.approx(
        (charge_in, charge_out, 10 * charge_in, 10 * charge_out), abs=1e-12
    )


def test_an_hour_has_3600_seconds_exactly_where_ardupilot_counts_10000_8_mah() -> None:
    counting = counted([(12.0, -10.0)] * 36001, 0.1)
    assert counting.charge_out == pytest.approx(10.0, rel=1e-9)
    assert counting.energy_out == pytest.approx(120.0, rel=1e-9)


def test_a_small_current_is_counted_on_top_of_a_large_total_where_single_precision_stalls() -> None:
    counting = counted([(12.0, -0.05)] * 36001, 0.1, Counting(charge_out=100_000.0))
    assert counting.charge_out - 100_000.0 == pytest.approx(0.05, rel=1e-5)


def test_energy_is_the_trapezoid_of_power() -> None:
    counting = between(2.0, 4.0, (12.0, 14.0))
    assert counting.energy_in == pytest.approx((2 * 12 + 4 * 14) / 2)


@pytest.mark.parametrize("spacing", [2.0, 5.0, 60.0])
def test_a_gap_of_ardupilot_s_two_seconds_is_counted(spacing: float) -> None:
    assert counted([(12.0, -36.0)] * 2, spacing).charge_out == pytest.approx(spacing / 100)


def test_the_smallest_of_numbers_are_counted() -> None:
    assert between(5e-324, -5e-324)[:4] == pytest.approx((0.0, 0.0, 0.0, 0.0))


# What is missing.


@pytest.mark.parametrize(("first", "last"), [(None, 1.0), (1.0, None), (None, None)])
def test_without_a_current_nothing_is_counted(first: float | None, last: float | None) -> None:
    assert between(first, last) is EMPTY
    assert net_charge(reading(first), reading(last), HOUR) is None


@pytest.mark.parametrize(
    "volts", [(None, 10.0), (10.0, None), (nan, 10.0), (10.0, inf), (-1.0, 10.0), (10.0, 1e9)]
)
def test_without_a_voltage_only_charge_is_counted(volts: tuple[float | None, float | None]) -> None:
    counting = between(2.0, 2.0, volts)
    assert counting.charge_in == 2.0
    assert counting.energy_in == counting.energy_out == 0.0


def test_the_first_sample_counts_nothing() -> None:
    assert count(EMPTY, None, reading(5.0), Span(at(0.0), None)) is EMPTY
    assert net_charge(None, reading(5.0), HOUR) is None


@pytest.mark.parametrize("seconds", [None, 0.0, -1.0, -86400.0, nan, inf])
def test_no_time_back_in_time_and_a_gap_of_a_day_count_nothing(seconds: float | None) -> None:
    """A span of `None` is one that is too long to say anything about."""
    span = Span(at(0.0), seconds, 86400.0)
    assert count(EMPTY, reading(5.0), reading(5.0), span) is EMPTY
    assert net_charge(reading(5.0), reading(5.0), span) is None


# What is wrong.


@pytest.mark.parametrize("current", [nan, inf, -inf, LARGEST_CURRENT, -LARGEST_CURRENT])
def test_an_impossible_current_counts_nothing_on_either_side(current: float) -> None:
    assert between(current, 5.0) is EMPTY
    assert between(5.0, current) is EMPTY
    assert net_charge(reading(5.0), reading(current), HOUR) is None


def test_counting_goes_on_after_an_impossible_current() -> None:
    samples = [(10.0, -3.6), (10.0, -3.6), (10.0, nan), (10.0, -3.6), (10.0, -3.6)]
    assert counted(samples, 10.0).charge_out == pytest.approx(0.02)


def test_a_spike_of_one_sample_counts_for_no_longer_than_one_sample() -> None:
    """It may be real: a pulse of a household looks the same."""
    counting = counted([(10.0, -1.0), (10.0, -1.0), (10.0, -300.0), (10.0, -1.0), (10.0, -1.0)], 1.0)
    assert counting.charge_out == pytest.approx((300 + 3 * 1) / 3600)


def test_a_current_of_the_wrong_sign_is_counted_as_what_it_says() -> None:
    """Nobody can tell from the current alone; the right sign is the source's to give."""
    assert between(-4.0, -4.0)[:2] == between(4.0, 4.0)[1::-1]


def test_a_device_that_restarts_its_own_counters_changes_nothing() -> None:
    before = Reading(current=-2.0, voltage=10.0, remaining_capacity=80.0, cycle_count=100)
    after = Reading(current=-2.0, voltage=10.0, remaining_capacity=0.0, cycle_count=0)
    assert count(EMPTY, before, after, HOUR).charge_out == 2.0


@given(
    st.lists(
        st.tuples(
            st.floats() | st.none(),
            st.floats() | st.none(),
            # Whoever makes spans allows no gap of years.
            st.floats(max_value=1e9) | st.none(),
        ),
        max_size=20,
    )
)
def test_totals_never_fall_and_never_become_anything_but_numbers(
    samples: list[tuple[float | None, float | None, float | None]],
) -> None:
    counting, previous = Counting(), None
    for current, voltage, seconds in samples:
        latest = reading(current, voltage)
        after = count(counting, previous, latest, Span(at(0.0), seconds))
        assert all(0 <= old <= new < inf for old, new in zip(counting[:4], after[:4], strict=True))
        counting, previous = after, latest


# Noise around zero.


def quiet(noise: float = 0.1) -> Counting:
    return Counting(noise=noise)


@pytest.mark.parametrize("current", [0.0, 0.1, -0.1, 0.3, -0.3])
def test_inside_the_noise_in_and_out_stand_still_while_the_net_charge_counts(current: float) -> None:
    counting = count(quiet(), reading(current), reading(current), HOUR)
    assert counting[:4] == (0.0, 0.0, 0.0, 0.0)
    assert net_charge(reading(current), reading(current), HOUR) == current


def test_beyond_the_noise_all_of_the_current_counts() -> None:
    assert count(quiet(), reading(-0.31), reading(-0.31), HOUR).charge_out == 0.31


def test_noise_is_no_current_at_either_end_of_a_load() -> None:
    assert count(quiet(), reading(0.2), reading(-4.0), HOUR)[:2] == (0.0, 2.0)
    assert count(quiet(), reading(-4.0), reading(0.2), HOUR)[:2] == (0.0, 2.0)


def toggling(values: tuple[float, ...], times: int) -> list[tuple[float, float]]:
    return [(10.0, value) for value in values] * times


def test_a_sensor_that_toggles_by_its_resolution_at_rest_counts_nothing_once_that_is_learned() -> None:
    counting = counted(toggling((0.0, 0.1, 0.0, 0.0, -0.1), 20), 1.0)
    assert counting.noise > 0.1 / 3
    more = counted(toggling((0.0, 0.1, 0.1, -0.1), 1000), 1.0, counting)
    assert more[:4] == counting[:4]


def test_a_current_that_never_changes_teaches_no_noise_and_makes_no_new_object() -> None:
    assert counted(toggling((0.0,), 100), 1.0, EMPTY) is EMPTY


def test_a_load_ends_the_look_at_the_noise() -> None:
    values = (0.1, -0.1) * (QUIET_SAMPLES // 4)
    counting = counted(toggling((*values, -5.0, *values), 1), 1.0)
    assert counting.noise == 0.0
    assert counting.quiet_samples < QUIET_SAMPLES / 2


def test_an_inverter_that_hunts_around_zero_is_no_noise() -> None:
    """Its standard deviation is 0.26 A, of which all is real."""
    assert counted(toggling((0.184, -0.184), 100), 1.0).noise == 0.0


def test_a_mean_that_is_not_zero_is_no_rest() -> None:
    assert counted(toggling((-0.6, -0.8), 100), 1.0).noise == 0.0
    assert counted(toggling((0.25, 0.05), 100), 1.0).noise == 0.0, "0.15 A on average, and 0.14 A of noise"


def test_noise_is_believed_fast_where_it_is_less_and_slowly_where_it_is_more() -> None:
    less = counted(toggling((0.05, -0.05), 2 * QUIET_SAMPLES), 1.0, quiet(0.2)).noise
    more = counted(toggling((0.15, -0.15), 2 * QUIET_SAMPLES), 1.0, quiet(0.05)).noise
    assert less < 0.14
    assert 0.05 < more < 0.1


def test_the_zero_offset_of_a_sensor_does_not_hide_its_noise() -> None:
    assert counted(toggling((0.12, -0.08), QUIET_SAMPLES), 1.0).noise == pytest.approx(0.2 / 2**0.5)


@pytest.mark.parametrize(("known", "share"), [(0.02, 0.25), (0.01, 0.03)])
def test_every_look_at_the_noise_goes_a_part_of_the_way(known: float, share: float) -> None:
    """A quarter of it to less, three hundredths to more."""
    after = counted(toggling((0.01, -0.01), 5 * QUIET_SAMPLES), 1.0, quiet(known)).noise
    true = 0.02 / 2**0.5
    assert after == pytest.approx(true + (known - true) * (1 - share) ** 9)


def test_net_charge_is_in_less_out() -> None:
    morning = household(0).samples[26_000:36_000:10]
    counting = counted(morning, 10.0)
    readings = [reading(current) for _, current in morning]
    net = sum(net_charge(*pair, Span(at(0.0), 10.0)) or 0.0 for pair in pairwise(readings))
    assert counting.charge_in > 1.0 < counting.charge_out
    assert net == pytest.approx(counting.charge_in - counting.charge_out)
