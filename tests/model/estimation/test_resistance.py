"""Learning of the internal resistance: its rules, and what bad input gets."""

from datetime import timedelta
from math import inf, nan
from random import Random

import pytest

from custom_components.battmon.model.codec import from_plain, to_plain
from custom_components.battmon.model.estimation.resistance import (
    MOST_SPACINGS,
    MOST_STEPS,
    ResistanceLearning,
    internal_resistance,
)
from custom_components.battmon.model.estimation.resistance_fit import Step, fit

from .series import VOLTAGE_NOISE, Learner, Sample, at, held, noisy

OHMS = 0.030
DAY = 86400.0


def learner(capacity: float | None = None, noise: float = 0.0) -> Learner:
    return Learner(capacity=capacity, noise=noise)


def taught(times: int = 6, spacing: float = 1.0) -> Learner:
    """Learn from so many steps; the last one is not waited for any more."""
    return learner().square(OHMS, times, spacing, held=5 + round(1 / spacing))


# What teaches.


def test_nothing_is_known_before_the_fourth_step() -> None:
    assert taught(0).resistance is None
    assert learner().square(OHMS, 4, held=5).resistance is None
    assert learner().square(OHMS, 4, held=6).resistance == pytest.approx(OHMS)


@pytest.mark.parametrize(
    ("capacity", "noise", "step"), [(None, 0.0, 2.0), (50.0, 0.0, 2.0), (200.0, 0.0, 4.0), (200.0, 0.5, 5.0)]
)
def test_a_step_is_at_least_2_a_and_a_fiftieth_of_c_and_ten_times_the_noise(
    capacity: float | None, noise: float, step: float
) -> None:
    large, small = (
        learner(capacity, noise).play(held(([-1.0] * 6 + [-1.0 - height] * 6) * 8, 0.2))
        for height in (step * 1.001, step * 0.999)
    )
    assert large.resistance is not None
    assert small.learning.known == ()


def test_a_step_that_is_taken_back_by_small_ones_teaches_nothing() -> None:
    ours = learner().play(held([-5, -5, -7.5, -6, -4.5, -4, -4, -4, -4, -4], OHMS))
    assert ours.learning.known == ()


def test_a_steady_load_makes_no_new_knowledge() -> None:
    ours = taught()
    before = ours.learning.known
    ours.play(held([-5.0] * 1000, OHMS))
    assert ours.learning.known is before


def test_what_scatters_too_much_is_not_published() -> None:
    ours = learner().play(noisy(held(([-5.0] * 6 + [-8.0] * 6) * 12, 0.001), seed=1))
    assert len(ours.learning.known[0].steps) > 20
    assert ours.resistance is None


def test_only_the_latest_steps_are_remembered_so_that_a_change_is_followed() -> None:
    ours = taught(100).square(2 * OHMS, MOST_STEPS)
    assert len(ours.learning.known[0].steps) == MOST_STEPS
    assert ours.resistance == pytest.approx(2 * OHMS, rel=0.01)


# Spacing.


def test_resistances_of_different_spacings_are_not_mixed() -> None:
    ours = taught(6, 1.0).square(2 * OHMS, 6, 10.0)
    assert [one.octave for one in ours.learning.known] == [0, 3]
    assert ours.resistance == pytest.approx(2 * OHMS)


def test_the_one_of_the_present_spacing_is_published() -> None:
    ours = taught(6, 1.0).square(2 * OHMS, 6, 10.0)
    ours.play(held([-5.0] * 3, OHMS), 1.1)
    assert ours.resistance == pytest.approx(OHMS)
    ours.play(held([-5.0] * 3, OHMS), 9.0)
    assert ours.resistance == pytest.approx(2 * OHMS)


def test_at_a_spacing_without_one_the_nearest_is_published() -> None:
    ours = taught(6, 1.0).square(2 * OHMS, 6, 10.0)
    ours.play(held([-5.0] * 3, OHMS), 30.0)
    assert ours.resistance == pytest.approx(2 * OHMS)


def test_a_step_belongs_to_the_span_in_which_it_happened() -> None:
    """Suspicion reads faster after the step than before."""
    ours = learner()
    for index in range(6):
        current = -25.0 if index % 2 else -5.0
        (first, *others) = held([current] * 4, OHMS)
        ours.play([first], 10.0).play(others[:2], 1.0).play(others[2:], 10.0)
    assert [one.octave for one in ours.learning.known] == [3]
    assert ours.resistance == pytest.approx(OHMS)


def test_a_few_spacings_are_kept() -> None:
    ours = learner()
    for spacing in (0.1, 0.5, 2.0, 8.0, 32.0):
        ours.square(OHMS, 6, spacing)
    assert [one.octave for one in ours.learning.known] == [-1, 1, 3, 5]
    assert len(ours.learning.known) == MOST_SPACINGS


