"""Records as JSON and back, by their type hints; and what damage makes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from math import inf, nan
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.codec import INT_LIMIT, from_plain, salvage, to_plain

type Volts = float | None


class Level(IntEnum):
    NONE = 0
    LOW = 2
    CRITICAL = 3


class Side(StrEnum):
    CHARGE = "on charge"
    DISCHARGE = "on discharge"


class Timer(NamedTuple):
    """A part with a field that has no default."""

    kind: Side
    seconds: float = 0.0


class Judged(NamedTuple):
    """A stand-in for what the failsafe remembers."""

    level: Level = Level.NONE
    held: bool = False
    samples: int = 0
    timers: tuple[Timer, ...] = ()
    by_side: Mapping[Side, Level] = {}


class Counted(NamedTuple):
    """A stand-in for a part of what the estimators remember."""

    charge_in: float = 0.0
    charge_out: float = 0.0


class Learned(NamedTuple):
    resistance: Volts = None
    learned_at: datetime | None = None
    pair: tuple[int, str] = (0, "")


class Estimated(NamedTuple):
    """A stand-in for what the estimators remember."""

    counted: Counted = Counted()
    learned: Learned = Learned()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A stand-in for a battery's memory."""

    name: str
    made: date | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    estimated: Estimated = Estimated()
    judged: Judged = field(default_factory=Judged)


WHOLE = Record(
    name="Märklin",
    made=date(2022, 3, 28),
    counts={"short_circuit": 3, "restarts": -1},
    estimated=Estimated(
        counted=Counted(0.1 + 0.2, 1e-300),
        learned=Learned(0.0125, datetime(2026, 11, 21, 2, 30, 0, 125000, tzinfo=UTC), (INT_LIMIT - 1, "x")),
        names=frozenset({"b", "a"}),
    ),
    judged=Judged(
        Level.CRITICAL, True, 7, (Timer(Side.DISCHARGE, 9.5), Timer(Side.CHARGE)), {Side.CHARGE: Level.LOW}
    ),
)
STORED: dict[str, Any] = {
    "name": "Märklin",
    "made": "2022-03-28",
    "counts": {"short_circuit": 3, "restarts": -1},
    "estimated": {
        "counted": {"charge_in": 0.30000000000000004, "charge_out": 1e-300},
        "learned": {
            "resistance": 0.0125,
            "learned_at": "2026-11-21T02:30:00.125000+00:00",
            "pair": [INT_LIMIT - 1, "x"],
        },
        "names": ["a", "b"],
    },
    "judged": {
        "level": "critical",
        "held": True,
        "samples": 7,
        "timers": [{"kind": "on discharge", "seconds": 9.5}, {"kind": "on charge", "seconds": 0.0}],
        "by_side": {"on charge": "low"},
    },
}


def test_the_form_in_the_file() -> None:
    assert to_plain(WHOLE) == STORED
    assert from_plain(Record, STORED) == WHOLE
    assert from_plain(Record, json.loads(json.dumps(STORED))) == WHOLE


numbers = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-INT_LIMIT + 1, INT_LIMIT - 1)
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9.5))]))
moments = moments.filter(lambda moment: 1 < moment.year < 9999)
sides, levels = st.sampled_from(Side), st.sampled_from(Level)
records = st.builds(
    Record,
    name=st.text(),
    made=st.none() | st.dates(),
    counts=st.dictionaries(st.text(max_size=3), integers, max_size=3),
    estimated=st.builds(
        Estimated,
        st.builds(Counted, numbers, numbers),
        st.builds(Learned, st.none() | numbers, st.none() | moments, st.tuples(integers, st.text())),
        st.frozensets(st.text(), max_size=3),
    ),
    judged=st.builds(
        Judged,
        levels,
        st.booleans(),
        integers,
        st.lists(st.builds(Timer, sides, numbers), max_size=3).map(tuple),
        st.dictionaries(sides, levels),
    ),
)


@given(records)
def test_every_record_survives_the_file(record: Record) -> None:
    assert from_plain(Record, json.loads(json.dumps(to_plain(record)))) == record


