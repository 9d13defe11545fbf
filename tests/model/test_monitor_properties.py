"""Whatever a battery says, and whenever: what must always hold."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model import monitor
from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.changes import Change
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.failsafe.presets import suggested
from custom_components.battmon.model.failsafe.settings import Use
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.monitor import Settings, Step
from custom_components.battmon.model.reading import Place, Reading, Temperature
from custom_components.battmon.model.state import BatteryState

from .folding import NONE, Folded, Limits, at, settings

pytestmark = pytest.mark.slow

ALL: Limits = {
    **suggested(Chemistry.LIFEPO4, 4),
    Kind.LOW_CAPACITY: (20.0, 10.0),
    Kind.CHARGE_OVERCURRENT: (100.0, 200.0),
    Kind.DISCHARGE_OVERCURRENT: (100.0, 200.0),
}


def any_settings(use: Use, counts: bool) -> Settings:
    its = BatterySettings(chemistry=Chemistry.LIFEPO4, cells=4, ignore_device_state_of_charge=counts)
    return settings(ALL, its, use=use, cells=4, ready_voltage=12.0)


wild = st.none() | st.floats() | st.floats(-50, 50)
"""NaN, infinities and numbers of 1e308 among them."""
sane = st.floats(0, 16)
wild_readings = st.builds(
    Reading,
    voltage=wild | sane,
    current=wild | st.floats(-200, 200),
    state_of_charge=wild | st.floats(0, 100),
    remaining_capacity=wild | st.floats(0, 100),
    full_capacity=st.just(100.0) | wild,
    cell_voltages=st.none() | st.lists(wild | st.floats(0, 4), max_size=5).map(tuple),
    temperatures=st.none()
    | st.lists(st.builds(Temperature, wild, st.sampled_from(Place)), max_size=3).map(tuple),
    alarms=st.none() | st.frozensets(st.sampled_from(Alarm), max_size=2),
    charging_enabled=st.none() | st.booleans(),
)
waits = st.sampled_from([0.0, 0.1, 1.0, 5.0, 10.0, 59.0, 61.0, 86400.0, -1.0])
ACTS: dict[str, Callable[[BatteryState, Settings, Instant], Step]] = {
    "look": lambda state, its, now: monitor.look(state, now, its),
    "pause": lambda state, its, now: monitor.pause(state, its),
    "resume": lambda state, its, now: monitor.resume(state, now, its),
    "reset": lambda state, its, now: monitor.reset_failsafe(state, now, its),
    "arm": lambda state, its, now: monitor.set_armed(state, True, its),
    "disarm": lambda state, its, now: monitor.set_armed(state, False, its),
    "drill": lambda state, its, now: monitor.start_drill(state, Level.LOW, Side.CHARGE, 20.0, its),
    "end_drill": lambda state, its, now: monitor.end_drill(state, its),
    "percent": lambda state, its, now: monitor.set_state_of_charge(state, 50.0, its) or Step(state, ()),
}
acts = st.sampled_from(["sample"] * 12 + ["restart", *ACTS])


def act(bench: Folded, what: str, reading: Reading | None, seconds: float) -> None:
    """Let one thing happen to a battery."""
    if what == "sample":
        bench.fold(monitor.step(bench.state, reading, at(seconds), bench.settings))
    elif what == "restart":
        bench.restart(at(seconds))
    else:
        bench.fold(ACTS[what](bench.state, bench.settings, at(seconds)))


def levels(state: BatteryState) -> tuple[Level, ...]:
    return state.failsafe[:3]


def totals(state: BatteryState) -> tuple[float, ...]:
    return state.estimators.counting[:4]


lives = st.lists(st.tuples(acts, st.none() | wild_readings, waits), max_size=20)


@given(lives, st.sampled_from(Use), st.booleans())
def test_no_total_ever_falls_and_all_is_a_number(
    life: list[tuple[str, Reading | None, float]], use: Use, counts: bool
) -> None:
    bench, seconds = Folded(any_settings(use, counts)), 0.0
    for what, reading, wait in life:
        seconds += wait
        before = totals(bench.state)
        act(bench, what, reading, seconds)
        after = totals(bench.state)
        assert all(new >= old for old, new in zip(before, after, strict=True))
        assert all(map(isfinite, after))
        known = bench.state.estimate.state_of_charge
        assert known is None or 0 <= known.value <= 100
        counted = bench.state.estimators.charge.counted
        assert counted is None or 0 <= counted <= 100


@given(lives, st.sampled_from(Use), st.booleans())
def test_what_is_known_can_always_be_remembered_and_is_the_same_afterwards(
    life: list[tuple[str, Reading | None, float]], use: Use, counts: bool
) -> None:
    bench, seconds = Folded(any_settings(use, counts)), 0.0
    for what, reading, wait in life:
        seconds += wait
        act(bench, what, reading, seconds)
    found = bench.remembered()
    assert (found.estimators, found.failsafe) == (bench.state.estimators, bench.state.failsafe)


@given(lives, st.sampled_from(Use), st.booleans())
def test_every_change_of_a_level_is_told_once_and_nothing_else_is(
    life: list[tuple[str, Reading | None, float]], use: Use, counts: bool
) -> None:
    bench, seconds = Folded(any_settings(use, counts)), 0.0
    for what, reading, wait in life:
        seconds += wait
        before = bench.state
        bench.heard()
        act(bench, what, reading, seconds)
        after = bench.state
        if what == "restart":
            continue
        told = [change for change, _subject in bench.heard()]
        rose = any(new > old for old, new in zip(levels(before), levels(after), strict=True))
        fell = not rose and levels(before) != levels(after)
        assert told.count(Change.LEVEL_ROSE) == rose
        assert told.count(Change.LEVEL_FELL) == fell
        assert told.count(Change.READY_CHANGED) == (bool(before.not_ready) != bool(after.not_ready))
        assert told.count(Change.HEALTH_LOST) == (after.lost and not before.lost)


@given(lives, st.sampled_from(Use), st.booleans())
def test_a_level_that_is_raised_has_a_reason_and_a_battery_with_one_is_not_ready(
    life: list[tuple[str, Reading | None, float]], use: Use, counts: bool
) -> None:
    bench, seconds = Folded(any_settings(use, counts)), 0.0
    for what, reading, wait in life:
        seconds += wait
        act(bench, what, reading, seconds)
        state = bench.state
        worst = max((reason.level for reason in state.failsafe.reasons), default=NONE)
        assert state.failsafe.level is worst
        if state.failsafe.level or not state.healthy:
            assert state.not_ready
        assert not (state.healthy and (state.paused or state.lost))


@given(lives)
def test_a_vehicle_s_level_only_rises_until_it_is_reset_or_a_drill_ends(
    life: list[tuple[str, Reading | None, float]],
) -> None:
    bench, seconds = Folded(any_settings(Use.VEHICLE, False)), 0.0
    for what, reading, wait in life:
        if what in ("reset", "drill", "end_drill"):
            continue
        seconds += wait
        before = levels(bench.state)
        act(bench, what, reading, seconds)
        assert all(new >= old for old, new in zip(before, levels(bench.state), strict=True))


GOOD: dict[str, Any] = {
    "voltage": 13.2,
    "current": -10.0,
    "state_of_charge": 60.0,
    "remaining_capacity": 60.0,
    "full_capacity": 100.0,
    "cell_voltages": (3.3,) * 4,
    "temperatures": (Temperature(20.0, Place.CELL), Temperature(30.0, Place.MOSFET)),
}
cell = st.none() | st.floats(0, 5)
spikes = st.fixed_dictionaries(
    {},
    optional={
        "voltage": st.none() | st.floats(0, 65),
        "current": st.none() | st.floats(-1000, 1000),
        "state_of_charge": st.none() | st.floats(0, 100),
        "remaining_capacity": st.none() | st.floats(0, 655),
        "cell_voltages": st.none() | st.lists(cell, max_size=5).map(tuple),
        "temperatures": st.lists(
            st.builds(Temperature, st.none() | st.floats(-60, 130), st.sampled_from(Place)), max_size=4
        ).map(tuple),
    },
)


@given(spikes, st.sampled_from([0.1, 1.0, 10.0, 30.0]), st.sampled_from(Use), st.booleans())
def test_one_spike_among_good_samples_raises_nothing(
    spike: dict[str, Any], interval: float, use: Use, counts: bool
) -> None:
    """However it looks, unless the device itself raises an alarm: that one is believed at once."""
    bench = Folded(any_settings(use, counts), **GOOD)
    bench.see_every(interval, 0.0, 9 * interval)
    bench.see(10 * interval, **spike)
    assert bench.level is NONE
    bench.see_every(interval, 11 * interval, 20 * interval)
    assert (bench.level, bench.state.failsafe.held) == (NONE, ())


@given(st.floats(0.5, 10.9), st.sampled_from([0.1, 1.0, 10.0, 30.0]), spikes)
def test_two_critical_samples_in_a_row_are_never_missed(
    voltage: float, interval: float, spike: dict[str, Any]
) -> None:
    bench = Folded(any_settings(Use.STATIONARY, False), **GOOD)
    bench.see_every(interval, 0.0, 9 * interval)
    low = {**spike, "voltage": 2.1 + voltage * 0.8}
    bench.see(10 * interval, **low)
    assert bench.see(10 * interval + 0.05, **low) is Level.CRITICAL
