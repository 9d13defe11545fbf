"""What one member gives at the moment of combination."""

from collections.abc import Collection, Iterable, Sequence
from math import inf, isfinite
from typing import NamedTuple

from ..estimation.charge_counting import Origin, StateOfCharge
from ..estimation.estimate import Estimate
from ..failsafe.levels import Level
from ..reading import Reading
from .freshness import age_of, why_not
from .members import Contribution, Member, PackReading, Quality, Why

QUANTITIES = ("voltage", "current", "state_of_charge", "remaining_capacity", "full_capacity")
"""What a member lacks if others have it."""
LEAST_CAPACITY = 0.001
"""Ah. No battery has less; devices say 0 for what they do not know."""


class Given(NamedTuple):
    """What a member gives: finite, or `None`. Nothing at all where it may not be used."""

    member: Member
    why: Why | None = None
    """Why nothing of it may be used."""
    age: float | None = None
    reading: Reading = Reading()
    estimate: Estimate = Estimate()
    voltage: float | None = None
    current: float | None = None
    state_of_charge: float | None = None
    remaining: float | None = None
    """In Ah."""
    full: float | None = None
    """In Ah, above 0."""
    power: float | None = None
    health: float | None = None
    """In %."""
    origin: Origin | None = None
    uncertainty: float | None = None
    off_bus: bool = False
    """Whether both its MOSFETs are off."""

    @property
    def quantities(self) -> tuple[float | None, ...]:
        """In the order of `QUANTITIES`."""
        return self[5:10]


def known(value: float | None) -> float | None:
    """Return a value that is one: neither NaN nor infinite."""
    return value if value is not None and -inf < value < inf else None


def finite(values: Sequence[float | None]) -> Sequence[float | None]:
    """Return values with `None` in the place of each that is none."""
    # Mostly all of them are: one sum is cheaper than looking at each.
    return values if isfinite(sum(filter(None, values))) else [known(value) for value in values]


def give(member: Member, now: float) -> Given:
    """Return what `member` gives at `now`, as `Instant.monotonic`."""
    why = why_not(member, now)
    age = age_of(member, now)
    state = member.state
    if why is not None or state is None or state.reading is None:
        return Given(member, why or Why.NOT_SEEN, age)
    reading, estimate = state.reading, state.estimate
    remaining = known(estimate.remaining_capacity)
    if remaining is not None and remaining < 0.0:
        remaining = 0.0
    full = known(estimate.full_capacity)
    if full is not None and full < LEAST_CAPACITY:
        full = None
    percent, origin, uncertainty = estimate.state_of_charge or _by_capacity(remaining, full)
    return Given(
        member,
        None,
        age,
        reading,
        estimate,
        known(reading.voltage),
        known(reading.current),
        known(percent),
        remaining,
        full,
        known(state.power),
        known(estimate.state_of_health),
        origin,
        known(uncertainty),
        reading.charging_enabled is False and reading.discharging_enabled is False,
    )


def _by_capacity(
    remaining: float | None, full: float | None
) -> StateOfCharge | tuple[None, Origin | None, None]:
    """Return the state of charge of a device that tells charge only."""
    if remaining is None or full is None:
        return None, None, None
    return StateOfCharge(min(100.0, 100 * remaining / full), Origin.DEVICE, None)


def contributions(given: Sequence[Given], *, in_parallel: bool) -> tuple[Contribution, ...]:
    """Return what becomes of each member."""
    values = [one.quantities for one in given]
    # Mostly everything is known.
    told = QUANTITIES if any(None in own for own in values) else ()
    offered = [name for place, name in enumerate(told) if any(own[place] is not None for own in values)]
    return tuple([_contribution(one, offered, in_parallel=in_parallel) for one in given])


def _contribution(given: Given, offered: Collection[str], *, in_parallel: bool) -> Contribution:
    member, why, age, reading, _, voltage, current, state_of_charge, remaining, full, *_ = given
    lacks: tuple[str, ...] = ()
    if why is None:
        if offered:
            lacks = _lacks(given, offered)
        if in_parallel and given.off_bus:
            why = Why.OFF_THE_BUS
        elif lacks or is_partial(reading):
            why = Why.INCOMPLETE
    return Contribution(
        member.key,
        member.name,
        given.why is None,
        why,
        lacks,
        age,
        voltage,
        current,
        state_of_charge,
        remaining,
        full,
        Level.NONE if member.state is None else member.state.failsafe.level,
    )


def _lacks(given: Given, offered: Collection[str]) -> tuple[str, ...]:
    """Return what a member does not tell though another does."""
    pairs = zip(QUANTITIES, given.quantities, strict=True)
    return tuple(name for name, value in pairs if value is None and name in offered)


def is_partial(reading: Reading) -> bool:
    """Whether some member of a virtual battery is missing."""
    return isinstance(reading, PackReading) and reading.quality is Quality.PARTIAL


def quality_of(given: Iterable[Given], found: Iterable[Contribution]) -> Quality:
    """Return how much is known of members that are not all missing."""
    for one in found:
        if not one.used or one.lacks:
            return Quality.PARTIAL
    return Quality.PARTIAL if any(is_partial(one.reading) for one in given) else Quality.OK
