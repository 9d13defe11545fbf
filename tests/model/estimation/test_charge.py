"""What is counted, from where, and what bad samples do to it (rules 3)."""

from dataclasses import replace
from datetime import timedelta
from math import inf, nan

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation import charge as counting
from custom_components.battmon.model.estimation.charge import ChargeCounting, Origin, StateOfCharge
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.instant import Instant

from .charge_bench import LI_ION, LIFEPO4, PLAIN, START, Bench, counting_at

TRUSTED = replace(PLAIN, ignore_device_state_of_charge=False)
HOUR = 3600.0


def test_an_hour_of_ten_ampere_takes_ten_ampere_hours() -> None:
    bench = counting_at(50.0, PLAIN)
    bench.hold(HOUR, -10.0)
    assert bench.counted == pytest.approx(40.0, abs=0.001)


def test_what_is_charged_counts_by_its_efficiency() -> None:
    bench = counting_at(50.0)
    bench.hold(HOUR, 10.0)
    assert bench.counted == pytest.approx(59.9, abs=0.001)


def test_a_larger_current_takes_more_out_of_lead_acid() -> None:
    """A 20 h battery of 100 Ah gives 5 A for 20 h, and by Peukert 20 A for 20 (5 / 20)^1.2 h."""
    lead = replace(LIFEPO4, chemistry=Chemistry.LEAD_ACID)
    slow, fast = counting_at(90.0, lead), counting_at(90.0, lead)
    slow.hold(2 * HOUR, -5.0, 2.05)
    fast.hold(2 * HOUR, -20.0, 2.05)
    assert slow.counted == pytest.approx(80.0, abs=0.001)
    assert fast.counted == pytest.approx(90.0 - 100 * 2 / (20 * (5 / 20) ** 1.2), abs=0.001)


def test_a_small_current_gives_lead_acid_no_more_than_its_capacity() -> None:
    bench = counting_at(90.0, replace(LIFEPO4, chemistry=Chemistry.LEAD_ACID))
    bench.hold(10 * HOUR, -1.5, 1.95, step=60.0)
    assert bench.counted == pytest.approx(75.0, abs=0.001)


def test_counting_stops_at_99_percent() -> None:
    bench = counting_at(98.0)
    bench.hold(HOUR, 10.0)
    assert bench.counted == 99.0


def test_counting_never_takes_back_what_a_full_battery_had_above_99_percent() -> None:
    bench = counting_at(100.0, PLAIN)
    bench.hold(180.0, -10.0)
    bench.hold(HOUR, 10.0)
    assert bench.counted == pytest.approx(99.5, abs=0.001)


def test_counting_stops_at_0_percent() -> None:
    bench = counting_at(1.0)
    bench.hold(HOUR, -10.0)
    assert bench.counted == 0.0
    bench.sample(0.1, after=1.0)
    bench.sample(-10.0, after=HOUR)
    assert bench.counted == 0.0, "though it came up in between"


def test_what_crosses_zero_goes_up_before_it_comes_down() -> None:
    bench = counting_at(99.0, PLAIN)
    bench.sample(10.0, after=1e-6)
    bench.sample(-10.0, after=720.0)
    assert bench.counted == pytest.approx(98.5, abs=0.001)


def test_what_crosses_zero_goes_down_before_it_comes_up() -> None:
    bench = counting_at(99.0, PLAIN)
    bench.sample(-10.0, after=1e-6)
    bench.sample(10.0, after=720.0)
    assert bench.counted == pytest.approx(99.0, abs=0.001)


def test_a_sample_without_current_is_a_gap_on_both_its_sides() -> None:
    bench = counting_at(80.0, PLAIN)
    bench.hold(HOUR, -10.0)
    before, uncertainty, mean = bench.counted, bench.charge.uncertainty, bench.charge.mean_discharge
    assert mean == pytest.approx(10.0, rel=0.01)
    bench.sample(None, after=360.0)
    bench.sample(-10.0, after=360.0)
    assert bench.counted == before
    assert bench.charge.uncertainty == pytest.approx(uncertainty + 0.2 * (mean + 0.05))


@pytest.mark.parametrize("spike", [nan, inf, -inf, 1e6, -10_001.0])
def test_a_current_that_no_battery_has_is_unknown(spike: float) -> None:
    bench = counting_at(80.0, PLAIN)
    bench.hold(HOUR, -10.0)
    before = bench.counted
    bench.sample(spike)
    bench.sample(-10.0)
    assert bench.counted == before


def test_an_inrush_of_one_sample_counts_for_the_time_it_was_seen() -> None:
    bench = counting_at(80.0, PLAIN)
    bench.sample(-300.0, after=1.0)
    bench.sample(0.0, after=1.0)
    assert bench.counted == pytest.approx(80.0 - 300 / 3600, abs=0.001)


