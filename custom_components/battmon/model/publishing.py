"""When Home Assistant is shown a state: sampled fast, published slowly, changes at once."""

from dataclasses import dataclass

from .instant import Instant
from .monitor import Transition
from .state import BatteryState

type CellVoltages = tuple[float | None, ...]

CELL_INTERVAL = 60.0
"""Seconds between two publications of cell voltages that hardly move: 16 or more values each time."""
CELL_STEP = 0.005
"""V; a cell that moved this far is worth publishing all cells at the next publication."""
CLOCK_TOLERANCE = 0.1
"""Seconds. Samples jitter: without this, every other publication would wait for one sample more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is shown: a state, and the cells as they were last worth showing."""

    state: BatteryState
    cell_voltages: CellVoltages | None
    at: Instant
    cells_at: Instant


def publish(
    shown: Published | None,
    state: BatteryState,
    transitions: tuple[Transition, ...],
    now: Instant,
    interval: float,
) -> Published | None:
    """Return what to show from now on, or `None` while the present one stays. `interval` in s."""
    if (
        shown is not None
        and not transitions
        and now.monotonic - shown.at.monotonic < interval - CLOCK_TOLERANCE
    ):
        return None
    cells = state.reading.cell_voltages if state.reading is not None else None
    if shown is not None and not _cells_due(shown, cells, now):
        return Published(state=state, cell_voltages=shown.cell_voltages, at=now, cells_at=shown.cells_at)
    return Published(state=state, cell_voltages=cells, at=now, cells_at=now)


def _cells_due(shown: Published, cells: CellVoltages | None, now: Instant) -> bool:
    old = shown.cell_voltages
    if old is None or cells is None or len(old) != len(cells):
        return old != cells
    if now.monotonic - shown.cells_at.monotonic >= CELL_INTERVAL - CLOCK_TOLERANCE:
        return True
    return any(_moved(a, b) for a, b in zip(old, cells, strict=True))


def _moved(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is not new
    # Half a microvolt of slack: 3.305 - 3.3 is a little less than 0.005 in binary.
    return abs(new - old) >= CELL_STEP - 5e-7
