"""Members in parallel: what a bank is."""

from math import nan

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.packs.members import Quality, Why

from .builders import PARALLEL, SERIES, battery, changed, given, nested, together, whys

A, B = battery("A"), battery("B")
LOST = changed(battery("Lost", design_capacity=100.0), healthy=False)
OFF = battery("Off", voltage=12.0, current=0.0, charging_enabled=False, discharging_enabled=False)


def test_a_battery_in_parallel_with_itself_has_twice_the_current_and_the_same_voltage() -> None:
    found = together(PARALLEL, A, B)
    assert found.voltage == 13.2
    assert found.current == -20.0
    assert found.power == pytest.approx(-264.0)
    assert (found.remaining_capacity, found.full_capacity) == (100.0, 200.0)
    assert found.state_of_charge == 50.0
    assert found.quality is Quality.OK


def test_power_is_the_sum_of_what_each_gives() -> None:
    found = together(
        PARALLEL, battery("A", voltage=13.0, current=-10.0), battery("B", voltage=13.4, current=-30.0)
    )
    assert found.voltage == pytest.approx(13.2)
    assert found.power == pytest.approx(-130.0 - 402.0)


def test_the_lowest_voltage_counts_by_option() -> None:
    one, other = battery("A", voltage=13.0), battery("B", voltage=13.4)
    assert together(PARALLEL, one, other, minimum_voltage=True).voltage == 13.0


def test_the_state_of_charge_is_that_of_all_charge_together() -> None:
    found = together(PARALLEL, battery("A", percent=50.0), battery("B", percent=80.0, capacity=300.0))
    assert found.state_of_charge == pytest.approx(100 * (50 + 240) / 400)
    assert found.lowest_member == "A"


def test_where_charge_is_not_told_percentages_are_weighed_by_capacity() -> None:
    other = battery("B", percent=80.0, capacity=300.0)
    one = changed(A, estimate=A.state.estimate._replace(remaining_capacity=None))  # type: ignore[union-attr]
    found = together(PARALLEL, one, other)
    assert found.state_of_charge == pytest.approx(100 * (50 + 240) / 400)
    assert found.remaining_capacity is None
    assert found.full_capacity == 400.0


def test_a_member_of_unknown_capacity_weighs_nothing_beside_known_ones_and_is_named() -> None:
    found = together(PARALLEL, A, battery("B", percent=90.0, capacity=None))
    assert found.state_of_charge == 50.0
    assert given(found, "B").lacks == ("remaining_capacity", "full_capacity")
    assert found.quality is Quality.PARTIAL


def test_where_no_capacity_is_known_all_weigh_alike() -> None:
    found = together(
        PARALLEL, battery("A", percent=50.0, capacity=None), battery("B", percent=90.0, capacity=None)
    )
    assert found.state_of_charge == 70.0
    assert found.quality is Quality.OK


def test_nothing_is_known_of_the_charge_of_members_that_tell_nothing() -> None:
    found = together(PARALLEL, battery("A", percent=None, capacity=None))
    assert found.state_of_charge is found.lowest_member is found.state_of_charge_origin is None


@pytest.mark.parametrize("capacity", [0.0, -1.0, nan])
def test_a_capacity_that_is_none_is_unknown(capacity: float) -> None:
    found = together(PARALLEL, A, battery("B", percent=50.0, capacity=capacity))
    assert found.full_capacity is None
    assert found.state_of_charge == 50.0


def test_uncertainty_and_health_are_weighed_by_capacity() -> None:
    counted = battery("B", capacity=300.0, origin=Origin.COUNTED, uncertainty=4.0, health=80.0)
    found = together(PARALLEL, battery("A", health=100.0), counted)
    assert found.state_of_charge_uncertainty == pytest.approx(3.0)
    assert found.state_of_charge_origin is Origin.COUNTED
    assert found.state_of_health == pytest.approx(85.0)
    assert together(PARALLEL, A, B).state_of_charge_uncertainty is None


def test_a_lost_member_never_shrinks_a_sum() -> None:
    found = together(PARALLEL, A, B, LOST)
    assert found.quality is Quality.PARTIAL
    assert found.current is found.power is None
    assert found.remaining_capacity is found.full_capacity is None
    assert found.voltage == 13.2
    assert found.state_of_charge == 50.0
    assert given(found, "Lost").why is Why.LOST


def test_percentages_are_from_those_that_are_there() -> None:
    lost = changed(battery("B", percent=90.0), healthy=False)
    assert together(PARALLEL, A, lost).state_of_charge == 50.0


def test_what_a_bank_was_built_for_stays_when_a_member_is_lost() -> None:
    found = together(PARALLEL, battery("A", design_capacity=50.0), LOST)
    assert found.design_capacity == 150.0
    assert together(PARALLEL, battery("A", design_capacity=50.0), B).design_capacity is None
    assert together(PARALLEL, A, LOST._replace(state=None)).design_capacity is None


def test_a_sum_of_those_that_are_there_is_only_made_where_it_is_asked_for() -> None:
    found = together(PARALLEL, A, battery("B", current=None), LOST, partial_sums=True)
    assert found.current == -10.0
    assert found.power == pytest.approx(-132.0)
    assert found.remaining_capacity is None
    assert found.quality is Quality.PARTIAL


def test_a_sum_of_nobody_is_none() -> None:
    found = together(PARALLEL, battery("A", current=None), LOST, partial_sums=True)
    assert found.current is found.power is None


def test_power_that_a_member_does_not_tell_is_voltage_times_current() -> None:
    found = together(PARALLEL, A, battery("B", voltage=None))
    assert found.current == -20.0
    assert found.power is None


