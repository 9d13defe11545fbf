"""What a battery holds, learned between two anchors (rules 3)."""

from dataclasses import replace
from math import nan

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation import charge as counting
from custom_components.battmon.model.estimation.capacity import Swing, is_capacity, learn
from custom_components.battmon.model.estimation.charge import ChargeCounting
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.reading import Reading

from .charge_bench import LI_ION, LIFEPO4, PLAIN, Bench, counting_at

HOUR = 3600.0
TRUSTED = replace(PLAIN, ignore_device_state_of_charge=False)


def fill(bench: Bench) -> None:
    """Hold it until it is full."""
    bench.hold(400.0, 1.0, 3.46)


def run_down(bench: Bench, charge: float, current: float = -10.0) -> None:
    """Take that many Ah out until it is empty."""
    bench.hold(charge / abs(current) * HOUR, current, 3.25, step=60.0)
    bench.hold(60.0, current / 1e6, 2.79)


def swung(charge: float, settings: BatterySettings = LIFEPO4, *, times: int = 1) -> Bench:
    """Return a battery from which that many Ah came between full and empty."""
    bench = Bench(settings)
    fill(bench)
    run_down(bench, charge)
    for _ in range(times - 1):
        bench.hold(charge / 0.99 / 10.0 * HOUR, 10.0, 3.25, step=60.0)
        fill(bench)
        run_down(bench, charge)
    return bench


def test_what_comes_out_between_full_and_empty_is_the_capacity() -> None:
    assert swung(97.0).charge.learned_capacity == pytest.approx(97.0, abs=0.1)


@pytest.mark.parametrize(("charge", "learned"), [(60.0, 95.0), (150.0, 105.0)])
def test_it_moves_five_percent_at_a_time(charge: float, learned: float) -> None:
    assert swung(charge).charge.learned_capacity == pytest.approx(learned)


def test_many_swings_find_a_capacity_far_off() -> None:
    assert swung(80.0, times=3).charge.learned_capacity == pytest.approx(80.0, abs=0.1)


def test_a_learned_capacity_is_health_and_full_capacity() -> None:
    settings = replace(LIFEPO4, capacity=None)
    bench = Bench(settings)
    bench.sample(full_capacity=100.0)
    fill(bench)
    run_down(bench, 96.0)
    assert counting.full_capacity(bench.charge, bench.reading, settings) == pytest.approx(96.0, abs=0.1)
    reading = replace(bench.reading, design_capacity=100.0)
    assert counting.state_of_health(bench.charge, reading, settings) == pytest.approx(96.0, abs=0.1)


def test_charging_from_empty_to_full_is_as_good() -> None:
    bench = Bench()
    bench.hold(100.0, 0.0, 2.79)
    bench.hold(9.7 * HOUR, 10.0, 3.25, step=60.0)
    fill(bench)
    # 97 Ah go in, 1 % of it does not come out again.
    assert bench.charge.learned_capacity == pytest.approx(97.0 * 0.99, abs=0.2)


def test_a_full_battery_that_stays_full_teaches_nothing() -> None:
    bench = Bench()
    fill(bench)
    bench.hold(48 * HOUR, 0.5, 3.46, step=60.0)
    assert bench.charge.learned_capacity is None
    run_down(bench, 97.0)
    assert bench.charge.learned_capacity == pytest.approx(97.0, abs=0.1)


@pytest.mark.parametrize("temperature", [None, 9.0, 41.0])
def test_nothing_is_learned_in_the_cold_or_heat_or_where_neither_is_known(temperature: float | None) -> None:
    bench = Bench(temperature=temperature)
    fill(bench)
    run_down(bench, 97.0)
    assert bench.charge.learned_capacity is None


def test_nothing_is_learned_from_half_a_swing_in_the_warmth() -> None:
    bench = Bench()
    fill(bench)
    bench.temperature = 0.0
    run_down(bench, 97.0)
    assert bench.charge.learned_capacity is None


