"""A sensor's numbers made right, and the current of a load that nothing measures."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

GAINS = (1e-4, 1e4)
"""A pin's voltage may stand for hundreds of amperes; beyond these a number was mistyped."""
CLOSEST = 0.005
"""Two points that are nearer than this share of the larger one tell noise, not gain."""
LEAST_VOLTAGE = 1.0
"""V; a power divided by less than this is no current."""
TOLERANCE = 10.0
"""Points that a gauge may show beyond empty or full; more is no state of charge."""


class Correction(NamedTuple):
    """What a sensor reports, made what it should report."""

    gain: float = 1.0
    offset: float = 0.0
    """In the unit of the quantity; added last."""

    def corrected(self, reported: float) -> float:
        """Return the true value for a reported one."""
        return self.gain * reported + self.offset


class Pair(NamedTuple):
    """What a sensor reported, uncorrected, and what was measured at the same time."""

    reported: float
    measured: float


class Adjust(StrEnum):
    """What a single pair corrects; the other one stays as it is."""

    GAIN = "gain"
    OFFSET = "offset"


class Flaw(StrEnum):
    """Why pairs say nothing of a sensor."""

    TOO_CLOSE = "too_close"
    ZERO = "zero"
    REVERSED = "reversed"
    OUT_OF_RANGE = "out_of_range"


class CannotCalibrate(ValueError):
    """The pairs contradict each other, or say too little."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.replace("_", " "))
        self.flaw = flaw


def calibrated(pairs: Sequence[Pair], before: Correction, adjust: Adjust) -> Correction:
    """Return the correction by which one or two pairs come out right. Raises `CannotCalibrate`.

    Two pairs give both: gain = (measured 2 - measured 1) / (reported 2 - reported 1).
    """
    first, *others = pairs
    if others:
        gain = _slope(first, others[0])
        found = Correction(gain, first.measured - gain * first.reported)
    elif adjust is Adjust.OFFSET:
        found = before._replace(offset=first.measured - before.gain * first.reported)
    else:
        found = before._replace(gain=_ratio(first, before.offset))
    if found.gain <= 0:
        raise CannotCalibrate(Flaw.REVERSED)
    least, most = GAINS
    if not least <= found.gain <= most:
        raise CannotCalibrate(Flaw.OUT_OF_RANGE)
    return found


def _slope(first: Pair, second: Pair) -> float:
    distance = second.reported - first.reported
    if abs(distance) <= CLOSEST * max(abs(first.reported), abs(second.reported)):
        raise CannotCalibrate(Flaw.TOO_CLOSE)
    return (second.measured - first.measured) / distance


def _ratio(pair: Pair, offset: float) -> float:
    if pair.reported == 0:
        raise CannotCalibrate(Flaw.ZERO)
    return (pair.measured - offset) / pair.reported


class LoadCurve(StrEnum):
    """How the current of a load follows its percentage."""

    LINEAR = "linear"
    """An inverter's load is a share of its power."""
    SQUARE = "square"
    """ArduPilot's synthetic current: a propeller, a fan."""


class SyntheticCurrent(NamedTuple):
    """The current of a load that nothing measures (ArduPilot's AP_BattMonitor_Synthetic_Current)."""

    full_load_current: float
    """A at 100 %, without the idle current."""
    idle_current: float = 0.0
    """A that flow at any load."""
    curve: LoadCurve = LoadCurve.LINEAR
    full_load_voltage: float | None = None
    """V at which the full-load current was measured; current is taken to rise with voltage."""

    def current(self, load: float, voltage: float | None) -> float | None:
        """Return the current at a load in %: negative, for it discharges.

        current = full_load_current * share [* voltage / full_load_voltage] + idle_current
        """
        share = load / 100
        if self.curve is LoadCurve.SQUARE:
            share *= share
        if self.full_load_voltage is not None:
            if voltage is None:
                return None
            share *= voltage / self.full_load_voltage
        return -(self.full_load_current * share + self.idle_current)


def current_from_power(power: float, voltage: float | None) -> float | None:
    """Return the current in A, of the same sign as the power in W."""
    if voltage is None or voltage < LEAST_VOLTAGE:
        return None
    return power / voltage


def gauged(percent: float) -> float | None:
    """Return a gauge's state of charge: a little beyond empty or full is empty or full."""
    if not -TOLERANCE <= percent <= 100 + TOLERANCE:
        return None
    return min(max(percent, 0.0), 100.0)


def filled(left: float, tank: float) -> float | None:
    """Return the state of charge in % of a tank, of what is left in it."""
    return gauged(100 * left / tank)
