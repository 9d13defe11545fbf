"""At full, at empty and at rest (rules 3)."""

from dataclasses import replace

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation import charge as counting
from custom_components.battmon.model.estimation.anchors import IDLE
from custom_components.battmon.model.estimation.settings import BatterySettings
from simulators.chemistry import LIFEPO4 as SIMULATED

from .charge_bench import LI_ION, LIFEPO4, START, Bench, counting_at

MINUTE = 60.0
HOUR = 3600.0
LEAD_ACID = replace(LIFEPO4, chemistry=Chemistry.LEAD_ACID)


def test_a_battery_that_looks_full_for_five_minutes_is_full() -> None:
    bench = counting_at(90.0)
    bench.hold(5 * MINUTE - 10, 2.0, 3.46)
    assert bench.counted < 99.0
    assert bench.charge.last_full_at is None
    bench.hold(10.0, 2.0, 3.46)
    assert bench.shown is not None
    assert (bench.shown.value, bench.shown.uncertainty) == (100.0, 1.0)
    assert bench.charge.last_full_at is not None


def test_a_full_battery_stays_full_as_long_as_it_is_held() -> None:
    bench = counting_at(90.0)
    bench.hold(5 * HOUR, 0.5, 3.46, step=30.0)
    assert (bench.counted, bench.charge.uncertainty) == (100.0, 1.0)
    assert bench.charge.last_full_at is not None
    assert (bench.charge.last_full_at - START).total_seconds() == pytest.approx(bench.time)


def test_a_full_battery_that_is_not_fed_becomes_less_certain() -> None:
    """It may be giving a current inside the device's dead band, at a voltage that hardly falls."""
    bench = counting_at(90.0, replace(LIFEPO4, device_dead_band=0.2))
    bench.hold(HOUR, 2.0, 3.46)
    bench.hold(4 * HOUR, 0.0, 3.459)
    assert bench.counted == 100.0
    assert bench.charge.uncertainty == pytest.approx(2.0, abs=0.01)


def test_a_battery_that_rests_at_the_voltage_of_a_full_one_was_not_charged_to_it() -> None:
    bench = counting_at(90.0)
    bench.hold(HOUR, 0.0, 3.46)
    assert bench.charge.last_full_at is None


def test_a_battery_whose_charger_stops_at_once_is_full_all_the_same() -> None:
    """A small battery's device reads 0 below what still flows at full."""
    bench = counting_at(90.0)
    bench.hold(MINUTE, 5.0, 3.46)
    bench.hold(6 * MINUTE, 0.0, 3.46)
    assert bench.charge.last_full_at is not None


def test_a_full_battery_is_found_without_anything_counted_before() -> None:
    bench = Bench()
    bench.hold(6 * MINUTE, 2.0, 3.46)
    assert bench.counted == 100.0


def test_days_since_full_begin_when_it_is_no_longer_held() -> None:
    bench = counting_at(90.0)
    bench.hold(HOUR, 0.5, 3.46)
    bench.hold(24 * HOUR, -1.0, 3.30, step=60.0)
    days = counting.days_since_full(bench.charge, bench.now)
    assert days == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize(
    "unlike_full",
    [
        {"mean": 3.44},
        {"current": 4.1},
        {"current": -0.1},
        {"charging_enabled": False},
        {"alarms": frozenset({Alarm.CELL_OVERVOLTAGE})},
        {"highest": 3.60},
        {"current": None},
        {"gap": True},
    ],
)
def test_five_minutes_begin_anew_whenever_it_does_not_look_full(unlike_full: dict[str, object]) -> None:
    bench = counting_at(90.0)
    bench.hold(4 * MINUTE, 2.0, 3.46)
    bench.sample(**({"current": 2.0, "mean": 3.46} | unlike_full))  # type: ignore[arg-type]
    bench.hold(4 * MINUTE, 2.0, 3.46)
    assert bench.charge.last_full_at is None
    bench.hold(1 * MINUTE, 2.0, 3.46)
    assert bench.charge.last_full_at is not None


def test_a_voltage_that_falls_is_no_longer_held_by_the_charger() -> None:
    bench = counting_at(90.0)
    for step in range(60):
        bench.sample(2.0, 3.55 - 0.001 * step)
    assert bench.charge.last_full_at is None


def test_lead_acid_is_full_at_a_smaller_current() -> None:
    bench = counting_at(90.0, LEAD_ACID)
    bench.hold(10 * MINUTE, 3.0, 2.40)
    assert bench.charge.last_full_at is None
    bench.hold(10 * MINUTE, 1.9, 2.40)
    assert bench.charge.last_full_at is not None


def test_the_noise_of_the_current_does_not_stop_a_full_battery_from_being_full() -> None:
    bench = counting_at(90.0)
    bench.noise = 0.1
    bench.sample(2.0, 3.46)
    for step in range(40):
        bench.sample(0.25 if step % 2 else -0.25, 3.46)
    assert bench.charge.last_full_at is not None


def test_a_battery_of_unknown_chemistry_is_never_known_to_be_full() -> None:
    bench = counting_at(90.0, BatterySettings(capacity=100.0))
    bench.hold(HOUR, 2.0, 3.60)
    assert bench.charge.timers == IDLE
    assert bench.counted == pytest.approx(92.0, abs=0.01)


def test_a_cell_at_its_critical_voltage_for_a_minute_is_empty() -> None:
    bench = counting_at(12.0)
    bench.hold(50.0, -5.0, 2.79)
    assert bench.counted == pytest.approx(12.0, abs=0.1)
    bench.hold(10.0, -5.0, 2.79)
    assert bench.shown is not None
    assert (bench.shown.value, bench.shown.uncertainty) == (0.0, 3.0)