@pytest.mark.parametrize("after", [0.0, -5.0])
def test_time_that_does_not_pass_changes_nothing(after: float) -> None:
    bench = counting_at(80.0, PLAIN)
    before = bench.hold(HOUR, -10.0)
    assert bench.sample(-10.0, after=after) is before


def test_a_current_of_the_wrong_sign_stays_between_empty_and_full() -> None:
    bench = counting_at(80.0)
    bench.hold(20 * HOUR, 10.0, step=60.0)
    assert bench.counted == 99.0
    bench.hold(20 * HOUR, -10.0, step=60.0)
    assert bench.counted == 0.0


@pytest.mark.parametrize("said", [0.0, 63.0, 100.0])
def test_the_devices_own_state_of_charge_goes_first(said: float) -> None:
    bench = counting_at(80.0, TRUSTED)
    bench.sample(state_of_charge=said)
    assert bench.shown == StateOfCharge(said, Origin.DEVICE, None)


@pytest.mark.parametrize("nonsense", [None, 101.0, 127.0, 255.0, nan, -1.0])
def test_counting_stands_in_for_a_device_that_does_not_know(nonsense: float | None) -> None:
    bench = Bench(TRUSTED)
    bench.sample(state_of_charge=70.0)
    bench.hold(HOUR, -10.0)
    bench.sample(-10.0, state_of_charge=nonsense)
    assert bench.shown is not None
    assert bench.shown.origin is Origin.COUNTED
    assert bench.shown.value == pytest.approx(60.0, abs=0.05)
    assert bench.shown.uncertainty == pytest.approx(10.15, abs=0.01)


def test_a_device_that_is_ignored_is_not_even_begun_with() -> None:
    bench = Bench(PLAIN)
    bench.sample(state_of_charge=70.0)
    assert bench.shown is None


def test_a_device_that_restarts_its_counters_does_not_move_the_count() -> None:
    bench = Bench(TRUSTED)
    bench.sample(state_of_charge=70.0)
    bench.sample(state_of_charge=0.0)
    assert bench.shown == StateOfCharge(0.0, Origin.DEVICE, None)
    assert bench.counted == pytest.approx(70.0)


def test_a_count_that_has_become_worse_than_the_device_returns_to_it() -> None:
    bench = Bench(TRUSTED)
    bench.sample(state_of_charge=70.0)
    bench.charge = bench.charge._replace(uncertainty=18.5)
    bench.sample(state_of_charge=60.0)
    assert bench.counted == pytest.approx(70.0)
    bench.sample(after=24 * HOUR, gap=True, state_of_charge=60.0)
    assert bench.counted == pytest.approx(70.0)
    bench.sample(after=24 * HOUR, gap=True, state_of_charge=60.0)
    assert counting.counted_state_of_charge(bench.charge) == StateOfCharge(60.0, Origin.COUNTED, 10.0)


def test_an_unsigned_current_is_never_counted() -> None:
    bench = Bench(replace(LIFEPO4, current_is_unsigned=True))
    bench.set(50.0)
    bench.sample(5.0)
    assert bench.shown is None
    assert counting.counted_state_of_charge(bench.charge) is None


def test_nothing_is_counted_for_a_battery_of_unknown_capacity() -> None:
    bench = Bench(BatterySettings(chemistry=Chemistry.LIFEPO4))
    bench.hold(600.0, -5.0)
    assert bench.shown is None


def test_nothing_happens_to_a_battery_that_nothing_is_known_of() -> None:
    bench = Bench(BatterySettings())
    assert bench.hold(600.0, -5.0) == ChargeCounting()


def test_the_devices_capacity_is_enough_to_count() -> None:
    bench = Bench(BatterySettings())
    bench.sample(state_of_charge=50.0, full_capacity=200.0)
    bench.sample(-10.0, after=1e-6, full_capacity=200.0)
    bench.sample(-10.0, after=HOUR, full_capacity=200.0)
    assert bench.counted == pytest.approx(45.0, abs=0.001)


@pytest.mark.parametrize("lost", [None, 0.0, nan, inf, -5.0])
def test_the_devices_capacity_is_kept_while_it_does_not_tell(lost: float | None) -> None:
    bench = Bench(BatterySettings())
    bench.sample(-10.0, state_of_charge=50.0, full_capacity=200.0)
    bench.sample(-10.0, after=HOUR, full_capacity=lost)
    assert bench.counted == pytest.approx(45.0)
    assert counting.full_capacity(bench.charge, bench.reading, bench.settings) == 200.0


def test_a_battery_at_rest_begins_with_its_voltage() -> None:
    bench = Bench(LI_ION)
    bench.sample(0.0, 3.648)
    assert bench.shown is None, "one sample may be a spike"
    bench.sample(0.0, 3.648)
    assert bench.shown is not None
    assert bench.shown.origin is Origin.COUNTED
    assert bench.shown.value == pytest.approx(40.0, abs=2.0)
    # 15 mV at about 8 mV a point, two standard deviations.
    assert bench.shown.uncertainty == pytest.approx(3.6, abs=0.4)


