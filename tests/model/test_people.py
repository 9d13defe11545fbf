"""What people do with a battery: arm it, reset it, try it, and say how full it is."""

from typing import Any

import pytest

from custom_components.battmon.model import monitor
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.charge_counting import Origin, StateOfCharge
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.failsafe.settings import Use
from custom_components.battmon.model.monitor import Step

from .folding import CRITICAL, ENDED, FELL, LOW, NONE, ROSE, UNHEALTHY, Folded, at, settings

LOW_VOLTAGE = {Kind.LOW_VOLTAGE: (12.0, 11.0)}
READY = Transition(Change.READY_CHANGED)


def battery(use: Use = Use.STATIONARY, **usual: Any) -> Folded:
    """Return a battery that is well."""
    said = {"voltage": 13.0, "current": -10.0, "full_capacity": 100.0, **usual}
    bench = Folded(settings(LOW_VOLTAGE, use=use), **said)
    bench.see(0.0)
    bench.heard()
    return bench


def low_vehicle() -> Folded:
    """Return a vehicle that was low and is well again."""
    bench = battery(Use.VEHICLE)
    bench.see_every(1.0, 1.0, 12.0, voltage=11.9)
    bench.see(13.0)
    assert bench.level is LOW
    bench.heard()
    return bench


def arm(bench: Folded, armed: bool) -> None:
    bench.fold(monitor.set_armed(bench.state, armed, bench.settings))


def reset(bench: Folded, seconds: float) -> Level:
    return bench.fold(monitor.reset_failsafe(bench.state, at(seconds), bench.settings))


# Armed and disarmed.


def test_a_battery_is_armed_unless_somebody_says_otherwise() -> None:
    bench = battery()
    assert bench.state.armed
    state = bench.state
    assert monitor.set_armed(state, True, bench.settings) == Step(state, ())


def test_being_told_again_that_it_is_armed_ends_no_suspicion() -> None:
    """The entity may be written anew at any time, for its attributes."""
    bench = battery(Use.VEHICLE)
    bench.see_every(1.0, 1.0, 9.0, voltage=11.9)
    arm(bench, True)
    assert bench.see_every(1.0, 10.0, 11.0, voltage=11.9) is NONE
    arm(bench, True)
    assert bench.see(12.0, voltage=11.9) is LOW


def test_disarmed_nothing_is_judged_but_all_is_measured() -> None:
    bench = battery(Use.VEHICLE)
    arm(bench, False)
    assert bench.see_every(1.0, 1.0, 100.0, voltage=10.0) is NONE
    assert not bench.state.armed
    assert bench.state.failsafe.timers == ()
    assert bench.state.estimators.counting.charge_out == pytest.approx(1000 / 3600)


def test_disarmed_what_is_held_stays() -> None:
    bench = low_vehicle()
    arm(bench, False)
    bench.see_every(1.0, 14.0, 1000.0)
    arm(bench, True)
    assert bench.see(1001.0) is LOW
    assert bench.heard() == []


def test_disarming_ends_what_is_only_suspected() -> None:
    bench = battery(Use.VEHICLE)
    bench.see(1.0, voltage=10.9)
    assert bench.state.failsafe.read_within == 0.0
    arm(bench, False)
    assert (bench.state.failsafe.timers, bench.state.failsafe.read_within) == ((), None)
    assert bench.miss(2.0) is NONE, "nothing was suspected that a failure would confirm"


def test_arming_judges_afresh() -> None:
    """No time before it counts: ArduPilot's stale timer (its T7) raises at once."""
    bench = battery(Use.VEHICLE)
    bench.see_every(1.0, 1.0, 9.0, voltage=11.9)
    arm(bench, False)
    bench.see_every(1.0, 10.0, 100.0, voltage=11.9)
    arm(bench, True)
    assert bench.see_every(1.0, 101.0, 111.0, voltage=11.9) is NONE
    assert bench.see(112.0, voltage=11.9) is LOW


