"""When to read what is not read at every poll, and may stay unknown."""

NEVER = float("inf")
RETRY = 60.0
"""Seconds between attempts at what was read before and cannot be read now."""
LONG_RETRY = 600.0
"""Seconds between attempts at what was never read: a device that is silent about it takes long to ask."""


class Occasion:
    """Due after a connection was made, then at intervals. Times in s, on the event loop's clock."""

    def __init__(self, interval: float, *, known: bool = False) -> None:
        """`interval`: seconds from success to the next time. `known`: every device can do it."""
        self._interval = interval
        self._due = 0.0
        self._failures = 0
        self._known = known
        self._given_up = False

    def is_due(self, now: float) -> bool:
        """Whether to read it now."""
        return now >= self._due and not self._given_up

    def begin(self) -> None:
        """A connection was made, or what was read is in doubt."""
        self._due = 0.0
        self._failures = 0

    def excuse(self) -> None:
        """The device answers nothing at all: failures say nothing about what it would answer."""
        if self._failures:
            self.begin()

    def done(self, now: float) -> None:
        """It was read."""
        self._due = now + self._interval
        self._failures = 0
        self._known = True

    def failed(self, now: float) -> None:
        """It could not be read. A bad moment passes: the next poll tries again, then others seldom."""
        self._failures += 1
        if self._failures > 1:
            self._due = now + (RETRY if self._known else LONG_RETRY)

    def give_up(self) -> None:
        """It cannot be read, whatever the connection."""
        self._given_up = True
