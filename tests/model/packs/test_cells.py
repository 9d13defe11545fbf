"""The cells of all members together."""

from math import inf, nan

from custom_components.battmon.model.estimation.estimate import Estimators
from custom_components.battmon.model.estimation.limits import LimitKeeping
from custom_components.battmon.model.estimation.limits_sensing import Sensors

from .builders import PARALLEL, SERIES, battery, changed, nested, together

A = battery("A", cell_voltages=(3.3, 3.29))
B = battery("B", cell_voltages=(3.31, None, 0.0))


def test_cells_are_named_after_their_member_in_its_order() -> None:
    found = together(SERIES, A, B)
    assert found.cell_voltages == (3.3, 3.29, 3.31, None, 0.0)
    assert found.cell_names == (
        "A / cell 1", "A / cell 2", "B / cell 1", "B / cell 2", "B / cell 3",
    )  # fmt: skip
    assert found.cells_in_series == 5


def test_names_of_nested_members_say_where_they_are() -> None:
    string = nested("String", together(SERIES, A, B))
    found = together(PARALLEL, string, battery("C"))
    assert found.cell_names[:3] == ("String / A / cell 1", "String / A / cell 2", "String / B / cell 1")
    assert found.cell_names[-1] == "C / cell 4"


def test_a_bank_has_as_many_cells_in_series_as_its_members() -> None:
    assert together(PARALLEL, battery("A"), battery("B")).cells_in_series == 4
    assert together(PARALLEL, battery("A"), battery("B", cell_voltages=None)).cells_in_series == 4


def test_a_string_of_banks_has_as_many_cells_in_series_as_these() -> None:
    banks = [nested(name, together(PARALLEL, battery("A"), battery("B"))) for name in ("North", "South")]
    found = together(SERIES, *banks)
    assert len(found.cell_voltages or ()) == 16
    assert found.cells_in_series == 8
    # 14.4 V for each four.
    assert found.charge_voltage_limit == 28.8


def test_members_of_unlike_length_count_as_the_shortest() -> None:
    assert together(PARALLEL, A, B).cells_in_series == 2


def test_nobody_knows_how_many_cells_a_string_has_with_a_member_that_tells_none() -> None:
    found = together(SERIES, A, battery("B", cell_voltages=None))
    assert found.cells_in_series is None
    assert found.cell_voltages == (3.3, 3.29)


def test_a_lost_member_leaves_the_place_of_each_of_its_cells_empty() -> None:
    lost = changed(A, healthy=False)
    found = together(PARALLEL, lost, battery("C"))
    assert found.cell_voltages == (None, None, 3.3, 3.29, 3.31, 3.3)
    assert found.cell_names[:3] == ("A / cell 1", "A / cell 2", "C / cell 1")


def test_a_lost_nested_member_keeps_the_names_of_its_cells() -> None:
    string = changed(nested("String", together(SERIES, A)), healthy=False)
    found = together(PARALLEL, string, battery("C"))
    assert found.cell_names[:2] == ("String / A / cell 1", "String / A / cell 2")


def test_a_member_that_was_not_seen_since_the_start_has_as_many_cells_as_are_remembered() -> None:
    remembered = Estimators(limits=LimitKeeping(had=Sensors(cells=2)))
    unseen = changed(A, reading=None, sampled_at=None, healthy=False, estimators=remembered)
    found = together(PARALLEL, unseen, battery("C"))
    assert found.cell_voltages is not None
    assert found.cell_voltages[:3] == (None, None, 3.3)


def test_of_a_member_that_nobody_has_heard_of_no_cell_is_known() -> None:
    found = together(PARALLEL, A._replace(state=None), battery("C"))
    assert found.cell_voltages == (3.3, 3.29, 3.31, 3.3)


def test_where_nobody_reads_cells_there_are_none() -> None:
    found = together(SERIES, battery("A", cell_voltages=None), battery("B", cell_voltages=()))
    assert found.cell_voltages is None
    assert found.cell_names == ()


def test_a_cell_that_is_no_number_is_not_read() -> None:
    found = together(SERIES, battery("A", cell_voltages=(nan, 3.3, inf)))
    assert found.cell_voltages == (None, 3.3, None)


def test_cells_that_are_bled_are_numbered_through() -> None:
    one = battery("A", cell_voltages=(3.3, 3.29), balancing_cells=(2,))
    found = together(SERIES, one, battery("B"), battery("C", balancing_cells=(1, 4)))
    assert found.balancing_cells == (2, 7, 10)


def test_nobody_bleeds_and_nobody_tells_are_not_the_same() -> None:
    assert together(SERIES, battery("A", balancing_cells=()), battery("B")).balancing_cells == ()
    assert together(SERIES, A, B).balancing_cells is None


def test_a_cell_that_is_bled_and_was_not_read_has_its_place() -> None:
    blind = battery("A", cell_voltages=None, balancing_cells=(3,))
    found = together(SERIES, blind, battery("B", balancing_cells=(1,)))
    assert found.cell_voltages == (None, None, None, 3.3, 3.29, 3.31, 3.3)
    assert found.balancing_cells == (3, 4)


def test_names_are_made_once() -> None:
    assert together(SERIES, A, B).cell_names is together(SERIES, A, B).cell_names


def test_a_member_that_was_renamed_has_its_new_name_at_once() -> None:
    found = together(SERIES, A._replace(name="Bow"), B)
    assert found.cell_names[0] == "Bow / cell 1"
