"""The two switches of a JBD BMS: what is written to them, and what shows them.

Source: as `jbd`.
"""

from ..model.alarms import Alarm
from ..model.reading import Reading
from ..model.switching import Mosfets, Wanted

MOSFET_LOCK = 0xE1
MOSFET_SWITCH = 0xFB
"""Replaces `MOSFET_LOCK` in the newest firmware."""
MOSFET_REGISTERS = (MOSFET_LOCK, MOSFET_SWITCH)
FB_DISCHARGE, FB_CHARGE = 0, 1


def mosfet_contents(register: int, pair: Mosfets, wanted: Wanted) -> tuple[bytes, ...]:
    """Return what to write to a register, one write after the other."""
    if register == MOSFET_LOCK:
        return (bytes((0, (not pair.charging) | (not pair.discharging) << 1)),)
    return tuple(
        bytes((switch, on))
        for switch, on in ((FB_CHARGE, wanted.charging), (FB_DISCHARGE, wanted.discharging))
        if on is not None
    )


def proves(reading: Reading, pair: Mosfets) -> bool:
    """Whether a reading shows that the pair is commanded. With other alarms a protection may do it."""
    alarms = frozenset() if all(pair) else frozenset({Alarm.SOFTWARE_LOCK})
    return reading.alarms == alarms and shows(reading, Wanted(*pair))


def shows(reading: Reading, wanted: Wanted) -> bool:
    """Whether a reading shows every switch as it is wanted."""
    return all(
        on is None or getattr(reading, f"{switch}_enabled") is on for switch, on in wanted._asdict().items()
    )
