"""What is remembered, to a file and back; and what damage makes of it."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.estimation.charge_counting import ChargeCounting
from custom_components.battmon.model.estimation.counting import Counting
from custom_components.battmon.model.estimation.estimate import Estimators
from custom_components.battmon.model.failsafe.failsafe import Failsafe, Held, Timer
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.memory import BatteryMemory, from_file, read, to_file
from custom_components.battmon.model.profile import Profile
from custom_components.battmon.model.reading import Identity, Place
from custom_components.battmon.model.switching import Mosfets, SwitchMemory

from .strategies import memories

type Path = tuple[str | int, ...]

LAST_FULL = datetime(2026, 11, 19, 12, tzinfo=UTC)
LOW_VOLTAGE = Reason(Kind.LOW_VOLTAGE, Level.CRITICAL, Side.DISCHARGE, 12.75, 13.0, 10.0)
FULL = BatteryMemory(
    fingerprint=Fingerprint(
        identity=Identity(manufacturer="JBD", model="SP04", manufactured=date(2022, 3, 28)),
        cells=4,
        cycle_count=231,
    ),
    profile=Profile(
        quantities=frozenset({"voltage", "current"}),
        cells=4,
        temperatures=(Place.MOSFET, Place.CELL),
        counts=("short_circuit", "restarts"),
    ),
    switches=SwitchMemory(
        commanded=Mosfets(charging=True, discharging=False),
        mosfet_register=0xE1,
        factory_mode=True,
        balancing_writes=(datetime(2026, 11, 21, 2, 30, tzinfo=UTC),),
    ),
    estimators=Estimators(
        counting=Counting(charge_in=12.5, charge_out=0.1 + 0.2, energy_in=165.0, energy_out=4.0),
        charge=ChargeCounting(counted=55.5, uncertainty=2.5, last_full_at=LAST_FULL),
    ),
    failsafe=Failsafe(
        level=Level.CRITICAL,
        discharge_level=Level.CRITICAL,
        held=(Held(LOW_VOLTAGE),),
        timers=(Timer(LOW_VOLTAGE, 7.5),),
    ),
    seen_at=datetime(2026, 11, 21, 3, 15, 0, 250000, tzinfo=UTC),
)
_REASON = {
    "kind": "low_voltage",
    "level": "critical",
    "side": "discharge",
    "value": 12.75,
    "threshold": 13.0,
    "delay": 10.0,
}
STORED: dict[str, Any] = {
    "fingerprint": {
        "identity": {
            "manufacturer": "JBD",
            "model": "SP04",
            "serial_number": None,
            "firmware": None,
            "hardware": None,
            "chemistry": None,
            "manufactured": "2022-03-28",
        },
        "cells": 4,
        "cycle_count": 231,
    },
    "profile": {
        "quantities": ["current", "voltage"],
        "cells": 4,
        "temperatures": ["mosfet", "cell"],
        "counts": ["short_circuit", "restarts"],
    },
    "switches": {
        "commanded": {"charging": True, "discharging": False},
        "mosfet_register": 225,
        "factory_mode": True,
        "balancing_writes": ["2026-11-21T02:30:00+00:00"],
    },
    # The rest of what has defaults is left out: it follows from them.
    "estimators": {
        "counting": {
            "charge_in": 12.5,
            "charge_out": 0.30000000000000004,
            "energy_in": 165.0,
            "energy_out": 4.0,
        },
        "charge": {
            "counted": 55.5,
            "uncertainty": 2.5,
            "last_full_at": "2026-11-19T12:00:00+00:00",
        },
    },
    "failsafe": {
        "level": "critical",
        "discharge_level": "critical",
        "held": [{"reason": _REASON}],
        "timers": [{"reason": _REASON, "elapsed": 7.5}],
    },
    "seen_at": "2026-11-21T03:15:00.250000+00:00",
}
FIRST = {name: STORED[name] for name in ("fingerprint", "profile", "switches")}
"""As version 1.1 wrote it."""
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, here: Path = ()) -> list[Path]:
    """Return the way to every value inside a JSON value."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [here, *(path for name, child in children for path in paths(child, (*here, name)))]


EVERYWHERE = paths(STORED)


def with_value(path: Path, value: Any) -> Any:
    """Return what was stored with something else at one place."""
    if not path:
        return value
    stored: Any = deepcopy(STORED)
    parent = stored
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = value
    return stored


