"""How far a counted state of charge may be off (rules 3)."""

from dataclasses import replace
from math import exp

import pytest

from .charge_bench import PLAIN, counting_at

HOUR = 3600.0


def test_uncertainty_grows_by_gain_and_offset() -> None:
    bench = counting_at(50.0, replace(PLAIN, device_dead_band=0.2))
    bench.hold(HOUR, -10.0)
    assert bench.charge.uncertainty == pytest.approx(1.0 + 0.1 + 0.05, abs=0.001)


def test_uncertainty_grows_by_the_dead_band_while_the_device_reads_zero() -> None:
    bench = counting_at(50.0, replace(PLAIN, device_dead_band=0.2))
    bench.hold(HOUR, 0.0)
    assert bench.charge.uncertainty == pytest.approx(1.0 + 0.05 + 0.2, abs=0.001)


@pytest.mark.parametrize(("before", "after"), [(-10.0, 0.0), (0.0, -10.0)])
def test_a_load_that_comes_or_goes_between_two_samples_is_not_hidden_by_the_dead_band(
    before: float, after: float
) -> None:
    bench = counting_at(50.0, replace(PLAIN, device_dead_band=0.2))
    bench.sample(before, after=1e-3)
    bench.sample(after, after=HOUR)
    assert bench.charge.uncertainty == pytest.approx(1.0 + 0.05 + 0.05, abs=0.001)


def test_a_gap_may_have_gone_on_as_the_hour_before() -> None:
    bench = counting_at(80.0, PLAIN)
    bench.hold(6 * HOUR, -2.0, step=60.0)
    before, uncertainty = bench.counted, bench.charge.uncertainty
    bench.sample(-2.0, after=5 * HOUR, gap=True)
    assert bench.counted == before
    assert bench.charge.uncertainty == pytest.approx(uncertainty + 5 * 2.05, abs=0.05)


def test_a_gap_after_charging_may_have_gone_on_as_the_discharge_before_it() -> None:
    bench = counting_at(80.0, PLAIN)
    bench.hold(4 * HOUR, -2.0)
    bench.hold(HOUR, 10.0)
    mean = bench.charge.mean_discharge
    assert mean == pytest.approx(2.0 * exp(-1), rel=0.03)


def test_a_gap_of_a_day_moves_nothing_and_makes_all_uncertain() -> None:
    bench = counting_at(80.0, PLAIN)
    bench.hold(HOUR, -10.0)
    before = bench.counted
    bench.sample(-10.0, after=24 * HOUR, gap=True)
    assert bench.counted == before
    assert bench.charge.uncertainty == 100.0
