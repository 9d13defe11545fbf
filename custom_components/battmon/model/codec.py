"""Records of the model as plain JSON and back, by their type hints.

Known are float, int, bool, str, enumerations (of numbers by their lower-case names, of text by their
values), date, datetime with a time zone, `X | None`, `tuple[X, ...]`, `tuple[X, Y]`, `frozenset[X]`,
`Mapping[X, Y]` with a text or an enumeration for X, NamedTuples and dataclasses of all these.

What is not as the hints say is a `ValueError` in both directions, so that nothing is written that
could not be read. A later version may add fields: one that is missing takes its default, one that is
unknown is passed over. A type that is not known is a `TypeError`: a mistake in the program.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from functools import cache
from math import isfinite
from types import NoneType
from typing import Any, NamedTuple, TypeAliasType, Union, cast, get_args, get_origin, get_type_hints

INT_LIMIT = 2**63
"""Home Assistant writes no larger integers."""

type _Convert = Callable[[Any], Any]


class Salvaged[T](NamedTuple):
    """What could be read of a record and, in words, what could not."""

    value: T
    damage: tuple[str, ...] = ()


class _Codec(NamedTuple):
    plain: _Convert
    restored: _Convert


class _Field(NamedTuple):
    name: str
    kind: Any
    codec: _Codec
    required: bool


def to_plain(record: Any) -> Any:
    """Return a NamedTuple or a dataclass as JSON-ready values."""
    return _codec(type(record)).plain(record)


def from_plain[T](kind: type[T], plain: Any) -> T:
    """Read what `to_plain` returned for a record of this kind."""
    return cast("T", _codec(kind).restored(plain))


def salvage[T](kind: type[T], plain: Any, piecemeal: Collection[str] = ()) -> Salvaged[T]:
    """Read each field by itself: one that is damaged takes its default.

    Fields named in `piecemeal` are records that are salvaged in turn.
    Raises `ValueError` where there is no record at all, and for a field without a default.
    """
    sound, damage = _sound(kind, _checked(dict, plain), piecemeal)
    return Salvaged(from_plain(kind, sound), tuple(damage))


def _sound(
    kind: Any, plain: Mapping[str, Any], piecemeal: Collection[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Return what can be read of a record that is not read yet, and what is wrong with the rest."""
    sound, damage = dict(plain), []
    for field in _fields(kind):
        if field.required or field.name not in plain:
            continue
        value = plain[field.name]
        if field.name in piecemeal and isinstance(value, dict):
            value, inner = _sound(field.kind, value)
            damage += [f"{field.name}: {what}" for what in inner]
        sound[field.name] = value
        if (what := _damage(field.codec, value)) is not None:
            damage.append(f"{field.name}: {what}")
            del sound[field.name]
    return sound, damage


def _damage(codec: _Codec, plain: Any) -> str | None:
    try:
        codec.restored(plain)
    except ValueError as error:
        return str(error)
    return None


