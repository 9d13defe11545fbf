"""A restart: what is remembered goes on, and the time in between counts towards nothing."""

from datetime import timedelta

import pytest

from custom_components.battmon.model import monitor
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.failsafe.readiness import NotReadyKind
from custom_components.battmon.model.failsafe.settings import Use
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.memory import BatteryMemory
from custom_components.battmon.model.reading import Reading

from .folding import CRITICAL, LOW, NONE, START, UNHEALTHY, Folded, at, settings

LOW_VOLTAGE = {Kind.LOW_VOLTAGE: (12.0, 11.0)}
BOOT = 5000.0
"""The monotonic clock of a machine that was started anew may say anything."""


def after_boot(downtime: float, seconds: float = 0.0) -> Instant:
    """Return a moment after the restart; the clock on the wall stood still for nobody."""
    return Instant(BOOT + seconds, START + timedelta(seconds=downtime + seconds))


class Restarted(Folded):
    """A battery whose machine is started anew."""

    def after_boot(self, downtime: float, seconds: float, **values: float) -> Level:
        """Fold a sample so many seconds after the start."""
        reading = Reading(**self.usual | values)
        return self.fold(monitor.step(self.state, reading, after_boot(downtime, seconds), self.settings))


def battery(**usual: float) -> Restarted:
    return Restarted(settings(LOW_VOLTAGE), voltage=13.0, current=-10.0, full_capacity=100.0, **usual)


# Levels.


def test_a_level_its_sides_and_its_reasons_outlast_a_restart() -> None:
    bench = battery()
    bench.see_every(1.0, 0.0, 11.0, voltage=11.9)
    before = bench.state.failsafe
    assert (before.level, before.discharge_level, before.charge_level) == (LOW, LOW, NONE)
    bench.restart(after_boot(3600.0))
    assert bench.state.failsafe == before
    assert (bench.state.healthy, bench.state.reading, bench.state.sampled_at) == (False, None, None)


def test_before_it_is_seen_a_restarted_battery_is_not_ready_and_says_all_reasons() -> None:
    bench = battery()
    bench.see_every(1.0, 0.0, 11.0, voltage=11.9)
    bench.restart(after_boot(60.0))
    assert [reason.kind for reason in bench.state.not_ready] == [
        NotReadyKind.UNHEALTHY,
        NotReadyKind.FAILSAFE,
    ]


def test_a_level_that_is_held_is_no_news_after_a_restart() -> None:
    bench = battery()
    bench.see_every(1.0, 0.0, 11.0, voltage=11.9)
    bench.restart(after_boot(60.0))
    bench.after_boot(60.0, 0.0, voltage=11.9)
    bench.after_boot(60.0, 1.0, voltage=11.9)
    assert bench.heard() == [Transition(Change.HEALTH_REGAINED)]


def test_a_battery_that_is_ready_after_a_restart_says_so() -> None:
    bench = battery()
    bench.restart(after_boot(60.0))
    bench.after_boot(60.0, 0.0)
    assert bench.heard() == [Transition(Change.HEALTH_REGAINED), Transition(Change.READY_CHANGED)]


def test_a_vehicle_s_level_is_held_after_a_restart_though_all_is_well() -> None:
    bench = battery()
    bench.settings = settings(LOW_VOLTAGE, use=Use.VEHICLE)
    bench.see_every(1.0, 0.0, 11.0, voltage=11.9)
    bench.restart(after_boot(1e6))
    for second in range(1000):
        bench.after_boot(1e6, float(second))
    assert bench.level is LOW


def test_a_drill_does_not_outlast_a_restart() -> None:
    bench = battery()
    bench.see(0.0)
    bench.fold(monitor.start_drill(bench.state, CRITICAL, Side.BOTH, 3600.0, bench.settings))
    assert bench.level is CRITICAL
    bench.restart(after_boot(1.0))
    assert (bench.level, bench.state.failsafe.drill) == (NONE, None)


# Timers.


@pytest.mark.parametrize("downtime", [0.5, 30.0, 59.0, 86400.0, -86400.0])
def test_downtime_counts_towards_no_delay_but_the_time_before_it_does(downtime: float) -> None:
    bench = battery()
    bench.see_every(1.0, 0.0, 6.0, voltage=11.9)
    (timer,) = bench.state.failsafe.timers
    assert timer.elapsed == 6.0
    bench.restart(after_boot(downtime))
    assert bench.after_boot(downtime, 0.0, voltage=11.9) is NONE
    (timer,) = bench.state.failsafe.timers
    assert timer.elapsed == 6.0
    for second in range(1, 5):
        assert bench.after_boot(downtime, float(second), voltage=11.9) is NONE
    assert bench.after_boot(downtime, 5.0, voltage=11.9) is LOW


