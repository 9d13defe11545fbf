"""Members in series: what a string is."""

from dataclasses import replace
from math import nan
from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.packs.members import Quality, Why
from custom_components.battmon.model.reading import Place, Temperature

from .builders import SERIES, battery, changed, given, nested, together, whys

A, B = battery("A"), battery("B")


def test_a_battery_in_series_with_itself_has_twice_the_voltage_and_the_same_current() -> None:
    one, two = together(SERIES, A), together(SERIES, A, B)
    assert one.voltage == 13.2
    assert two.voltage == 26.4
    assert two.current == one.current == -10.0
    assert two.remaining_capacity == one.remaining_capacity == 50.0
    assert two.full_capacity == one.full_capacity == 100.0
    assert two.quality is Quality.OK
    # Voltage times current says it.
    assert two.power is None


def test_the_current_of_a_string_is_the_mean_of_what_is_measured() -> None:
    found = together(SERIES, battery("A", current=-10.0), battery("B", current=-10.4))
    assert found.current == pytest.approx(-10.2)


def test_a_string_is_as_full_as_what_can_be_taken_of_what_fits_in() -> None:
    """100 Ah at 50 % with 50 Ah at 60 %: 30 Ah can be taken, 20 Ah put in (rules 5)."""
    found = together(SERIES, battery("A", percent=50.0), battery("B", percent=60.0, capacity=50.0))
    assert found.state_of_charge == pytest.approx(60.0)
    assert found.remaining_capacity == 30.0
    assert found.full_capacity == 50.0
    assert found.lowest_member == "A"


def test_a_full_member_beside_an_empty_one_leaves_nothing_to_take_and_no_room() -> None:
    found = together(SERIES, battery("A", percent=100.0), battery("B", percent=0.0))
    assert found.state_of_charge == 0.0
    assert found.remaining_capacity == 0.0
    assert found.full_capacity is None


def test_a_member_with_more_left_than_fits_in_is_full() -> None:
    found = together(SERIES, battery("A", remaining=101.0), battery("B", remaining=101.0))
    assert found.state_of_charge == 100.0


def test_where_a_capacity_is_not_known_the_lowest_state_of_charge_counts() -> None:
    found = together(
        SERIES, battery("A", capacity=None, percent=70.0), battery("B", percent=60.0, uncertainty=4.0)
    )
    assert found.state_of_charge == 60.0
    assert found.state_of_charge_uncertainty == 4.0
    assert found.remaining_capacity is found.full_capacity is None
    assert given(found, "A").lacks == ("remaining_capacity", "full_capacity")
    assert found.quality is Quality.PARTIAL


def test_a_member_without_a_state_of_charge_may_be_the_lowest_one() -> None:
    found = together(SERIES, battery("A"), battery("B", percent=None, capacity=None))
    assert found.state_of_charge is None
    assert found.state_of_charge_origin is None
    assert given(found, "B").why is Why.INCOMPLETE
    assert given(found, "B").lacks == ("state_of_charge", "remaining_capacity", "full_capacity")


def test_charge_alone_tells_a_state_of_charge() -> None:
    found = together(SERIES, battery("A", percent=None, remaining=30.0, capacity=120.0))
    assert found.state_of_charge == pytest.approx(25.0)
    assert found.contributions[0].state_of_charge == pytest.approx(25.0)
    assert found.state_of_charge_origin is Origin.DEVICE


def test_the_uncertainty_is_that_of_the_emptiest_in_points_of_the_string() -> None:
    counted = battery("A", percent=50.0, origin=Origin.COUNTED, uncertainty=5.0)
    found = together(SERIES, counted, battery("B", percent=80.0, origin=Origin.VOLTAGE, uncertainty=9.0))
    # 5 points of 100 Ah; 70 Ah can be moved.
    assert found.full_capacity == pytest.approx(70.0)
    assert found.state_of_charge_uncertainty == pytest.approx(5.0 / 70.0 * 100)
    assert found.state_of_charge_origin is Origin.VOLTAGE


