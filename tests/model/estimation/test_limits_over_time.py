"""How limits fall at once and rise slowly, and what a lost sensor does to them (rules 4)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.limits import LimitKeeping, Limits
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .limits_bench import LIFEPO4, NEW, kept, limits, pack

# Sensors that never were, and sensors that are lost


def test_a_battery_without_sensors_has_no_curves_and_says_so() -> None:
    found = limits(Reading())
    assert found == Limits(None, 50.0, 100.0, (), ("cells", "temperatures", "mosfets"))


def test_a_sensor_that_was_never_there_is_not_missed() -> None:
    none = pack(cell_temperatures=(None,))
    found = limits(*(none,) * 100)
    assert found[1:] == (50.0, 100.0, (), ("temperatures",))


@pytest.mark.parametrize("absurd", [None, float("nan"), -40.1, -273.0, 120.1, float("inf"), -float("inf")])
def test_a_lost_temperature_stops_charging_and_leaves_a_quarter_of_discharging(absurd: float | None) -> None:
    lost = pack(cell_temperatures=(absurd,))
    before = kept(pack(), *(lost,) * 5)  # the first of them is when it is missed
    assert before.limits[1:4] == (50.0, 100.0, ())
    assert kept(lost, before=before).limits[1:4] == (0.0, 25.0, ("sensor_lost",))


def test_one_of_several_lost_temperatures_is_lost_too() -> None:
    both, one = pack(cell_temperatures=(20.0, 20.0)), pack(cell_temperatures=(20.0, None))
    assert limits(both, *(one,) * 6)[1:3] == (0.0, 25.0)


def test_a_lost_mosfet_temperature_is_lost_too() -> None:
    assert limits(pack(), *(pack(mosfet=()),) * 6)[1:4] == (0.0, 25.0, ("sensor_lost",))


def test_a_lost_sensor_allows_no_more_than_those_that_are_left() -> None:
    frozen = pack(cell_temperatures=(-19.0,), mosfet=())
    blind = kept(pack(), *(frozen,) * 6, capacity=None)
    assert limits(frozen, before=blind).discharge_current == pytest.approx(20.0)


def test_lost_cells_stop_both_currents_after_a_minute() -> None:
    lost = pack(cells=None)
    before = kept(pack(), *(lost,) * 6)
    assert before.limits[1:4] == (50.0, 100.0, ())
    assert kept(lost, before=before).limits[1:4] == (0.0, 0.0, ("cells_lost",))


@pytest.mark.parametrize("absurd", [None, 0.0, 0.49, -1.0, 5.01, 65.535, float("nan"), float("inf")])
@pytest.mark.parametrize("at", [0, 2])
def test_a_cell_that_cannot_be_is_a_lost_cell(absurd: float | None, at: int) -> None:
    cells: list[float | None] = [3.3, 3.3, 3.3, 3.3]
    cells[at] = absurd
    lost = pack(cells=tuple(cells))
    before = kept(pack(), *(lost,) * 6)
    assert before.limits[1:4] == (50.0, 100.0, ())
    assert kept(lost, before=before).limits[1:3] == (0.0, 0.0)


def test_all_cells_at_nothing_are_lost_and_limit_nothing_before() -> None:
    dead = pack(cells=(0.0,) * 4)
    assert limits(pack(), dead)[1:3] == (50.0, 100.0)
    assert limits(pack(), *(dead,) * 7)[1:3] == (0.0, 0.0)


def test_the_other_cells_still_count_beside_a_lost_one() -> None:
    assert limits(pack(), pack(cells=(0.0, 3.3, 3.3, 3.40))).charge_current == pytest.approx(12.5)


def test_a_cell_that_was_read_by_mistake_is_not_missed_when_fewer_are_configured() -> None:
    settings = BatterySettings(chemistry=Chemistry.LIFEPO4, cells=4)
    found = limits(pack(cells=(3.3,) * 5), *(pack(),) * 20, settings=settings)
    assert found[1:4] == (50.0, 100.0, ())


def test_one_missed_sample_in_an_hour_loses_nothing() -> None:
    keeping = kept(pack())
    for _ in range(3):
        keeping = kept(pack(cells=None, cell_temperatures=()), pack(), before=keeping, seconds=1800.0)
        assert keeping.limits[1:4] == (50.0, 100.0, ())


def test_the_time_in_which_nobody_looks_loses_nothing() -> None:
    lost = pack(cells=None, cell_temperatures=())
    keeping = kept(lost, lost, before=kept(pack(), lost), seconds=None)
    assert keeping.limits[1:4] == (50.0, 100.0, ())
    assert (keeping.cells_lost, keeping.sensor_lost) == (0.0, 0.0)


def test_found_sensors_are_no_longer_lost() -> None:
    keeping = kept(pack(), *(pack(cells=None, cell_temperatures=()),) * 8, pack())
    assert (keeping.cells_lost, keeping.sensor_lost) == (None, None)


# Falling at once, rising slowly


def steps(readings: list[Reading], seconds: float, before: LimitKeeping) -> list[float]:
    """Return the charge current after each sample."""
    found = []
    for reading in readings:
        before = kept(reading, before=before, seconds=seconds)
        assert before.limits.charge_current is not None
        found.append(before.limits.charge_current)
    return found


def test_a_reduction_comes_with_the_sample_that_shows_it() -> None:
    assert limits(pack(), pack(cell_temperatures=(-1.0,)))[1] == 0.0


def test_a_limit_is_held_30_s_and_then_rises_within_60_s() -> None:
    cold = kept(pack(), pack(cell_temperatures=(-1.0,)))
    rising = steps([pack()] * 10, 10.0, cold)
    assert rising[:3] == [0.0, 0.0, 0.0]
    assert rising[3:] == pytest.approx([50 / 6, 100 / 6, 25.0, 200 / 6, 250 / 6, 50.0, 50.0])


def test_what_recovers_is_said_until_it_has() -> None:
    cold = kept(pack(), pack(cell_temperatures=(-1.0,)))
    assert cold.limits.reasons == ("charge_cold",)
    keeping = cold
    for _ in range(8):
        keeping = kept(pack(), before=keeping)
        assert keeping.limits.reasons == ("charge_recovering",)
    assert kept(pack(), before=keeping).limits.reasons == ()


@pytest.mark.parametrize("seconds", [0.1, 1.0, 7.0, 29.0, 45.0, 90.0])
def test_recovery_takes_as_long_at_every_sampling(seconds: float) -> None:
    cold = kept(pack(), pack(cell_temperatures=(-1.0,)))
    samples = round(60.0 / seconds) if seconds < 60 else 1
    reached = steps([pack()] * samples, seconds, cold)[-1]
    expected = 50.0 * min(max(samples * seconds - 30.0, 0.0), 60.0) / 60
    assert reached == pytest.approx(expected)


def test_a_new_reduction_begins_the_hold_again() -> None:
    cold, mild = pack(cell_temperatures=(-1.0,)), pack(cell_temperatures=(1.5,))
    keeping = kept(pack(), cold, pack(), pack(), pack(), pack(), pack(), pack())
    assert keeping.limits.charge_current == pytest.approx(25.0)
    keeping = kept(pack(cell_temperatures=(0.6,)), before=keeping)
    assert keeping.limits.charge_current == pytest.approx(10.0)
    assert steps([mild] * 4, 10.0, keeping) == pytest.approx([10.0, 10.0, 10.0, 10.0 + 50 / 6])


def test_recovery_stops_where_the_curve_stands() -> None:
    keeping = kept(pack(), pack(cell_temperatures=(-1.0,)))
    assert steps([pack(cell_temperatures=(0.3,))] * 9, 10.0, keeping)[-1] == pytest.approx(5.0)


@pytest.mark.parametrize("blind", [pack(cell_temperatures=()), pack(cells=None), pack(cells=(3.3, None) * 2)])
def test_nothing_recovers_while_a_sensor_is_missing(blind: Reading) -> None:
    keeping = kept(pack(), pack(cell_temperatures=(0.3,)))
    keeping = kept(*(blind,) * 60, seconds=0.5, before=keeping)
    assert keeping.limits.charge_current == pytest.approx(5.0)
    assert keeping.limits.reasons == ("charge_recovering",)


def test_a_restart_neither_frees_a_limit_nor_forgets_how_long_it_was_held() -> None:
    keeping = kept(pack(), pack(cell_temperatures=(-1.0,)), pack(), pack())
    assert keeping.charge.seconds == 20.0
    restarted = kept(pack(), before=keeping, seconds=None)
    assert restarted.limits.charge_current == 0.0
    assert steps([pack()] * 2, 10.0, restarted) == pytest.approx([0.0, 50 / 6])


@pytest.mark.parametrize("seconds", [0.0, -60.0])
def test_a_sample_at_the_same_instant_or_before_lets_no_time_pass(seconds: float) -> None:
    keeping = kept(pack(), pack(cell_temperatures=(-1.0,)), pack())
    assert kept(pack(), before=keeping, seconds=seconds) == keeping
    blind = kept(pack(), *(pack(cells=None),) * 3)
    assert kept(pack(cells=None), before=blind, seconds=seconds) == blind


def test_a_capacity_that_is_lost_for_a_moment_does_not_end_a_hold() -> None:
    keeping = kept(pack(), pack(cell_temperatures=(-1.0,)))
    unknown = kept(pack(), before=keeping, capacity=None)
    assert unknown.limits.charge_current is None
    assert kept(pack(), before=unknown).limits.charge_current == 0.0


def test_a_lower_cap_counts_at_once_and_a_higher_one_after_the_hold() -> None:
    low = BatterySettings(chemistry=Chemistry.LIFEPO4, charge_current_cap=20.0)
    keeping = kept(pack(), pack(), settings=low, before=kept(pack()))
    assert keeping.limits.charge_current == 20.0
    assert steps([pack()] * 4, 10.0, keeping) == pytest.approx([20.0, 20.0, 20.0, 20.0 + 50 / 6])


def test_a_steady_battery_keeps_the_same_object() -> None:
    keeping = kept(pack())
    for reading in (pack(), pack(cells=(3.31, 3.3, 3.32, 3.3)), pack(cell_temperatures=(21.0,))):
        assert kept(reading, before=keeping) is keeping


def test_a_steadily_reduced_battery_keeps_the_same_object() -> None:
    cold = kept(pack(cell_temperatures=(1.5,)))
    assert kept(pack(cell_temperatures=(1.5,)), before=cold) is cold


def test_another_charge_voltage_is_told_though_no_current_changed() -> None:
    assert limits(pack(), pack(charge_voltage_limit=14.0)).charge_voltage == 14.0


# Properties

odd = st.sampled_from([float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 1e9])
maybe = st.none() | odd
voltages = st.none() | st.floats(2.4, 3.8) | odd
celsius = st.none() | st.floats(-45, 125) | odd
batteries = st.builds(
    Reading,
    cell_voltages=st.none() | st.lists(voltages, max_size=5).map(tuple),
    temperatures=st.none()
    | st.lists(st.builds(Temperature, celsius, st.sampled_from(Place)), max_size=4).map(tuple),
    charge_voltage_limit=maybe | st.floats(10, 60),
    charge_current_limit=maybe | st.floats(0, 200),
    discharge_current_limit=maybe | st.floats(0, 200),
    alarms=st.none() | st.frozensets(st.sampled_from(Alarm), max_size=2),
)
some_settings = st.builds(
    BatterySettings,
    chemistry=st.none() | st.sampled_from(Chemistry),
    cells=st.none() | st.integers(1, 5),
    charge_current_cap=st.none() | st.floats(0, 300),
    discharge_current_cap=st.none() | st.floats(0, 300),
)
spans = st.none() | st.floats(0, 1000)


@given(
    st.lists(st.tuples(batteries, spans), min_size=1, max_size=12),
    some_settings,
    maybe | st.floats(0.1, 1000),
)
def test_limits_are_never_negative_nor_above_the_caps_whatever_is_read(
    samples: list[tuple[Reading, float | None]], settings: BatterySettings, capacity: float | None
) -> None:
    keeping = NEW
    for reading, seconds in samples:
        keeping = kept(reading, before=keeping, seconds=seconds, settings=settings, capacity=capacity)
        found = keeping.limits
        for value, cap in (
            (found.charge_current, settings.charge_current_cap),
            (found.discharge_current, settings.discharge_current_cap),
        ):
            assert value is None or 0.0 <= value <= (1e9 if cap is None else cap)
        assert found.charge_voltage is None or 0.0 < found.charge_voltage <= 1e9


@given(st.lists(st.floats(0.1, 40), min_size=1, max_size=30), st.floats(-3, 2.9))
def test_recovery_never_falls_back_nor_overshoots(spans_: list[float], cold: float) -> None:
    keeping = kept(pack(), pack(cell_temperatures=(cold,)))
    before = keeping.limits.charge_current or 0.0
    for seconds in spans_:
        keeping = kept(pack(), before=keeping, seconds=seconds)
        current = keeping.limits.charge_current
        assert current is not None
        assert before <= current <= min(50.0, before + 50.0 * seconds / 60 + 1e-9)
        before = current


@given(st.lists(st.tuples(batteries, spans), max_size=6), batteries)
def test_a_battery_that_was_watched_never_has_more_than_one_seen_for_the_first_time(
    samples: list[tuple[Reading, float | None]], reading: Reading
) -> None:
    """So that every reduction is immediate, whatever went before."""
    keeping = NEW
    for sample, seconds in samples:
        keeping = kept(sample, before=keeping, seconds=seconds)
    watched, fresh = limits(reading, before=keeping, seconds=1.0), limits(reading)
    for held, free in zip(watched[1:3], fresh[1:3], strict=True):
        assert (held is None) == (free is None)
        assert held is None or free is None or held <= free


def test_each_limit_is_said_to_recover_for_itself() -> None:
    """A limit that is where it can be is not reduced because the other one rises."""
    empty = kept(pack(), pack(cells=(2.79, 3.3, 3.3, 3.3)))
    assert kept(pack(), before=empty).limits.reasons == ("discharge_recovering",)
    assert limits(*(pack(),) * 9, before=empty)[1:4] == (50.0, 100.0, ())
    both = kept(pack(), pack(cells=(2.79, 3.3, 3.3, 3.3), cell_temperatures=(-1.0,)))
    assert kept(pack(), before=both).limits.reasons == ("charge_recovering", "discharge_recovering")


def test_limits_that_are_told_have_all_curves_in_them_already() -> None:
    """Those of a virtual battery: its members' sensors come and go, and are judged where they are."""
    told = replace(LIFEPO4, limits_are_told=True, cells=4)
    limits_now: dict[str, Any] = {"charge_current_limit": 40.0, "discharge_current_limit": 90.0}
    full = pack((3.7,) * 4, alarms=frozenset({Alarm.CELL_OVERVOLTAGE}), **limits_now)
    blind = pack(None, (None,), **limits_now)
    found = limits(full, *(blind,) * 20, settings=told)
    assert found == Limits(13.8, 40.0, 90.0, (), ())


def test_a_limit_that_nobody_knows_does_not_recover() -> None:
    assert limits(pack(), pack(), capacity=None)[1:4] == (None, None, ())