def test_what_comes_back_is_of_the_declared_kinds() -> None:
    """Equality alone does not tell an enumeration's member from its value, or 1 from 1.0."""
    restored = from_plain(Record, STORED)
    assert type(restored.judged.level) is Level
    assert [type(timer.kind) for timer in restored.judged.timers] == [Side, Side]
    assert [type(side) for side in restored.judged.by_side] == [Side]
    assert type(restored.estimated) is Estimated
    assert type(from_plain(Counted, {"charge_in": 3}).charge_in) is float
    assert restored.estimated.learned.learned_at is not None
    assert restored.estimated.learned.learned_at.tzinfo is UTC


def test_a_moment_is_kept_in_utc() -> None:
    learned = Learned(learned_at=datetime(2026, 11, 21, 3, 30, tzinfo=timezone(timedelta(hours=1))))
    assert to_plain(learned)["learned_at"] == "2026-11-21T02:30:00+00:00"


def test_an_int_is_a_fine_float_in_a_record_too() -> None:
    assert to_plain(Counted(charge_in=3)) == {"charge_in": 3.0, "charge_out": 0.0}


def test_what_an_earlier_version_did_not_know_takes_its_default() -> None:
    assert from_plain(Estimated, {}) == Estimated()
    assert from_plain(Record, {"name": "x"}) == Record(name="x")
    assert from_plain(Judged, {"timers": [{"kind": "on charge"}]}).timers == (Timer(Side.CHARGE),)


def test_what_a_later_version_added_is_passed_over() -> None:
    assert from_plain(Counted, {"charge_in": 1.0, "colour": "red"}) == Counted(1.0)
    assert from_plain(Record, {"name": "x", "more": {}}) == Record(name="x")


def test_what_has_no_default_must_be_there() -> None:
    with pytest.raises(ValueError, match="name is missing"):
        from_plain(Record, {})
    with pytest.raises(ValueError, match="timers: kind is missing"):
        from_plain(Judged, {"timers": [{"seconds": 1.0}]})


def test_an_error_says_where_it_is() -> None:
    stored = {"name": "x", "estimated": {"counted": {"charge_in": "much"}}}
    with pytest.raises(ValueError, match="^estimated: counted: charge_in: 'much' is not a finite number$"):
        from_plain(Record, stored)
    with pytest.raises(ValueError, match="^learned: resistance: nan is not a finite number$"):
        to_plain(Estimated(learned=Learned(nan)))


def test_an_error_does_not_repeat_all_that_was_found() -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        from_plain(Counted, list(range(10_000)))
    assert len(str(caught.value)) < 120


