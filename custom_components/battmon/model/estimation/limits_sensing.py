"""What the sensors say that limits follow, and which of them are missing."""

from math import inf
from typing import NamedTuple

from ..cell import CellFigures
from ..reading import Place, Reading

LEAST_CELL = 0.5
"""V. Below it a sense wire is off, or nothing is there to measure."""
GREATEST_CELL = 5.0
"""V. Above it no cell of any chemistry is; beside a broken sense wire one may seem to be."""
COLDEST = -40.0
"""degC. What is colder is a sensor that is not there (rules 1)."""
HOTTEST = 120.0
"""degC."""

# Looking a member up in its enum costs more than the rest of the comparison.
_AMBIENT, _MOSFET, _BOARD = Place.AMBIENT, Place.MOSFET, Place.BOARD


class Sensors(NamedTuple):
    """How many sensors of each kind gave a value that can be."""

    cells: int = 0
    temperatures: int = 0
    """Of the cells, or of a place that is not known."""
    mosfets: int = 0
    """Temperatures of MOSFETs and the board."""


class Sensed(NamedTuple):
    """The sensors, and the extremes among them: infinite, on the harmless side, where there is none."""

    cells: int = 0
    temperatures: int = 0
    mosfets: int = 0
    lowest_cell: float = inf
    """In V."""
    highest_cell: float = -inf
    coldest: float = inf
    """In degC."""
    hottest: float = -inf
    hottest_mosfet: float = -inf


def sense(reading: Reading, figures: CellFigures) -> Sensed:
    """Sort out what is measured, and leave out what cannot be."""
    cells, lowest, highest = _cells(reading, figures)
    temperatures = mosfets = 0
    coldest, hottest, hottest_mosfet = inf, -inf, -inf
    for value, place in reading.temperatures or ():
        if value is None or not COLDEST <= value <= HOTTEST or place is _AMBIENT:
            continue
        if place is _MOSFET or place is _BOARD:
            mosfets += 1
            hottest_mosfet = max(hottest_mosfet, value)
        else:
            temperatures += 1
            coldest = min(coldest, value)
            hottest = max(hottest, value)
    return Sensed(cells, temperatures, mosfets, lowest, highest, coldest, hottest, hottest_mosfet)


def _cells(reading: Reading, figures: CellFigures) -> tuple[int, float, float]:
    """Return how many cells are read, and the lowest and the highest of them in V."""
    voltages = reading.cell_voltages
    if voltages is None or figures.lowest is None or figures.highest is None or figures.mean is None:
        return 0, inf, -inf
    lowest, highest = figures.lowest.voltage, figures.highest.voltage
    # A mean that is not a number is below nothing.
    if lowest >= LEAST_CELL and highest <= GREATEST_CELL and figures.mean < GREATEST_CELL:
        return len(voltages) - voltages.count(None), lowest, highest
    known = [v for v in voltages if v is not None and LEAST_CELL <= v <= GREATEST_CELL]
    return (len(known), min(known), max(known)) if known else (0, inf, -inf)