def _compile(kind: Any) -> _Codec:
    if isinstance(kind, TypeAliasType):
        return _codec(kind.__value__)
    if (known := _SIMPLE.get(kind)) is not None:
        return known
    if (generic := _GENERIC.get(get_origin(kind))) is not None:
        return generic(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _enumeration(kind, {member.value: member for member in kind})
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return _enumeration(kind, {member.name.lower(): member for member in kind})
    return _record(kind)


_codec: Callable[[Any], _Codec] = cache(_compile)


# Records.


def _fields(kind: Any) -> tuple[_Field, ...]:
    if is_dataclass(kind):
        required = {
            field.name: field.default is MISSING and field.default_factory is MISSING
            for field in fields(kind)
        }
    elif hasattr(kind, "_field_defaults"):
        required = {name: name not in kind._field_defaults for name in kind._fields}
    else:
        raise TypeError(f"{kind} has no form in a file")
    hints = get_type_hints(kind)
    return tuple(_Field(name, hints[name], _codec(hints[name]), need) for name, need in required.items())


def _record(kind: Any) -> _Codec:
    rows = _fields(kind)
    outward = tuple((field.name, field.codec.plain) for field in rows)
    inward = tuple((field.name, field.codec.restored) for field in rows)
    required = frozenset(field.name for field in rows if field.required)

    def plain(value: Any) -> dict[str, Any]:
        _checked(kind, value)
        return _each_named(outward, {name: getattr(value, name) for name, _ in outward})

    def restored(plain: Any) -> Any:
        values = _each_named(inward, _checked(dict, plain))
        if missing := required - values.keys():
            raise ValueError(f"{', '.join(sorted(missing))} is missing")
        return kind(**values)

    return _Codec(plain, restored)


def _each_named(rows: Iterable[tuple[str, _Convert]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the values that there are, and say in an error where it is."""
    converted: dict[str, Any] = {}
    name = ""
    try:
        for name, convert in rows:
            if name in values:
                converted[name] = convert(values[name])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return converted


# Collections.


def _optional(kinds: tuple[Any, ...]) -> _Codec:
    others = [kind for kind in kinds if kind is not NoneType]
    if len(others) != 1 or len(kinds) != 2:
        raise TypeError(f"one of {kinds} has no form in a file")
    inner = _codec(others[0])
    return _Codec(
        lambda value: None if value is None else inner.plain(value),
        lambda plain: None if plain is None else inner.restored(plain),
    )


def _tuple(kinds: tuple[Any, ...]) -> _Codec:
    if kinds[1:] == (...,):
        inner = _codec(kinds[0])
        return _Codec(
            lambda value: [inner.plain(item) for item in _checked(tuple, value)],
            lambda plain: tuple([inner.restored(item) for item in _checked(list, plain)]),
        )
    places = [_codec(kind) for kind in kinds]
    return _Codec(
        lambda value: [place.plain(item) for place, item in zip(places, _checked(tuple, value), strict=True)],
        lambda plain: tuple(
            [place.restored(item) for place, item in zip(places, _checked(list, plain), strict=True)]
        ),
    )


def _frozenset(kinds: tuple[Any, ...]) -> _Codec:
    inner = _codec(kinds[0])
    return _Codec(
        lambda value: sorted([inner.plain(item) for item in _checked(frozenset, value)]),
        lambda plain: frozenset([inner.restored(item) for item in _checked(list, plain)]),
    )


def _mapping(kinds: tuple[Any, ...]) -> _Codec:
    if not issubclass(kinds[0], (str, IntEnum)):
        raise TypeError(f"{kinds[0]} cannot be a name in a file")
    key, inner = map(_codec, kinds)
    return _Codec(
        lambda value: {key.plain(name): inner.plain(item) for name, item in _checked(Mapping, value).items()},
        lambda plain: {
            key.restored(name): inner.restored(item) for name, item in _checked(dict, plain).items()
        },
    )


_GENERIC: dict[Any, Callable[[tuple[Any, ...]], _Codec]] = {
    Union: _optional,
    tuple: _tuple,
    frozenset: _frozenset,
    Mapping: _mapping,
}


# Single values.


def _enumeration(kind: type, members: Mapping[str, Any]) -> _Codec:
    texts = {member: text for text, member in members.items()}

    def restored(plain: Any) -> Any:
        if (member := members.get(_checked(str, plain))) is None:
            raise ValueError(f"{plain!r:.80} is no {kind.__name__}")
        return member

    return _Codec(lambda value: texts[_checked(kind, value)], restored)


def _number(value: Any) -> float:
    if type(value) is int and abs(value) < INT_LIMIT:
        return float(value)
    if type(value) is not float or not isfinite(value):
        raise ValueError(f"{value!r:.80} is not a finite number")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) >= INT_LIMIT:
        raise ValueError(f"{value!r:.80} is not an integer")
    return value


def _boolean(value: Any) -> Any:
    return _checked(bool, value)


def _text(value: Any) -> str:
    _checked(str, value).encode()  # a lone surrogate cannot be written
    return str(value)


def _moment(value: Any) -> datetime:
    moment: datetime = _checked(datetime, value)
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment.isoformat()} is beyond the calendar") from error


def _day(value: Any) -> date:
    if type(value) is date:  # a datetime is one, too
        return value
    raise ValueError(f"{value!r:.80} is no date")


def _checked(kind: Any, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    raise ValueError(f"{value!r:.80} is no {kind.__name__}")


_SIMPLE: dict[Any, _Codec] = {
    float: _Codec(_number, _number),
    int: _Codec(_integer, _integer),
    bool: _Codec(_boolean, _boolean),
    str: _Codec(_text, _text),
    date: _Codec(
        lambda value: _day(value).isoformat(),
        lambda plain: date.fromisoformat(_checked(str, plain)),
    ),
    datetime: _Codec(
        lambda value: _moment(value).isoformat(),
        lambda plain: _moment(datetime.fromisoformat(_checked(str, plain))),
    ),
}
