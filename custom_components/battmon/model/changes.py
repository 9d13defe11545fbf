"""What can change in a way that cannot wait for the next publication."""

from enum import StrEnum
from typing import NamedTuple


class Change(StrEnum):
    """One kind of change. Those of the failsafe are what automations wait for."""

    HEALTH_LOST = "health_lost"
    HEALTH_REGAINED = "health_regained"
    PAUSED = "paused"
    RESUMED = "resumed"
    """It was seen in the time that it had for that, at the start or after a pause."""
    ALARM_APPEARED = "alarm_appeared"
    """It is known to be there, and was known not to be. What is not told for a while has not changed."""
    ALARM_CLEARED = "alarm_cleared"
    SWITCH_CHANGED = "switch_changed"
    """It is known to be in another position than when it was last seen. To become known is no change."""
    LEVEL_ROSE = "level_rose"
    """The failsafe level, the discharge level or the charge level is higher than before."""
    LEVEL_FELL = "level_fell"
    """One of the levels is lower than before, and none is higher."""
    REASON_BEGAN = "reason_began"
    """A condition began, or began again, while its level was held already."""
    REASON_ENDED = "reason_ended"
    """A condition ended, and no level changed."""
    READY_CHANGED = "ready_changed"
    MEMBERS_CHANGED = "members_changed"
    """Another number of members of a virtual battery is used, or for other reasons."""


class Transition(NamedTuple):
    """One change. `subject` is the alarm, the switch or the kind of reason it is about."""

    change: Change
    subject: str | None = None