MISTAKES: list[tuple[type, str, list[Any]]] = [
    (Counted, "charge_in", [nan, inf, -inf, True, "1", None, [], {}, INT_LIMIT, 10**400]),
    (Judged, "samples", [1.0, True, "1", None, INT_LIMIT, -INT_LIMIT, 10**400]),
    (Judged, "held", [0, 1, None, "true"]),
    (Judged, "level", [0, "LOW", "none_", None, [], {}, Side.CHARGE]),
    (Judged, "timers", [{}, "x", None, [None], [[]], [{"kind": "charge"}]]),
    (Judged, "by_side", [[], None, {"charge": "low"}, {"on charge": 2}]),
    (Learned, "learned_at", ["yesterday", "2026-11-21T02:30:00", 1763692200, "0001-01-01T00:00:00+14:00"]),
    (Learned, "resistance", [nan, "x"]),
    (Learned, "pair", [[], [1], [1, "x", 2], ["x", 1], "ab", None]),
    (Estimated, "names", ["ab", [1], None, {"a": 1}, ["\ud800"]]),
    (Record, "made", ["2022-02-30", "2022-03-28T00:00:00", 20220328]),
    (Record, "name", [None, 1, b"x"]),
    (Record, "estimated", [None, [], "x", 1]),
]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [(kind, name, value) for kind, name, values in MISTAKES for value in values],
    ids=lambda value: repr(value)[:30],
)
def test_damage_in_a_file_is_a_value_error(kind: type, name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        from_plain(kind, {"name": "x", name: value})


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (Counted(charge_in=nan), "charge_in"),
        (Counted(charge_in=inf), "charge_in"),
        (Counted(charge_in=True), "charge_in"),
        (Counted(charge_in=None), "charge_in"),  # type: ignore[arg-type]
        (Judged(samples=True), "samples"),
        (Judged(samples=Level.LOW), "samples"),
        (Judged(samples=1.0), "samples"),  # type: ignore[arg-type]
        (Judged(held=1), "held"),  # type: ignore[arg-type]
        (Judged(level=2), "level"),  # type: ignore[arg-type]
        (Judged(level=Side.CHARGE), "level"),  # type: ignore[arg-type]
        (Judged(timers=[]), "timers"),  # type: ignore[arg-type]
        (Judged(by_side=()), "by_side"),  # type: ignore[arg-type]
        (Judged(by_side={"on charge": Level.LOW}), "by_side"),  # type: ignore[dict-item]
        (Learned(learned_at=datetime(2026, 11, 21)), "learned_at"),  # noqa: DTZ001
        (Learned(learned_at=date(2026, 11, 21)), "learned_at"),  # type: ignore[arg-type]
        (Learned(pair=(1, "x", 2)), "pair"),  # type: ignore[arg-type]
        (Estimated(names=frozenset({1})), "names"),  # type: ignore[arg-type]
        (Estimated(names={"a"}), "names"),  # type: ignore[arg-type]
        (Estimated(counted=(1.0, 2.0)), "counted"),  # type: ignore[arg-type]
        (Record(name="\ud800"), "name"),
        (Record(name="x", made=datetime(2026, 11, 21, tzinfo=UTC)), "made"),
    ],
    ids=repr,
)
def test_what_could_not_be_read_again_is_not_written(record: Any, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        to_plain(record)


class Listing(NamedTuple):
    values: list[int] = []  # noqa: RUF012


class Either(NamedTuple):
    value: int | str = 0


class Perhaps(NamedTuple):
    value: int | str | None = 0


class Numbered(NamedTuple):
    values: Mapping[int, str] = {}


class Anything(NamedTuple):
    value: Any = None


@pytest.mark.parametrize("kind", [Listing, Either, Perhaps, Numbered, Anything, int | str, object])
def test_a_type_without_a_form_is_a_mistake_in_the_program(kind: Any) -> None:
    with pytest.raises(TypeError):
        from_plain(kind, {})


# Salvage.


def damaged(**parts: Any) -> dict[str, Any]:
    return {**STORED, **parts}


def test_of_a_sound_record_all_is_salvaged() -> None:
    assert salvage(Record, STORED) == (WHOLE, ())
    assert salvage(Record, STORED, {"estimated", "judged"}) == (WHOLE, ())


def test_a_damaged_field_takes_its_default_and_the_others_stay() -> None:
    found = salvage(Record, damaged(estimated={"counted": {"charge_in": "x"}}, made=7))
    assert found.value == Record(
        name=WHOLE.name, counts=WHOLE.counts, judged=WHOLE.judged, estimated=Estimated()
    )
    assert [text.partition(":")[0] for text in found.damage] == ["made", "estimated"]


def test_of_a_field_that_is_salvaged_piecemeal_the_sound_parts_stay() -> None:
    estimated = {**STORED["estimated"], "learned": {"pair": None}}
    found = salvage(Record, damaged(estimated=estimated), {"estimated"})
    assert found.value == Record(
        name=WHOLE.name,
        made=WHOLE.made,
        counts=WHOLE.counts,
        judged=WHOLE.judged,
        estimated=Estimated(counted=WHOLE.estimated.counted, names=WHOLE.estimated.names),
    )
    assert found.damage == ("estimated: learned: pair: None is no list",)


def test_a_piecemeal_field_that_is_no_record_takes_its_default() -> None:
    found = salvage(Record, damaged(estimated=[1]), {"estimated"})
    assert found.value.estimated == Estimated()
    assert found.damage == ("estimated: [1] is no dict",)


@pytest.mark.parametrize("stored", [None, [], "text", {}, {"name": 1}, {"made": "2022-03-28"}])
def test_without_a_record_or_a_field_that_has_no_default_nothing_is_salvaged(stored: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        salvage(Record, stored)


def test_salvaging_leaves_what_was_found_as_it_was() -> None:
    stored = damaged(estimated={"learned": 1})
    before = json.dumps(stored)
    salvage(Record, stored, {"estimated"})
    assert json.dumps(stored) == before
