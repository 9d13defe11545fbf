"""The estimators joined: each gets from the others what it needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.capacity import Swing
from custom_components.battmon.model.estimation.charge_counting import (
    ChargeCounting,
    Origin,
    StateOfCharge,
)
from custom_components.battmon.model.estimation.counting import Counting
from custom_components.battmon.model.estimation.estimate import (
    NOTHING_ESTIMATED,
    Estimate,
    Estimators,
    cell_temperature,
    estimate,
)
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Place, Reading, Temperature

START = datetime(2026, 11, 21, tzinfo=UTC)
LIFEPO4 = BatterySettings(chemistry=Chemistry.LIFEPO4)
WARM = (Temperature(20.0, Place.CELL),)
CELLS = (3.30, 3.31, 3.29, 3.30)
USUAL = Reading(
    voltage=13.2,
    current=-10.0,
    full_capacity=100.0,
    cell_voltages=CELLS,
    temperatures=WARM,
    alarms=frozenset(),
)
HOUR = 3600.0


class Bench:
    """Estimates sample after sample."""

    def __init__(self, settings: BatterySettings = LIFEPO4, before: Estimators | None = None) -> None:
        self.settings = settings
        self.estimators = before or Estimators()
        self.found: Estimate = NOTHING_ESTIMATED
        self.low_capacity: float | None = None
        self.low_state_of_charge: float | None = None
        self.stale_after = 30.0
        self.time = 0.0
        self.previous: Reading | None = None

    def see(self, seconds: float | None = 1.0, usual: Reading = USUAL, **said: Any) -> Estimate:
        """Take a sample so many seconds after the last one, or after a gap (`None`)."""
        reading = replace(usual, **said)
        self.time += HOUR if seconds is None else seconds
        now = Instant(self.time, START + timedelta(seconds=self.time))
        if self.previous is None or seconds is None:
            span, previous = Span(now, None, 0.0 if self.previous is None else HOUR), None
        else:
            span, previous = Span(now, seconds), self.previous
        self.estimators, self.found = estimate(
            self.estimators,
            previous,
            reading,
            span,
            cell_figures(reading.cell_voltages),
            self.settings,
            low_capacity=self.low_capacity,
            low_state_of_charge=self.low_state_of_charge,
            stale_after=self.stale_after,
        )
        self.previous = reading
        return self.found

    def see_for(self, times: int, seconds: float = 1.0, **said: Any) -> Estimate:
        for _ in range(times):
            self.see(seconds, **said)
        return self.found

    def switch(
        self, resistance: float, times: int = 12, low: float = -5.0, high: float = -30.0, **said: Any
    ) -> Bench:
        """Switch a load on and off, so that the resistance shows."""
        for number in range(times):
            current = high if number % 2 else low
            for _ in range(12):
                self.see(1.0, voltage=13.2 + current * resistance, current=current, **said)
        return self


# What is known from the first sample on, and what is not.


def test_a_reading_that_says_nothing_tells_nothing() -> None:
    bench = Bench(BatterySettings())
    found = bench.see(usual=Reading())
    assert found._replace(limits=NOTHING_ESTIMATED.limits) == NOTHING_ESTIMATED
    assert (found.limits.charge_voltage, found.limits.charge_current, found.limits.discharge_current) == (
        None,
        None,
        None,
    )


def test_the_first_sample_tells_what_the_device_says() -> None:
    found = Bench().see(state_of_charge=60.0, remaining_capacity=58.0, state_of_health=97.0)
    assert found.state_of_charge == StateOfCharge(60.0, Origin.DEVICE, None)
    assert (found.remaining_capacity, found.full_capacity, found.state_of_health) == (58.0, 100.0, 97.0)
    assert (found.internal_resistance, found.resting_voltage, found.sag) == (None, None, None)
    assert found.counted == StateOfCharge(60.0, Origin.COUNTED, 10.0), "it is where counting begins"
    assert found.time_to_empty == pytest.approx(5.8 * HOUR)
    assert (found.limits.charge_current, found.limits.discharge_current) == (50.0, 100.0)
    assert found.limits.charge_voltage == pytest.approx(4 * 3.45)


# Totals.


def test_charge_and_energy_are_counted_from_sample_to_sample() -> None:
    bench = Bench()
    bench.see_for(361, 10.0)
    counting = bench.estimators.counting
    assert (counting.charge_out, counting.charge_in) == (pytest.approx(10.0), 0.0)
    assert (counting.energy_out, counting.energy_in) == (pytest.approx(132.0), 0.0)


def test_nothing_is_counted_across_a_gap() -> None:
    bench = Bench()
    bench.see()
    bench.see(None)
    assert bench.estimators.counting == Counting()


# Resistance and the resting voltage.


def test_steps_of_the_current_tell_resistance_sag_and_resting_voltage() -> None:
    found = Bench().switch(0.01).found
    assert found.internal_resistance == pytest.approx(0.01)
    assert found.resting_voltage == found.trusted_resting_voltage == pytest.approx(13.2)
    assert found.sag == pytest.approx(0.3)


def test_without_a_current_the_resting_voltage_is_not_known() -> None:
    bench = Bench().switch(0.01)
    found = bench.see(current=None)
    assert (found.resting_voltage, found.trusted_resting_voltage, found.sag) == (None, None, None)
    assert found.internal_resistance == pytest.approx(0.01)


def test_a_large_sag_is_shown_but_not_trusted() -> None:
    found = Bench().switch(0.1).found
    assert found.resting_voltage == pytest.approx(13.2)
    assert found.sag == pytest.approx(3.0)
    assert found.trusted_resting_voltage is None


def test_a_step_that_may_be_noise_of_the_current_teaches_nothing() -> None:
    noisy = Estimators(counting=Counting(noise=1.0))
    small: dict[str, Any] = {"low": -5.0, "high": -11.0}
    assert Bench().switch(0.01, **small).found.internal_resistance == pytest.approx(0.01)
    assert Bench(before=noisy).switch(0.01, **small).found.internal_resistance is None


def test_a_step_is_measured_by_the_capacity() -> None:
    large = BatterySettings(chemistry=Chemistry.LIFEPO4, capacity=1000.0)
    small: dict[str, Any] = {"low": -5.0, "high": -11.0}
    assert Bench(large).switch(0.01, **small).found.internal_resistance is None


def test_a_resistance_learned_in_the_warm_is_not_used_in_the_cold() -> None:
    bench = Bench().switch(0.01)
    assert bench.see(temperatures=(Temperature(6.0, Place.CELL),)).internal_resistance is not None
    assert bench.see(temperatures=(Temperature(4.0, Place.CELL),)).internal_resistance is None


def test_cells_that_are_not_read_are_known_by_the_resting_voltage() -> None:
    """A load must not make a battery at rest of another charge: the voltage without its current is taken."""
    settings = BatterySettings(chemistry=Chemistry.LIFEPO4, cells=4, capacity=100.0)
    bench = Bench(settings).switch(0.02, cell_voltages=None, full_capacity=None)
    # Under 15 A it is at 10.9 V, 2.725 V a cell: below critical. Without that it is at 11.2 V, which is not.
    for _ in range(70):
        bench.see(1.0, voltage=10.9, current=-15.0, cell_voltages=None, full_capacity=None)
    assert bench.estimators.charge.timers.empty is None


# State of charge, capacity, health.


def test_what_the_device_does_not_say_is_counted() -> None:
    bench = Bench()
    bench.see(state_of_charge=60.0)
    found = bench.see_for(360, 10.0)
    assert found.state_of_charge == found.counted
    assert found.counted is not None
    assert found.counted.origin is Origin.COUNTED
    assert found.counted.value == pytest.approx(50.0, abs=0.1)
    assert found.remaining_capacity == pytest.approx(found.counted.value)


def test_a_device_that_drifts_may_be_ignored() -> None:
    settings = BatterySettings(chemistry=Chemistry.LIFEPO4, ignore_device_state_of_charge=True)
    counted = Estimators(charge=ChargeCounting(counted=40.0, uncertainty=2.0))
    found = Bench(settings, counted).see(state_of_charge=90.0, remaining_capacity=90.0)
    assert found.state_of_charge is not None
    assert found.state_of_charge[:2] == (40.0, Origin.COUNTED)
    assert found.remaining_capacity == pytest.approx(40.0)


def test_the_lowest_cell_tells_that_a_battery_is_empty() -> None:
    bench = Bench()
    bench.see(state_of_charge=30.0)
    found = bench.see_for(61, cell_voltages=(3.2, 3.2, 2.79, 3.2))
    assert found.counted == StateOfCharge(0.0, Origin.COUNTED, 3.0)


@pytest.mark.parametrize(("highest", "full"), [(3.5, True), (3.61, False)])
def test_a_battery_is_full_by_its_mean_cell_unless_one_cell_is_too_high(highest: float, full: bool) -> None:
    bench = Bench()
    bench.see(state_of_charge=90.0, current=20.0)
    found = bench.see_for(302, current=2.0, cell_voltages=(3.46, 3.46, 3.46, highest))
    assert found.counted is not None
    assert (found.counted.value == 100.0) is full
    assert (bench.estimators.charge.last_full_at is not None) is full


def test_noise_of_the_current_makes_no_charger() -> None:
    """A full battery without its charger, whose current is inside its noise, was not just charged."""
    quiet, noisy = Estimators(), Estimators(counting=Counting(noise=0.1))
    for before, begins in ((quiet, True), (noisy, False)):
        bench = Bench(before=before)
        bench.see(state_of_charge=90.0, current=0.2)
        bench.see(current=0.2, cell_voltages=(3.46,) * 4)
        assert (bench.estimators.charge.timers.full is not None) is begins


def test_a_capacity_that_was_just_learned_counts_in_the_same_sample() -> None:
    swing = Swing(100.0, -80.0, 0.5)
    bench = Bench(before=Estimators(charge=ChargeCounting(counted=25.0, uncertainty=2.0, swing=swing)))
    found = bench.see_for(61, current=-1.0, cell_voltages=(2.79,) * 4)
    learned = bench.estimators.charge.learned_capacity
    assert learned is not None
    assert found.full_capacity == learned != 100.0
    assert found.limits.discharge_current is not None
    assert bench.see(current=-1.0).full_capacity == learned


def test_health_is_what_is_left_of_the_capacity_as_designed() -> None:
    before = Estimators(charge=ChargeCounting(learned_capacity=80.0))
    assert Bench(before=before).see(design_capacity=100.0).state_of_health == pytest.approx(80.0)


def test_a_current_without_a_sign_counts_no_charge_and_foretells_nothing() -> None:
    found = Bench(replace(LIFEPO4, current_is_unsigned=True)).see(
        remaining_capacity=50.0, state_of_charge=50.0
    )
    assert found.counted is None
    assert (found.time_to_empty, found.time_to_full) == (None, None)


# Time left.


@pytest.mark.parametrize(
    ("capacity", "charge", "hours"),
    [(None, None, None), (20.0, None, 3.0), (None, 30.0, 2.0), (20.0, 30.0, 2.0)],
)
def test_the_time_to_the_low_threshold(
    capacity: float | None, charge: float | None, hours: float | None
) -> None:
    bench = Bench()
    bench.low_capacity, bench.low_state_of_charge = capacity, charge
    found = bench.see(remaining_capacity=50.0)
    assert found.time_to_low == (None if hours is None else pytest.approx(hours * HOUR))
    assert found.time_to_empty == pytest.approx(5 * HOUR)


def test_the_time_to_full() -> None:
    found = Bench().see(remaining_capacity=50.0, current=25.0)
    assert (found.time_to_full, found.time_to_empty) == (pytest.approx(2 * HOUR), None)


# Limits.


def test_the_limits_follow_the_cells() -> None:
    found = Bench().see(cell_voltages=(3.30, 3.31, 3.29, 3.51))
    assert found.limits.charge_current == 0.0
    assert "high_cell" in found.limits.reasons


@pytest.mark.parametrize(("stale_after", "current"), [(30.0, 0.0), (100.0, 50.0)])
def test_a_lost_sensor_is_told_from_a_missing_one_by_the_stale_time(
    stale_after: float, current: float
) -> None:
    bench = Bench()
    bench.stale_after = stale_after
    bench.see()
    found = bench.see_for(50, temperatures=())
    assert found.limits.charge_current == current


# Temperature.


@pytest.mark.parametrize(
    ("sensors", "mean"),
    [
        (None, None),
        ((), None),
        ([(20.0, Place.CELL), (30.0, Place.UNKNOWN)], 25.0),
        ([(20.0, Place.CELL), (90.0, Place.MOSFET), (90.0, Place.BOARD), (-5.0, Place.AMBIENT)], 20.0),
        ([(None, Place.CELL)], None),
        ([(None, Place.CELL), (0.0, Place.CELL)], 0.0),
        ([(90.0, Place.MOSFET)], None),
    ],
)
def test_the_cells_temperature_is_the_mean_of_the_sensors_on_them(sensors: Any, mean: float | None) -> None:
    known = None if sensors is None else tuple(Temperature(*sensor) for sensor in sensors)
    assert cell_temperature(Reading(temperatures=known)) == mean
