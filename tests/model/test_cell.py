"""The cells of a battery among each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.cell import NO_CELLS, Cell, CellFigures, CellVoltages, cell_figures


def test_the_figures() -> None:
    figures = cell_figures((3.430, 3.425, 3.432, 3.417))
    assert (figures.lowest, figures.highest) == (Cell(4, 3.417), Cell(3, 3.432))
    assert figures.mean == pytest.approx(3.426)
    assert figures.imbalance == pytest.approx(0.015)


def test_a_cell_of_0_v_counts() -> None:
    figures = cell_figures((3.6, 3.6, 0.0))
    assert (figures.lowest, figures.imbalance, figures.mean) == (Cell(3, 0.0), 3.6, pytest.approx(2.4))


def test_a_cell_that_was_not_read_keeps_its_place_and_counts_for_nothing() -> None:
    figures = cell_figures((None, 3.2, None, 3.4))
    assert (figures.lowest, figures.highest) == (Cell(2, 3.2), Cell(4, 3.4))
    assert figures.mean == pytest.approx(3.3)


def test_of_equal_cells_the_first_is_named() -> None:
    assert cell_figures((3.3, 3.3)) == CellFigures(Cell(1, 3.3), Cell(1, 3.3), 3.3, 0.0)


@pytest.mark.parametrize("voltages", [None, (), (None,), (None, None)])
def test_cells_of_which_nothing_is_known_have_no_figures(voltages: CellVoltages | None) -> None:
    assert cell_figures(voltages) == NO_CELLS == CellFigures(None, None, None, None)


@given(st.lists(st.none() | st.floats(0, 5), max_size=32).map(tuple))
def test_the_figures_bound_every_known_cell(voltages: CellVoltages) -> None:
    figures = cell_figures(voltages)
    known = [voltage for voltage in voltages if voltage is not None]
    assert (figures == NO_CELLS) is (not known)
    if figures.lowest and figures.highest and figures.mean is not None and figures.imbalance is not None:
        assert voltages[figures.lowest.number - 1] == figures.lowest.voltage == min(known)
        assert voltages[figures.highest.number - 1] == figures.highest.voltage == max(known)
        assert min(known) - 1e-9 <= figures.mean <= max(known) + 1e-9
        assert figures.imbalance == max(known) - min(known)
