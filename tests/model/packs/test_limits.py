"""How much members in parallel may be asked for together."""

from math import inf, nan

import pytest

from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.packs.given import give
from custom_components.battmon.model.packs.limits import shares
from custom_components.battmon.model.packs.members import Member

from .builders import NOW, PARALLEL, battery, together


def parts(*members: Member) -> list[float]:
    return shares([give(member, NOW) for member in members])


def test_current_divides_by_capacity() -> None:
    assert parts(battery("A"), battery("B", capacity=300.0)) == [0.25, 0.75]


def test_where_a_capacity_is_not_known_all_share_alike() -> None:
    assert parts(battery("A"), battery("B", capacity=None)) == [0.5, 0.5]


def test_current_divides_by_conductance_where_resistances_are_credible() -> None:
    one, other = battery("A", resistance=0.010), battery("B", resistance=0.030)
    assert parts(one, other) == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize("resistance", [1e-9, 0.031, 0.0, -0.01, nan, inf, None])
def test_a_resistance_that_is_not_credible_divides_nothing(resistance: float | None) -> None:
    assert parts(battery("A", resistance=0.010), battery("B", resistance=resistance)) == [0.5, 0.5]


def test_a_resistance_without_a_capacity_cannot_be_judged() -> None:
    members = [
        battery(name, resistance=0.01 * (1 + number), capacity=None) for number, name in enumerate("AB")
    ]
    assert parts(*members) == [0.5, 0.5]


def test_the_member_with_the_smallest_resistance_reaches_its_limit_first() -> None:
    found = together(PARALLEL, battery("A", resistance=0.010), battery("B", resistance=0.030))
    assert found.discharge_current_limit == pytest.approx(100.0 / 0.75)


def test_a_member_that_may_not_be_charged_has_no_share() -> None:
    blocked = battery("B", charging_enabled=False, limits=Limits(13.0, 5.0, 100.0))
    found = together(PARALLEL, battery("A"), blocked)
    assert found.charge_current_limit == 50.0
    assert found.charge_voltage_limit == 14.4
    assert found.discharge_current_limit == 200.0


def test_a_battery_without_switches_forbids_nothing() -> None:
    measured = battery("B", charging_enabled=None, discharging_enabled=None)
    found = together(PARALLEL, battery("A"), measured)
    assert (found.charge_current_limit, found.discharge_current_limit) == (100.0, 200.0)


@pytest.mark.parametrize("limit", [None, nan])
def test_a_member_of_unknown_limit_adds_nothing(limit: float | None) -> None:
    unknown = battery("B", limits=Limits(limit, limit, limit))
    found = together(PARALLEL, battery("A"), unknown)
    assert found.charge_voltage_limit == 14.4
    assert (found.charge_current_limit, found.discharge_current_limit) == (50.0, 100.0)


def test_where_no_limit_is_known_there_is_none() -> None:
    found = together(PARALLEL, battery("A", limits=Limits()), battery("B", limits=Limits()))
    assert found.charge_voltage_limit is found.charge_current_limit is found.discharge_current_limit is None


def test_a_lost_member_has_no_share() -> None:
    gone = battery("B")._replace(state=None)
    assert together(PARALLEL, battery("A"), gone).discharge_current_limit == 100.0
