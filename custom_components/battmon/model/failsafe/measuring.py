"""The quantities that have thresholds, of one sample, each turned so that bad is low."""

from math import inf, isfinite

from ..reading import Place, Temperature
from .view import View

SENSOR_RANGE = (-40.0, 120.0)
"""degC; beyond it the sensor is missing (rules 1)."""
BOARD_PLACES = frozenset({Place.MOSFET, Place.BOARD})
CELL_PLACES = frozenset({Place.CELL, Place.UNKNOWN})
"""Where the battery itself is measured; the air around it is not judged."""

type Values = tuple[float, ...]
"""By place, see `lines.PLACES`. Unknown is plus infinity, which is never below anything."""


def measure(view: View, use_resting_voltage: bool) -> Values:
    """Return the values of a sample by place. One that is not finite is not known."""
    reading = view.reading
    voltage, current = reading.voltage, reading.current
    lowest, highest = view.lowest_cell, view.highest_cell
    cold, hot, board = _temperatures(reading.temperatures) if reading.temperatures else (inf, inf, inf)
    charging = current is not None and current > view.idle_current
    discharging = current is not None and current < -view.idle_current
    resting = view.resting_voltage if use_resting_voltage else None
    raw = inf if voltage is None else voltage
    return (
        raw if resting is None or not isfinite(resting) else resting,
        inf if voltage is None else -voltage,
        inf if lowest is None else lowest.voltage,
        inf if highest is None else -highest.voltage,
        certain_charge(view),
        inf if view.remaining_capacity is None else view.remaining_capacity,
        cold if charging else inf,
        hot if charging else inf,
        cold if discharging else inf,
        hot if discharging else inf,
        board,
        inf if current is None else -current,
        inf if current is None else current,
        raw,
        cold,
        hot,
    )


def certain_charge(view: View) -> float:
    """Return the state of charge to judge, in %. Devices send 127 or 255 for what they do not know."""
    charge = view.state_of_charge
    if charge is None or not 0 <= charge <= 100:
        return inf
    return charge - (view.state_of_charge_uncertainty or 0.0) if view.origin_is_counted else charge


def _temperatures(sensors: tuple[Temperature, ...]) -> tuple[float, float, float]:
    cold = hot = board = inf
    least, most = SENSOR_RANGE
    for value, place in sensors:
        if value is None or not least <= value <= most:
            continue
        if place in CELL_PLACES:
            cold, hot = min(cold, value), min(hot, -value)
        elif place in BOARD_PLACES:
            board = min(board, -value)
    return cold, hot, board
