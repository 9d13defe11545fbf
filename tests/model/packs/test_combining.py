"""The fold of a virtual battery: who is asked, and what follows."""

import pytest

from custom_components.battmon.model import monitor
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import PackReading, Quality, Why
from custom_components.battmon.model.packs.settings import Source
from custom_components.battmon.model.state import BatteryState

from ..folding import at, settings
from .builders import MERGED, NOW, PARALLEL, SERIES, battery, changed, settings_of, together, whys

A, B, SHUNT = battery("A"), battery("B"), battery("Shunt", current=-31.0, voltage=13.0)


def test_members_stand_in_the_order_in_which_they_were_named() -> None:
    found = combined(Keeping(), {"a": A, "b": B}, settings_of(SERIES, B, A), NOW)[1]
    assert [one.name for one in found.contributions] == ["B", "A"]


def test_a_member_that_nobody_knows_any_more_is_not_left_out() -> None:
    found = combined(Keeping(), {"a": A}, settings_of(PARALLEL, A, B), NOW)[1]
    assert whys(found) == [None, Why.REMOVED]
    assert found.contributions[1].name == "b"
    assert found.current is None


def test_a_shunt_tells_the_current_of_a_bank_and_its_power_follows() -> None:
    bank = settings_of(PARALLEL, A, B, primary=(Source(key="shunt", quantities=frozenset({"current"})),))
    found = combined(Keeping(), {"a": A, "b": B, "shunt": SHUNT}, bank, NOW)[1]
    assert found.current == -31.0
    assert found.voltage == 13.2
    state = monitor.step(BatteryState(), found, at(0), settings()).state
    assert state.power == pytest.approx(13.2 * -31.0)


def test_a_source_fills_what_a_lost_member_has_left_unknown() -> None:
    bank = settings_of(PARALLEL, A, B, auxiliary=(Source(key="shunt", quantities=frozenset({"current"})),))
    members = {"a": A, "b": changed(B, healthy=False), "shunt": SHUNT}
    found = combined(Keeping(), members, bank, NOW)[1]
    assert found.current == -31.0
    assert found.quality is Quality.PARTIAL


def test_a_capacity_that_a_person_knows_counts_for_a_merged_battery() -> None:
    found = together(MERGED, A, capacity=80.0)
    assert (found.full_capacity, found.remaining_capacity) == (80.0, 40.0)
    lost = changed(A, healthy=False)
    assert together(MERGED, lost, capacity=80.0).full_capacity is None
    assert together(MERGED, A).full_capacity == 100.0


def test_the_monitor_shows_the_power_that_the_members_give() -> None:
    """Not the mean voltage times the current: 13 V x 10 A and 13.4 V x 30 A are 532 W."""
    one, other = battery("A", voltage=13.0, current=-10.0), battery("B", voltage=13.4, current=-30.0)
    bank = together(PARALLEL, one, other)
    state = monitor.step(BatteryState(), bank, at(0), settings()).state
    assert state.power == pytest.approx(-532.0)
    assert isinstance(state.reading, PackReading)


def test_what_was_kept_goes_on() -> None:
    bank = settings_of(PARALLEL, A, B)
    keeping, _ = combined(Keeping(), {"a": A, "b": B}, bank, NOW)
    again, _ = combined(keeping, {"a": A, "b": B}, bank, NOW + 1)
    assert again == keeping
