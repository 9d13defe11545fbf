"""How far the cells of all members are apart, inside and between them (rules 5, imbalance).

At rest cells are told apart by little; near full and near empty the voltage of each goes its own way, and any
current adds what their resistances differ by. A small difference counts only at rest, a large one always.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from ..alarms import Alarm
from ..chemistry import FACTS, Chemistry
from .settings import CELL_IMBALANCE_ALARM, PackSettings
from .skew import Compared
from .watching import Apart, Known, ends

HOLD = 60.0
"""Seconds for which cells have to be far apart, whatever flows (rules 5)."""
QUIET_HOLD = 300.0
"""Seconds for which they have to be apart at rest (rules 5)."""
QUIET_RATE = 0.1
"""C. A smaller current is rest enough (rules 5)."""
QUIET = 0.05
"""V between cells at rest (rules 5)."""
QUIET_AT_ENDS = 0.15
"""V between cells at rest, near full and near empty (rules 5)."""
END = 0.05
"""V a cell below full, or above low, where the curve grows steep: 3.40 and 3.05 V of LiFePO4 (rules 5)."""

_lowest, _highest = attrgetter("lowest_cell"), attrgetter("highest_cell")


def imbalances(means: Known, settings: PackSettings, *, together: bool) -> Iterator[Apart]:
    """Yield how far cells are apart, by each limit in force. `means` in V a cell.

    `together`: members tell of the same moment.
    """
    if not means:
        return
    limits = tuple(_limits(means, settings))
    if len(means) > 1 and not together:
        # Members may be further apart than the cells of any of them: this can raise, but not clear.
        yield from (apart for apart in _inside(means, limits) if apart.ratio > 1.0)
        return
    if len(means) > 1:
        drift, low, high = ends(means)
        for limit, hold in limits:
            yield Apart(Alarm.CELL_DRIFT, hold, drift / limit, low, high, means)
    yield from _between(means, limits)


def _between(means: Known, limits: Sequence[tuple[float, float]]) -> Iterator[Apart]:
    members = [member for _, member in means]
    low, high = min(members, key=_lowest), max(members, key=_highest)
    for limit, hold in limits:
        yield Apart(Alarm.CELL_IMBALANCE, hold, (_highest(high) - _lowest(low)) / limit, low, high)


def _inside(means: Known, limits: Sequence[tuple[float, float]]) -> Iterator[Apart]:
    worst = max((member for _, member in means), key=_imbalance)
    for limit, hold in limits:
        yield Apart(Alarm.CELL_IMBALANCE, hold, _imbalance(worst) / limit, worst, worst)


def _limits(means: Known, settings: PackSettings) -> Iterator[tuple[float, float]]:
    """Yield limits in V, and for how many seconds they have to be exceeded. A person's own counts alone."""
    own = settings.cell_imbalance
    if own is not None:
        if own > 0.0:
            yield own, HOLD
        return
    yield CELL_IMBALANCE_ALARM, HOLD
    if all(_is_quiet(member) for _, member in means):
        yield QUIET_AT_ENDS if _is_at_end(means, settings.chemistry) else QUIET, QUIET_HOLD


def _is_quiet(member: Compared) -> bool:
    if member.current is None or member.full_capacity is None:
        return False
    return abs(member.current) < QUIET_RATE * member.full_capacity


def _is_at_end(means: Known, chemistry: Chemistry | None) -> bool:
    facts = FACTS[chemistry or Chemistry.LIFEPO4]
    low, high = facts.low_voltage + END, facts.full_voltage - END
    return not all(low <= mean <= high for mean, _ in means)


def _imbalance(member: Compared) -> float:
    imbalance: float = _highest(member) - _lowest(member)
    return imbalance
