"""What a person may say about a battery, for what is worked out of it."""

from dataclasses import dataclass

from ..chemistry import Chemistry


@dataclass(frozen=True, slots=True, kw_only=True)
class BatterySettings:
    """Every field may be unknown."""

    chemistry: Chemistry | None = None
    cells: int | None = None
    """In series; `None` goes by the cell voltages that are read."""
    capacity: float | None = None
    """Charge when full, in Ah; `None` goes by what the device says."""
    ignore_device_state_of_charge: bool = False
    """The device's own drifts: count instead."""
    device_dead_band: float = 0.0
    """A; the device reads 0 for a smaller current (JBD: 0.2)."""
    current_is_unsigned: bool = False
    """The sensor cannot tell charging from discharging: no charge is counted."""
    limits_are_told: bool = False
    """A virtual battery's: its members' limits have all curves in them already."""
    charge_current_cap: float | None = None
    """A; the person's own cap."""
    discharge_current_cap: float | None = None
    """A, positive; the person's own cap."""
