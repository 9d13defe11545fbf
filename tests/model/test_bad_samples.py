"""What a bad sample does to a battery that is watched: nothing to its totals, and no false critical."""

from math import inf, nan
from typing import Any

import pytest

from custom_components.battmon.model import monitor
from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.presets import suggested
from custom_components.battmon.model.failsafe.settings import Use
from custom_components.battmon.model.monitor import Step
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .folding import CRITICAL, LOW, NONE, UNHEALTHY, Folded, Limits, at, settings

COUNTS = BatterySettings(chemistry=Chemistry.LIFEPO4, cells=4, ignore_device_state_of_charge=True)
ALL: Limits = {
    **suggested(Chemistry.LIFEPO4, 4),
    Kind.LOW_CAPACITY: (20.0, 10.0),
    Kind.CHARGE_OVERCURRENT: (100.0, 200.0),
    Kind.DISCHARGE_OVERCURRENT: (100.0, 200.0),
}
USUAL: dict[str, Any] = {
    "voltage": 13.2,
    "current": -10.0,
    "state_of_charge": 60.0,
    "full_capacity": 100.0,
    "remaining_capacity": 60.0,
    "cell_voltages": (3.3, 3.31, 3.29, 3.3),
    "temperatures": (Temperature(20.0, Place.CELL), Temperature(25.0, Place.MOSFET)),
    "alarms": frozenset(),
}


def battery(its: BatterySettings | None = None, **failsafe: Any) -> Folded:
    """Return a battery that is well for five minutes, with every threshold set."""
    bench = Folded(settings(ALL, its or BatterySettings(chemistry=Chemistry.LIFEPO4), **failsafe), **USUAL)
    bench.see(0.0)
    if its is COUNTS:
        bench.fold(monitor.set_state_of_charge(bench.state, 60.0, bench.settings) or Step(bench.state, ()))
    bench.see_every(1.0, 1.0, 300.0)
    assert bench.level is NONE
    assert bench.state.estimate.counted is not None
    bench.heard()
    return bench


