"""The fold of a virtual battery: what its members say, when that changes, and what a restart leaves of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from custom_components.battmon.model import monitor
from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.failsafe.readiness import NotReadyKind
from custom_components.battmon.model.memory import BatteryMemory, from_file, to_file
from custom_components.battmon.model.packs.members import (
    Contribution,
    MemberLevel,
    PackReading,
    Quality,
    Why,
)
from custom_components.battmon.model.reading import Place, Temperature
from custom_components.battmon.model.state import BatteryState

from ..folding import CRITICAL, LOW, NONE, UNHEALTHY, at, settings

ITS = settings()
LOW_PACK = MemberLevel("Pack A", LOW, Side.DISCHARGE)
LOST_PACK = MemberLevel("Pack B", UNHEALTHY, Side.FAULT, Kind.MEMBER_LOST)


def pack(*levels: MemberLevel, why: Mapping[str, Why | None] | None = None, **values: Any) -> PackReading:
    """Return a bank of two, whose members are missing for these reasons."""
    reasons: dict[str, Why | None] = {"Pack A": None, "Pack B": None, **(why or {})}
    given = tuple(Contribution(name, name, reason is None, reason) for name, reason in reasons.items())
    usual: dict[str, Any] = {
        "voltage": 13.2,
        "current": -10.0,
        "state_of_charge": 60.0,
        "remaining_capacity": 60.0,
        "full_capacity": 100.0,
    }
    return PackReading(**{**usual, **values}, contributions=given, levels=levels)


def nobody(why: Why) -> PackReading:
    """Return a bank none of whose members is there."""
    given = tuple(Contribution(name, name, used=False, why=why) for name in ("Pack A", "Pack B"))
    return PackReading(quality=Quality.UNAVAILABLE, contributions=given)


def folded(state: BatteryState, seconds: float, reading: PackReading) -> monitor.Step:
    return monitor.step(state, reading, at(seconds), ITS)


def begun(seconds: float = 0.0, memory: BatteryMemory | None = None) -> BatteryState:
    return monitor.begin(memory or BatteryMemory(), at(seconds), ITS)


def remembered(state: BatteryState) -> BatteryMemory:
    """Return what the file holds of a state."""
    return from_file(to_file(BatteryMemory(estimators=state.estimators, failsafe=state.failsafe)))


def levels_of(state: BatteryState) -> list[tuple[Kind, Level, str | None]]:
    return [(reason.kind, reason.level, reason.subject) for reason in state.failsafe.reasons]


def test_what_members_say_counts_while_they_say_it() -> None:
    state, changes = folded(begun(), 1.0, pack(LOW_PACK))
    assert levels_of(state) == [(Kind.MEMBER, LOW, "Pack A")]
    assert Transition(Change.LEVEL_ROSE, Kind.MEMBER) in changes
    state, changes = folded(state, 2.0, pack(LOW_PACK))
    assert changes == ()
    state, changes = folded(state, 3.0, pack())
    assert state.failsafe.level is NONE
    assert changes == (Transition(Change.LEVEL_FELL, Kind.MEMBER), Transition(Change.READY_CHANGED))


def test_what_members_say_raises_no_level_of_a_disarmed_vehicle() -> None:
    state = monitor.set_armed(begun(), False, ITS).state
    state, _ = folded(state, 1.0, pack(LOW_PACK))
    assert levels_of(state) == []


def test_a_member_that_never_came_is_missed_after_a_minute() -> None:
    missing = {"Pack B": Why.NOT_SEEN}
    state, _ = folded(begun(), 59.0, pack(LOST_PACK, why=missing))
    assert state.failsafe.level is NONE
    state, _ = folded(state, 60.0, pack(LOST_PACK, why=missing))
    assert levels_of(state) == [(Kind.MEMBER_LOST, UNHEALTHY, "Pack B")]


def test_a_level_of_a_member_outlasts_a_restart_without_being_told_again() -> None:
    before, _ = folded(begun(), 1.0, pack(LOW_PACK))
    state = begun(100.0, remembered(before))
    told: list[Transition] = []
    for seconds, reading in (
        (101.0, nobody(Why.NOT_SEEN)),
        (102.0, pack(why={"Pack A": Why.NOT_SEEN})),
        (103.0, pack(LOW_PACK)),
    ):
        state, changes = folded(state, seconds, reading)
        told += changes
        assert levels_of(state) == [(Kind.MEMBER, LOW, "Pack A")], seconds
    assert {change for change, _ in told} <= {Change.HEALTH_REGAINED, Change.MEMBERS_CHANGED}


def test_a_remembered_level_falls_when_its_member_says_so_or_does_not_come() -> None:
    before, _ = folded(begun(), 1.0, pack(LOW_PACK))
    well, _ = folded(begun(100.0, remembered(before)), 101.0, pack())
    assert well.failsafe.level is NONE
    gone, _ = folded(begun(100.0, remembered(before)), 161.0, pack(why={"Pack A": Why.NOT_SEEN}))
    assert gone.failsafe.level is NONE


def test_what_the_battery_itself_was_judged_by_is_not_taken_for_a_members() -> None:
    its = settings({Kind.LOW_VOLTAGE: (13.0, 12.0)})
    state = monitor.begin(BatteryMemory(), at(0.0), its)
    for seconds in (1.0, 2.0, 3.0):
        state, _ = monitor.step(state, pack(voltage=11.0), at(seconds), its)
    assert state.failsafe.level is CRITICAL
    state = monitor.begin(remembered(state), at(100.0), its)
    state, _ = monitor.step(state, nobody(Why.NOT_SEEN), at(101.0), its)
    assert levels_of(state) == [(Kind.LOW_VOLTAGE, CRITICAL, None)]


def test_a_battery_that_is_called_1_is_not_taken_for_the_first_sensor() -> None:
    its = settings({Kind.DISCHARGE_COLD: (-15.0, -20.0)})
    cold: dict[str, Any] = {"why": {"1": Why.NOT_SEEN}, "temperatures": (Temperature(-16.0, Place.CELL),)}
    state = monitor.begin(BatteryMemory(), at(0.0), its)
    for seconds in (1.0, 20.0, 40.0):
        state, _ = monitor.step(state, pack(**cold), at(seconds), its)
    state = monitor.begin(remembered(state), at(100.0), its)
    state, _ = monitor.step(state, pack(**cold), at(101.0), its)
    assert levels_of(state) == [(Kind.DISCHARGE_COLD, LOW, "1")]


def test_a_combination_that_is_older_than_the_newest_one_is_dropped() -> None:
    state, _ = folded(begun(), 10.0, pack())
    assert folded(state, 5.0, pack(LOW_PACK, state_of_charge=5.0)) == (state, ())


def test_a_change_among_members_is_told_but_not_the_first_combination() -> None:
    state, changes = folded(begun(), 1.0, pack())
    assert Transition(Change.MEMBERS_CHANGED) not in changes
    state, changes = folded(state, 2.0, pack(why={"Pack B": Why.LOST}))
    assert changes == (Transition(Change.MEMBERS_CHANGED),)
    state, changes = folded(state, 3.0, pack(why={"Pack B": Why.LOST}))
    assert changes == ()
    _, changes = folded(state, 4.0, pack(why={"Pack B": Why.PAUSED}))
    assert changes == (Transition(Change.MEMBERS_CHANGED),), "it is missing for another reason"


def test_another_member_and_one_that_is_not_used_any_more_are_told() -> None:
    first, other = Contribution("a", "Pack A", used=True), Contribution("b", "Pack B", used=True)
    state, _ = folded(begun(), 1.0, replace(pack(), contributions=(first,)))
    for now in (other, first._replace(used=False)):
        _, changes = folded(state, 2.0, replace(pack(), contributions=(now,)))
        assert changes == (Transition(Change.MEMBERS_CHANGED),), now


def test_the_charge_of_a_bank_that_lacks_members_is_not_made_up_of_what_was_counted() -> None:
    state, _ = folded(begun(), 1.0, pack())
    assert state.estimate.remaining_capacity == 60.0
    less = {"current": None, "remaining_capacity": None, "full_capacity": None, "lacks_members": True}
    state, _ = folded(state, 2.0, pack(why={"Pack B": Why.LOST}, **less))
    estimate = state.estimate
    assert (estimate.remaining_capacity, estimate.full_capacity) == (None, None)
    assert estimate.state_of_charge is not None
    assert estimate.state_of_charge.value == 60.0


def test_the_origin_of_a_state_of_charge_is_that_of_its_members() -> None:
    told = pack(state_of_charge_origin=Origin.COUNTED, state_of_charge_uncertainty=2.5)
    state, _ = folded(begun(), 1.0, told)
    charge = state.estimate.state_of_charge
    assert charge is not None
    assert (charge.origin, charge.uncertainty) == (Origin.COUNTED, 2.5)
    silent, _ = folded(begun(), 1.0, replace(told, state_of_charge_origin=None))
    charge = silent.estimate.state_of_charge
    assert charge is not None
    assert charge.origin is Origin.DEVICE


def test_a_dead_cell_is_its_members_affair_and_the_lowest_living_one_is_judged() -> None:
    its = settings({Kind.LOW_CELL: (3.0, 2.5)})
    names = ("Pack A / cell 1", "Pack A / cell 2", "Pack B / cell 1")
    state = monitor.begin(BatteryMemory(), at(0.0), its)
    for seconds in range(1, 40, 2):
        dead = pack(cell_voltages=(0.0, 2.9, None), cell_names=names)
        state, _ = monitor.step(state, dead, at(float(seconds)), its)
    assert levels_of(state) == [(Kind.LOW_CELL, LOW, "Pack A / cell 2")]
    state = monitor.begin(BatteryMemory(), at(0.0), its)
    for seconds in range(1, 40, 2):
        dead = pack(cell_voltages=(0.0, 0.0, 0.1), cell_names=names)
        state, _ = monitor.step(state, dead, at(float(seconds)), its)
    assert levels_of(state) == []


def test_what_cannot_be_read_any_more_is_not_shown_any_more() -> None:
    """Its members had their time before they were given up."""
    state, _ = folded(begun(), 100.0, pack())
    state, changes = folded(state, 101.0, nobody(Why.LOST))
    assert not state.healthy
    assert Transition(Change.HEALTH_LOST) in changes
    state, changes = folded(state, 102.0, pack())
    assert state.healthy
    assert Transition(Change.HEALTH_REGAINED) in changes


def test_members_that_are_released_pause_the_whole() -> None:
    """Nothing is wrong with it, and its level stays as it was."""
    state, _ = folded(begun(), 100.0, pack(LOW_PACK))
    state, changes = folded(state, 101.0, nobody(Why.PAUSED))
    assert state.paused
    assert changes[0] == Transition(Change.PAUSED)
    state, _ = folded(state, 500.0, nobody(Why.PAUSED))
    assert levels_of(state) == [(Kind.MEMBER, LOW, "Pack A")]
    assert [why.kind for why in state.not_ready][0] is NotReadyKind.RELEASED
    state, changes = folded(state, 501.0, pack())
    assert state.healthy
    assert not state.paused
    assert state.failsafe.level is NONE
    assert Transition(Change.RESUMED) in changes


def test_one_that_is_released_and_one_that_is_lost_are_no_pause() -> None:
    state, _ = folded(begun(), 100.0, pack())
    both = pack(why={"Pack A": Why.PAUSED, "Pack B": Why.LOST})
    unavailable = PackReading(quality=Quality.UNAVAILABLE, contributions=both.contributions)
    state, _ = folded(state, 101.0, unavailable)
    assert state.lost
