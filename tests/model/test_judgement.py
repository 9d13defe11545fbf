"""What is judged of a state, and what a fold means."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.battmon.model import judgement
from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.estimation.charge_counting import Origin, StateOfCharge
from custom_components.battmon.model.estimation.estimate import Estimate
from custom_components.battmon.model.failsafe.failsafe import Failsafe, Held, Timer
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.model.failsafe.measuring import certain_charge
from custom_components.battmon.model.failsafe.readiness import NotReady, NotReadyKind
from custom_components.battmon.model.failsafe.view import View
from custom_components.battmon.model.judgement import changes, silent, view_of
from custom_components.battmon.model.observed import Observed
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

from .folding import LOW, UNHEALTHY, Limits, at, settings

PLAIN = settings()
CHARGE = {Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)}
AH = {Kind.LOW_CAPACITY: (20.0, 10.0)}


def seen(estimate: Estimate | None = None, **said: Any) -> BatteryState:
    """Return a battery that was just read."""
    reading = Reading(**said)
    return BatteryState(
        reading=reading,
        sampled_at=at(0.0),
        healthy=True,
        cells=cell_figures(reading.cell_voltages),
        estimate=estimate or Estimate(),
    )


def counted(value: float, uncertainty: float, **more: Any) -> Estimate:
    known = StateOfCharge(value, Origin.COUNTED, uncertainty)
    return Estimate(
        state_of_charge=known, counted=known, full_capacity=200.0, remaining_capacity=2 * value, **more
    )


# What is judged.


def test_the_view_is_of_the_reading_and_of_what_was_worked_out() -> None:
    estimate = Estimate(
        resting_voltage=13.4,
        trusted_resting_voltage=13.3,
        state_of_charge=StateOfCharge(70.0, Origin.DEVICE, None),
        counted=StateOfCharge(50.0, Origin.COUNTED, 3.0),
        remaining_capacity=140.0,
        full_capacity=200.0,
    )
    state = seen(estimate, voltage=13.0, full_capacity=200.0, cell_voltages=(3.3, 3.2, 3.4))
    assert view_of(state, settings(cells=4)) == View(
        reading=Reading(voltage=13.0, full_capacity=200.0, cell_voltages=(3.3, 3.2, 3.4)),
        lowest_cell=state.cells.lowest,
        highest_cell=state.cells.highest,
        resting_voltage=13.3,
        state_of_charge=70.0,
        state_of_charge_uncertainty=None,
        origin_is_counted=False,
        remaining_capacity=140.0,
        cells_expected=4,
        idle_current=1.0,
    )


def test_of_a_battery_that_says_nothing_nothing_is_judged() -> None:
    assert view_of(seen(), PLAIN) == View(Reading(), idle_current=0.2)


@pytest.mark.parametrize("origin", [Origin.COUNTED, Origin.VOLTAGE])
def test_of_what_was_not_said_by_the_device_what_is_certain_is_judged(origin: Origin) -> None:
    view = view_of(seen(Estimate(state_of_charge=StateOfCharge(30.0, origin, 12.0))), PLAIN)
    assert (view.state_of_charge, view.state_of_charge_uncertainty) == (30.0, 12.0)
    assert certain_charge(view) == 18.0


@pytest.mark.parametrize(("uncertainty", "judged"), [(25.0, 60.0), (25.1, None), (100.0, None)])
def test_a_counted_charge_that_may_be_anything_is_not_judged(
    uncertainty: float, judged: float | None
) -> None:
    """After a gap of a day a full battery may be empty: it would be critical for nothing but the gap."""
    view = view_of(seen(counted(60.0, uncertainty)), PLAIN)
    assert view.state_of_charge == judged
    assert (view.remaining_capacity is None) is (judged is None)


@pytest.mark.parametrize(("value", "uncertainty", "capacity"), [(30.0, 12.0, 36.0), (10.0, 12.0, 0.0)])
def test_of_a_capacity_that_was_counted_what_is_certain_is_judged(
    value: float, uncertainty: float, capacity: float
) -> None:
    assert view_of(seen(counted(value, uncertainty)), PLAIN).remaining_capacity == pytest.approx(capacity)


def test_a_capacity_that_the_device_says_is_judged_as_it_is() -> None:
    said = 41.0
    estimate = counted(60.0, 80.0)._replace(remaining_capacity=said)
    assert view_of(seen(estimate, remaining_capacity=said), PLAIN).remaining_capacity == said


def test_a_counted_charge_of_which_nobody_told_how_certain_it_is_is_judged_as_it_is() -> None:
    known = StateOfCharge(30.0, Origin.COUNTED, None)
    estimate = Estimate(state_of_charge=known, full_capacity=200.0, remaining_capacity=60.0)
    view = view_of(seen(estimate), PLAIN)
    assert (certain_charge(view), view.remaining_capacity) == (30.0, 60.0)


def test_without_a_full_capacity_nothing_is_left_for_certain() -> None:
    estimate = counted(60.0, 5.0)._replace(full_capacity=None)
    assert view_of(seen(estimate), PLAIN).remaining_capacity is None


# Out of sight.


def lost(estimate: Estimate | None = None, **more: Any) -> BatteryState:
    return replace(seen(estimate), healthy=False, **more)


def silence(state: BatteryState, **thresholds: Any) -> Level:
    return silent(state, settings(**thresholds)).level


@pytest.mark.parametrize(
    ("charge", "level"),
    [
        (StateOfCharge(24.9, Origin.DEVICE, None), LOW),
        (StateOfCharge(25.0, Origin.DEVICE, None), UNHEALTHY),
        (StateOfCharge(30.0, Origin.COUNTED, 5.1), LOW),
        (StateOfCharge(30.0, Origin.COUNTED, 5.0), UNHEALTHY),
        (StateOfCharge(4.0, Origin.COUNTED, 10.0), LOW),
        (StateOfCharge(4.0, Origin.COUNTED, 26.0), UNHEALTHY),
        (None, UNHEALTHY),
    ],
)
def test_a_battery_is_low_in_silence_if_it_was_nearly_low_for_certain(
    charge: StateOfCharge | None, level: Level
) -> None:
    assert silence(lost(Estimate(state_of_charge=charge)), thresholds=CHARGE) is level


def test_without_a_threshold_of_charge_a_silent_battery_is_only_unhealthy() -> None:
    empty = Estimate(state_of_charge=StateOfCharge(0.0, Origin.DEVICE, None))
    assert silence(lost(empty)) is UNHEALTHY
    assert silence(lost(empty), thresholds=AH) is UNHEALTHY


def test_a_battery_that_was_low_before_it_fell_silent_is_low() -> None:
    timer = Timer(Reason(Kind.LOW_VOLTAGE, Level.LOW, Side.DISCHARGE), 3.0)
    assert silence(lost(failsafe=Failsafe(timers=(timer,)))) is LOW


def test_a_battery_that_was_never_seen_may_be_silent() -> None:
    assert silence(BatteryState(started_at=at(0.0))) is UNHEALTHY


# What a fold means.


def test_without_a_change_the_state_stays_the_same_object() -> None:
    state = replace(seen(voltage=13.0), not_ready=())
    assert judgement.judged(state, state, state.failsafe, PLAIN) == (state, ())
    assert judgement.judged(state, state, state.failsafe, PLAIN).state is state


def test_why_a_battery_is_not_ready_is_found_at_once() -> None:
    wanting = settings(ready_voltage=13.1)
    state = replace(seen(voltage=13.0), not_ready=())
    after, told = judgement.judged(state, state, state.failsafe, wanting)
    assert after.not_ready == (NotReady(NotReadyKind.READY_VOLTAGE, 13.0, 13.1),)
    assert told == (Transition(Change.READY_CHANGED),)


def test_another_reason_why_it_is_not_ready_is_no_news() -> None:
    state = replace(seen(voltage=13.0), not_ready=(NotReady(NotReadyKind.RELEASED),))
    after, told = judgement.judged(state, state, state.failsafe, settings(ready_voltage=13.1))
    assert [reason.kind for reason in after.not_ready] == [NotReadyKind.READY_VOLTAGE]
    assert told == ()


@pytest.mark.parametrize("just_judged", [True, False])
def test_what_is_low_right_now_is_not_ready_though_its_delay_is_not_over(just_judged: bool) -> None:
    low = settings({Kind.LOW_VOLTAGE: (13.2, None)})
    state = seen(voltage=13.0)
    view = view_of(state, low)
    timer = Timer(Reason(Kind.LOW_VOLTAGE, Level.LOW, Side.DISCHARGE, 13.0, 13.2, 10.0))
    failsafe = Failsafe(timers=(timer,)) if just_judged else Failsafe()
    after = judgement.judged(state, state, failsafe, low, view if just_judged else None).state
    assert [(reason.kind, reason.value) for reason in after.not_ready] == [(NotReadyKind.LOW, 13.0)]


def test_a_battery_out_of_sight_is_not_judged_by_its_old_reading() -> None:
    state = lost()
    after = judgement.judged(seen(), state, Failsafe(), settings(ready_voltage=13.1)).state
    assert [reason.kind for reason in after.not_ready] == [NotReadyKind.UNHEALTHY]


HELD = Failsafe(
    Level.CRITICAL,
    Level.CRITICAL,
    held=(Held(Reason(Kind.LOW_VOLTAGE, Level.CRITICAL, Side.DISCHARGE)),),
)


def test_what_is_told_comes_in_order_of_its_weight() -> None:
    before = replace(lost(), observed=Observed(charging_enabled=False, alarms=frozenset()))
    after = replace(
        seen(),
        failsafe=HELD,
        not_ready=(),
        observed=Observed(charging_enabled=True, alarms=frozenset({Alarm.SHORT_CIRCUIT})),
    )
    assert [change for change, _subject in changes(before, after)] == [
        Change.HEALTH_REGAINED,
        Change.ALARM_APPEARED,
        Change.SWITCH_CHANGED,
        Change.LEVEL_ROSE,
        Change.READY_CHANGED,
    ]


def test_nothing_is_told_of_a_state_that_stays() -> None:
    state = seen(voltage=13.0, alarms=frozenset({Alarm.SHORT_CIRCUIT}))
    assert list(changes(state, state)) == []
    assert list(changes(state, replace(state, reading=replace(state.reading or Reading())))) == []


# Thresholds that others need.


@pytest.mark.parametrize(
    ("thresholds", "found"),
    [
        ({}, (None, None)),
        (CHARGE, (None, 20.0)),
        (AH, (20.0, None)),
        ({**AH, Kind.LOW_STATE_OF_CHARGE: (30.0, None)}, (20.0, 30.0)),
        ({Kind.LOW_CAPACITY: (0.0, 5.0), Kind.LOW_STATE_OF_CHARGE: (None, 5.0)}, (None, None)),
    ],
)
def test_only_a_low_threshold_in_force_is_counted_down_to(
    thresholds: Limits, found: tuple[float | None, float | None]
) -> None:
    """0 is off (design 5)."""
    its = settings(thresholds)
    assert (its.low_capacity, its.low_state_of_charge) == found