def test_nothing_is_learned_over_spans_in_which_the_battery_itself_changes() -> None:
    assert taught(20, 60.0).resistance is not None
    assert taught(20, 61.0).learning.known == ()


# Expiry.


def test_it_expires_after_seven_days() -> None:
    ours = taught()
    ours.time += 7 * DAY - 10
    assert ours.resistance is not None
    ours.time += 20
    assert ours.resistance is None


def test_it_expires_15_degrees_from_where_it_was_learned() -> None:
    ours = taught()
    for temperature, known in ((10.0, True), (9.9, False), (40.0, True), (40.1, False), (None, True)):
        ours.temperature = temperature
        assert (ours.resistance is not None) is known


def test_the_temperature_may_be_known_only_later() -> None:
    ours = learner()
    ours.temperature = None
    ours.square(OHMS, 6)
    ours.temperature = 50.0
    assert ours.resistance is not None
    ours.square(OHMS, 1)
    ours.temperature = 34.0
    assert ours.resistance is None


def test_the_temperature_is_the_mean_of_where_it_was_learned() -> None:
    ours = taught(9)
    ours.temperature = 36.0
    ours.square(OHMS, 1)
    (known,) = ours.learning.known
    assert known.temperature == pytest.approx(26.0, abs=0.2)


@pytest.mark.parametrize(("days", "temperature"), [(8, 25.0), (0, 5.0)])
def test_after_it_expired_it_is_learned_anew(days: int, temperature: float) -> None:
    ours = taught()
    ours.time += days * DAY
    ours.temperature = temperature
    ours.sample(None, None)
    ours.square(2 * OHMS, 6)
    assert ours.resistance == pytest.approx(2 * OHMS)
    assert len(ours.learning.known[0].steps) < 7


def test_a_clock_set_back_makes_it_neither_eternal_nor_wrong() -> None:
    ours = taught()
    learning = ours.learning
    assert internal_resistance(learning, at(-1000.0), 25.0) is not None
    assert internal_resistance(learning, at(-30 * DAY), 25.0) is None


def test_it_is_remembered_as_it_is() -> None:
    learning = taught(30).learning
    assert from_plain(ResistanceLearning, to_plain(learning)) == learning
    assert learning.known[0].learned_at.utcoffset() == timedelta(0)


def test_after_a_restart_learning_goes_on_with_what_was_known() -> None:
    before = taught(3, 1.0)
    ours = Learner(before.learning, capacity=None, noise=0.0, time=before.time + 600)
    assert ours.resistance is None
    ours.square(OHMS, 4)
    assert ours.resistance == pytest.approx(OHMS)


# What bad input gets.


@pytest.mark.parametrize("voltage", [None, nan, inf, 0.0, -13.0, 1e9])
def test_an_impossible_voltage_interrupts_learning_and_changes_nothing_known(voltage: float | None) -> None:
    ours = taught()
    before = ours.learning.known
    ours.play(held([-5.0] * 3, OHMS))
    ours.sample(voltage, -25.0)
    assert ours.learning.level is None
    ours.play(held([-25.0] * 10, 5 * OHMS))
    assert ours.learning.known is before


@pytest.mark.parametrize("current", [None, nan, inf, -1e6])
def test_an_impossible_current_interrupts_learning_and_changes_nothing_known(current: float | None) -> None:
    ours = taught()
    before = ours.learning.known
    ours.sample(13.0, current)
    ours.play(held([-25.0] * 10, 5 * OHMS))
    assert ours.learning.known is before


def test_an_interruption_that_lasts_makes_no_new_object() -> None:
    ours = taught()
    ours.sample(None, None)
    before = ours.learning
    ours.sample(None, None)
    assert ours.learning is before


@pytest.mark.parametrize("seconds", [None, 0.0, -3.0, DAY])
def test_no_time_back_in_time_and_a_gap_teach_nothing(seconds: float | None) -> None:
    ours = taught()
    before = ours.learning.known
    ours.sample(13.0 - 25 * 5 * OHMS, -25.0, span=seconds)
    ours.play(held([-25.0] * 10, 5 * OHMS))
    assert ours.learning.known is before


def spiked(samples: list[Sample], number: int, volts: float = 0.0, amperes: float = 0.0) -> list[Sample]:
    voltage, current = samples[number]
    return [*samples[:number], (voltage + volts, current + amperes), *samples[number + 1 :]]


