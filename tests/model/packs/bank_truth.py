"""Four unlike batteries in 2S2P whose truth is known, watched as they are: each read at its own time.

The strings are virtual batteries of two members each, and the bank is one of the strings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from operator import attrgetter
from random import Random

from custom_components.battmon.model import monitor
from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.chemistry import FACTS, Chemistry
from custom_components.battmon.model.estimation.charge_counting import StateOfCharge
from custom_components.battmon.model.estimation.estimate import Estimate
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.monitor import Settings
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import Member, PackReading, Quality
from custom_components.battmon.model.packs.settings import Arrangement, PackSettings, Source
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState
from simulators.bank import Bank, parallel, series
from simulators.battery import SimulatedBattery
from simulators.chemistry import LIFEPO4
from simulators.load import Load

START = datetime(2026, 11, 21, tzinfo=UTC)
EPOCH = 1000.0
"""What the monotonic clock says at the start."""
RECOMBINE = 0.25
"""Seconds between two combinations of a virtual battery at least."""
LOOK_AGAIN = 10.0
"""Seconds without news after which it is combined again."""
STALE = 30.0
"""Seconds after which a sample is too old, at a poll of 10 s."""
PHASES = (0.0, 0.14, 0.41, 0.73)
"""Of each member's samples, in polls: some are near one another, most are not."""
JITTER = 0.02
"""Polls by which samples come late at most."""
LEAD = 0.001
"""Of each string's leads, in ohm."""
MEMBERS = ("a", "b", "c", "d")
CAPACITY = 180.0
"""Of the whole bank, about, in Ah."""
CELL = replace(LIFEPO4, charge_efficiency=FACTS[Chemistry.LIFEPO4].charge_efficiency)
"""Loses in charging what is counted as lost: what is measured here is how members are joined, not counted."""


def batteries() -> list[SimulatedBattery]:
    """Return four 4-cell batteries of other capacities, resistances and fillings."""
    sizes = ((100.0, 60.0), (112.0, 63.0), (90.0, 66.0), (80.0, 62.0))
    made = [
        SimulatedBattery(4, capacity, chemistry=CELL, state_of_charge=charge, seed=seed)
        for seed, (capacity, charge) in enumerate(sizes)
    ]
    for cell in made[3].cells:
        cell.resistance *= 1.5
    return made


def at(seconds: float) -> Instant:
    return Instant(EPOCH + seconds, START + timedelta(seconds=seconds))


def measured(battery: SimulatedBattery, gain: float = 1.0) -> Reading:
    """Return what a JBD board's converters say: steps of 10 mV, 10 mA, 1 mV a cell."""
    current = battery.current
    cells = [cell.loaded_voltage(cell.rest_voltage, current) for cell in battery.cells]
    return Reading(
        voltage=round(sum(cells), 2),
        current=round(current * gain, 2),
        cell_voltages=tuple(round(cell, 3) for cell in cells),
        charging_enabled=battery.charge_allowed,
        discharging_enabled=battery.discharge_allowed,
        alarms=frozenset(),
    )


@dataclass
class Watched:
    """A battery whose state is followed."""

    settings: Settings
    state: BatteryState = field(default_factory=BatteryState)
    overdue: float = inf
    """When a good sample is overdue."""

    def fold(self, reading: Reading | None, time: float) -> None:
        self.state = monitor.step(self.state, reading, at(time), self.settings).state
        if reading is not None:
            self.overdue = time + self.settings.unhealthy_after

    def look(self, time: float) -> None:
        self.state = monitor.look(self.state, at(time), self.settings).state
        self.overdue = inf


@dataclass
class Virtual(Watched):
    """A virtual battery, combined when its members have news."""

    pack: PackSettings = field(kw_only=True)
    light: bool = False
    """Its own state is only what its members see of it: nothing is estimated nor judged."""
    parent: Virtual | None = None
    keeping: Keeping = Keeping()
    read_at: float = -inf
    due: float = inf
    """When it is combined next."""

    def hear(self, time: float) -> None:
        """A member has news."""
        self.due = min(self.due, max(time, self.read_at + RECOMBINE))

    def combine(self, known: Mapping[str, Watched], time: float) -> None:
        members = {key: Member(key, key, known[key].state, STALE) for key in self.keys}
        self.keeping, reading = combined(self.keeping, members, self.pack, EPOCH + time)
        self.read_at, self.due = time, time + LOOK_AGAIN
        if self.light:
            self.state = as_seen(reading, time)
        else:
            self.fold(reading, time)
        if self.parent is not None:
            self.parent.hear(time)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(source.key for source in self.pack.members)

    @property
    def reading(self) -> PackReading:
        """The newest combination."""
        assert self.state.pack is not None
        return self.state.pack


