"""The rules of switching: what may be commanded, and what is known to be commanded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from .alarms import Alarm
from .errors import CommandBlocked
from .reading import Reading

ALTERNATOR_RATE = 0.1
"""In C. Cutting a larger charge current can destroy an alternator that has nowhere else to feed."""
BALANCING_PAUSE = timedelta(seconds=60)
BALANCING_WRITES_A_DAY = 10
"""The balancing bit lives in flash memory, which wears."""
DAY = timedelta(days=1)


class Mosfets(NamedTuple):
    """The two switches of a pack: whether each is (to be) on."""

    charging: bool
    discharging: bool


class Wanted(NamedTuple):
    """A command. `None` leaves that switch as it is."""

    charging: bool | None = None
    discharging: bool | None = None
    balancing: bool | None = None


type Approval = Callable[[Reading], None]
"""Called with the reading taken just before the command; raises `CommandBlocked` to stop it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchMemory:
    """What must be remembered about commands, across restarts."""

    commanded: Mosfets | None = None
    """The pair that BattMon last commanded, acknowledged. `None`: never, or in doubt."""
    mosfet_register: int | None = None
    """The control register that this device's firmware was found to understand."""
    factory_mode: bool = False
    """Whether factory mode was entered and not seen to be left."""
    balancing_writes: tuple[datetime, ...] = ()
    """When the balancing bit was written during the last day."""

    def with_balancing_write(self, now: datetime) -> SwitchMemory:
        """Return the memory with one more write, raising `CommandBlocked` beyond the limits.

        A write in the future is kept and counted: a clock that was set back
        must not open the way to more wear.
        """
        recent = tuple(when for when in self.balancing_writes if when > now - DAY)
        if recent and abs(now - recent[-1]) < BALANCING_PAUSE:
            raise CommandBlocked("balancing_too_soon", {"seconds": f"{BALANCING_PAUSE.total_seconds():.0f}"})
        if len(recent) >= BALANCING_WRITES_A_DAY:
            raise CommandBlocked("balancing_too_often", {"limit": str(BALANCING_WRITES_A_DAY)})
        return replace(self, balancing_writes=(*recent, now))


def commanded_mosfets(reading: Reading, remembered: Mosfets | None) -> Mosfets | None:
    """Tell which pair is commanded, or `None` when nobody can know.

    Without the lock bit nothing is held off, so both are commanded on. With
    it, the memory counts, unless a MOSFET that it holds off is seen to be on:
    then somebody else has commanded since.
    """
    if Alarm.SOFTWARE_LOCK not in (reading.alarms or ()):
        return Mosfets(charging=True, discharging=True)
    if remembered is None or all(remembered):
        return None
    if reading.charging_enabled and not remembered.charging:
        return None
    if reading.discharging_enabled and not remembered.discharging:
        return None
    return remembered


def combined(wanted: Wanted, commanded: Mosfets | None) -> Mosfets:
    """Return the pair to command, for devices whose one write sets both.

    Raises `CommandBlocked` when only one is stated and the other is unknown:
    guessing it from what is observed would lock a MOSFET that a protection holds off.
    """
    if wanted.charging is not None and wanted.discharging is not None:
        return Mosfets(wanted.charging, wanted.discharging)
    if commanded is None:
        raise CommandBlocked("state_both")
    return Mosfets(
        commanded.charging if wanted.charging is None else wanted.charging,
        commanded.discharging if wanted.discharging is None else wanted.discharging,
    )


def approve(reading: Reading, wanted: Wanted, *, force: bool) -> None:
    """Raise `CommandBlocked` if `wanted` would do harm in the situation of `reading`."""
    if force or wanted.charging is not False or reading.charging_enabled is False:
        return
    current, capacity = reading.current, reading.full_capacity
    if current is not None and current <= 0:
        return
    if current is None or not capacity:
        raise CommandBlocked("charge_current_unknown")
    limit = ALTERNATOR_RATE * capacity
    if current > limit:
        raise CommandBlocked("charging_under_load", {"current": f"{current:.1f}", "limit": f"{limit:.1f}"})
