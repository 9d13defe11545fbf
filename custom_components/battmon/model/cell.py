"""The cells of a battery among each other."""

from typing import NamedTuple, cast

type CellVoltages = tuple[float | None, ...]
"""In V, cell 1 first; `None` for a cell that was not read."""


class Cell(NamedTuple):
    """One cell among its neighbours."""

    number: int
    """From 1."""
    voltage: float
    """In V."""


class CellFigures(NamedTuple):
    """What is worked out of all cell voltages. `None` where no cell was read."""

    lowest: Cell | None = None
    highest: Cell | None = None
    mean: float | None = None
    """In V."""
    imbalance: float | None = None
    """Highest minus lowest, in V."""


NO_CELLS = CellFigures()


def cell_figures(voltages: CellVoltages | None) -> CellFigures:
    """Work out the figures; cells that were not read are left out."""
    if not voltages:
        return NO_CELLS
    # Mostly every cell is read: looking for holes costs less than copying.
    holes = None in voltages
    known = [v for v in voltages if v is not None] if holes else cast("tuple[float, ...]", voltages)
    if not known:
        return NO_CELLS
    lowest, highest = min(known), max(known)
    return CellFigures(
        Cell(voltages.index(lowest) + 1, lowest),
        Cell(voltages.index(highest) + 1, highest),
        sum(known) / len(known),
        highest - lowest,
    )