def contains(whole: Any, part: Any) -> bool:
    """Whether all values of one JSON value are in another."""
    if isinstance(part, dict):
        return all(name in whole and contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return type(whole) is type(part) and whole == part


def without(*path: str) -> Any:
    """Return what was stored without one value."""
    stored: Any = deepcopy(STORED)
    parent = stored
    for name in path[:-1]:
        parent = parent[name]
    del parent[path[-1]]
    return stored


def test_the_form_in_the_file() -> None:
    assert contains(to_file(FULL), STORED)
    assert from_file(STORED) == from_file(to_file(FULL)) == FULL


def test_a_battery_that_was_never_met_has_a_memory_too() -> None:
    stored = to_file(BatteryMemory())
    assert stored["fingerprint"] is None
    assert stored["switches"]["commanded"] is None
    assert from_file(stored) == BatteryMemory()


@given(memories)
def test_what_is_remembered_survives_the_file(memory: BatteryMemory) -> None:
    assert from_file(json.loads(json.dumps(to_file(memory)))) == memory


def test_a_file_of_the_first_version_is_read() -> None:
    first = BatteryMemory(fingerprint=FULL.fingerprint, profile=FULL.profile, switches=FULL.switches)
    assert read(FIRST) == (first, ())


def test_what_a_later_version_added_is_passed_over() -> None:
    assert from_file({**STORED, "wheels": 4, "profile": {**STORED["profile"], "colour": "red"}}) == FULL


@pytest.mark.parametrize("name", FIRST)
def test_a_part_that_was_there_from_the_first_must_be_there(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is missing"):
        from_file(without(name))


@pytest.mark.parametrize(
    "path", [("fingerprint", "identity"), ("switches", "commanded", "charging")], ids="-".join
)
def test_a_value_that_has_no_default_must_be_there(path: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=f"{path[-1]} is missing"):
        from_file(without(*path))


def test_switches_that_are_damaged_are_in_doubt_and_all_else_is_kept() -> None:
    memory, damage = read(with_value(("switches", "factory_mode"), "no"))
    assert memory == replace(FULL, switches=SwitchMemory())
    assert damage == ("switches: factory_mode: 'no' is no bool",)


def test_an_estimator_that_is_damaged_begins_anew_and_the_totals_are_kept() -> None:
    memory, damage = read(with_value(("estimators", "charge"), {"counted": "half"}))
    assert memory == replace(FULL, estimators=Estimators(counting=FULL.estimators.counting))
    assert damage == ("estimators: charge: counted: 'half' is not a finite number",)


def test_a_failsafe_that_is_damaged_is_judged_afresh_and_all_else_is_kept() -> None:
    memory, damage = read(with_value(("failsafe", "timers"), [{"elapsed": 7.5}]))
    assert memory == replace(FULL, failsafe=Failsafe())
    assert damage == ("failsafe: timers: reason is missing",)


def test_a_moment_that_is_damaged_is_forgotten_and_all_else_is_kept() -> None:
    memory, damage = read(with_value(("seen_at",), "2026-11-21T03:15:00"))
    assert memory == replace(FULL, seen_at=None)
    assert damage == ("seen_at: 2026-11-21T03:15:00 has no time zone",)


@pytest.mark.parametrize("path", [("fingerprint", "cells"), ("profile", "counts")], ids="-".join)
def test_it_is_not_known_whose_it_is_without_fingerprint_and_profile(path: Path) -> None:
    with pytest.raises(ValueError, match=rf"^{path[0]}: "):
        read(with_value(path, "four"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), None),
        ((), []),
        ((), "text"),
        (("fingerprint",), 1),
        (("fingerprint",), []),
        (("fingerprint", "identity"), "text"),
        (("fingerprint", "identity", "model"), 5),
        (("fingerprint", "identity", "manufactured"), "2022-02-30"),
        (("fingerprint", "identity", "manufactured"), 20220328),
        (("fingerprint", "cells"), "4"),
        (("fingerprint", "cells"), True),
        (("fingerprint", "cells"), -1),
        (("fingerprint", "cycle_count"), 1.5),
        (("fingerprint", "cycle_count"), -1),
        (("profile",), None),
        (("profile", "quantities"), "voltage"),
        (("profile", "quantities"), {"voltage": 1}),
        (("profile", "quantities"), [1]),
        (("profile", "cells"), None),
        (("profile", "cells"), -4),
        (("profile", "cells"), 4.0),
        (("profile", "temperatures"), ["moon"]),
        (("profile", "temperatures"), [[]]),
        (("profile", "temperatures"), {"cell": 1}),
        (("profile", "counts"), "restarts"),
        (("switches",), None),
        (("switches", "commanded"), [True, False]),
        (("switches", "commanded"), {"charging": True}),
        (("switches", "commanded", "charging"), 1),
        (("switches", "commanded", "discharging"), None),
        (("switches", "mosfet_register"), "e1"),
        (("switches", "mosfet_register"), -1),
        (("switches", "factory_mode"), 0),
        (("switches", "factory_mode"), None),
        (("switches", "balancing_writes"), "2026-11-21T02:30:00+00:00"),
        (("switches", "balancing_writes"), ["2026-11-21T02:30:00"]),
        (("switches", "balancing_writes"), ["yesterday"]),
        (("switches", "balancing_writes"), [1763692200]),
        (("switches", "balancing_writes"), [None]),
        (("seen_at",), "2026-11-21"),
        (("seen_at",), 1763692200),
    ],
)
def test_damage_is_a_value_error(path: Path, value: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_file(with_value(path, value))


@given(json_values)
def test_no_json_raises_anything_else(stored: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_file(stored)


@given(st.sampled_from(EVERYWHERE), json_values)
def test_no_json_at_any_place_raises_anything_else(path: Path, value: Any) -> None:
    try:
        memory = from_file(with_value(path, value))
    except ValueError:
        return
    # What is let through is a memory like any other.
    assert from_file(json.loads(json.dumps(to_file(memory)))) == memory