def test_nothing_is_learned_of_a_charge_that_nobody_watched() -> None:
    bench = Bench()
    bench.hold(2 * HOUR, 0.0, 2.79)
    bench.sample(1.0, 3.46, after=10 * HOUR, gap=True)
    fill(bench)
    assert bench.counted == 100.0
    assert bench.charge.learned_capacity is None


@pytest.mark.parametrize(("gap", "learned"), [(60.0, 97.0), (265.0, 97.0), (285.0, None)])
def test_a_restart_of_four_minutes_does_not_end_a_swing(gap: float, learned: float | None) -> None:
    """As long as what may have flowed unseen at 0.2 C leaves it certain to 3 points."""
    bench = Bench()
    fill(bench)
    bench.hold(4 * HOUR, -10.0, 3.25, step=60.0)
    bench.sample(-10.0, 3.25, after=gap, gap=True)
    run_down(bench, 57.0)
    assert bench.charge.learned_capacity == (None if learned is None else pytest.approx(learned, abs=0.2))


def test_nothing_is_learned_across_a_gap() -> None:
    bench = Bench()
    fill(bench)
    bench.hold(4 * HOUR, -10.0, 3.25, step=60.0)
    bench.sample(-10.0, 3.25, after=HOUR, gap=True)
    run_down(bench, 47.0)
    assert bench.charge.learned_capacity is None


def test_nothing_is_learned_from_a_swing_that_took_days() -> None:
    bench = Bench()
    fill(bench)
    run_down(bench, 97.0, -1.0)
    assert bench.charge.learned_capacity is None


def test_nothing_is_learned_with_a_sensor_that_is_connected_the_wrong_way_round() -> None:
    bench = Bench()
    fill(bench)
    bench.hold(9.7 * HOUR, 10.0, 3.25, step=60.0)
    bench.hold(60.0, 0.0, 2.79)
    assert bench.charge.learned_capacity is None


def test_nothing_is_learned_after_a_person_set_the_state_of_charge() -> None:
    bench = Bench()
    fill(bench)
    bench.set(100.0)
    run_down(bench, 97.0)
    assert bench.charge.learned_capacity is None


def test_a_rest_in_between_does_not_end_a_good_swing() -> None:
    bench = Bench(LI_ION)
    bench.hold(400.0, 1.0, 4.11)
    bench.hold(3.0 * HOUR, -10.0, 3.9, step=60.0)
    bench.hold(HOUR, 0.0, 3.887, step=60.0)
    bench.hold(3.1 * HOUR, -10.0, 3.7, step=60.0)
    bench.hold(0.6 * HOUR, 0.0, 3.648, step=60.0)
    # 61 Ah between 100 and 40 %.
    assert bench.charge.learned_capacity == pytest.approx(61.0 / 0.6, abs=0.3)


def test_a_rest_begins_a_swing() -> None:
    bench = Bench(replace(LI_ION, chemistry=Chemistry.LI_ION))
    bench.hold(HOUR, 0.0, 3.556, step=60.0)
    bench.hold(6.8 * HOUR, 10.0, 3.8, step=60.0)
    bench.hold(400.0, 1.0, 4.11)
    # 68 Ah go in between 30 and 100 %.
    assert bench.charge.learned_capacity == pytest.approx(68.0 * 0.99 / 0.7, abs=0.3)


def test_an_uncertain_anchor_neither_ends_nor_begins_a_swing() -> None:
    swing = Swing(100.0, -60.0)
    result = learn(swing, None, 100.0, state_of_charge=40.0, uncertainty=3.1, temperature=25.0, at_end=False)
    assert result == (swing, None)


