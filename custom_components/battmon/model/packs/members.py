"""The members of a virtual battery: what is known of each, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ..errors import MembersMissing
from ..estimation.charge_counting import Origin
from ..failsafe.levels import Kind, Level, Side
from ..instant import Instant
from ..reading import Reading
from ..state import BatteryState


class Quality(StrEnum):
    """How much of a virtual battery is known."""

    OK = "ok"
    PARTIAL = "partial"
    """Some member is missing: what can be told without it is told, nothing else."""
    UNAVAILABLE = "unavailable"
    """Too little is known for a reading at all."""


class Why(StrEnum):
    """Why a member is not used, or not for everything."""

    NOT_SEEN = "not_seen"
    """Not since the start."""
    LOST = "lost"
    """It does not answer."""
    STALE = "stale"
    """Its newest sample is too old; it may be reloading."""
    PAUSED = "paused"
    """Its Bluetooth is released, by the person's wish."""
    DISABLED = "disabled"
    REMOVED = "removed"
    OFF_THE_BUS = "off_the_bus"
    """Both its MOSFETs are off (parallel): in state of charge and capacity only."""
    INCOMPLETE = "incomplete"
    """It answers, but lacks a quantity."""


class Member(NamedTuple):
    """A member at the moment of combination."""

    key: str
    """Its battery key."""
    name: str
    state: BatteryState | None = None
    """The newest, `None` if it was never seen since the start."""
    stale_after: float = 30.0
    """Seconds after which its newest sample is too old: the longer of 3 polls and 30 s."""
    absent: Why | None = None
    """`DISABLED` or `REMOVED`: there is nobody to be heard."""
    seen_at: Instant | None = None
    """Without a state: when it was seen last, if it was."""


class Contribution(NamedTuple):
    """What a member gave, and why it was not used if it was not."""

    key: str
    name: str
    used: bool
    why: Why | None = None
    lacks: tuple[str, ...] = ()
    """Names of the quantities that it lacks."""
    age: float | None = None
    """Of its newest sample, in s."""
    voltage: float | None = None
    current: float | None = None
    state_of_charge: float | None = None
    remaining_capacity: float | None = None
    full_capacity: float | None = None
    level: Level = Level.NONE
    """Its own failsafe level."""
    gives: tuple[str, ...] = ()
    """Names of the quantities that come from it alone: merged, or from a source beside the members."""


class MemberLevel(NamedTuple):
    """A member's level as it counts for the virtual battery: live, never held any longer (design 7)."""

    name: str
    level: Level
    side: Side
    kind: Kind = Kind.MEMBER
    """`MEMBER` for a level of its own, `MEMBER_LOST` for one that is not there to have any."""


class Spreads(NamedTuple):
    """How far members are apart, of samples that may be compared (rules 5, skew)."""

    voltage: float | None = None
    """Between members in parallel, in V."""
    current: float | None = None
    """Between members in series, in A."""
    state_of_charge: float | None = None
    """In points."""
    cell_drift: float | None = None
    """Between the members' mean cell voltages, in V."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReading(Reading):
    """What members are together at one moment: a reading, and where it comes from.

    `cell_voltages` are those of all members in their order; a member that is missing leaves `None` in the
    place of each of its cells, as far as their number is known. `balancing_cells` counts in the same way.
    """

    power: float | None = None
    """In W; `None` is voltage times current."""
    quality: Quality = Quality.OK
    contributions: tuple[Contribution, ...] = ()
    levels: tuple[MemberLevel, ...] = ()
    """What the members' levels, and those that are missing, mean for the virtual battery."""
    lacks_members: bool = False
    """In parallel: some are missing, so that nobody knows the charge in Ah, whatever was counted before."""
    spreads: Spreads = Spreads()
    cells_in_series: int | None = None
    """Where that is not the number of `cell_voltages`."""
    cell_names: tuple[str, ...] = ()
    """Of each of `cell_voltages`: "Pack A / cell 3"."""
    alarm_members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who raised each of `alarms`, by name."""
    state_of_charge_origin: Origin | None = None
    """The least certain of those that it was worked out from."""
    state_of_charge_uncertainty: float | None = None
    """In points; `None` where no member counts."""
    lowest_member: str | None = None
    """Name of the member with the lowest state of charge."""


def cells_in_series(reading: Reading) -> int | None:
    """Return how many cells of a virtual battery are in series; `None` of one that is none, or has none."""
    return reading.cells_in_series if isinstance(reading, PackReading) else None


def missing(reading: Reading) -> MembersMissing | None:
    """Return what keeps a virtual battery from being read, naming the members; `None` if nothing does."""
    if not isinstance(reading, PackReading) or reading.quality is not Quality.UNAVAILABLE:
        return None
    named = [f"{given.name} ({given.why.replace('_', ' ')})" for given in reading.contributions if given.why]
    return MembersMissing(", ".join(named) or "no members")


def is_released(reading: PackReading) -> bool:
    """Whether it is a person's wish alone that keeps a virtual battery from being read."""
    whys = {given.why for given in reading.contributions if not given.used}
    return reading.quality is Quality.UNAVAILABLE and whys == {Why.PAUSED}