def test_a_battery_under_load_does_not_begin_with_its_voltage() -> None:
    bench = Bench(LI_ION)
    bench.sample(-5.0, 3.648)
    assert bench.shown is None


def test_the_plateau_of_lifepo4_tells_nothing_before_it_has_rested() -> None:
    bench = Bench()
    bench.sample(0.0, 3.28)
    assert bench.shown is None


def test_the_plateau_of_lifepo4_tells_little_after_it_has_rested() -> None:
    bench = Bench()
    bench.hold(2 * HOUR, 0.0, 3.28, step=60.0)
    assert bench.shown is not None
    assert 10.0 <= (bench.shown.uncertainty or 0.0) <= 25.0


def test_a_battery_that_cannot_be_counted_shows_its_voltage_at_rest() -> None:
    bench = Bench(BatterySettings(chemistry=Chemistry.LI_ION, cells=4))
    bench.sample(0.0, 3.648)
    bench.sample(0.0, 3.648)
    assert bench.shown is not None
    assert bench.shown.origin is Origin.VOLTAGE
    assert bench.shown.value == pytest.approx(40.0, abs=2.0)
    bench.sample(-5.0, 3.5)
    assert bench.shown is None


def test_a_battery_whose_cells_are_not_read_goes_by_its_voltage() -> None:
    bench = Bench(LI_ION)
    bench.sample(0.0, None, voltage=4 * 3.648)
    bench.sample(0.0, None, voltage=4 * 3.648)
    assert bench.counted == pytest.approx(40.0, abs=2.0)


@pytest.mark.parametrize("samples", [[(0.0, 3.29)] * 3, [(-10.0, 3.29)] * 3])
def test_a_spike_at_rest_is_not_where_counting_begins(samples: list[tuple[float, float]]) -> None:
    """It would be empty, and critical, until it is charged."""
    bench = Bench()
    for current, mean in samples:
        bench.sample(current, mean)
    bench.sample(0.0, 2.6)
    assert bench.shown is None
    bench.sample(0.0, 3.29)
    assert bench.shown is None
    bench.sample(0.0, 2.6)
    bench.sample(0.0, 2.6)
    assert bench.counted == pytest.approx(0.0, abs=3.0), "twice it is no spike"


def test_a_spike_at_the_end_of_a_rest_corrects_nothing() -> None:
    bench = counting_at(75.0, LI_ION)
    bench.charge = bench.charge._replace(uncertainty=15.0)
    bench.hold(1790.0, mean=3.9)
    bench.sample(0.0, 3.3, after=20.0)
    assert bench.counted == pytest.approx(75.0, abs=0.1)
    bench.sample(0.0, 3.9)
    bench.sample(0.0, 3.9)
    assert bench.counted == pytest.approx(71.7, abs=0.5), "what it rests at is taken when the spike is over"


@pytest.mark.parametrize("cell", [0.0, 1.2, nan, 4.24, 4.4])
def test_a_voltage_that_no_cell_rests_at_tells_nothing(cell: float) -> None:
    bench = Bench(LI_ION)
    for _ in range(3):
        bench.sample(0.0, cell)
    assert bench.shown is None


@pytest.mark.parametrize(
    ("settings", "voltage"),
    [(LIFEPO4, None), (replace(LIFEPO4, cells=None), None), (replace(LIFEPO4, cells=None), 13.2)],
)
def test_without_the_voltage_of_a_cell_charge_is_counted_all_the_same(
    settings: BatterySettings, voltage: float | None
) -> None:
    bench = Bench(settings)
    bench.set(50.0)
    for _ in range(2):
        bench.sample(-10.0, None, voltage=voltage, after=HOUR)
    assert bench.counted == pytest.approx(40.0)


def test_a_person_knows_better() -> None:
    bench = counting_at(80.0)
    bench.set(42.0)
    assert bench.shown == StateOfCharge(42.0, Origin.COUNTED, 1.0)


@pytest.mark.parametrize(("said", "taken"), [(130.0, 100.0), (-1.0, 0.0)])
def test_a_person_cannot_fill_more_than_full(said: float, taken: float) -> None:
    assert counting.set_state_of_charge(ChargeCounting(), said).counted == taken


def test_reset_forgets_the_count_and_keeps_what_was_learned() -> None:
    learned = ChargeCounting(60.0, 3.0, 2.0, HOUR, 100.0, 92.0, START)
    assert counting.reset(learned) == ChargeCounting(
        device_capacity=100.0, learned_capacity=92.0, last_full_at=START
    )


def test_days_since_full_are_never_negative() -> None:
    charge = ChargeCounting(last_full_at=START)
    assert counting.days_since_full(charge, Instant(0.0, START + timedelta(days=3, hours=12))) == 3.5
    assert counting.days_since_full(charge, Instant(0.0, START - timedelta(days=1))) == 0.0
    assert counting.days_since_full(ChargeCounting(), Instant(0.0, START)) is None
