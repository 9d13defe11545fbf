"""Internal resistance and resting voltage against the truth of a simulated battery (the issue's figures)."""

import pytest

from custom_components.battmon.model.estimation.resting import resting_voltage, sag
from simulators.battery import SimulatedBattery
from simulators.load import Constant

from .series import CAPACITY, CURRENT_NOISE, Learner, Sample, household, noisy, steps

pytestmark = pytest.mark.slow

SEEDS = range(20)
OHMS = (0.005, 0.020, 0.060)
SPACINGS = ((0.1, 5.0), (1.0, 5.0), (10.0, 20.0))
"""In s, with the height of the steps in A."""
CELLS = 4


def learned(samples: tuple[Sample, ...], spacing: float, seed: int) -> Learner:
    return Learner().play(noisy(samples, seed), spacing)


@pytest.mark.parametrize(("spacing", "height"), SPACINGS)
@pytest.mark.parametrize("resistance", OHMS)
def test_it_is_within_a_tenth_or_a_milliohm_after_20_steps(
    resistance: float, spacing: float, height: float
) -> None:
    shown = steps(resistance, spacing, height)
    found = [learned(shown.samples, spacing, seed).resistance for seed in SEEDS]
    error = max(0.001, 0.1 * shown.resistance)
    assert found == pytest.approx([shown.resistance] * len(SEEDS), abs=error)


@pytest.mark.parametrize(("spacing", "height"), SPACINGS[1:])
def test_steps_of_a_charging_current_teach_as_much(spacing: float, height: float) -> None:
    shown = steps(0.020, spacing, height, low=2 + height)
    assert all(current > 0 for _, current in shown.samples)
    assert learned(shown.samples, spacing, 1).resistance == pytest.approx(shown.resistance, rel=0.1)


def test_it_grows_with_the_spacing_as_the_battery_s_does() -> None:
    found = [learned(steps(0.060, *row).samples, row[0], 1).resistance or 0.0 for row in SPACINGS]
    assert found == sorted(found)
    assert found[2] > 1.1 * found[0]


def test_a_slow_discharge_without_steps_does_not_move_it() -> None:
    ours = learned(steps(0.020, 10.0, 20.0).samples, 10.0, 1)
    before = ours.learning.known
    battery = SimulatedBattery(4, CAPACITY, load=Constant(-2.0), state_of_charge=50)
    samples = []
    for _ in range(6 * 360):
        battery.advance(60.0)
        samples.append((battery.terminal_voltage, battery.current))
    assert samples[0][0] - samples[-1][0] > 1.5
    ours.play(noisy(samples, 9), 10.0)
    assert ours.learning.known is before
    assert ours.resistance == before[0].resistance is not None


@pytest.mark.parametrize("spacing", [1, 10])
def test_a_day_of_a_household_shows_it(spacing: int) -> None:
    """There loads switch anywhere between two samples: it is between what they show at once and at last."""
    extra = 0.020
    samples = ((volts + extra * current, current) for volts, current in household(0).samples[::spacing])
    ours = Learner(capacity=200.0).play(noisy(samples, 3), float(spacing))
    assert ours.resistance == pytest.approx(0.0202, rel=0.07)


# Resting voltage.


@pytest.mark.parametrize("count", [20, 21])
@pytest.mark.parametrize("low", [-2.0, 22.0], ids=["discharging", "charging"])
@pytest.mark.parametrize(("spacing", "height"), SPACINGS)
def test_the_resting_voltage_is_what_the_terminals_show_if_the_current_stops_60_s_after_a_step(
    spacing: float, height: float, low: float, count: int
) -> None:
    shown = steps(0.020, spacing, height, low, count)
    voltage, current = shown.samples[-1]
    error = max(0.005 * CELLS, 0.25 * abs(current * shown.resistance))
    for seed in SEEDS[:5]:
        resistance = learned(shown.samples, spacing, seed).resistance
        resting = resting_voltage(voltage, current, resistance)
        assert resting == pytest.approx(shown.resting_voltage, abs=error)
        assert sag(voltage, resting) == pytest.approx(shown.resting_voltage - voltage, abs=error)


def test_the_noise_of_these_tests_is_the_figures() -> None:
    samples = list(noisy([(13.0, -5.0)] * 10_000, 1))
    voltage = sum((volts - 13) ** 2 for volts, _ in samples) / 10_000
    current = sum((amperes + 5) ** 2 for _, amperes in samples) / 10_000
    assert voltage**0.5 == pytest.approx(0.010, rel=0.05)
    assert current**0.5 == pytest.approx(CURRENT_NOISE, rel=0.05)