def test_a_disarmed_vehicle_that_is_low_right_now_is_not_ready() -> None:
    """That is what is asked before one sets out."""
    bench = battery(Use.VEHICLE)
    arm(bench, False)
    bench.see(1.0, voltage=11.9)
    assert [reason.subject for reason in bench.state.not_ready] == [Kind.LOW_VOLTAGE]
    assert bench.heard() == [READY]
    bench.see(2.0)
    assert bench.state.not_ready == ()


def test_a_disarmed_vehicle_may_be_reset() -> None:
    bench = low_vehicle()
    arm(bench, False)
    assert reset(bench, 20.0) is NONE
    assert bench.heard() == [Transition(FELL, Kind.LOW_VOLTAGE), READY]


def test_a_reset_judges_nothing_of_a_disarmed_vehicle() -> None:
    limits = {Kind.LOW_VOLTAGE: (12.0, None), Kind.LOW_STATE_OF_CHARGE: (20.0, None)}
    bench = Folded(settings(limits, use=Use.VEHICLE), voltage=11.0, state_of_charge=5.0)
    arm(bench, False)
    bench.see(0.0)
    assert reset(bench, 1.0) is NONE
    assert bench.state.failsafe.timers == ()


# Reset.


def test_a_reset_lets_a_held_level_fall_to_what_is_true() -> None:
    bench = low_vehicle()
    assert reset(bench, 14.0) is NONE
    assert bench.heard() == [Transition(FELL, Kind.LOW_VOLTAGE), READY]
    assert bench.see_every(1.0, 15.0, 100.0) is NONE


def test_a_reset_does_not_take_away_what_is_still_true() -> None:
    bench = battery(Use.VEHICLE)
    bench.see_every(1.0, 1.0, 12.0, voltage=11.9)
    bench.heard()
    assert reset(bench, 12.5) is LOW
    assert bench.heard() == []


def test_a_reset_of_a_silent_battery_leaves_its_silence() -> None:
    bench = battery()
    bench.see(1.0, voltage=11.9)
    assert bench.miss(7.0) is LOW
    assert reset(bench, 8.0) is UNHEALTHY
    assert bench.kinds == [Kind.SILENCE]
    assert bench.see(9.0) is NONE


def test_a_reset_of_a_battery_that_is_well_is_no_news() -> None:
    bench = battery()
    before = bench.state
    reset(bench, 1.0)
    assert (bench.state, bench.heard()) == (before, [])


# Drills.


def drill(bench: Folded, level: Level, side: Side, seconds: float = 60.0) -> Level:
    return bench.fold(monitor.start_drill(bench.state, level, side, seconds, bench.settings))


def test_a_drill_raises_a_level_on_its_side_and_says_that_it_is_one() -> None:
    bench = battery()
    assert drill(bench, CRITICAL, Side.CHARGE) is CRITICAL
    assert (bench.state.failsafe.charge_level, bench.state.failsafe.discharge_level) == (CRITICAL, NONE)
    assert [reason.test for reason in bench.state.failsafe.reasons] == [True]
    assert bench.heard() == [Transition(ROSE, Kind.DRILL), READY]


def test_a_drill_ends_with_its_time_or_when_it_is_ended() -> None:
    bench = battery()
    drill(bench, LOW, Side.DISCHARGE, 10.0)
    assert bench.see_every(1.0, 1.0, 9.0) is LOW
    assert bench.see(10.5) is NONE
    drill(bench, LOW, Side.DISCHARGE)
    bench.heard()
    assert bench.fold(monitor.end_drill(bench.state, bench.settings)) is NONE
    assert bench.heard() == [Transition(FELL, Kind.DRILL), READY]


def test_a_drill_hides_nothing_that_is_true() -> None:
    bench = battery()
    drill(bench, LOW, Side.DISCHARGE, 3600.0)
    bench.heard()
    bench.see(1.0, voltage=10.9)
    assert bench.see(2.0, voltage=10.9) is CRITICAL
    assert bench.heard() == [Transition(ROSE, Kind.LOW_VOLTAGE)]
    assert bench.fold(monitor.end_drill(bench.state, bench.settings)) is CRITICAL
    assert bench.heard() == [Transition(ENDED, Kind.DRILL)]


