"""The field vocabulary: what a device says, declared as rows and decoded once.

A `Field` names an attribute of `Reading`. A `Word` is a raw number that the
protocol itself interprets (bit words, counts). Both stand at a fixed offset of one payload.
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

from ..model.errors import BadFrame


@dataclass(frozen=True, slots=True)
class Word:
    """A raw number: name, offset in bytes, format as of `struct` without byte order."""

    name: str
    offset: int
    format: str


@dataclass(frozen=True, slots=True)
class Field(Word):
    """A quantity in its unit: (raw + bias) / divisor, or unknown where raw is `absent`.

    A divisor of a power of ten, not a factor, so that the result is the number
    nearest to the device's digits: 1312 / 100 is 13.12, 1312 * 0.01 is not.
    """

    divisor: float = 1
    bias: int = 0
    absent: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the divisor stands between the raw number and the quantity."""
        return self.bias == 0 and self.absent is None

    def value(self, raw: int) -> float | None:
        """Return the quantity that `raw` stands for."""
        if raw == self.absent:
            return None
        return (raw + self.bias) / self.divisor


class Decoded(NamedTuple):
    """A payload's content by name."""

    values: dict[str, float | None]
    words: dict[str, int]


class Layout:
    """Rows of one payload, all in one byte order (`>` or `<`)."""

    def __init__(self, order: str, *rows: Word) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: row.offset))
        self._struct = struct.Struct(order + _format(self.rows, order))
        numbered = tuple(enumerate(self.rows))
        fields = [(at, row) for at, row in numbered if isinstance(row, Field)]
        # Most are a mere division, which costs less than a call: each sample decodes a dozen.
        self._plain = tuple((at, row.name, row.divisor) for at, row in fields if row.is_plain)
        self._others = tuple((at, row.name, row.value) for at, row in fields if not row.is_plain)
        self._words = tuple((at, row.name) for at, row in numbered if not isinstance(row, Field))

    @property
    def size(self) -> int:
        """Bytes that a payload must have at least."""
        return self._struct.size

    def decode(self, payload: bytes, offset: int = 0) -> Decoded:
        """Decode the rows from `payload`, starting at `offset`; `BadFrame` if it is too short."""
        if len(payload) - offset < self._struct.size:
            raise BadFrame(f"{len(payload)} bytes where {offset + self._struct.size} are needed")
        raw = self._struct.unpack_from(payload, offset)
        values: dict[str, float | None] = {name: raw[at] / divisor for at, name, divisor in self._plain}
        for at, name, value in self._others:
            values[name] = value(raw[at])
        return Decoded(values, {name: raw[at] for at, name in self._words})


def _format(rows: tuple[Word, ...], order: str) -> str:
    parts, position = [], 0
    for row in rows:
        parts.append(f"{row.offset - position}x{row.format}")
        position = row.offset + struct.calcsize(order + row.format)
    return "".join(parts)
