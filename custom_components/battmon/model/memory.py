"""What is remembered of one battery across restarts, and its form in a file."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .as_json import as_json
from .identity import Fingerprint
from .profile import Profile
from .reading import Identity, Place
from .switching import Mosfets, SwitchMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryMemory:
    """Belongs to the battery with this fingerprint: another one starts its own."""

    fingerprint: Fingerprint | None = None
    profile: Profile = field(default_factory=Profile)
    switches: SwitchMemory = field(default_factory=SwitchMemory)


def to_file(memory: BatteryMemory) -> dict[str, Any]:
    """Return the memory as JSON-ready values."""
    fingerprint, profile, switches = memory.fingerprint, memory.profile, memory.switches
    return {
        "fingerprint": fingerprint
        and {
            "identity": as_json(fingerprint.identity),
            "cells": fingerprint.cells,
            "cycle_count": fingerprint.cycle_count,
        },
        "profile": {
            "quantities": sorted(profile.quantities),
            "cells": profile.cells,
            "temperatures": [place.value for place in profile.temperatures],
            "counts": list(profile.counts),
        },
        "switches": {
            "commanded": switches.commanded and switches.commanded._asdict(),
            "mosfet_register": switches.mosfet_register,
            "factory_mode": switches.factory_mode,
            "balancing_writes": [when.isoformat() for when in switches.balancing_writes],
        },
    }


def from_file(stored: Any) -> BatteryMemory:
    """Read what `to_file` wrote; `ValueError` for anything else: files can be damaged."""
    try:
        return BatteryMemory(
            fingerprint=_fingerprint(stored["fingerprint"]),
            profile=_profile(stored["profile"]),
            switches=_switches(stored["switches"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a battery's memory: {error!r}") from error


def _fingerprint(stored: Any) -> Fingerprint | None:
    if stored is None:
        return None
    identity = dict(stored["identity"])
    made = identity.pop("manufactured")
    return Fingerprint(
        identity=Identity(
            **{name: _optional(str, value) for name, value in identity.items()},
            manufactured=None if made is None else date.fromisoformat(made),
        ),
        cells=_optional_count(stored["cells"]),
        cycle_count=_optional_count(stored["cycle_count"]),
    )


def _profile(stored: Any) -> Profile:
    return Profile(
        quantities=frozenset(_each(str, stored["quantities"])),
        cells=_count(stored["cells"]),
        temperatures=tuple(map(Place, _each(str, stored["temperatures"]))),
        counts=_each(str, stored["counts"]),
    )


def _switches(stored: Any) -> SwitchMemory:
    pair = stored["commanded"]
    return SwitchMemory(
        commanded=None
        if pair is None
        else Mosfets(_checked(bool, pair["charging"]), _checked(bool, pair["discharging"])),
        mosfet_register=_optional_count(stored["mosfet_register"]),
        factory_mode=_checked(bool, stored["factory_mode"]),
        balancing_writes=tuple(map(_moment, _each(str, stored["balancing_writes"]))),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment


def _each[T](kind: type[T], values: Any) -> tuple[T, ...]:
    return tuple(_checked(kind, value) for value in _checked(list, values))


def _count(value: Any) -> int:
    if _checked(int, value) < 0:
        raise ValueError(f"{value} is negative")
    return int(value)


def _optional_count(value: Any) -> int | None:
    return None if value is None else _count(value)


def _optional[T](kind: type[T], value: Any) -> T | None:
    return None if value is None else _checked(kind, value)


def _checked[T](kind: type[T], value: Any) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    return value
