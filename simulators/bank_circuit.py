"""Direct currents through sources in series and in parallel, solved exactly (Kirchhoff).

What stands between two terminals is drawn as a line: the voltage it shows (V) for each current through it (A,
positive while charging). A battery's is straight: its open-circuit voltage plus current times resistance. A
MOSFET that is off bends it upright at 0 A: from there on any voltage, no current. Lines in series carry the
same current, so their voltages add up; lines in parallel share one voltage, so their currents do.
"""

from collections.abc import Iterable, Sequence

LARGEST_CURRENT = 1e6
"""A; lines end here."""
ANY_VOLTAGE = 1e9
"""V; what a MOSFET that is off holds back at most."""

type Points = list[tuple[float, float]]
type Line = Points
"""Corners, current and voltage of each, rising in both."""


def source(voltage: float, resistance: float, *, charge: bool, discharge: bool) -> Line:
    """Return the line of a battery with this open-circuit voltage, and which way its MOSFETs let through."""
    drop = LARGEST_CURRENT * resistance
    below = [(-LARGEST_CURRENT, voltage - drop)] if discharge else [(0.0, -ANY_VOLTAGE), (0.0, voltage)]
    above = [(LARGEST_CURRENT, voltage + drop)] if charge else [(0.0, voltage), (0.0, ANY_VOLTAGE)]
    if not charge and not discharge:
        return [below[0], above[-1]]
    return below + above


def in_series(lines: Sequence[Line]) -> Line:
    """Return the line of several, one behind the other."""
    return _added(lines)


def in_parallel(lines: Sequence[Line]) -> Line:
    """Return the line of several between the same two terminals."""
    return _turned(_added([_turned(line) for line in lines]))


def behind_leads(line: Line, resistance: float) -> Line:
    """Return a line as it is at the far end of leads with this resistance in all."""
    return [(current, voltage + current * resistance) for current, voltage in line]


def voltage_at(line: Line, current: float) -> float | None:
    """Return the voltage that a current makes; `None` where nothing conducts, so that there is none."""
    known = [voltage for voltage in _values_at(line, current) if abs(voltage) < ANY_VOLTAGE / 2]
    return sum(known) / len(known) if known else None


def current_at(line: Line, voltage: float) -> float:
    """Return the current that a voltage drives."""
    return _values_at(_turned(line), voltage)[0]


def possible(line: Line, current: float) -> float:
    """Return as much of a current as can flow at all."""
    return min(max(current, line[0][0]), line[-1][0])


def _turned(line: Iterable[tuple[float, float]]) -> Points:
    return [(second, first) for first, second in line]


def _added(lines: Sequence[Points]) -> Points:
    """Add up second coordinates at equal first ones, as far as all lines go."""
    first, last = max(line[0][0] for line in lines), min(line[-1][0] for line in lines)
    places = sorted({place for line in lines for place, _ in line if first <= place <= last})
    corners: Points = []
    for place in places:
        lowest, highest = map(sum, zip(*(_values_at(line, place) for line in lines), strict=True))
        corners.append((place, lowest))
        if highest > lowest:
            corners.append((place, highest))
    return corners


def _values_at(line: Points, place: float) -> tuple[float, float]:
    """Return the lowest and the highest second coordinate at a first one; the end's beyond the ends."""
    for index, (at, low) in enumerate(line):
        if at == place:
            return low, next(value for other, value in reversed(line) if other == place)
        if at > place:
            if index == 0:
                return low, low
            left, before = line[index - 1]
            value = before + (place - left) * (low - before) / (at - left)
            return value, value
    return (line[-1][1],) * 2
