"""What is true of every virtual battery, whatever its members say."""

from collections.abc import Iterator
from dataclasses import fields
from math import inf, isfinite, nan
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.packs.members import Member, PackReading, Quality, Why
from custom_components.battmon.model.packs.settings import Arrangement
from custom_components.battmon.model.reading import Place, Temperature

from .builders import PARALLEL, SERIES, battery, changed, together

anything = st.none() | st.floats(-1e9, 1e9) | st.sampled_from([nan, inf, -inf])
"""What a broken device may send."""
flags = st.none() | st.booleans()


def numbers(least: float, most: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(least, most).map(lambda value: round(value, 3))


def built(number: int, values: dict[str, Any], missing: str) -> Member:
    """Return a member, perhaps one that is missing."""
    member = battery(f"Battery {number}", **values)
    match missing:
        case "never seen":
            return member._replace(state=None)
        case "removed":
            return member._replace(absent=Why.REMOVED)
        case "lost":
            return changed(member, healthy=False)
    return member


def members_with(
    value: st.SearchStrategy[float | None], missing: list[str]
) -> st.SearchStrategy[list[Member]]:
    """Return strategies of members; `value` stands for every quantity without bounds of its own."""
    values = st.fixed_dictionaries(
        {},
        optional={
            "voltage": value,
            "current": value,
            "percent": numbers(0, 100),
            "capacity": value,
            "remaining": value,
            "health": value,
            "uncertainty": value,
            "origin": st.sampled_from(Origin),
            "resistance": value,
            "limits": st.builds(Limits, value, value, value),
            "cell_voltages": st.none() | st.lists(value, max_size=4).map(tuple),
            "temperatures": st.none()
            | st.lists(st.builds(Temperature, value, st.sampled_from(Place)), max_size=2).map(tuple),
            "balancing_cells": st.sampled_from([None, (), (1,)]),
            "charging_enabled": flags,
            "discharging_enabled": flags,
        },
    )
    pairs = st.lists(st.tuples(values, st.sampled_from(missing)), min_size=1, max_size=4)
    return pairs.map(lambda each: [built(number, *pair) for number, pair in enumerate(each)])


wild = members_with(anything, ["", "", "never seen", "removed", "lost"])
tame = members_with(numbers(0.001, 300), ["", "", "", "lost"])
present = members_with(numbers(0.001, 300), [""])
joined = st.sampled_from([SERIES, PARALLEL])
options = st.fixed_dictionaries(
    {}, optional={"minimum_voltage": st.booleans(), "strict": st.booleans(), "partial_sums": st.booleans()}
)
ORDERED = {"cell_voltages", "cell_names", "balancing_cells", "temperatures", "contributions", "levels"}
"""What stands in the order of the members."""


def floats_in(value: object) -> Iterator[float]:
    """Yield every number in what a virtual battery says."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from floats_in(one)


def comparable(found: PackReading) -> dict[str, Any]:
    """Return a reading without what stands in the order of the members."""
    values = {field.name: getattr(found, field.name) for field in fields(found) if field.name not in ORDERED}
    values["temperatures"] = found.temperatures and sorted(map(repr, found.temperatures))
    values["contributions"] = sorted(map(repr, found.contributions))
    values["cells"] = sorted(zip(found.cell_names, map(repr, found.cell_voltages or ()), strict=True))
    values["alarm_members"] = {alarm: set(names) for alarm, names in found.alarm_members.items()}
    values["spreads"] = tuple(found.spreads)
    return values


def assert_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Assert the same values, but for the last digits of what was summed in another order."""
    for name, value in one.items():
        near = pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
        if name == "spreads":
            near = tuple(None if part is None else pytest.approx(part, abs=1e-9) for part in value)
        assert other[name] == near, name


@for_all(tame, joined, options, st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(
    members: list[Member], arrangement: Arrangement, chosen: dict[str, bool], random: Any
) -> None:
    shuffled = random.sample(members, len(members))
    assert_alike(
        comparable(together(arrangement, *members, **chosen)),
        comparable(together(arrangement, *shuffled, **chosen)),
    )


@for_all(wild, joined, options)
def test_nothing_is_silently_dropped(
    members: list[Member], arrangement: Arrangement, chosen: dict[str, bool]
) -> None:
    found = together(arrangement, *members, **chosen)
    assert [one.key for one in found.contributions] == [member.key for member in members]
    assert all(one.used or one.why is not None for one in found.contributions)
    if not all(one.used and not one.lacks for one in found.contributions):
        assert found.quality is not Quality.OK


@for_all(wild, joined, options)
def test_what_is_no_number_never_gets_through(
    members: list[Member], arrangement: Arrangement, chosen: dict[str, bool]
) -> None:
    found = together(arrangement, *members, **chosen)
    values = [getattr(found, field.name) for field in fields(found)]
    assert all(isfinite(size) for value in values for size in floats_in(value))


@for_all(present.map(lambda members: members[0]))
def test_a_battery_in_series_with_itself(member: Member) -> None:
    one, two = together(SERIES, member), together(SERIES, member, member._replace(key="twin"))
    assert two.voltage == (None if one.voltage is None else 2 * one.voltage)
    assert two.current == one.current
    assert two.remaining_capacity == one.remaining_capacity
    assert two.full_capacity == one.full_capacity
    assert two.state_of_charge == one.state_of_charge
    assert two.charge_current_limit == one.charge_current_limit
    assert len(two.cell_voltages or ()) == 2 * len(one.cell_voltages or ())


@for_all(present.map(lambda members: members[0]))
def test_a_battery_in_parallel_with_itself(member: Member) -> None:
    one, two = together(PARALLEL, member), together(PARALLEL, member, member._replace(key="twin"))
    assert two.voltage == one.voltage
    assert two.current == (None if one.current is None else 2 * one.current)
    assert two.full_capacity == (None if one.full_capacity is None else 2 * one.full_capacity)
    assert two.state_of_charge == pytest.approx(one.state_of_charge)
    assert two.charge_current_limit == (
        None if one.charge_current_limit is None else pytest.approx(2 * one.charge_current_limit)
    )
    assert two.charge_voltage_limit == one.charge_voltage_limit


@for_all(tame, options)
def test_a_lost_member_never_makes_a_bank_know_more(members: list[Member], chosen: dict[str, bool]) -> None:
    whole = together(PARALLEL, *members, **chosen)
    less = together(
        PARALLEL, members[0]._replace(absent=Why.REMOVED), *members[1:], **chosen | {"partial_sums": False}
    )
    assert less.remaining_capacity is less.full_capacity is less.current is None
    assert less.quality is not Quality.OK
    assert len(less.contributions) == len(whole.contributions)


@for_all(tame)
def test_no_limit_of_a_bank_is_above_the_sum_of_its_members(members: list[Member]) -> None:
    found = together(PARALLEL, *members)
    limits = [
        member.state.estimate.limits.discharge_current or 0.0
        for member in members
        if member.state is not None
    ]
    if found.discharge_current_limit is not None:
        assert found.discharge_current_limit <= sum(limits) + 1e-9
