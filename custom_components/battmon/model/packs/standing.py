"""What is known of members when one of them is to be switched."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from ..chemistry import Chemistry

IDLE_RATE = 0.05
"""C. Below it the voltage is near enough to that of rest where the resistance is not known."""


class Standing(NamedTuple):
    """What is known of a member at the moment of a command. Of one that was not heard lately: its name."""

    key: str
    name: str
    charging: bool | None = None
    """Whether its charge MOSFET is on."""
    discharging: bool | None = None
    voltage: float | None = None
    current: float | None = None
    resistance: float | None = None
    capacity: float | None = None
    """When full, in Ah."""
    state_of_charge: float | None = None
    charge_limit: float | None = None
    """A; what it may be charged with once it is switched on."""
    discharge_limit: float | None = None
    """A, positive."""
    cells: int | None = None
    """In series."""
    chemistry: Chemistry | None = None

    def switch(self, name: str) -> bool | None:
        """Return whether a switch is on: `charging` or `discharging`."""
        return self.charging if name == "charging" else self.discharging

    def limit(self, name: str) -> float | None:
        """Return the limit in A of what flows through a switch: `charging` or `discharging`."""
        return self.charge_limit if name == "charging" else self.discharge_limit

    def opened(self, name: str) -> Standing:
        """Return it with a switch off. Its current goes elsewhere."""
        if name == "charging":
            return self._replace(charging=False, current=None)
        return self._replace(discharging=False, current=None)

    @property
    def is_off(self) -> bool:
        """Whether it is seen to be off the bus."""
        return self.charging is False and self.discharging is False

    @property
    def is_on(self) -> bool:
        """Whether it is seen to be on the bus, at least for one direction."""
        return self.charging is True or self.discharging is True

    @property
    def resting_voltage(self) -> float | None:
        """Voltage without the current, in V, as far as that can be told."""
        voltage, current = self.voltage, self.current
        if voltage is None:
            return None
        if self.is_off:
            return voltage
        if current is None:
            return None
        if self.resistance is not None:
            return voltage - current * self.resistance
        return voltage if current == 0.0 or abs(current) < IDLE_RATE * (self.capacity or 0.0) else None


class Bank(NamedTuple):
    """Members on one bus."""

    name: str
    members: tuple[Standing, ...]
    measured: tuple[float, ...] = ()
    """A; currents of the whole bus, where a source beside the members measures it."""

    def others(self, keys: Collection[str]) -> list[Standing]:
        """Return the members that are none of these."""
        return [one for one in self.members if one.key not in keys]

    def of(self, keys: Collection[str]) -> list[Standing]:
        """Return the members that are these."""
        return [one for one in self.members if one.key in keys]

    def flow(self, switch: str) -> float | None:
        """Return the current in A that the bus draws through this switch of its members, at least 0."""
        currents = list(self.measured)
        if all(one.current is not None for one in self._flowing()):
            currents.append(sum(one.current or 0.0 for one in self._flowing()))
        sign = 1.0 if switch == "charging" else -1.0
        return max((max(0.0, sign * current) for current in currents), default=None)

    def silent(self) -> list[Standing]:
        """Return the members whose current is missing in the sum."""
        return [one for one in self._flowing() if one.current is None]

    def _flowing(self) -> Iterator[Standing]:
        # Nothing flows through a member that is off, whether it says so or not.
        return (one for one in self.members if one.current is not None or not one.is_off)


def names(members: Iterable[Standing]) -> str:
    """Return the names of members, as an error tells them."""
    return ", ".join(one.name for one in members) or "-"


def amperes(value: float) -> str:
    """Return a current in A, as an error tells it."""
    return f"{value:.1f}"