def test_a_devices_own_state_of_charge_is_certain() -> None:
    found = together(SERIES, A, B)
    assert found.state_of_charge_uncertainty is None
    assert found.state_of_charge_origin is Origin.DEVICE


def test_a_capacity_that_a_person_knows_replaces_the_members() -> None:
    found = together(SERIES, A, B, capacity=80.0)
    assert found.full_capacity == 80.0
    assert found.remaining_capacity == pytest.approx(40.0)
    assert found.state_of_charge == 50.0


def test_health_and_design_are_those_of_the_weakest_and_cycles_of_the_most_used() -> None:
    found = together(
        SERIES,
        battery("A", health=90.0, design_capacity=100.0, cycle_count=7),
        battery("B", health=95.0, design_capacity=50.0, cycle_count=0),
    )
    assert (found.state_of_health, found.design_capacity, found.cycle_count) == (90.0, 50.0, 7)


def test_health_that_one_does_not_tell_may_be_the_lowest() -> None:
    found = together(SERIES, battery("A", health=90.0), B)
    assert found.state_of_health is None
    assert found.design_capacity is None
    assert found.cycle_count is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"healthy": False}, Why.LOST),
        ({"healthy": False, "resumed_at": object()}, Why.STALE),
        ({"healthy": False, "paused": True}, Why.PAUSED),
        ({"healthy": False, "sampled_at": None}, Why.NOT_SEEN),
    ],
)
def test_without_one_member_nothing_is_known_of_a_string(changes: dict[str, Any], why: Why) -> None:
    found = together(SERIES, A, changed(B, **changes))
    assert found.quality is Quality.UNAVAILABLE
    assert found.voltage is found.current is found.state_of_charge is found.cell_voltages is None
    assert whys(found) == [None, why]
    assert [one.used for one in found.contributions] == [True, False]
    assert given(found, "B").voltage is None


def test_a_member_that_was_never_heard_of_is_named() -> None:
    found = together(SERIES, A, B._replace(state=None))
    assert whys(found) == [None, Why.NOT_SEEN]
    assert given(found, "B").age is None


@pytest.mark.parametrize("absent", [Why.DISABLED, Why.REMOVED])
def test_a_member_that_was_taken_away_is_named(absent: Why) -> None:
    assert whys(together(SERIES, A, B._replace(absent=absent))) == [None, absent]


def test_a_member_is_stale_once_its_sample_is_too_old() -> None:
    now = 1030.0
    assert whys(together(SERIES, A, now=now)) == [None]
    found = together(SERIES, A, now=now + 0.1)
    assert whys(found) == [Why.STALE]
    assert found.contributions[0].age == pytest.approx(30.1)


def test_a_string_of_nobody_is_unavailable() -> None:
    assert together(SERIES).quality is Quality.UNAVAILABLE


def test_a_clock_that_is_behind_a_sample_makes_it_new() -> None:
    assert together(SERIES, A, now=0.0).contributions[0].age == 0.0


def test_what_one_member_does_not_say_is_not_summed() -> None:
    found = together(SERIES, A, battery("B", voltage=None))
    assert found.voltage is None
    assert found.current == -10.0
    assert given(found, "B").lacks == ("voltage",)
    assert found.quality is Quality.PARTIAL


def test_what_nobody_says_is_not_lacking() -> None:
    found = together(SERIES, battery("A", current=None), battery("B", current=None))
    assert found.current is None
    assert found.quality is Quality.OK


def test_not_a_number_is_unknown() -> None:
    found = together(SERIES, A, battery("B", voltage=nan, current=nan))
    assert found.voltage is None
    assert found.current == -10.0
    assert given(found, "B").lacks == ("voltage", "current")


