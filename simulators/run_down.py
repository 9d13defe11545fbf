"""A load that runs a battery down and charges it again, over and over, between two states of charge."""

from dataclasses import dataclass
from math import inf

from .battery import SimulatedBattery


@dataclass
class RunDown:
    """Goes by the battery, not by the clock: it neither drifts nor ends. Nothing flows before `begin`."""

    battery: SimulatedBattery
    discharge: float
    """In A, a positive number."""
    charge: float
    """In A."""
    lowest: float
    """State of charge in % at which it turns round to charging."""
    highest: float
    """State of charge in % at which it turns round to discharging."""
    charge_voltage: float | None = None
    begun: bool = False
    charging: bool = False

    def begin(self) -> None:
        """Run the battery down from now on."""
        self.begun = True

    def current(self, time: float) -> float:
        """Current asked for, in A, positive while charging."""
        if not self.begun:
            return 0.0
        charge = self.battery.state_of_charge
        if charge <= self.lowest or charge >= self.highest:
            self.charging = charge <= self.lowest
        return self.charge if self.charging else -self.discharge

    def until_change(self, time: float) -> float:
        """Unknown: the battery is looked at in every step."""
        return inf
