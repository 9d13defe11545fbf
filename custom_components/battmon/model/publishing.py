"""When Home Assistant is shown a state: sampled fast, published slowly, changes at once."""

from dataclasses import dataclass

from .changes import Transition
from .instant import Instant
from .observed import switches_of
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
    at: Instant
    cells: BatteryState
    """The state whose cells are shown, lowest and highest among them: all of one moment."""
    cells_at: Instant

    @property
    def cell_voltages(self) -> CellVoltages | None:
        """The cell voltages that are shown, in V."""
        reading = self.cells.reading
        return None if reading is None else reading.cell_voltages


def publish(
    shown: Published | None,
    state: BatteryState,
    transitions: tuple[Transition, ...],
    now: Instant,
    interval: float,
) -> Published | None:
    """Return what to show from now on, or `None` while the present one stays. `interval` in s."""
    if shown is not None and not transitions:
        if state is shown.state:
            return None
        if not is_due(shown.at, now, interval) and not _switches_differ(shown.state, state):
            return None
    if shown is not None and not _cells_due(shown, _cell_voltages(state), now):
        return Published(state=state, at=now, cells=shown.cells, cells_at=shown.cells_at)
    return whole(state, now)


def is_due(last: Instant, now: Instant, interval: float) -> bool:
    """Whether something may be shown that was last shown at `last`. `interval` in s."""
    return now.monotonic - last.monotonic >= interval - CLOCK_TOLERANCE


def whole(state: BatteryState, now: Instant) -> Published:
    """Show all of a state, its cells too."""
    return Published(state=state, at=now, cells=state, cells_at=now)


def _switches_differ(shown: BatteryState, state: BatteryState) -> bool:
    """Whether a switch is seen otherwise, known or not: to become unknown is no transition."""
    old, new = shown.reading, state.reading
    return old is not None and new is not None and bool(switches_of(old) != switches_of(new))


def _cell_voltages(state: BatteryState) -> CellVoltages | None:
    return None if state.reading is None else state.reading.cell_voltages


def _cells_due(shown: Published, cells: CellVoltages | None, now: Instant) -> bool:
    old = shown.cell_voltages
    if old is None or cells is None or len(old) != len(cells):
        return old != cells
    if is_due(shown.cells_at, now, CELL_INTERVAL):
        return True
    return any(_moved(a, b) for a, b in zip(old, cells, strict=True))


def _moved(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is not new
    # Half a microvolt of slack: 3.305 - 3.3 is a little less than 0.005 in binary.
    return abs(new - old) >= CELL_STEP - 5e-7