@pytest.mark.parametrize(
    ("switches", "allowed"),
    [((True, True), True), ((True, False), False), ((None, False), False), ((True, None), None)],
)
def test_current_may_flow_where_every_member_lets_it(
    switches: tuple[bool | None, bool | None], allowed: bool | None
) -> None:
    one, other = switches
    found = together(SERIES, battery("A", charging_enabled=one), battery("B", charging_enabled=other))
    assert found.charging_enabled is allowed
    assert found.discharging_enabled is True
    assert found.charge_current_limit == (50.0 if allowed else 0.0)
    assert found.discharge_current_limit == 100.0


def test_members_without_switches_forbid_nothing() -> None:
    members = [battery(name, charging_enabled=None, discharging_enabled=None) for name in "AB"]
    found = together(SERIES, *members)
    assert found.charging_enabled is None
    assert (found.charge_current_limit, found.discharge_current_limit) == (50.0, 100.0)


def test_the_weakest_member_limits_a_string() -> None:
    found = together(SERIES, A, battery("B", limits=Limits(14.0, 60.0, 80.0)))
    assert found.charge_current_limit == 50.0
    assert found.discharge_current_limit == 80.0
    assert found.charge_voltage_limit == pytest.approx(28.0)


def test_no_cell_is_charged_above_the_limit_of_its_own() -> None:
    """8 cells to 3.45 V and 4 to 3.5 V: all to 3.45 V."""
    cells = (3.3,) * 8
    found = together(
        SERIES,
        battery("A", cell_voltages=cells, limits=Limits(27.6, 50.0, 50.0)),
        battery("B", limits=Limits(14.0, 50.0, 50.0)),
    )
    assert found.charge_voltage_limit == pytest.approx(12 * 3.45)


def test_where_cells_are_not_known_all_count_as_the_lowest_member() -> None:
    blind = battery("B", cell_voltages=None, limits=Limits(14.0, 50.0, 50.0))
    assert together(SERIES, A, blind).charge_voltage_limit == 28.0


@pytest.mark.parametrize("cells", [None, (3.3,) * 4])
def test_a_limit_that_one_member_does_not_know_may_be_the_lowest(cells: tuple[float, ...] | None) -> None:
    found = together(SERIES, A, battery("B", cell_voltages=cells, limits=Limits(None, nan, None)))
    assert found.charge_voltage_limit is None
    assert found.charge_current_limit is None
    assert found.discharge_current_limit is None


def test_the_weakest_members_alarm_is_the_strings_and_names_it() -> None:
    low = frozenset({Alarm.CELL_UNDERVOLTAGE})
    found = together(SERIES, battery("A", alarms=None), battery("B", alarms=low), battery("C", alarms=low))
    assert found.alarms == low
    assert found.alarm_members == {Alarm.CELL_UNDERVOLTAGE: ("B", "C")}


def test_every_sensor_is_kept_with_its_place() -> None:
    found = together(
        SERIES,
        battery("A", temperatures=(Temperature(20.0, Place.CELL), Temperature(None, Place.MOSFET))),
        battery("B"),
        battery("C", temperatures=(Temperature(nan, Place.CELL), Temperature(30.0, Place.BOARD))),
    )
    assert found.temperatures == (
        Temperature(20.0, Place.CELL),
        Temperature(None, Place.MOSFET),
        Temperature(None, Place.CELL),
        Temperature(30.0, Place.BOARD),
    )
    assert together(SERIES, A, B).temperatures is None


def test_a_string_whose_child_is_partial_is_partial_and_names_it() -> None:
    bank = nested("Bank", replace(together(SERIES, A, B), quality=Quality.PARTIAL))
    found = together(SERIES, bank, battery("C"))
    assert found.quality is Quality.PARTIAL
    assert given(found, "Bank").why is Why.INCOMPLETE
    assert given(found, "Bank").lacks == ()


def test_a_child_that_lost_its_members_is_lost_before_its_values_are_old() -> None:
    whole = nested("String", together(SERIES, A, B))
    broken = changed(whole, pack=together(SERIES, A, changed(B, healthy=False)))
    assert whys(together(SERIES, broken, battery("C"))) == [Why.LOST, None]
