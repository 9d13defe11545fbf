"""How far members are apart, and the alarms about it (rules 5)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from ..alarms import Alarm
from ..state import NO_ALARMS
from .imbalance import imbalances
from .members import Contribution, Member, PackReading, Quality, Spreads
from .settings import (
    STATE_OF_CHARGE_SPREAD_PARALLEL,
    STATE_OF_CHARGE_SPREAD_SERIES,
    Arrangement,
    PackSettings,
)
from .skew import TOGETHER, Compared, Steady, compared, known, skew_of, steadied, stood_still
from .watching import Apart, Key, Known, Watch, ends, joined, raised, watched

HOLD = 60.0
"""Seconds for which members have to be apart (rules 5)."""
VOLTAGE_A_CELL = 0.02
"""V between members in parallel, for each cell in series (rules 5)."""
VOLTAGE_SHARE = 0.01
"""At least this part of the voltage (rules 5)."""
CURRENT = 1.0
"""A between members in series (rules 5)."""
CURRENT_SHARE = 0.05
"""At least this part of the current (rules 5)."""
CHARGE_SKEW = 60.0
"""Seconds between states of charge that may be compared: at 1 C they move by less than two points."""

NOT_STEADY: Mapping[str, Steady] = MappingProxyType({})
NO_WATCHES: Mapping[Key, Watch] = MappingProxyType({})


class SpreadKeeping(NamedTuple):
    """What has to be kept from one combination to the next."""

    steady: Mapping[str, Steady] = NOT_STEADY
    """By battery key: since when each member's current has stood still."""
    watches: Mapping[Key, Watch] = NO_WATCHES


class Quantity(NamedTuple):
    """What should be the same for all members."""

    name: str
    """Of the field of `Compared` and of `Spreads`."""
    alarm: Alarm
    """A person's own limit is the field of `PackSettings` that is named like it."""
    limit: Callable[[Known], float]
    """Where the person sets none."""
    skew: float = TOGETHER
    """Seconds between samples that may be compared whatever flows."""
    doubt: Callable[[Compared], float] = lambda _: 0.0
    """How far a value may be wrong, in its unit."""

    def apart(self, values: Known, settings: PackSettings) -> Iterator[Apart]:
        """Yield how far members are apart, unless that is not judged."""
        own: float | None = getattr(settings, self.alarm.value)
        limit = self.limit(values) if own is None else own
        if limit <= 0.0:
            return
        size, low, high = ends(values)
        # What both may be wrong by is no difference.
        yield Apart(self.alarm, HOLD, (size - self.doubt(low) - self.doubt(high)) / limit, low, high, values)


def follow(
    keeping: SpreadKeeping,
    reading: PackReading,
    members: Sequence[Member],
    settings: PackSettings,
    now: float,
) -> tuple[SpreadKeeping, PackReading]:
    """Return `reading` with how far its members are apart, and the alarms about it.

    Time is that of the samples, not `now`: what is combined again without news counts for nothing.
    """
    if reading.quality is Quality.UNAVAILABLE:
        return keeping, reading
    judged = compared(members, _judged(reading.contributions, settings.arrangement))
    steady = steadied(keeping.steady, judged)
    spreads, found = _apart(judged, steady, settings) if judged else (Spreads(), [])
    watches = watched(keeping.watches, found, judged)
    alarms = raised(watches)
    return SpreadKeeping(steady, watches), replace(
        reading,
        spreads=spreads,
        alarms=(reading.alarms or NO_ALARMS).union(alarms),
        alarm_members=joined(reading.alarm_members, alarms.items()) if alarms else reading.alarm_members,
    )


def _judged(contributions: Sequence[Contribution], arrangement: Arrangement) -> Sequence[Contribution]:
    if arrangement is not Arrangement.MERGED:
        return contributions
    # All sources see the same cells.
    return [given for given in contributions if "cell_voltages" in given.gives]


def _apart(
    members: Sequence[Compared], steady: Mapping[str, Steady], settings: PackSettings
) -> tuple[Spreads, list[Apart]]:
    skew = skew_of(members)
    together = skew <= TOGETHER or stood_still(members, steady)
    sizes: dict[str, float] = {}
    found: list[Apart] = []
    for quantity in QUANTITIES[settings.arrangement]:
        values = known(members, quantity.name)
        if len(values) > 1 and (together or skew <= quantity.skew):
            sizes[quantity.name], _, _ = ends(values)
            found += quantity.apart(values, settings)
    means = known(members, "mean_cell")
    if together and len(means) > 1:
        sizes["cell_drift"], _, _ = ends(means)
    found += imbalances(means, settings, together=together)
    return Spreads(**sizes), found


def _voltage_limit(values: Known) -> float:
    cells = min(member.cells or 0 for _, member in values)
    return max(VOLTAGE_A_CELL * cells, VOLTAGE_SHARE * max(value for value, _ in values))


def _current_limit(values: Known) -> float:
    return max(CURRENT, CURRENT_SHARE * max(abs(value) for value, _ in values))


def _charge(points: float) -> Quantity:
    return Quantity(
        "state_of_charge",
        Alarm.STATE_OF_CHARGE_SPREAD,
        lambda _: points,
        CHARGE_SKEW,
        attrgetter("uncertainty"),
    )


QUANTITIES: Mapping[Arrangement, tuple[Quantity, ...]] = {
    Arrangement.SERIES: (
        Quantity("current", Alarm.CURRENT_SPREAD, _current_limit),
        _charge(STATE_OF_CHARGE_SPREAD_SERIES),
    ),
    Arrangement.PARALLEL: (
        Quantity("voltage", Alarm.VOLTAGE_SPREAD, _voltage_limit),
        _charge(STATE_OF_CHARGE_SPREAD_PARALLEL),
    ),
    Arrangement.MERGED: (),
}
