"""Internal resistance on the series that lead ArduPilot's estimate astray: nearer the truth, or unknown."""

import pytest

from .ardupilot_series import HAZARDS, SQUARE_WAVES, Hazard
from .series import Learner, Sample, held

AS_PRINTED = 0.5e-6
"""What the tables leave unsaid, in ohm."""


def learner() -> Learner:
    return Learner(capacity=None, noise=0.0, temperature=None)


@pytest.mark.parametrize("hazard", HAZARDS.values(), ids=list(HAZARDS))
def test_no_sample_makes_it_worse_than_ardupilot_s(hazard: Hazard) -> None:
    ours = learner()
    for row in hazard.rows:
        ours.sample(row.voltage, row.current, row.time - ours.time)
        if ours.resistance is not None:
            error = abs(ours.resistance - hazard.resistance)
            assert error <= abs(row.ardupilot - hazard.resistance) + AS_PRINTED


@pytest.mark.parametrize("name", [name for name in HAZARDS if name[0] in "ABD"])
def test_a_series_that_shows_the_resistance_is_learned_from_when_it_goes_on(name: str) -> None:
    hazard = HAZARDS[name]
    first = hazard.rows[0].time
    ours = learner()
    for _ in range(5):
        previous = 0.0
        for row in hazard.rows:
            ours.sample(row.voltage, row.current, row.time - previous if previous else first)
            previous = row.time
    assert ours.resistance == pytest.approx(hazard.resistance)


@pytest.mark.parametrize("name", SQUARE_WAVES)
def test_it_is_never_worse_on_a_square_wave_and_exact_from_the_fourth_step_on(name: str) -> None:
    spacing, held, checkpoints = SQUARE_WAVES[name]
    ours = learner()
    for number in range(1, max(checkpoints) + 1):
        current = -25.0 if (number - 1) // held % 2 else -5.0
        ours.sample(15.6 + 0.030 * current, current, spacing)
        if number in checkpoints and ours.resistance is not None:
            assert abs(ours.resistance - 0.030) <= abs(checkpoints[number] - 0.030) + AS_PRINTED
        if number > 5 * held:
            assert ours.resistance == pytest.approx(0.030)


def declining(current: float) -> list[Sample]:
    """Return an hour by the second in which the open-circuit voltage falls by 2 V."""
    return [(12.8 - second / 1800 + 0.03 * current, current) for second in range(3600)]


def test_a_decline_that_a_small_step_goes_along_with_is_no_resistance() -> None:
    ours = learner().square(0.030, 8)
    ours.play([*declining(-2.0), *declining(-3.5)])
    assert ours.resistance == pytest.approx(0.030)


def test_a_ramp_of_the_current_on_a_declining_voltage_is_no_step() -> None:
    ours = learner()
    ours.play((13 - second / 600 - 0.03 * second / 60, -second / 60) for second in range(3600))
    assert ours.learning.known == ()


def test_a_load_that_rises_a_little_right_after_its_step_does_not_hide_the_step() -> None:
    """The 3 A of it would be a step of a small battery, and are none of one of 300 Ah."""
    ours = Learner(capacity=300.0, noise=0.0)
    ours.play(held(([-2.0] * 6 + [-52.0] + [-55.0] * 6) * 3, 0.03))
    assert [step.current < 0.0 for step in ours.learning.known[0].steps] == [True, False] * 2 + [True]
    assert ours.resistance == pytest.approx(0.03)


@pytest.mark.parametrize(("spacing", "taken"), [(4.8, 4.0), (3.4, 4.0), (5.2, 5.2), (3.0, 3.0)])
def test_samples_that_come_a_little_sooner_or_later_are_of_the_same_spacing(
    spacing: float, taken: float
) -> None:
    ours = Learner().play(held([-5.0] * 3, 0.03), 4.0).play(held([-5.0] * 3, 0.03), spacing)
    assert ours.learning.spacing == taken


def test_what_is_known_at_another_spacing_is_told_until_enough_was_seen_at_this_one() -> None:
    ours = Learner(noise=0.0).square(0.03, 6, 1.0).square(0.06, 1, 10.0)
    assert [one.resistance is None for one in ours.learning.known] == [False, True]
    assert ours.resistance == pytest.approx(0.03)


def test_a_step_without_a_temperature_forgets_none_that_was_known() -> None:
    ours = Learner(noise=0.0).square(0.03, 6)
    ours.temperature = None
    ours.square(0.03, 1)
    ours.temperature = 41.0
    assert ours.resistance is None, "it was learned at 25 degC"
