"""Counted charge and energy against the truth of a simulated battery (the issue's figures)."""

from random import Random

import pytest

from custom_components.battmon.model.estimation.counting import Counting

from .series import CURRENT_NOISE, DAY, counted, household, noisy

pytestmark = pytest.mark.slow

SEEDS = (0, 1, 2)
FIGURES = ((1, 0.0005), (10, 0.004), (30, 0.012))
"""Spacing in s and the largest error."""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("spacing", "error"), FIGURES)
def test_a_day_of_a_household_is_counted_in_and_out(spacing: int, error: float, seed: int) -> None:
    day = household(seed)
    assert counted(day.samples[::spacing], spacing)[:4] == pytest.approx(day.truth, rel=error)


@pytest.mark.parametrize(("spacing", "error"), FIGURES)
def test_a_noisy_current_is_counted_as_well(spacing: int, error: float) -> None:
    day = household(0)
    counting = counted(noisy(day.samples[::spacing], seed=1), spacing)
    assert counting[:4] == pytest.approx(day.truth, rel=error)


def resting(mean: float, spacing: int, noise: float = CURRENT_NOISE) -> Counting:
    gauss = Random(5).gauss
    return counted(((13.2, gauss(mean, noise)) for _ in range(0, DAY, spacing)), spacing)


@pytest.mark.parametrize("spacing", [1, 10])
def test_noise_of_a_resting_battery_adds_less_than_a_500th_of_a_day_to_in_and_out(spacing: int) -> None:
    day = household(0).truth
    counting = resting(0.0, spacing)
    assert counting.charge_in < 0.002 * day.charge_in
    assert counting.charge_out < 0.002 * day.charge_out
    # The day's energy is that of one cell.
    assert counting.energy_in / 13.2 < 0.002 * day.charge_in
    assert counting.energy_out / 13.2 < 0.002 * day.charge_out


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.2])
def test_the_noise_is_learned_at_rest(noise: float) -> None:
    assert resting(0.0, 10, noise).noise == pytest.approx(noise, rel=0.25)


def test_a_small_load_is_counted_where_its_noise_was_not_heard_at_rest() -> None:
    """A computer on its own battery draws half an ampere, never the same: no noise."""
    uniform = Random(6).uniform
    currents = [-0.5 + uniform(-0.3, 0.3) for _ in range(DAY)]
    counting = counted(((13.2, current) for current in currents), 1)
    assert counting.noise == 0.0
    assert counting.charge_out == pytest.approx(-sum(currents) / 3600, rel=0.001)


def test_an_inverter_that_hunts_around_zero_is_no_noise() -> None:
    uniform = Random(7).uniform
    currents = [uniform(-1.0, 1.0) for _ in range(3600)]
    assert counted(((13.2, current) for current in currents), 1).noise == 0.0
