"""The voltage that a battery would have without its current."""

LARGEST_SAG = 0.15
"""Of the voltage: beyond it the failsafe trusts nothing but the terminals (rules 3)."""


def resting_voltage(voltage: float | None, current: float | None, resistance: float | None) -> float | None:
    """Return the terminal voltage less what the current does to it, in V; never an older one."""
    if voltage is None or current is None or resistance is None:
        return None
    return voltage - current * resistance


def sag(voltage: float | None, resting: float | None) -> float | None:
    """Return what the current takes from the resting voltage, in V; negative while charging."""
    return None if voltage is None or resting is None else resting - voltage


def trustworthy(resting: float | None, voltage: float | None) -> float | None:
    """Return the resting voltage if the failsafe may go by it: a large sag may come of a wrong resistance."""
    if resting is None or voltage is None or abs(resting - voltage) > LARGEST_SAG * voltage:
        return None
    return resting
