"""What one sample says about every condition."""

from collections.abc import Collection, Iterator
from math import isfinite
from operator import ge

from ..cell import Cell
from ..reading import Place
from .faults import (
    DEAD_TERMINALS,
    JUDGED_ALARMS,
    UNDERVOLTAGE,
    cells_in,
    dead_cells,
    faults,
    has_dead_terminals,
    reads_whole_string,
)
from .finding import Finding, Key
from .levels import Kind
from .lines import EITHER_WAY, Line
from .measuring import BOARD_PLACES, CELL_PLACES, Values, measure
from .quantities import QUANTITIES
from .settings import FailsafeSettings
from .view import View

CELL_MARGIN = 0.05
"""V (rules 1)."""
CHARGE_MARGIN = 5.0
"""Points of the state of charge (rules 1)."""
TEMPERATURE_MARGIN = 3.0
"""degC (rules 1)."""
CURRENT_MARGIN = 0.05
"""Of the threshold."""
VOLTAGE_MARGIN_UNKNOWN = 0.01
"""Of the threshold, where the number of cells is not known."""
CAPACITY_MARGIN_UNKNOWN = 0.25
"""Of the threshold, where the full capacity is not known: 5 points of a threshold at 20 %."""


def is_quiet(view: View, settings: FailsafeSettings) -> bool:
    """Whether no condition is there. Looks at everything, without a word about any of it."""
    reading = view.reading
    lines = settings.lines
    if not all(map(ge, measure(view, settings.use_resting_voltage), lines.floors)):
        return False
    if reading.alarms and not JUDGED_ALARMS.isdisjoint(reading.alarms):
        return False
    cells = reading.cell_voltages
    expected = settings.cells or view.cells_expected
    if cells is not None:
        if None in cells or (expected is not None and len(cells) < expected):
            return False
        expected = expected or len(cells)
    return reading.voltage is None or reading.voltage >= DEAD_TERMINALS * (expected or 1)


def find(view: View, settings: FailsafeSettings, watched: Collection[Key] = ()) -> dict[Key, Finding]:
    """Return the conditions that are there, and what is known of those that are watched.

    A watched condition of which nothing is returned is not there, by any margin.
    """
    return {
        finding.key: finding
        for findings in (_beyond_lines(view, settings, watched), faults(view, settings))
        for finding in findings
    }


def _beyond_lines(view: View, settings: FailsafeSettings, watched: Collection[Key]) -> Iterator[Finding]:
    view = _with_sound_cells(view)
    values = measure(view, settings.use_resting_voltage)
    dead = has_dead_terminals(view, settings)
    told = bool(view.reading.alarms and UNDERVOLTAGE & view.reading.alarms)
    for line in settings.lines.each:
        value = values[line.place]
        if value >= line.floor and (line.kind, line.level, None) not in watched:
            continue
        # No terminal voltage at all is not a low one: a fuse, a wire or the BMS has opened.
        known = None if dead and line.kind is Kind.LOW_VOLTAGE else _excess(line, values)
        yield Finding(
            line.kind,
            line.level,
            line.side,
            known,
            _margin(line, view, settings),
            value * line.sign,
            line.threshold,
            line.delay,
            _subject(line.kind, value * line.sign, view),
            told and line.is_urgent,
            line.is_urgent,
        )


def _excess(line: Line, values: Values) -> float | None:
    value = values[line.place]
    if isfinite(value):
        return line.floor - value
    either_way = values[EITHER_WAY.get(line.kind, line.place)]
    # The current does not flow in the direction in which this is judged, but what is warm again is warm.
    return min(0.0, line.floor - either_way) if isfinite(either_way) else None


def _margin(line: Line, view: View, settings: FailsafeSettings) -> float:
    threshold = abs(line.threshold or 0.0)
    match line.kind:
        case Kind.LOW_VOLTAGE | Kind.HIGH_VOLTAGE:
            cells = cells_in(view, settings)
            return settings.clearing_margin * cells if cells else VOLTAGE_MARGIN_UNKNOWN * threshold
        case Kind.LOW_CELL | Kind.HIGH_CELL:
            return CELL_MARGIN
        case Kind.LOW_STATE_OF_CHARGE:
            return CHARGE_MARGIN
        case Kind.LOW_CAPACITY:
            full = view.reading.full_capacity
            return CHARGE_MARGIN / 100 * full if full else CAPACITY_MARGIN_UNKNOWN * threshold
        case Kind.CHARGE_OVERCURRENT | Kind.DISCHARGE_OVERCURRENT:
            return CURRENT_MARGIN * threshold
    return TEMPERATURE_MARGIN


def _subject(kind: Kind, value: float, view: View) -> str | None:
    """Return the name or number of the cell, or the number of the sensor, that a reason is about."""
    if kind is Kind.LOW_CELL:
        return _named(view.lowest_cell, view)
    if kind is Kind.HIGH_CELL:
        return _named(view.highest_cell, view)
    if QUANTITIES[kind].unit != "°C":
        return None
    places: frozenset[Place] = BOARD_PLACES if kind is Kind.MOSFET_HOT else CELL_PLACES
    for number, sensor in enumerate(view.reading.temperatures or (), 1):
        if sensor.value == value and sensor.place in places:
            return str(number)
    return None


def _named(cell: Cell | None, view: View) -> str | None:
    if cell is None:
        return None
    return view.cell_names[cell.number - 1] if view.cell_names else str(cell.number)


def _with_sound_cells(view: View) -> View:
    """Return `view` with the lowest and the highest of the cells that can be believed."""
    cells = view.reading.cell_voltages
    if not cells:
        return view
    zero = dead_cells(cells)
    doubtful = set(zero)
    if zero and reads_whole_string(cells, view.reading.voltage):
        # A broken wire shifts what its neighbours read.
        doubtful |= {number + step for number in zero for step in (-1, 1)}
    sound = [
        Cell(number, cell)
        for number, cell in enumerate(cells, 1)
        if cell is not None and isfinite(cell) and number not in doubtful
    ]
    if not sound:
        return view._replace(lowest_cell=None, highest_cell=None)
    return view._replace(lowest_cell=min(sound, key=_voltage), highest_cell=max(sound, key=_voltage))


def _voltage(cell: Cell) -> float:
    return cell.voltage