def as_seen(reading: PackReading, time: float) -> BatteryState:
    """Return what a virtual battery of virtual batteries takes of these."""
    charge = None
    if reading.state_of_charge is not None and reading.state_of_charge_origin is not None:
        uncertainty = reading.state_of_charge_uncertainty
        charge = StateOfCharge(reading.state_of_charge, reading.state_of_charge_origin, uncertainty)
    return BatteryState(
        reading=reading,
        pack=reading,
        sampled_at=at(time),
        healthy=reading.quality is not Quality.UNAVAILABLE,
        power=reading.power,
        cells=cell_figures(reading.cell_voltages),
        estimate=Estimate(
            state_of_charge=charge,
            remaining_capacity=reading.remaining_capacity,
            full_capacity=reading.full_capacity,
        ),
    )


def virtual(arrangement: Arrangement, *members: str, light: bool, parent: Virtual | None = None) -> Virtual:
    pack = PackSettings(
        arrangement=arrangement,
        members=tuple(Source(key=key) for key in members),
        chemistry=Chemistry.LIFEPO4,
    )
    its = Settings(unhealthy_after=STALE, battery=BatterySettings(chemistry=Chemistry.LIFEPO4))
    return Virtual(its, pack=pack, light=light, parent=parent)


class Bench:
    """The bank, and what is known of it. Every member is read once in `poll` seconds."""

    def __init__(
        self,
        load: Load,
        *,
        poll: float = 10.0,
        phases: tuple[float, ...] = PHASES,
        jitter: float = JITTER,
        light: bool = False,
        start: float = 0.0,
        lived: float = 0.0,
        seed: int = 5,
    ) -> None:
        """`phases`: of each member's samples in polls; each comes up to `jitter` polls late.

        `start`: when it is watched from, in s; the load has flowed for `lived` seconds by then.
        """
        a, b, c, d = batteries()
        strings = series(a, b, lead=LEAD), series(c, d, lead=LEAD)
        self.truth = Bank(parallel(*strings), load, longest_step=10.0)
        self.truth.time = start - lived
        self.truth.advance_to(start)
        self.strings = strings
        self.poll, self.jitter = poll, jitter
        self.time = start
        self.members = {key: _member(it, start) for key, it in zip(MEMBERS, (a, b, c, d), strict=True)}
        self.bank = virtual(Arrangement.PARALLEL, "first", "second", light=light)
        self.first = virtual(Arrangement.SERIES, "a", "b", light=light, parent=self.bank)
        self.second = virtual(Arrangement.SERIES, "c", "d", light=light, parent=self.bank)
        self.silent: set[str] = set()
        """Members that do not answer."""
        self.gains: dict[str, float] = {}
        """By which members measure their current wrong."""
        self._known: Mapping[str, Watched] = self.members | {"first": self.first, "second": self.second}
        self._random = Random(seed)
        self._turn = dict(zip(MEMBERS, (start + phase * poll for phase in phases), strict=True))
        self._due = {key: self._late(time) for key, time in self._turn.items()}

    def run(self, seconds: float, note: Callable[[], None] = lambda: None) -> None:
        """Watch for a time; `note` is called whenever the bank has been combined."""
        end = self.time + seconds
        while True:
            key = min(self._due, key=self._due.__getitem__)
            unseen = min(MEMBERS, key=lambda key: self.members[key].overdue)
            pack = min((self.first, self.second, self.bank), key=attrgetter("due"))
            self.time = min(self._due[key], self.members[unseen].overdue, pack.due, end)
            if self.time == end:
                break
            if self.time == self._due[key]:
                self._sample(key)
            elif self.time == pack.due:
                pack.combine(self._known, self.time)
                if pack is self.bank:
                    note()
            else:
                self.members[unseen].look(self.time)
                self._string(unseen).hear(self.time)
        self.truth.advance_to(end)

    def _sample(self, key: str) -> None:
        self.truth.advance_to(self.time)
        battery = self.truth.batteries[MEMBERS.index(key)]
        reading = None if key in self.silent else measured(battery, self.gains.get(key, 1.0))
        self.members[key].fold(reading, self.time)
        self._string(key).hear(self.time)
        self._turn[key] += self.poll
        self._due[key] = self._late(self._turn[key])

    def _string(self, key: str) -> Virtual:
        return self.first if key in self.first.keys else self.second

    def _late(self, time: float) -> float:
        return time + self._random.uniform(0.0, self.jitter * self.poll)


def _member(battery: SimulatedBattery, start: float) -> Watched:
    """Return a member that counts its charge from what is true."""
    known = BatterySettings(
        chemistry=Chemistry.LIFEPO4, capacity=battery.full_capacity, ignore_device_state_of_charge=True
    )
    watched = Watched(Settings(unhealthy_after=STALE, battery=known))
    watched.fold(measured(battery), start - 1.0)
    told = monitor.set_state_of_charge(watched.state, battery.state_of_charge, watched.settings)
    assert told is not None
    watched.state = told.state
    return watched