def test_a_current_that_one_member_does_not_tell_is_not_summed() -> None:
    found = together(PARALLEL, A, battery("B", current=nan))
    assert found.current is None
    assert given(found, "B").lacks == ("current",)


def test_a_bank_of_nobody_who_is_there_is_unavailable() -> None:
    found = together(PARALLEL, LOST)
    assert found.quality is Quality.UNAVAILABLE
    assert found.voltage is found.cell_voltages is None
    assert whys(found) == [Why.LOST]


def test_a_member_that_is_off_the_bus_counts_for_its_charge_only() -> None:
    found = together(PARALLEL, A, OFF)
    assert found.voltage == 13.2
    assert found.current == -10.0
    assert found.full_capacity == 200.0
    assert found.quality is Quality.OK
    assert given(found, "Off").why is Why.OFF_THE_BUS
    assert given(found, "Off").used
    assert found.discharge_current_limit == 100.0


def test_nothing_flows_through_a_member_that_is_off_the_bus_and_does_not_say_so() -> None:
    silent = battery("Off", current=None, charging_enabled=False, discharging_enabled=False)
    found = together(PARALLEL, A, silent)
    assert found.current == -10.0
    assert found.power == pytest.approx(-132.0)


def test_nobody_knows_the_voltage_of_a_bus_that_all_have_left() -> None:
    found = together(PARALLEL, OFF)
    assert found.voltage is None
    assert found.current == 0.0
    assert found.charging_enabled is found.discharging_enabled is False
    assert (found.charge_voltage_limit, found.charge_current_limit) == (None, 0.0)
    assert found.discharge_current_limit == 0.0


@pytest.mark.parametrize(
    ("switches", "allowed"),
    [((True, False), True), ((False, False), False), ((None, False), None), ((None, True), True)],
)
def test_current_may_flow_where_one_member_lets_it(
    switches: tuple[bool | None, bool | None], allowed: bool | None
) -> None:
    one, other = switches
    found = together(PARALLEL, battery("A", charging_enabled=one), battery("B", charging_enabled=other))
    assert found.charging_enabled is allowed


def test_a_lost_member_may_be_on() -> None:
    found = together(PARALLEL, battery("A", charging_enabled=False), LOST)
    assert found.charging_enabled is None
    assert found.discharging_enabled is True


@pytest.mark.parametrize(
    ("switches", "agreed"),
    [((True, True), True), ((False, None), False), ((True, False), None), ((None, None), None)],
)
def test_members_that_balance_and_members_that_do_not_are_neither(
    switches: tuple[bool | None, bool | None], agreed: bool | None
) -> None:
    one, other = switches
    found = together(PARALLEL, battery("A", balancing_enabled=one), battery("B", balancing_enabled=other))
    assert found.balancing_enabled is agreed


def test_a_capacity_that_a_person_knows_replaces_the_members_while_all_are_there() -> None:
    assert together(PARALLEL, A, B, capacity=150.0).full_capacity == 150.0
    assert together(PARALLEL, A, B, capacity=150.0).remaining_capacity == 75.0
    unknown = battery("A", percent=None, capacity=None)
    assert together(PARALLEL, unknown, capacity=150.0).remaining_capacity is None
    assert together(PARALLEL, A, LOST, capacity=150.0).full_capacity is None


def test_alarms_of_a_nested_battery_name_who_raised_them() -> None:
    low = frozenset({Alarm.LOW_CAPACITY})
    string = nested("String", together(SERIES, battery("A", alarms=low), B))
    found = together(PARALLEL, string, battery("C", alarms=low))
    assert found.alarms is not None
    assert Alarm.LOW_CAPACITY in found.alarms
    assert found.alarm_members[Alarm.LOW_CAPACITY] == ("String / A", "C")


def test_a_string_in_parallel_with_a_string_is_what_it_is_by_hand() -> None:
    """2S2P of four unlike batteries."""
    north = nested(
        "North",
        together(
            SERIES,
            battery("A", voltage=13.0, current=-10.0, percent=50.0, capacity=100.0),
            battery("B", voltage=13.1, current=-10.0, percent=60.0, capacity=100.0),
        ),
    )
    south = nested(
        "South",
        together(
            SERIES,
            battery("C", voltage=13.2, current=-20.0, percent=70.0, capacity=200.0),
            battery("D", voltage=12.9, current=-20.0, percent=70.0, capacity=200.0),
        ),
    )
    found = together(PARALLEL, north, south)
    assert found.voltage == pytest.approx(26.1)
    assert found.current == pytest.approx(-30.0)
    assert found.power == pytest.approx(26.1 * -10 + 26.1 * -20)
    # North: 50 Ah to take, 40 Ah fit in; south: 140 and 60.
    assert found.remaining_capacity == pytest.approx(190.0)
    assert found.full_capacity == pytest.approx(290.0)
    assert found.state_of_charge == pytest.approx(100 * 190 / 290)
    assert found.cells_in_series == 8
    assert found.cell_voltages is not None
    assert len(found.cell_voltages) == 16
    assert found.charge_voltage_limit == pytest.approx(28.8)
    # South has 200 of 290 Ah and a limit of 100 A.
    assert found.discharge_current_limit == pytest.approx(145.0)


def test_a_member_is_counted_once_however_often_it_is_listed() -> None:
    assert together(PARALLEL, A, A).current == -10.0


def test_limits_are_reached_by_the_member_that_takes_most_for_what_it_may() -> None:
    large = battery("B", capacity=300.0, limits=Limits(14.2, 60.0, 90.0))
    found = together(PARALLEL, A, large)
    assert found.charge_current_limit == pytest.approx(80.0)
    assert found.discharge_current_limit == pytest.approx(120.0)
    assert found.charge_voltage_limit == 14.2
