"""The last ten minutes of a battery at full rate, in little room.

The one mutable thing of the model. Rows are packed doubles, NaN for unknown; the newest are kept as
they came. Only where there are too many, the oldest are thinned: of every few seconds those rows stay
in which voltage and current were lowest and highest, and the one with the highest failsafe level.
"""

from collections import deque
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from math import isnan, nan
from struct import Struct
from typing import Any

from .failsafe.levels import Level
from .instant import Instant

DURATION = 600.0
"""In s, back from the newest row."""
MAX_ROWS = 2000
BUCKET = 3.0
"""In s. Thinned, it keeps at most five rows: ten minutes are 1005 then, and half of all rows are left
for the newest ones, which is 100 s at 0.1 s."""

FIELDS = (
    "voltage",
    "current",
    "power",
    "state_of_charge",
    "lowest_cell",
    "highest_cell",
    "cell_imbalance",
    "temperature",
    "resting_voltage",
    "level",
)
"""What a row has besides its time, in this order."""

_MONOTONIC, _UTC = 0, 1
_COLUMNS = {name: number for number, name in enumerate(FIELDS, 2)}
_WIDTH = 2 + len(FIELDS)
_ROW = Struct(f"={_WIDTH}d")
_pack = _ROW.pack
_EXTREMES = (
    (_COLUMNS["voltage"], (min, max)),
    (_COLUMNS["current"], (min, max)),
    (_COLUMNS["level"], (max,)),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEVELS = tuple(level.key for level in Level)


class FlightRecorder:
    """What happened to one battery just now."""

    def __init__(self) -> None:
        self._buckets: deque[bytearray] = deque()
        self._bucket = bytearray()
        """The last of them, with the newest rows."""
        self._thinned = 0
        """How many buckets, from the oldest on, are thinned."""
        self._rows = 0
        self._newest = self._bucket_end = float("-inf")

    def record(
        self,
        now: Instant,
        *,
        voltage: float | None,
        current: float | None,
        power: float | None,
        state_of_charge: float | None,
        lowest_cell: float | None,
        highest_cell: float | None,
        cell_imbalance: float | None,
        temperature: float | None,
        resting_voltage: float | None,
        level: Level | None,
    ) -> None:
        """Add a row: V, A, W, %, V of a cell, degC of the hottest sensor. Older than the newest: dropped."""
        monotonic = now.monotonic
        if monotonic < self._newest:
            return
        if monotonic >= self._bucket_end:
            self._begin_bucket(monotonic)
        if self._rows >= MAX_ROWS:
            self._thin_oldest()
        self._newest = monotonic
        self._rows += 1
        self._bucket += _pack(
            monotonic,
            (now.utc - _EPOCH).total_seconds(),
            nan if voltage is None else voltage,
            nan if current is None else current,
            nan if power is None else power,
            nan if state_of_charge is None else state_of_charge,
            nan if lowest_cell is None else lowest_cell,
            nan if highest_cell is None else highest_cell,
            nan if cell_imbalance is None else cell_imbalance,
            nan if temperature is None else temperature,
            nan if resting_voltage is None else resting_voltage,
            nan if level is None else level,
        )

    def samples(
        self, since: datetime | None = None, fields: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        """Return the rows from `since` on, oldest first, as JSON: `time` in ISO form and UTC, and `fields`.

        They are in the order in which they were measured, even where the clock was set back.
        Raises `ValueError` for a field that there is not, and for a time without a zone.
        """
        columns = _columns(fields)
        first = float("-inf") if since is None else _seconds(since)
        oldest = self._newest - DURATION
        return [
            _as_json(row, columns)
            for bucket in self._buckets
            for row in _ROW.iter_unpack(bucket)
            if row[_MONOTONIC] >= oldest and row[_UTC] >= first
        ]

    def __len__(self) -> int:
        """Return how many rows are kept."""
        return self._rows

    def _begin_bucket(self, monotonic: float) -> None:
        begin = monotonic // BUCKET * BUCKET
        self._bucket_end = begin + BUCKET
        while self._buckets and _begin_of(self._buckets[0]) < begin - DURATION - BUCKET:
            self._rows -= len(self._buckets.popleft()) // _ROW.size
            self._thinned = max(0, self._thinned - 1)
        self._bucket = bytearray()
        self._buckets.append(self._bucket)

    def _thin_oldest(self) -> None:
        """Thin the oldest bucket that has not been; the newest may have to be thinned again."""
        while self._rows >= MAX_ROWS:
            bucket = self._buckets[self._thinned]
            before = len(bucket)
            bucket[:] = _thinned(bytes(bucket))
            self._rows -= (before - len(bucket)) // _ROW.size
            self._thinned = min(self._thinned + 1, len(self._buckets) - 1)


def _begin_of(bucket: bytearray) -> float:
    monotonic: float = _ROW.unpack_from(bucket)[_MONOTONIC]
    return monotonic


def _thinned(rows: bytes) -> bytes:
    size = _ROW.size
    return b"".join([rows[number * size : (number + 1) * size] for number in _telling(rows)])


def _telling(rows: bytes) -> list[int]:
    """Return, in their order, which rows have an extreme in them; one at least."""
    numbers = memoryview(rows).cast("d")
    kept: set[int] = set()
    for column, extremes in _EXTREMES:
        values = numbers[column::_WIDTH].tolist()
        total = sum(values)  # far quicker than to look at each; NaN if one is
        known = [value for value in values if not isnan(value)] if isnan(total) else values
        if known:
            kept.update(values.index(extreme(known)) for extreme in extremes)
    return sorted(kept or {0})


def _columns(fields: Collection[str] | None) -> tuple[tuple[str, int], ...]:
    if fields is None:
        return tuple(_COLUMNS.items())
    if unknown := sorted(set(fields) - _COLUMNS.keys()):
        raise ValueError(f"no such field: {', '.join(unknown)}")
    return tuple((name, column) for name, column in _COLUMNS.items() if name in fields)


def _seconds(moment: datetime) -> float:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return (moment - _EPOCH).total_seconds()


def _as_json(row: Sequence[float], columns: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"time": (_EPOCH + timedelta(seconds=row[_UTC])).isoformat()}
    for name, column in columns:
        value = row[column]
        if isnan(value):
            found[name] = None
        else:
            found[name] = _LEVELS[int(value)] if name == "level" else value
    return found