@pytest.mark.parametrize("downtime", [30.0, 86400.0])
def test_downtime_clears_nothing(downtime: float) -> None:
    bench = battery()
    bench.see_every(1.0, 0.0, 11.0, voltage=11.9)
    bench.see_every(1.0, 12.0, 42.0)
    bench.restart(after_boot(downtime))
    for second in range(30):
        assert bench.after_boot(downtime, float(second)) is LOW
    assert bench.after_boot(downtime, 30.0) is NONE


def test_one_low_sample_before_and_one_after_a_restart_are_two_in_a_row() -> None:
    bench = battery()
    bench.see(0.0, voltage=10.9)
    assert bench.state.failsafe.read_within == 0.0
    bench.restart(after_boot(10.0))
    assert bench.state.failsafe.read_within == 0.0
    assert bench.after_boot(10.0, 0.0, voltage=10.9) is NONE, "no time has passed that anybody saw"
    assert bench.after_boot(10.0, 0.1, voltage=10.9) is CRITICAL


def test_a_battery_out_of_reach_at_a_restart_is_not_critical_for_one_sample_before_it() -> None:
    """It was not read again out of turn: a failure at the start is no answer to that."""
    bench = battery()
    bench.see(0.0, voltage=10.9)
    bench.restart(after_boot(10.0))
    assert bench.fold(monitor.step(bench.state, None, after_boot(10.0, 1.0), bench.settings)) is NONE


# What was counted and learned.


def test_nothing_is_counted_for_the_downtime() -> None:
    bench = battery()
    bench.see_every(1.0, 0.0, 360.0)
    before = bench.state.estimators.counting
    assert before.charge_out == pytest.approx(1.0)
    bench.restart(after_boot(500.0))
    bench.after_boot(500.0, 0.0)
    assert bench.state.estimators.counting == before
    for second in range(1, 361):
        bench.after_boot(500.0, float(second))
    assert bench.state.estimators.counting.charge_out == pytest.approx(2.0)


@pytest.mark.parametrize(("downtime", "grows_by"), [(3600.0, 10.05), (0.0, 0.0), (-3600.0, 0.0)])
def test_the_counted_charge_is_as_vague_as_the_downtime_was_long(downtime: float, grows_by: float) -> None:
    """A clock that was set back says nothing about how long it was."""
    bench = battery()
    bench.see(0.0, state_of_charge=90.0)
    bench.see_every(10.0, 10.0, 7200.0)
    before = bench.state.estimate.counted
    bench.restart(Instant(BOOT, START + timedelta(seconds=7200.0 + downtime)))
    bench.fold(
        monitor.step(
            bench.state,
            Reading(**bench.usual),
            Instant(BOOT, START + timedelta(seconds=7200.0 + downtime)),
            bench.settings,
        )
    )
    after = bench.state.estimate.counted
    assert before is not None
    assert after is not None
    assert after.value == before.value
    assert after.uncertainty is not None
    assert before.uncertainty is not None
    # What is drawn in the last hour, on average, and the sensor's offset.
    assert after.uncertainty - before.uncertainty == pytest.approx(grows_by, rel=0.1)


def test_a_battery_that_was_never_seen_has_nothing_to_remember() -> None:
    state = monitor.begin(BatteryMemory(), at(0.0), settings())
    assert (state.seen_before, state.failsafe.level) == (None, NONE)
    assert [reason.kind for reason in state.not_ready] == [NotReadyKind.UNHEALTHY]


def test_what_was_seen_before_counts_only_until_it_is_seen_again() -> None:
    bench = battery()
    bench.see(0.0)
    bench.restart(after_boot(100.0))
    assert bench.state.seen_before == START
    bench.after_boot(100.0, 0.0)
    assert bench.state.seen_before is None


def test_silence_that_was_held_ends_with_the_first_sample_after_a_restart() -> None:
    bench = battery()
    bench.see(0.0)
    bench.miss(10.0)
    assert bench.level is UNHEALTHY
    bench.restart(after_boot(60.0))
    assert bench.level is UNHEALTHY
    bench.after_boot(60.0, 1.0)
    assert bench.level is NONE
    assert Transition(Change.LEVEL_FELL, Kind.SILENCE) in bench.heard()
