"""Sources beside the members: what a primary one replaces, what an auxiliary one fills."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import Member, PackReading, Quality, Why
from custom_components.battmon.model.packs.overlay import QUANTITIES, overlay
from custom_components.battmon.model.packs.settings import Arrangement, Source

from .builders import NOW, PARALLEL, SERIES, battery, changed, given, settings_of

A, B = battery("A"), battery("B")
LOST = changed(battery("B"), healthy=False)
SHUNT = battery(
    "Shunt",
    percent=80.0,
    capacity=220.0,
    voltage=13.3,
    current=-19.0,
    cell_voltages=None,
    alarms=None,
    charging_enabled=None,
    discharging_enabled=None,
)
NOTHING = battery(
    "Nothing",
    percent=None,
    capacity=None,
    voltage=None,
    current=None,
    cell_voltages=None,
    alarms=None,
    charging_enabled=None,
    discharging_enabled=None,
)
OTHER = battery("Other", percent=10.0, voltage=12.0)


def source(member: Member, *quantities: str) -> Source:
    return Source(key=member.key, quantities=frozenset(quantities))


def bank(
    *sources: Member,
    members: tuple[Member, ...] = (A, B),
    arrangement: Arrangement = PARALLEL,
    **settings: Any,
) -> PackReading:
    """Return what members and sources are together."""
    its = settings_of(arrangement, *members, **settings)
    return combined(Keeping(), {each.key: each for each in (*members, *sources)}, its, NOW)[1]


def test_a_primary_source_replaces_what_is_named_and_nothing_else() -> None:
    found = bank(SHUNT, primary=(source(SHUNT, "state_of_charge"),))
    assert (found.state_of_charge, found.voltage, found.current) == (80.0, 13.2, -20.0)
    assert found.state_of_charge_origin is Origin.DEVICE
    assert given(found, "Shunt").gives == ("state_of_charge",)
    assert found.quality is Quality.OK


def test_a_primary_source_of_which_nothing_is_named_replaces_all_that_it_knows() -> None:
    found = bank(SHUNT, primary=(source(SHUNT),))
    assert (found.state_of_charge, found.voltage, found.current) == (80.0, 13.3, -19.0)
    assert found.full_capacity == 220.0
    assert len(found.cell_voltages or ()) == 8


def test_the_first_primary_source_that_knows_a_quantity_counts() -> None:
    found = bank(NOTHING, SHUNT, OTHER, primary=(source(NOTHING), source(SHUNT), source(OTHER)))
    assert (found.state_of_charge, found.voltage) == (80.0, 13.3)
    assert found.cell_names == ()
    assert len(found.cell_voltages or ()) == 4
    assert given(found, "Nothing").gives == ()


def test_the_remaining_capacity_says_what_the_state_of_charge_says() -> None:
    found = bank(SHUNT, primary=(source(SHUNT, "state_of_charge"),))
    assert (found.full_capacity, found.remaining_capacity) == (200.0, 160.0)
    found = bank(SHUNT, primary=(source(SHUNT, "remaining_capacity"),))
    assert (found.remaining_capacity, found.state_of_charge) == (176.0, 88.0)
    found = bank(SHUNT, primary=(source(SHUNT, "full_capacity"),))
    assert (found.full_capacity, found.remaining_capacity, found.state_of_charge) == (220.0, 110.0, 50.0)


def test_what_a_source_says_of_both_is_taken_as_it_is() -> None:
    found = bank(SHUNT, primary=(source(SHUNT, "state_of_charge", "remaining_capacity"),))
    assert (found.state_of_charge, found.remaining_capacity, found.full_capacity) == (80.0, 176.0, 200.0)


def test_a_capacity_without_a_charge_says_no_charge() -> None:
    members = tuple(battery(name, percent=None) for name in "AB")
    found = bank(SHUNT, members=members, primary=(source(SHUNT, "full_capacity"),))
    assert (found.state_of_charge, found.remaining_capacity, found.full_capacity) == (None, None, 220.0)


def test_a_capacity_that_a_person_knows_better_counts_before_any_source() -> None:
    found = bank(SHUNT, primary=(source(SHUNT),), capacity=300.0)
    assert found.full_capacity == 300.0


def test_a_primary_current_makes_another_power() -> None:
    found = bank(SHUNT, primary=(source(SHUNT, "current"),))
    assert found.current == -19.0
    assert found.power is None  # voltage times current, then
    assert bank().power == pytest.approx(-264.0)


def test_a_primary_power_is_taken_as_it_is() -> None:
    found = bank(SHUNT, primary=(source(SHUNT, "current", "power"),))
    assert found.power == pytest.approx(13.3 * -19.0)


def test_a_primary_current_is_known_without_a_member() -> None:
    members = (A, LOST)
    assert bank(members=members).current is None
    found = bank(SHUNT, members=members, primary=(source(SHUNT, "current", "state_of_charge"),))
    assert (found.voltage, found.current) == (13.2, -19.0)
    assert found.quality is Quality.PARTIAL


def test_a_primary_source_knows_the_charge_in_ah_without_a_member() -> None:
    primary = (source(SHUNT, "state_of_charge"),)
    assert bank(SHUNT, members=(A, LOST), primary=primary).remaining_capacity is None
    found = bank(SHUNT, members=(A, LOST), primary=primary, capacity=200.0)
    assert (found.remaining_capacity, found.full_capacity) == (160.0, 200.0)


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        (changed(SHUNT, healthy=False), Why.LOST),
        (changed(SHUNT, paused=True), Why.PAUSED),
        (SHUNT._replace(state=None), Why.NOT_SEEN),
        (SHUNT._replace(absent=Why.DISABLED), Why.DISABLED),
    ],
)
def test_a_primary_source_that_is_lost_is_named_and_the_members_count_again(lost: Member, why: Why) -> None:
    found = bank(lost, primary=(source(SHUNT, "state_of_charge"),))
    assert found.state_of_charge == 50.0
    assert found.quality is Quality.PARTIAL
    assert (given(found, "Shunt").why, given(found, "Shunt").used) == (why, False)
    assert found.levels == ()


def test_a_source_that_nobody_knows_any_more_is_named() -> None:
    assert given(bank(primary=(source(SHUNT),)), "shunt").why is Why.REMOVED


def test_a_primary_source_that_does_not_know_what_is_named_is_told_to_lack_it() -> None:
    found = bank(NOTHING, primary=(source(NOTHING, "state_of_charge", "temperatures"),))
    assert found.state_of_charge == 50.0
    assert given(found, "Nothing").lacks == ("state_of_charge", "temperatures")
    assert found.quality is Quality.PARTIAL


def test_an_auxiliary_source_fills_only_what_is_unknown() -> None:
    members = tuple(battery(name, percent=None, capacity=None) for name in "AB")
    found = bank(SHUNT, members=members, auxiliary=(source(SHUNT),))
    assert (found.voltage, found.current) == (13.2, -20.0)
    assert (found.state_of_charge, found.full_capacity) == (80.0, 220.0)
    assert set(given(found, "Shunt").gives) == {"state_of_charge", "remaining_capacity", "full_capacity"}


def test_an_auxiliary_source_fills_only_what_is_named() -> None:
    members = tuple(battery(name, percent=None, capacity=None) for name in "AB")
    found = bank(SHUNT, members=members, auxiliary=(source(SHUNT, "full_capacity", "voltage"),))
    assert (found.state_of_charge, found.full_capacity, found.voltage) == (None, 220.0, 13.2)


def test_what_a_primary_source_tells_is_no_hole_for_an_auxiliary_one() -> None:
    members = tuple(battery(name, percent=None, capacity=None) for name in "AB")
    found = bank(
        SHUNT, OTHER, members=members, primary=(source(SHUNT, "state_of_charge"),), auxiliary=(source(OTHER),)
    )
    assert found.state_of_charge == 80.0
    assert "full_capacity" in given(found, "Other").gives


def test_an_auxiliary_current_fills_the_power_as_well() -> None:
    members = tuple(battery(name, current=None) for name in "AB")
    found = bank(SHUNT, members=members, auxiliary=(source(SHUNT, "current"),))
    assert (found.voltage, found.current, found.power) == (13.2, -19.0, None)


def test_an_auxiliary_power_fills_only_where_no_current_is_known() -> None:
    members = tuple(battery(name, current=None) for name in "AB")
    found = bank(SHUNT, members=members, auxiliary=(source(SHUNT, "power"),))
    assert found.power == pytest.approx(13.3 * -19.0)
    assert "power" not in given(bank(SHUNT, auxiliary=(source(SHUNT, "power"),)), "Shunt").gives


def test_alarms_of_a_primary_source_are_added_to_those_of_the_members() -> None:
    low = battery("A", alarms=frozenset({Alarm.LOW_CAPACITY}))
    shunt = battery("Shunt", alarms=frozenset({Alarm.PACK_UNDERVOLTAGE, Alarm.LOW_CAPACITY}))
    found = bank(shunt, members=(low, B), primary=(source(shunt, "alarms"),))
    assert found.alarms == {Alarm.LOW_CAPACITY, Alarm.PACK_UNDERVOLTAGE}
    assert found.alarm_members == {
        Alarm.LOW_CAPACITY: ("A", "Shunt"),
        Alarm.PACK_UNDERVOLTAGE: ("Shunt",),
    }


def test_alarms_of_an_auxiliary_source_count_where_no_member_has_any() -> None:
    members = tuple(battery(name, alarms=None) for name in "AB")
    shunt = battery("Shunt", alarms=frozenset({Alarm.LOW_CAPACITY}))
    assert bank(shunt, members=members, auxiliary=(source(shunt),)).alarms == {Alarm.LOW_CAPACITY}
    assert bank(shunt, auxiliary=(source(shunt),)).alarms == frozenset()


def test_cells_of_a_primary_source_take_the_place_of_the_members() -> None:
    members = (battery("A", balancing_cells=(1,)), battery("B", balancing_cells=()))
    found = bank(OTHER, members=members, primary=(source(OTHER, "cell_voltages"),))
    assert len(found.cell_voltages or ()) == 4
    assert found.balancing_cells is None
    all_cells = battery("All", cell_voltages=(3.3,) * 8)
    found = bank(all_cells, members=members, primary=(source(all_cells, "cell_voltages"),))
    assert found.balancing_cells == (1,)
    told = battery("Other", balancing_cells=(4,))
    found = bank(told, members=members, primary=(source(told, "cell_voltages", "balancing_cells"),))
    assert found.balancing_cells == (4,)


def test_a_string_without_a_member_is_known_as_far_as_its_shunt_knows_it() -> None:
    shunt = replace_reading(SHUNT, voltage=26.5)
    found = bank(shunt, members=(A, LOST), arrangement=SERIES, primary=(source(shunt),))
    assert (found.voltage, found.current, found.state_of_charge) == (26.5, -19.0, 80.0)
    assert found.cell_voltages is None
    assert found.quality is Quality.PARTIAL
    assert given(found, "B").why is Why.LOST


def test_what_makes_no_reading_leaves_it_unavailable() -> None:
    found = bank(SHUNT, members=(A, LOST), arrangement=SERIES, primary=(source(SHUNT, "full_capacity"),))
    assert found.quality is Quality.UNAVAILABLE
    assert found.full_capacity is None
    assert given(found, "Shunt").gives == ()


def test_a_reading_without_sources_stays_what_it_is() -> None:
    settings = settings_of(PARALLEL, A, B)
    plain = bank()
    assert overlay(plain, {}, settings, NOW) == plain


def test_what_may_be_taken_is_offered_in_a_sensible_order() -> None:
    assert QUANTITIES[:4] == ("voltage", "current", "power", "state_of_charge")


def replace_reading(member: Member, **values: Any) -> Member:
    assert member.state is not None
    assert member.state.reading is not None
    return changed(member, reading=replace(member.state.reading, **values))
