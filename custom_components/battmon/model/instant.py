"""A moment on both clocks."""

from datetime import datetime
from typing import NamedTuple


class Instant(NamedTuple):
    """`monotonic` (s) measures durations; `utc` is for moments that are remembered or shown."""

    monotonic: float
    utc: datetime
