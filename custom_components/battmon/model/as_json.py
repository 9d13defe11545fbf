"""Readings and identities as plain JSON: the same names, every field, unknown as null."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from .reading import IN_JSON, Identity, Reading, Temperature


def as_json(record: Reading | Identity) -> dict[str, Any]:
    """Return `record` as JSON-ready values: sets sorted, temperatures as objects, dates ISO."""
    return {
        field.name: _plain(getattr(record, field.name))
        for field in fields(record)
        if field.metadata.get(IN_JSON, True)
    }


def _plain(value: object) -> Any:
    match value:
        case frozenset():
            plain: Any = sorted(_plain(item) for item in value)
        case Temperature():
            plain = {"value": value.value, "place": value.place.value}
        case tuple():
            plain = [_plain(item) for item in value]
        case Mapping():
            plain = {str(key): _plain(item) for key, item in value.items()}
        case date():
            plain = value.isoformat()
        case str():
            plain = str(value)  # members of enumerations as bare text
        case _:
            plain = value
    return plain
