"""The words of the failsafe: how bad it is, on which side, and why."""

from enum import IntEnum, StrEnum
from typing import NamedTuple


class Level(IntEnum):
    """How bad it is; a higher one outranks a lower one."""

    NONE = 0
    UNHEALTHY = 1
    LOW = 2
    CRITICAL = 3

    @property
    def key(self) -> str:
        """Its name in states, files and translations."""
        return self.name.lower()


class Side(StrEnum):
    """What a person would do about it."""

    DISCHARGE = "discharge"
    """Shed loads."""
    CHARGE = "charge"
    """Stop chargers."""
    BOTH = "both"
    FAULT = "fault"
    """Neither helps: something is broken or out of sight."""


class Kind(StrEnum):
    """What a reason is about."""

    LOW_VOLTAGE = "low_voltage"
    HIGH_VOLTAGE = "high_voltage"
    LOW_CELL = "low_cell"
    HIGH_CELL = "high_cell"
    LOW_STATE_OF_CHARGE = "low_state_of_charge"
    LOW_CAPACITY = "low_capacity"
    CHARGE_COLD = "charge_cold"
    CHARGE_HOT = "charge_hot"
    DISCHARGE_COLD = "discharge_cold"
    DISCHARGE_HOT = "discharge_hot"
    MOSFET_HOT = "mosfet_hot"
    CHARGE_OVERCURRENT = "charge_overcurrent"
    DISCHARGE_OVERCURRENT = "discharge_overcurrent"
    DEAD_TERMINALS = "dead_terminals"
    """No voltage at the terminals: fuse, wire or BMS cut-off."""
    DEAD_CELL = "dead_cell"
    MISSING_CELL = "missing_cell"
    SENSE_WIRE = "sense_wire"
    """A cell reads 0 V, but the pack's voltage is that of the whole string."""
    UNREAD_CELLS = "unread_cells"
    DEVICE_ALARM = "device_alarm"
    """The device complains; the reason's subject names the alarm."""
    SILENCE = "silence"
    """No good sample for too long."""
    SILENCE_WHILE_LOW = "silence_while_low"
    """It fell silent while it was low or about to be: a BMS cut-off looks just like that."""
    MEMBER = "member"
    """Of a virtual battery: a member's own level; the reason's subject names the member."""
    MEMBER_LOST = "member_lost"
    """Of a virtual battery: a member is not there to be judged."""
    DRILL = "drill"


class Reason(NamedTuple):
    """Why a level is raised. Frozen at the moment at which it began."""

    kind: Kind
    level: Level
    side: Side
    value: float | None = None
    """What was measured, in the unit of the threshold."""
    threshold: float | None = None
    delay: float = 0.0
    """For how long it had to last, in s."""
    subject: str | None = None
    """The cell's or sensor's number, or the alarm."""

    @property
    def test(self) -> bool:
        """Whether nothing is wrong: a drill."""
        return self.kind is Kind.DRILL
