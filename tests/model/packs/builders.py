"""Members that say what a test wants them to, and what they are together."""

from dataclasses import replace
from typing import Any

from custom_components.battmon.model.estimation.charge_counting import Origin, StateOfCharge
from custom_components.battmon.model.estimation.estimate import Estimate
from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import Contribution, Member, PackReading, Why
from custom_components.battmon.model.packs.settings import Arrangement, PackSettings, Source
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

from ..folding import at

SERIES, PARALLEL, MERGED = Arrangement
NOW = at(0).monotonic


def reading(**values: Any) -> Reading:
    """Return what a battery of four cells says, unless it says otherwise."""
    usual: dict[str, Any] = {
        "voltage": 13.2,
        "current": -10.0,
        "cell_voltages": (3.3, 3.29, 3.31, 3.3),
        "charging_enabled": True,
        "discharging_enabled": True,
        "alarms": frozenset(),
    }
    return Reading(**usual | values)


def state_of(
    said: Reading,
    percent: float | None = 50.0,
    capacity: float | None = 100.0,
    *,
    remaining: float | None = None,
    origin: Origin = Origin.DEVICE,
    uncertainty: float | None = None,
    limits: Limits = Limits(14.4, 50.0, 100.0),
    resistance: float | None = None,
    health: float | None = None,
    **values: Any,
) -> BatteryState:
    """Return the state of a battery that was sampled at `NOW`. Charge in Ah, resistance in ohm."""
    if remaining is None and percent is not None and capacity is not None:
        remaining = capacity * percent / 100
    power = None if said.voltage is None or said.current is None else said.voltage * said.current
    estimate = Estimate(
        internal_resistance=resistance,
        state_of_charge=None if percent is None else StateOfCharge(percent, origin, uncertainty),
        remaining_capacity=remaining,
        full_capacity=capacity,
        state_of_health=health,
        limits=limits,
    )
    usual: dict[str, Any] = {
        "reading": said,
        "sampled_at": at(0),
        "healthy": True,
        "power": power,
        "estimate": estimate,
    }
    return BatteryState(**usual | values)


JUDGEMENT = (
    "percent", "capacity", "remaining", "origin", "uncertainty", "limits", "resistance", "health",
)  # fmt: skip


def battery(
    name: str, *, failsafe: Failsafe = Failsafe(), absent: Why | None = None, **values: Any
) -> Member:
    """Return a member: what is not of its estimate is of its reading."""
    judged = {key: values.pop(key) for key in JUDGEMENT if key in values}
    state = state_of(reading(**values), **judged, failsafe=failsafe)
    return Member(name.lower(), name, state, absent=absent)


def changed(member: Member, **values: Any) -> Member:
    """Return a member whose state is another one."""
    assert member.state is not None
    return member._replace(state=replace(member.state, **values))


def nested(name: str, pack: PackReading) -> Member:
    """Return a virtual battery as a member, as its own monitor would show it."""
    told = pack.state_of_charge
    state = state_of(
        pack,
        told,
        pack.full_capacity,
        remaining=pack.remaining_capacity,
        origin=pack.state_of_charge_origin or Origin.DEVICE,
        uncertainty=pack.state_of_charge_uncertainty,
        limits=Limits(pack.charge_voltage_limit, pack.charge_current_limit, pack.discharge_current_limit),
        health=pack.state_of_health,
        pack=pack,
    )
    if pack.power is not None:
        state = replace(state, power=pack.power)
    return Member(name.lower(), name, state)


def settings_of(arrangement: Arrangement, *members: Member, **values: Any) -> PackSettings:
    """Return the settings of a virtual battery."""
    return PackSettings(
        arrangement=arrangement, members=tuple(Source(key=member.key) for member in members), **values
    )


def together(arrangement: Arrangement, *members: Member, now: float = NOW, **values: Any) -> PackReading:
    """Return what members are together."""
    settings = settings_of(arrangement, *members, **values)
    return combined(Keeping(), {member.key: member for member in members}, settings, now)[1]


def whys(found: PackReading) -> list[Why | None]:
    """Return why each member is not used, or not for everything."""
    return [given.why for given in found.contributions]


def given(found: PackReading, name: str) -> Contribution:
    """Return what a member gave."""
    (one,) = (each for each in found.contributions if each.name == name)
    return one
