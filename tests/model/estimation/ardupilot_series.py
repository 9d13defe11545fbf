"""Series of samples and the resistance that ArduPilot learns from them (its behaviour, tabulated).

Current is positive while charging, as everywhere here.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One sample, and ArduPilot's resistance after it."""

    time: float
    """In s."""
    voltage: float
    current: float
    ardupilot: float
    """In ohm."""


class Hazard(NamedTuple):
    """A series on a battery of a known resistance in ohm."""

    resistance: float
    rows: tuple[Row, ...]


def _rows(*rows: tuple[float, float, float, float]) -> tuple[Row, ...]:
    return tuple(Row(time, voltage, -current, learned) for time, voltage, current, learned in rows)


HAZARDS = {
    "A: steps by the second": Hazard(
        0.050,
        _rows(
            (1, 12.7, 2, 0),
            (2, 12.7, 2, 0),
            (3, 12.7, 2, 0),
            (4, 12.7, 2, 0),
            (5, 12.7, 2, 0),
            (6, 11.8, 20, 0.002516),
            (7, 11.8, 20, 0.003660),
            (8, 11.8, 20, 0.004206),
            (9, 12.55, 5, 0.007374),
            (10, 11.8, 20, 0.009088),
            (11, 11.8, 20, 0.009908),
            (12, 12.7, 2, 0.013115),
            (13, 12.7, 2, 0.014591),
            (14, 11.3, 30, 0.017424),
        ),
    ),
    "B: every ten seconds, idle and charging in between": Hazard(
        0.020,
        _rows(
            (10, 13.18, 1, 0),
            (20, 13.18, 1, 0),
            (30, 13.18, 1, 0),
            (40, 13.18, 1, 0),
            (50, 13.18, 1, 0),
            (60, 13.18, 1, 0),
            (70, 13, 10, 0),
            (80, 13, 10, 0),
            (90, 13, 10, 0),
            (100, 13, 10, 0),
            (110, 13, 10, 0),
            (120, 13.2, 0, 0),
            (130, 13.3, -5, 0),
            (140, 13.2, 0, 0),
            (150, 13.18, 1, 0.001808),
            (160, 13, 10, 0.002620),
        ),
    ),
    "C: filters that start at zero": Hazard(
        0.020,
        _rows(
            (1.0, 12.6, 10, 0),
            (1.1, 12.62, 4, 0.063200),
            (1.2, 12.62, 4, 0.115340),
            (1.3, 12.5, 10, 0.020000),
            (1.4, 12.5, 10, 0.020000),
            (1.5, 12.45, 12, 0.020000),
        ),
    ),
    "D: a square wave at 10 Hz": Hazard(
        0.030,
        _rows(
            (1.0, 15.45, 5, 0),
            (1.1, 15.45, 5, 0),
            (1.2, 14.85, 25, 0),
            (1.3, 14.85, 25, 0),
            (1.4, 15.45, 5, 0.018615),
            (1.5, 15.45, 5, 0.033839),
            (1.6, 14.85, 25, 0.030000),
            (1.7, 14.85, 25, 0.030000),
            (1.8, 15.45, 5, 0.038707),
            (1.9, 15.45, 5, 0.045721),
            (2.0, 14.85, 25, 0.030000),
            (2.1, 14.85, 25, 0.030000),
        ),
    ),
    "E: the load ends and the voltage breaks down": Hazard(
        0.050,
        _rows(
            (1, 12.5, 10, 0),
            (2, 12.5, 10, 0),
            (3, 12.5, 10, 0),
            (4, 12.5, 10, 0),
            (5, 12.5, 10, 0),
            (6, 12, 20, 0.000547),
            (7, 12, 20, 0.000806),
            (8, 11.5, 30, 0.002530),
            (9, 12.9, 0, 0.002530),
            (10, 11, 0, 0.002530),
            (11, 10.9, -1, 0.002530),
            (12, 11.2, 2, 0.002530),
        ),
    ),
    "slow decline of the open-circuit voltage": Hazard(
        0.050,
        _rows(
            *((time, 12.60, 2.0, 0) for time in range(1, 20)),
            (20, 11.89, 2.2, 0.032272),
            (21, 11.89, 2.2, 0.048261),
            (22, 11.89, 2.2, 0.056219),
            (23, 11.89, 2.2, 0.060189),
            (24, 11.89, 2.2, 0.062172),
        ),
    ),
}

SQUARE_WAVES = {
    # 5 and 25 A on 0.030 ohm: spacing in s, samples of each level, and the resistance after so many samples.
    "10 Hz, two seconds each": (
        0.1,
        20,
        {
            20: 0.001239,
            40: 0.007794,
            60: 0.016175,
            100: 0.024554,
            200: 0.029470,
            400: 0.029995,
            600: 0.030000,
        },
    ),
    "every 30 s, a minute each": (
        30.0,
        2,
        {10: 0.015862, 20: 0.021353, 40: 0.026776, 80: 0.029552, 120: 0.029938},
    ),
}