@pytest.mark.parametrize("spacing", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("volts", [-4.0, 1.0, 30.0])
@pytest.mark.parametrize("number", range(8))
def test_one_spike_of_the_voltage_spoils_nothing(number: int, volts: float, spacing: float) -> None:
    quiet = held([-5.0] * 4 + [-25.0] * 4, OHMS)
    ours = learner().play([*quiet * 3, *spiked(quiet, number, volts), *quiet * 2], spacing)
    assert ours.resistance == pytest.approx(OHMS, rel=0.02)


@pytest.mark.parametrize("spacing", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("amperes", [-300.0, 50.0, 25.0])
@pytest.mark.parametrize("number", range(8))
def test_one_spike_of_the_current_spoils_nothing(number: int, amperes: float, spacing: float) -> None:
    quiet = held([-5.0] * 4 + [-25.0] * 4, OHMS)
    ours = learner().play([*quiet * 3, *spiked(quiet, number, 0.0, amperes), *quiet * 2], spacing)
    assert ours.resistance == pytest.approx(OHMS, rel=0.02)


def test_a_spike_in_the_very_first_step_is_outvoted() -> None:
    quiet = held([-5.0] * 4 + [-25.0] * 4, OHMS)
    ours = learner().play([*spiked(quiet, 4, volts=-5.0), *quiet * 3])
    assert ours.resistance == pytest.approx(OHMS, rel=0.02)


def test_a_current_of_the_wrong_sign_gives_no_resistance() -> None:
    ours = learner().square(-OHMS, 20)
    assert len(ours.learning.known[0].steps) > 10
    assert ours.resistance is None


def test_an_inrush_shorter_than_two_samples_teaches_nothing() -> None:
    ours = learner().play(held([*[-5.0] * 5, -200.0] * 10, OHMS))
    assert ours.learning.known == ()


def test_engine_cranking_teaches_the_truth() -> None:
    ours = learner().play(held(([-2.0] * 20 + [-250.0] * 12) * 5, 0.008), 0.1)
    assert ours.resistance == pytest.approx(0.008)


# The fit.


def test_steps_weigh_by_their_square() -> None:
    steps = (*[Step(3.0, 0.3 * sign, 1.0) for sign in (1, -1)] * 2, *[Step(30.0, 3.0, 1.0)] * 6)
    assert fit(steps, 0.0) == pytest.approx(0.1, rel=0.1)


def test_the_noise_of_the_current_does_not_make_the_resistance_small() -> None:
    """Noise is in the squares of the steps, not in their products with the voltage."""
    gauss = Random(4).gauss
    plain, corrected = 0.0, 0.0
    for _ in range(200):
        steps = tuple(Step(3.0 + gauss(0, 0.3), 0.3, 1.0) for _ in range(24))
        plain += (fit(steps, 0.0) or 0.0) / 200
        corrected += (fit(steps, 0.3) or 0.0) / 200
    assert corrected == pytest.approx(0.1, rel=0.003)
    assert plain < 0.0995


def test_steps_that_drown_in_noise_say_nothing() -> None:
    assert fit((Step(3.0, 0.3, 1.0),) * 6, 10.0) is None


def test_too_few_that_agree_say_nothing() -> None:
    assert fit((*[Step(5.0, 0.5, 1.0)] * 3, Step(5.0, 5.0, 1.0)), 0.0) is None


def test_large_steps_outvote_more_small_ones() -> None:
    steps = (*[Step(3.0, 0.9, 1.0)] * 6, *[Step(30.0, 3.0, 1.0)] * 5)
    assert fit(steps, 0.0) == pytest.approx(0.1, rel=0.05)


def test_a_resistance_that_is_not_the_same_at_every_current_is_averaged() -> None:
    steps = (*[Step(20.0, 2.0, 1.0)] * 5, *[Step(20.0, 2.16, 1.0)] * 3)
    assert fit(steps, 0.0) == pytest.approx(0.103)


def test_a_coarse_voltage_is_no_glitch() -> None:
    steps = (*[Step(3.0, 0.06, 1.0)] * 6, *[Step(3.0, 0.07, 1.0)] * 4)
    assert fit(steps, 0.0) == pytest.approx(0.064 / 3)


def test_a_few_small_steps_that_agree_by_chance_are_not_believed() -> None:
    assert fit((Step(2.0, 0.02, 0.5),) * 4, 0.0) is None
    assert fit((Step(2.0, 0.02, 0.5),) * 8, 0.0) == pytest.approx(0.01)


@pytest.mark.parametrize("spacing", [0.1, 1.0, 2.0, 10.0])
def test_a_step_weighs_by_how_well_its_levels_are_known(spacing: float) -> None:
    scatter = []
    for seed in range(10):
        silent = [(13.0, current) for current in ([-5.0] * 20 + [-25.0] * 20) * 11]
        ours = learner().play(noisy(silent, seed), spacing)
        scatter += [step.weight * step.voltage**2 for step in ours.learning.known[0].steps]
    assert len(scatter) > 200
    assert sum(scatter) / len(scatter) == pytest.approx(VOLTAGE_NOISE**2, rel=0.15)