def test_a_drill_of_a_battery_out_of_sight_is_one_too() -> None:
    bench = battery()
    bench.miss(6.0)
    assert drill(bench, CRITICAL, Side.BOTH) is CRITICAL
    assert bench.fold(monitor.end_drill(bench.state, bench.settings)) is UNHEALTHY


def test_a_reset_ends_a_drill() -> None:
    bench = battery()
    drill(bench, CRITICAL, Side.BOTH)
    assert reset(bench, 1.0) is NONE
    assert bench.state.failsafe.drill is None


# The state of charge.


def test_counting_goes_on_from_what_a_person_says() -> None:
    bench = battery()
    step = monitor.set_state_of_charge(bench.state, 80.0, bench.settings)
    assert step is not None
    assert step.transitions == ()
    bench.fold(step)
    bench.see(0.0)
    assert bench.state.estimate.state_of_charge == StateOfCharge(80.0, Origin.COUNTED, 1.0)
    bench.see_every(10.0, 10.0, 360.0)
    known = bench.state.estimate.counted
    assert known is not None
    assert known.value == pytest.approx(79.0, abs=0.05)


@pytest.mark.parametrize(("said", "taken"), [(-5.0, 0.0), (0.0, 0.0), (100.0, 100.0), (130.0, 100.0)])
def test_what_a_person_says_is_kept_between_empty_and_full(said: float, taken: float) -> None:
    bench = battery(current=0.0)
    step = monitor.set_state_of_charge(bench.state, said, bench.settings)
    assert step is not None
    bench.fold(step)
    bench.see(0.0)
    assert bench.state.estimate.counted == StateOfCharge(taken, Origin.COUNTED, 1.0)


UNSIGNED = BatterySettings(chemistry=Chemistry.LIFEPO4, current_is_unsigned=True)
NAMED = BatterySettings(chemistry=Chemistry.LIFEPO4, capacity=50.0)


@pytest.mark.parametrize(
    ("its", "said", "counted"),
    [
        (BatterySettings(), {}, True),
        (BatterySettings(), {"current": None}, False),
        (BatterySettings(), {"full_capacity": None}, False),
        (NAMED, {"full_capacity": None}, True),
        (UNSIGNED, {}, False),
    ],
)
def test_it_is_refused_where_nothing_is_counted(
    its: BatterySettings, said: dict[str, Any], counted: bool
) -> None:
    bench = Folded(settings(battery=its), **{"current": -10.0, "full_capacity": 100.0} | said)
    bench.see(0.0)
    assert (monitor.set_state_of_charge(bench.state, 80.0, bench.settings) is not None) is counted


def test_it_is_refused_before_the_battery_was_seen() -> None:
    bench = Folded(settings(battery=NAMED))
    assert monitor.set_state_of_charge(bench.state, 80.0, bench.settings) is None


# Counters.


def test_counters_begin_again_from_zero_and_what_was_learned_stays() -> None:
    bench = battery()
    for number in range(400):
        current = -30.0 if number // 15 % 2 else 5.0
        bench.see(1.0 + number, current=current, voltage=13.2 + 0.01 * current, state_of_charge=60.0)
    bench.see(401.0, current=-36.0)
    before = bench.state
    assert min(before.estimators.counting[:4]) > 0.0
    bench.fold(monitor.reset_counters(before))
    after = bench.state
    assert after.estimators.counting[:4] == (0.0, 0.0, 0.0, 0.0)
    assert after.estimators.counting[4:] == before.estimators.counting[4:]
    assert after.estimators.resistance == before.estimators.resistance
    assert before.estimate.internal_resistance == pytest.approx(0.01)
    assert after.estimators.charge == before.estimators.charge
    assert bench.heard() == []
    bench.see(411.0, current=-36.0)
    assert bench.state.estimators.counting[:2] == (0.0, pytest.approx(0.1))
