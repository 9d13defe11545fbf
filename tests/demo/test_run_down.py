"""The demo's batteries under the eyes of BattMon: one is run down and recovers, all others are well."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from custom_components.battmon.model.changes import Change
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.levels import Kind, Level
from custom_components.battmon.model.packs.settings import (
    STATE_OF_CHARGE_SPREAD_PARALLEL,
    STATE_OF_CHARGE_SPREAD_SERIES,
)
from simulators.demo.batteries import boat_8s, cabin_bank, workshop_4s
from simulators.demo.claims.failsafe import CRITICAL_WITHIN, LOW_FOR, TRUE_WITHIN
from simulators.presets import Rig, house_16s, van_4s

from .judged import Moment, judged

pytestmark = pytest.mark.slow

RECOVERED_WITHIN = 600.0
"""The whole of the first round, in s."""
CRITICAL_CLEARS = 300.0
"""In s."""
ROUNDS = 8


def run_down(seconds: float, interval: float = 2.0) -> tuple[Rig, list[Moment]]:
    rig, load = workshop_4s()
    load.begin()
    return rig, list(judged(rig, Chemistry.LIFEPO4, seconds, interval))


def level_changes(moments: list[Moment]) -> list[tuple[float, Level]]:
    """Return when the level became another, and which."""
    levels = [(0.0, Level.NONE), *((moment.time, moment.state.failsafe.level) for moment in moments)]
    return [after for before, after in pairwise(levels) if before[1] != after[1]]


@pytest.fixture(scope="module")
def first_round() -> list[Moment]:
    return run_down(RECOVERED_WITHIN)[1]


@pytest.mark.parametrize("interval", [0.5, 1.0, 2.0, 5.0])
def test_it_is_low_and_then_critical_within_three_minutes(interval: float) -> None:
    _, moments = run_down(CRITICAL_WITHIN, interval)
    (low_at, low), (critical_at, critical) = level_changes(moments)
    assert (low, critical) == (Level.LOW, Level.CRITICAL)
    assert low_at > LOW_FOR
    assert critical_at - low_at > 2 * LOW_FOR
    assert critical_at < CRITICAL_WITHIN / 2


def test_it_is_the_discharge_level_that_rises(first_round: list[Moment]) -> None:
    assert all(moment.state.failsafe.discharge_level is moment.state.failsafe.level for moment in first_round)
    assert all(moment.state.failsafe.charge_level is Level.NONE for moment in first_round)


def test_on_charge_it_recovers_when_clearing_has_had_its_time(first_round: list[Moment]) -> None:
    (_, _), (critical_at, _), (clear_at, clear) = level_changes(first_round)
    assert clear is Level.NONE
    assert clear_at - critical_at > CRITICAL_CLEARS
    last = first_round[-1].state
    assert not last.not_ready
    assert last.reading is not None
    assert last.reading.current is not None
    assert last.reading.current != 0


def test_its_log_tells_of_every_level_and_of_nothing_else(first_round: list[Moment]) -> None:
    changes = [change for moment in first_round for change in moment.transitions]
    assert {change.subject for change in changes} == {None, Kind.LOW_STATE_OF_CHARGE}
    told = [change.change for change in changes if change.subject]
    assert told == [Change.LEVEL_ROSE, Change.LEVEL_ROSE, Change.REASON_ENDED, Change.LEVEL_FELL]


def test_every_round_is_like_the_first() -> None:
    _, moments = run_down((ROUNDS + 1) * RECOVERED_WITHIN)
    changes = level_changes(moments)
    assert [level for _, level in changes[: 3 * ROUNDS]] == [Level.LOW, Level.CRITICAL, Level.NONE] * ROUNDS
    reasons = {reason.kind for moment in moments for reason in moment.state.failsafe.reasons}
    assert reasons == {Kind.LOW_STATE_OF_CHARGE}


def test_the_count_of_its_board_stays_true_from_round_to_round() -> None:
    rig, _ = run_down(ROUNDS * RECOVERED_WITHIN)
    assert rig.device.state_of_charge == pytest.approx(rig.battery.state_of_charge, abs=1.5)


def test_its_totals_are_true_although_it_is_read_every_two_seconds() -> None:
    rig, moments = run_down(RECOVERED_WITHIN)
    counted, truth = moments[-1].state.estimators.counting, rig.battery
    assert counted.energy_out == pytest.approx(truth.energy_out, rel=TRUE_WITHIN / 2)
    assert counted.energy_in == pytest.approx(truth.energy_in, rel=TRUE_WITHIN / 2)


def cabin_a() -> Rig:
    return cabin_bank()[0][0]


def cabin_c() -> Rig:
    return cabin_bank()[0][2]


@pytest.mark.parametrize(
    ("make", "chemistry"),
    [
        (house_16s, Chemistry.LIFEPO4),
        (van_4s, Chemistry.LIFEPO4),
        (boat_8s, Chemistry.LI_ION),
        (cabin_a, Chemistry.LIFEPO4),
        (cabin_c, Chemistry.LIFEPO4),
    ],
)
def test_the_others_never_leave_what_the_presets_allow(make: Callable[[], Rig], chemistry: Chemistry) -> None:
    for moment in judged(make(), chemistry, 3600.0):
        assert moment.state.failsafe.level is Level.NONE
        assert not moment.state.not_ready


def test_the_cabins_batteries_stay_together() -> None:
    (a, b, c), bank = cabin_bank()
    for _ in range(30):
        bank.advance(360.0)
        assert abs(a.battery.state_of_charge - b.battery.state_of_charge) < STATE_OF_CHARGE_SPREAD_SERIES / 2
        string = min(a.battery.state_of_charge, b.battery.state_of_charge)
        assert abs(string - c.battery.state_of_charge) < STATE_OF_CHARGE_SPREAD_PARALLEL / 2
