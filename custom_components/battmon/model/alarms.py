"""One vocabulary of alarms for all devices."""

from enum import StrEnum


class Alarm(StrEnum):
    """What a battery can complain of. A protocol maps its device's bits to these."""

    CELL_OVERVOLTAGE = "cell_overvoltage"
    CELL_UNDERVOLTAGE = "cell_undervoltage"
    PACK_OVERVOLTAGE = "pack_overvoltage"
    PACK_UNDERVOLTAGE = "pack_undervoltage"
    CHARGE_OVERCURRENT = "charge_overcurrent"
    DISCHARGE_OVERCURRENT = "discharge_overcurrent"
    SHORT_CIRCUIT = "short_circuit"
    CHARGE_OVERTEMPERATURE = "charge_overtemperature"
    CHARGE_UNDERTEMPERATURE = "charge_undertemperature"
    DISCHARGE_OVERTEMPERATURE = "discharge_overtemperature"
    DISCHARGE_UNDERTEMPERATURE = "discharge_undertemperature"
    MOSFET_OVERTEMPERATURE = "mosfet_overtemperature"
    FRONT_END_FAILURE = "front_end_failure"
    CHARGE_MOSFET_FAILURE = "charge_mosfet_failure"
    DISCHARGE_MOSFET_FAILURE = "discharge_mosfet_failure"
    PERMANENT_FAILURE = "permanent_failure"
    CELL_IMBALANCE = "cell_imbalance"
    CELLS_MISSING = "cells_missing"
    LOW_CAPACITY = "low_capacity"
    REMAINING_TIME_LOW = "remaining_time_low"
    SOFTWARE_LOCK = "software_lock"
    """A MOSFET is switched off by command. The person's own switch: a lock, not a fault."""


NOT_A_PROBLEM = frozenset({Alarm.SOFTWARE_LOCK})
"""Alarms that describe a wanted condition and are never shown as a problem."""