def test_one_cell_is_enough_for_empty() -> None:
    bench = counting_at(12.0)
    for _ in range(8):
        bench.sample(-5.0, 3.0, lowest=2.8)
    assert bench.counted == 0.0


@pytest.mark.parametrize(
    ("current", "lowest"),
    [(-20.0, 2.79), (-5.0, 2.81), (-5.0, 0.0), (-5.0, 1.3), (None, 2.79)],
    ids=["large current", "higher", "broken wire", "broken cell", "unknown current"],
)
def test_it_is_not_empty_otherwise(current: float | None, lowest: float) -> None:
    bench = counting_at(12.0)
    for _ in range(20):
        bench.sample(current, 3.0, lowest=lowest)
    assert bench.counted > 10.0


def test_a_spike_of_one_sample_is_neither_empty_nor_full() -> None:
    bench = counting_at(50.0)
    for spike in (2.5, 3.5):
        bench.hold(HOUR, 0.0, 3.29, step=60.0)
        bench.sample(0.0, spike, after=60.0)
    bench.hold(HOUR, 0.0, 3.29, step=60.0)
    assert bench.counted == pytest.approx(50.0)


def uncertain(settings: BatterySettings, percent: float, uncertainty: float) -> Bench:
    """Return a battery that has counted for long."""
    bench = counting_at(percent, settings)
    bench.charge = bench.charge._replace(uncertainty=uncertainty)
    return bench


def test_a_rested_battery_is_corrected_by_its_voltage() -> None:
    bench = uncertain(LI_ION, 45.0, 6.0)
    bench.hold(29 * MINUTE, 0.0, 3.648)
    assert bench.counted == pytest.approx(45.0)
    bench.hold(1 * MINUTE, 0.0, 3.648)
    # 40 % by voltage, 3 points uncertain: four fifths of the way.
    assert bench.counted == pytest.approx(41.0, abs=0.1)
    assert bench.charge.uncertainty == 3.0


def test_a_correction_is_not_repeated() -> None:
    bench = uncertain(LI_ION, 45.0, 6.0)
    bench.hold(31 * MINUTE, 0.0, 3.648)
    corrected = bench.counted
    bench.hold(25 * MINUTE, 0.0, 3.648)
    assert bench.counted == corrected


def test_a_correction_moves_ten_points_at_most_and_stays_uncertain() -> None:
    bench = uncertain(LI_ION, 80.0, 30.0)
    bench.hold(30 * MINUTE, 0.0, 3.648)
    assert bench.counted == pytest.approx(70.0)
    assert bench.charge.uncertainty == pytest.approx(3.6 + 29.4, abs=0.5)
    bench.hold(30 * MINUTE, 0.0, 3.648)
    assert bench.counted == pytest.approx(60.0)


def test_a_count_that_is_better_than_the_voltage_stays() -> None:
    bench = uncertain(LI_ION, 45.0, 1.0)
    bench.hold(40 * MINUTE, 0.0, 3.648)
    assert bench.counted == pytest.approx(45.0)


def test_a_current_of_c_100_is_no_rest() -> None:
    bench = uncertain(LI_ION, 45.0, 20.0)
    bench.hold(60 * MINUTE, -1.0, 3.648)
    assert bench.counted == pytest.approx(44.0, abs=0.01)


def test_rest_begins_anew_after_a_gap() -> None:
    bench = uncertain(LI_ION, 45.0, 20.0)
    bench.hold(20 * MINUTE, 0.0, 3.648)
    bench.sample(0.0, 3.648, after=HOUR, gap=True)
    bench.hold(20 * MINUTE, 0.0, 3.648)
    assert bench.counted == pytest.approx(45.0)


def test_a_charger_that_holds_lead_acid_makes_no_voltage_of_rest() -> None:
    bench = uncertain(LEAD_ACID, 70.0, 30.0)
    bench.hold(5 * HOUR, 0.5, 2.25, step=60.0)
    assert bench.counted == pytest.approx(70.0 + 5 * 0.5 * 0.88, abs=0.01)


def test_a_lifepo4_cell_at_its_foot_is_corrected() -> None:
    bench = uncertain(LIFEPO4, 12.0, 8.0)
    bench.hold(2 * HOUR, 0.0, 3.05, step=60.0)
    assert bench.counted == pytest.approx(4.8, abs=1.5)


@pytest.mark.parametrize("counted", [5.0, 50.0, 95.0])
@pytest.mark.parametrize("truth", range(20, 91))
@pytest.mark.parametrize("branch", [-1, 1])
def test_20_to_90_percent_of_lifepo4_are_never_moved(truth: int, branch: int, counted: float) -> None:
    """The simulator's cell is of another make than the product's curve, and remembers the way it came."""
    mean = SIMULATED.open_circuit_voltage(truth / 100) + branch * SIMULATED.hysteresis
    bench = uncertain(LIFEPO4, counted, 60.0)
    bench.hold(5 * HOUR, 0.0, mean, step=600.0)
    assert bench.counted == pytest.approx(counted)


@pytest.mark.parametrize(("lowest", "highest"), [(0.0, 3.648), (3.0, 7.2)])
def test_a_broken_sense_wire_does_not_drag_the_mean_along(lowest: float, highest: float) -> None:
    bench = uncertain(LI_ION, 80.0, 20.0)
    for _ in range(200):
        bench.sample(0.0, 3.3, lowest=lowest, highest=highest)
    assert bench.counted == pytest.approx(80.0)
