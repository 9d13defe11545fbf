"""The battery status word of a smart battery, as alarms.

Source: Smart Battery Data Specification 1.1, section 5.1.21.
"""

from functools import lru_cache

from ..model.alarms import Alarm

INITIALIZED = 1 << 7
IS_RESERVED = 1 << 13 | 1 << 10
BITS: dict[int, tuple[Alarm, ...]] = {
    15: (Alarm.OVERCHARGED,),
    # It does not say which way the current flows, and is too hot for both.
    12: (Alarm.CHARGE_OVERTEMPERATURE, Alarm.DISCHARGE_OVERTEMPERATURE),
    11: (Alarm.TERMINATE_DISCHARGE,),
    9: (Alarm.LOW_CAPACITY,),
    8: (Alarm.REMAINING_TIME_LOW,),
    4: (Alarm.FULLY_DISCHARGED,),
}
"""Terminate charge and fully charged are how a charge ends; bits 0 to 3 are of the access before."""


@lru_cache(maxsize=64)
def alarms_of(status: int | None, meaningful: int = 0xFFFF) -> frozenset[Alarm] | None:
    """Return what a status word complains of; `None` for one that cannot be."""
    if status is None or status & IS_RESERVED:
        return None
    alarms = {alarm for bit, alarms in BITS.items() if status & meaningful & 1 << bit for alarm in alarms}
    if meaningful & INITIALIZED and not status & INITIALIZED:
        alarms.add(Alarm.NOT_INITIALIZED)
    return frozenset(alarms)
