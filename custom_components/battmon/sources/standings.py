"""What the roster knows of a battery that is to be switched, and of those beside it."""

from math import inf

from ..model.chemistry import Chemistry
from ..model.estimation.limits import Limits
from ..model.packs.freshness import age_of, why_not
from ..model.packs.members import PackReading
from ..model.packs.settings import Arrangement
from ..model.packs.standing import Bank, Standing
from ..model.reading import Reading
from ..model.state import BatteryState
from .kinship import Kinship, Whole
from .roster import Roster

CAPS = ("charge_current_cap", "discharge_current_cap")
"""Options of a string: what the person says it may be charged and discharged with, in A."""


class Standings:
    """Of one moment."""

    def __init__(self, roster: Roster, kinship: Kinship, now: float) -> None:
        self._roster = roster
        self._kinship = kinship
        self._now = now

    def bank(self, whole: Whole, within: float = inf) -> Bank:
        """Return the members on a bus; what was not heard `within` so many seconds is not known."""
        settings = whole.settings
        members = self._roster.members(self._kinship.on_bus(whole.members))
        beside = [
            source.key for source in (*settings.primary, *settings.auxiliary) if source.gives("current")
        ]
        currents = (self.standing(key, within).current for key in beside)
        return Bank(
            whole.name,
            tuple(
                self.standing(key, within, settings.chemistry)._replace(name=member.name)
                for key, member in members.items()
            ),
            tuple(one for one in currents if one is not None),
        )

    def string(self, whole: Whole, within: float) -> list[Standing]:
        """Return the members of a string."""
        members = self._roster.members(whole.members)
        return [self.standing(key, within)._replace(name=member.name) for key, member in members.items()]

    def standing(self, key: str, within: float = inf, chemistry: Chemistry | None = None) -> Standing:
        """Return what is known of one battery. `chemistry` is that of what it is a part of."""
        member = self._roster.member(key)
        state = member.state
        unknown = Standing(key, member.name)
        if why_not(member, self._now) is not None or state is None or state.reading is None:
            return unknown
        if self.age(key) > within:
            return unknown
        reading, estimate = state.reading, state.estimate
        limits = self._limits(key, state)
        charge, resistance = estimate.state_of_charge, estimate.internal_resistance
        return Standing(
            key,
            member.name,
            reading.charging_enabled,
            reading.discharging_enabled,
            reading.voltage,
            reading.current,
            resistance if resistance is not None and resistance > 0.0 else None,
            estimate.full_capacity,
            None if charge is None else charge.value,
            limits.charge_current,
            limits.discharge_current,
            self._cells(key, reading),
            self._chemistry(key) or chemistry,
        )

    def age(self, key: str) -> float:
        """Return the age of the oldest sample that a state is made of, in s."""
        below = (self._roster.state(one) for one in self._kinship.below(key))
        packs = (state.pack for state in below if state is not None and state.pack is not None)
        unused = {given.key for pack in packs for given in pack.contributions if not given.used}
        ages = [
            age_of(self._roster.member(leaf), self._now)
            for leaf in self._kinship.leaves(key)
            if leaf not in unused
        ]
        return max((inf if age is None else age for age in ages), default=inf)

    def _limits(self, key: str, state: BatteryState) -> Limits:
        """Return what a battery may be asked for once it is on: a string that is off says 0."""
        whole = self._kinship.whole(key)
        if whole is None or whole.settings.arrangement is not Arrangement.SERIES:
            return state.estimate.limits
        entry = self._roster.entry_of(key)
        caps = [None if entry is None else entry.options.get(name) for name in CAPS]
        # Less than it may be where its members are banks, never more.
        states = [self._roster.state(leaf) for leaf in self._kinship.leaves(key)]
        each = [Limits() if one is None else one.estimate.limits for one in states]
        return Limits(
            charge_current=_lowest([limit.charge_current for limit in each], caps[0]),
            discharge_current=_lowest([limit.discharge_current for limit in each], caps[1]),
        )

    def _cells(self, key: str, reading: Reading) -> int | None:
        if isinstance(reading, PackReading) and reading.cells_in_series:
            return reading.cells_in_series
        entry = self._roster.entry_of(key)
        said = None if entry is None else entry.options.get("cells")
        return int(said) if said else len(reading.cell_voltages or ()) or None

    def _chemistry(self, key: str) -> Chemistry | None:
        entry = self._roster.entry_of(key)
        said = None if entry is None else entry.options.get("chemistry")
        return None if said is None else Chemistry(said)


def _lowest(limits: list[float | None], cap: float | None) -> float | None:
    known = [limit for limit in limits if limit is not None]
    if not known or len(known) < len(limits):
        return None
    return min(known) if cap is None else min(*known, cap)