def test_a_swing_does_not_go_on_beyond_a_full_battery_in_the_cold() -> None:
    """What flows into a full battery is not stored."""
    result = learn(
        Swing(0.0, 97.0), None, 100.0, state_of_charge=100.0, uncertainty=1.0, temperature=5.0, at_end=True
    )
    assert result == (None, None)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [(100.0, True), (None, False), (0.0, False), (-1.0, False), (float("nan"), False), (float("inf"), False)],
)
def test_a_capacity_is_a_number_above_zero(value: float | None, is_one: bool) -> None:
    assert is_capacity(value) is is_one


FULL = Reading(full_capacity=90.0)
LEARNED = ChargeCounting(learned_capacity=92.0)


def test_a_person_knows_the_capacity_better_than_what_was_learned() -> None:
    assert counting.full_capacity(LEARNED, FULL, PLAIN) == 100.0


def test_what_was_learned_is_better_than_what_the_device_says() -> None:
    assert counting.full_capacity(LEARNED, FULL, BatterySettings()) == 92.0
    assert counting.full_capacity(ChargeCounting(), FULL, BatterySettings()) == 90.0


def test_a_charge_is_a_share_of_what_was_learned_where_nobody_said_the_capacity() -> None:
    bench = Bench(replace(PLAIN, capacity=None), ChargeCounting(counted=50.0, learned_capacity=50.0))
    for _ in range(2):
        bench.sample(-10.0, after=HOUR, full_capacity=100.0)
    assert bench.counted == pytest.approx(30.0)


def test_the_same_charge_is_a_smaller_share_of_a_larger_battery() -> None:
    bench = counting_at(50.0, replace(LIFEPO4, capacity=400.0))
    bench.hold(HOUR, -40.0)
    assert bench.counted == pytest.approx(40.0, abs=0.001)
    assert bench.charge.uncertainty == pytest.approx(1.0 + (0.4 + 0.05) / 4, abs=0.001)
    bench.hold(HOUR, 40.0)
    assert bench.counted == pytest.approx(49.9, abs=0.001)


def test_the_charge_left_is_the_devices_own_unless_it_is_ignored() -> None:
    reading = Reading(remaining_capacity=33.0, state_of_charge=40.0)
    charge = ChargeCounting(counted=50.0)
    assert counting.remaining_capacity(charge, reading, TRUSTED) == 33.0
    assert counting.remaining_capacity(charge, reading, PLAIN) == 50.0
    assert counting.remaining_capacity(charge, replace(reading, remaining_capacity=0.0), TRUSTED) == 0.0


def test_the_charge_left_is_a_share_of_the_capacity() -> None:
    assert counting.remaining_capacity(ChargeCounting(), Reading(state_of_charge=40.0), TRUSTED) == 40.0
    assert counting.remaining_capacity(ChargeCounting(), Reading(), TRUSTED) is None
    assert (
        counting.remaining_capacity(ChargeCounting(), Reading(state_of_charge=40.0), BatterySettings())
        is None
    )
    assert counting.remaining_capacity(ChargeCounting(), Reading(remaining_capacity=nan), TRUSTED) is None


def test_health_is_the_devices_own() -> None:
    assert counting.state_of_health(LEARNED, Reading(state_of_health=100.0), PLAIN) == 100.0
    assert counting.state_of_health(LEARNED, Reading(state_of_health=88.0), PLAIN) == 88.0


@pytest.mark.parametrize("nonsense", [None, 0.0, 101.0, 255.0, nan])
def test_health_is_else_the_learned_share_of_the_capacity(nonsense: float | None) -> None:
    reading = Reading(state_of_health=nonsense)
    assert counting.state_of_health(LEARNED, reading, PLAIN) == pytest.approx(92.0)
    assert counting.state_of_health(LEARNED, replace(reading, design_capacity=184.0), PLAIN) == 50.0
    assert counting.state_of_health(LEARNED, replace(reading, design_capacity=80.0), PLAIN) == 100.0


def test_health_is_unknown_before_the_capacity_was_learned() -> None:
    assert counting.state_of_health(ChargeCounting(), Reading(), PLAIN) is None
    assert counting.state_of_health(LEARNED, Reading(), BatterySettings()) is None
