"""What has flowed through the terminals of a battery or of several that are joined."""


class Totals:
    """Truth for tests to compare with what was counted."""

    def __init__(self) -> None:
        self.charge_in = self.charge_out = 0.0
        """Totals at the terminals, in Ah."""
        self.energy_in = self.energy_out = 0.0
        """Totals at the terminals, in Wh."""

    def _count(self, current: float, voltage: float, hours: float) -> None:
        if current > 0:
            self.charge_in += current * hours
            self.energy_in += current * voltage * hours
        else:
            self.charge_out -= current * hours
            self.energy_out -= current * voltage * hours