NO_NUMBERS = [nan, inf, -inf]
WRONG = [
    *({"voltage": number} for number in NO_NUMBERS),
    *({"current": number} for number in NO_NUMBERS),
    *({"state_of_charge": number} for number in (*NO_NUMBERS, 127.0, 255.0, -1.0)),
    *({"remaining_capacity": number} for number in NO_NUMBERS),
    *({"full_capacity": number} for number in NO_NUMBERS),
    *({"temperatures": (Temperature(number, Place.CELL),) * 2} for number in (*NO_NUMBERS, -273.1, 3000.0)),
    {"current": None},
    {"voltage": None},
    {"temperatures": None},
    {},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_measurement_reaches_no_total_no_cell_and_no_level(wrong: dict[str, Any]) -> None:
    bench = battery()
    before = bench.state.estimators
    bench.see_every(1.0, 301.0, 330.0, **wrong)
    state = bench.state
    assert state.failsafe.level is NONE
    assert state.failsafe.timers == ()
    counting = state.estimators.counting
    assert 0.0 <= counting.charge_out - before.counting.charge_out <= 300 / 3600 + 1e-9
    assert 0.0 <= counting.energy_out - before.counting.energy_out <= 13.2 * 300 / 3600 + 1e-9
    assert (counting.charge_in, counting.energy_in) == (0.0, 0.0)
    assert bench.heard() == []
    # And all is as ever afterwards.
    assert bench.see_every(1.0, 331.0, 400.0) is NONE
    known = bench.state.estimate.counted
    assert known is not None
    assert known.value == pytest.approx(60.0 - 10.0 * 400 / 3600, abs=0.2)
    assert bench.remembered().estimators == bench.state.estimators


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_a_cell_that_is_no_number_was_not_read(number: float) -> None:
    bench = battery()
    bench.see(301.0, cell_voltages=(3.3, number, 3.29, 3.3))
    cells = bench.state.cells
    assert cells.lowest is not None
    assert cells.highest is not None
    assert (cells.lowest.voltage, cells.highest.voltage) == (3.29, 3.3)
    assert bench.state.reading is not None
    assert bench.state.reading.cell_voltages == (3.3, None, 3.29, 3.3)
    assert bench.see(302.0, cell_voltages=(3.3, number, 3.29, 3.3)) is UNHEALTHY
    assert bench.kinds == [Kind.UNREAD_CELLS]


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize(
    "spike",
    [
        {"voltage": 0.0},
        {"voltage": 8.0},
        {"voltage": 60.0},
        {"current": -900.0},
        {"current": 900.0},
        {"state_of_charge": 0.0},
        {"state_of_charge": 0.0, "remaining_capacity": 0.0},
        {"cell_voltages": (3.3, 0.0, 3.3, 3.3)},
        {"cell_voltages": (3.3, 2.0, 3.3, 3.3)},
        {"cell_voltages": (3.3, 4.9, 3.3, 3.3)},
        {"cell_voltages": (3.3, 3.3)},
        {"cell_voltages": (None,) * 4},
        {"temperatures": (Temperature(-30.0, Place.CELL), Temperature(110.0, Place.MOSFET))},
    ],
)
def test_a_spike_of_one_sample_raises_nothing_in_any_use(spike: dict[str, Any], use: Use) -> None:
    bench = battery(use=use)
    bench.see(301.0, **spike)
    bench.see_every(1.0, 302.0, 320.0)
    assert (bench.level, bench.state.failsafe.held) == (NONE, ())


@pytest.mark.parametrize("its", [None, COUNTS])
def test_a_spike_of_the_current_does_not_empty_a_battery(its: BatterySettings | None) -> None:
    bench = battery(its)
    bench.see(301.0, current=-327.68)
    bench.see(302.0)
    known = bench.state.estimate.counted
    assert known is not None
    assert known.value == pytest.approx(60.0 - 10.0 * 302 / 3600, abs=0.3)
    assert bench.level is NONE


def test_a_current_beyond_all_batteries_is_in_no_total() -> None:
    bench = battery(COUNTS)
    before = bench.state.estimators
    bench.see(301.0, current=-32767.0)
    bench.see(302.0)
    after = bench.state.estimators
    assert after.counting.charge_out == before.counting.charge_out
    assert after.charge.counted == before.charge.counted


def test_an_inverter_that_starts_raises_nothing() -> None:
    """Ten times the current for half a second, sampled at 0.1 s, with the sag that goes with it."""
    bench = battery()
    bench.see_every(0.1, 300.1, 300.6, current=-180.0, voltage=12.1, cell_voltages=(3.02,) * 4)
    bench.see_every(0.1, 300.7, 305.0)
    assert bench.level is NONE
    assert bench.heard() == []


def test_an_engine_that_is_cranked_raises_nothing() -> None:
    """A lead-acid battery falls below critical for three seconds; its delay is 15 s (rules 1)."""
    lead = settings(
        suggested(Chemistry.LEAD_ACID, 6),
        BatterySettings(chemistry=Chemistry.LEAD_ACID, cells=6),
        critical_voltage_delay=15.0,
    )
    bench = Folded(lead, voltage=12.6, current=-2.0, full_capacity=80.0)
    bench.see_every(1.0, 0.0, 60.0)
    bench.see_every(0.5, 61.0, 64.0, voltage=9.6, current=-300.0)
    assert bench.miss(64.3) is NONE, "cranking may cost a sample as well"
    bench.see_every(1.0, 65.0, 120.0)
    assert bench.level is NONE


def test_a_current_with_the_wrong_sign_raises_nothing_at_healthy_voltages() -> None:
    bench = battery(COUNTS)
    bench.see_every(10.0, 310.0, 4000.0, current=10.0)
    assert bench.level is NONE
    assert bench.state.estimators.counting.charge_in == pytest.approx(10.0 * 3690 / 3600, rel=0.01)


def test_a_sample_that_goes_back_in_time_is_dropped_and_those_after_it_count() -> None:
    bench = battery()
    before = bench.state
    bench.see(200.0, voltage=9.0, alarms=frozenset({Alarm.SHORT_CIRCUIT}))
    assert bench.state is before
    assert bench.heard() == []
    bench.see(301.0)
    assert bench.state.estimators.counting.charge_out == pytest.approx(10.0 * 301 / 3600)


def test_two_samples_of_one_instant_are_new_values_and_no_time() -> None:
    bench = battery()
    before = bench.state.estimators
    bench.see(300.0, voltage=11.0, cell_voltages=(2.75,) * 4)
    assert bench.see(300.0, voltage=11.0, cell_voltages=(2.75,) * 4) is NONE, "they are one and the same look"
    assert bench.state.reading is not None
    assert bench.state.reading.voltage == 11.0
    assert bench.state.estimators.counting[:4] == before.counting[:4]
    assert bench.state.estimators.charge.counted == before.charge.counted
    assert bench.see(300.1, voltage=11.0, cell_voltages=(2.75,) * 4) is CRITICAL


def test_a_wall_clock_that_was_set_back_loses_no_charge_and_no_level() -> None:
    bench = battery()
    bench.see_every(1.0, 301.0, 312.0, voltage=11.9)
    assert bench.level is LOW
    before = bench.state
    early = at(313.0)._replace(utc=at(-1e6).utc)
    bench.fold(monitor.step(before, Reading(**USUAL | {"voltage": 11.9}), early, bench.settings))
    assert bench.level is LOW
    after = bench.state.estimators.counting
    assert after.charge_out - before.estimators.counting.charge_out == pytest.approx(10.0 / 3600)


def test_a_device_that_restarts_its_counters_changes_no_total_of_ours() -> None:
    bench = battery()
    bench.see(301.0, cycle_count=40, protection_counts={"restarts": 7})
    bench.see(
        302.0,
        cycle_count=0,
        protection_counts={"restarts": 0},
        remaining_capacity=100.0,
        state_of_charge=100.0,
    )
    counting = bench.state.estimators.counting
    assert counting.charge_out == pytest.approx(10.0 * 302 / 3600)
    assert counting.charge_in == 0.0
    known = bench.state.estimate.counted
    assert known is not None
    assert known.value == pytest.approx(60.0 - 10.0 * 302 / 3600, abs=0.2), "what was counted does not jump"


def test_true_trouble_is_not_missed_for_the_bad_samples_around_it() -> None:
    bench = battery()
    low = {"voltage": 11.0, "cell_voltages": (2.75,) * 4}
    bench.see(301.0, **low, current=nan)
    assert bench.see(301.5, **low, state_of_charge=255.0) is CRITICAL
