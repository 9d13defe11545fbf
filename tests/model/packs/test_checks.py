"""What is looked at before batteries are joined."""

from typing import Any

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.packs.checks import (
    Difference,
    Facts,
    below,
    cells_together,
    chemistry_together,
    closes_a_circle,
    counted_twice,
    differences,
)
from custom_components.battmon.model.packs.settings import Arrangement

SERIES, PARALLEL, MERGED = Arrangement
LFP, NMC = Chemistry.LIFEPO4, Chemistry.LI_ION


def pair(field: str, one: Any, other: Any, **common: Any) -> tuple[Facts, Facts]:
    """Return two batteries that differ in one thing."""
    return (
        Facts("A", **{**common, field: one}),
        Facts("B", **{**common, field: other}),
    )


@pytest.mark.parametrize("arrangement", Arrangement)
def test_batteries_that_are_alike_or_tell_nothing_do_not_differ(arrangement: Arrangement) -> None:
    alike = Facts("A", 4, LFP, 13.2, 100.0)
    assert differences(arrangement, [alike, alike._replace(name="B")]) == ()
    assert differences(arrangement, [alike, Facts("B")]) == ()
    assert differences(arrangement, [Facts("A"), Facts("B")]) == ()
    assert differences(arrangement, []) == ()


@pytest.mark.parametrize("arrangement", Arrangement)
def test_unlike_cells_and_chemistries_are_told_wherever_they_are(arrangement: Arrangement) -> None:
    assert differences(arrangement, pair("cells", 4, 8)) == (Difference.CELLS,)
    assert differences(arrangement, pair("chemistry", LFP, NMC)) == (Difference.CHEMISTRY,)


@pytest.mark.parametrize(
    ("common", "one", "other", "apart"),
    [
        ({"cells": 4}, 13.2, 13.39, False),
        ({"cells": 4}, 13.2, 13.41, True),
        ({"cells": 4}, 13.41, 13.2, True),
        ({"cells": 4, "chemistry": Chemistry.LIPO}, 15.0, 15.05, True),
        ({"cells": 4, "chemistry": Chemistry.LIPO}, 15.0, 15.03, False),
        ({}, 13.2, 13.3, False),
        ({}, 13.2, 13.5, True),
        ({}, 13.2, None, False),
        ({"cells": 4}, 13.2, 0.0, True),
    ],
)
def test_voltages_may_not_be_apart_where_they_are_to_be_one(
    common: dict[str, Any], one: float, other: float | None, apart: bool
) -> None:
    members = pair("voltage", one, other, **common)
    found = (Difference.VOLTAGE,) if apart else ()
    assert differences(PARALLEL, members) == differences(MERGED, members) == found
    assert differences(SERIES, members) == ()


@pytest.mark.parametrize(("other", "unlike"), [(91.0, False), (89.0, True), (None, False)])
def test_unlike_capacities_are_told_in_series_only(other: float | None, unlike: bool) -> None:
    members = pair("capacity", 100.0, other)
    assert differences(SERIES, members) == ((Difference.CAPACITY,) if unlike else ())
    assert differences(PARALLEL, members) == differences(MERGED, members) == ()


def test_all_that_differs_is_told() -> None:
    members = [Facts("A", 4, LFP, 13.2, 100.0), Facts("B", 8, NMC, 29.0, 50.0)]
    assert set(differences(PARALLEL, members)) == {
        Difference.CELLS,
        Difference.CHEMISTRY,
        Difference.VOLTAGE,
    }
    assert set(differences(SERIES, members)) == {
        Difference.CELLS,
        Difference.CHEMISTRY,
        Difference.CAPACITY,
    }


def test_cells_add_up_in_series_and_must_agree_otherwise() -> None:
    unlike, alike = pair("cells", 4, 8), pair("cells", 4, 4)
    assert [cells_together(SERIES, members) for members in (unlike, alike, pair("cells", 4, None))] == [
        12,
        8,
        None,
    ]
    for arrangement in (PARALLEL, MERGED):
        assert cells_together(arrangement, unlike) is None
        assert cells_together(arrangement, alike) == 4
        assert cells_together(arrangement, pair("cells", 4, None)) == 4
    assert [cells_together(arrangement, ()) for arrangement in Arrangement] == [None] * 3


def test_the_chemistry_is_the_one_that_those_name_who_know_it() -> None:
    assert chemistry_together(pair("chemistry", LFP, LFP)) is LFP
    assert chemistry_together(pair("chemistry", LFP, None)) is LFP
    assert chemistry_together(pair("chemistry", LFP, NMC)) is None
    assert chemistry_together(pair("chemistry", None, None)) is None


TAKES = {"bank": ["left", "right"], "left": ["a", "b"], "right": ["c", "d"]}


def test_a_battery_is_no_part_of_itself_at_any_depth() -> None:
    assert closes_a_circle(TAKES, "a", "a")
    assert closes_a_circle(TAKES, "left", "bank")
    assert closes_a_circle(TAKES, "a", "bank"), "a grandparent"
    assert not closes_a_circle(TAKES, "bank", "a")
    assert not closes_a_circle(TAKES, "right", "left")


def test_what_already_is_a_circle_is_walked_once() -> None:
    assert below({"a": ["b"], "b": ["a"]}, "a") == {"a", "b"}


def test_a_battery_that_would_count_twice_is_found() -> None:
    assert counted_twice(TAKES, ["left", "right"]) is None
    assert counted_twice(TAKES, ["left", "b"]) == "b"
    assert counted_twice(TAKES, ["d", "bank"]) == "d"
    assert counted_twice({**TAKES, "other": ["b", "e"]}, ["left", "c", "other"]) == "b"
