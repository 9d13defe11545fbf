"""The mean current between two polls, from the charge that an INA228 counts.

Source: INA228 data sheet, CHARGE (0x0A): 40 bits, two's complement, one count is one step of the current
for a second. Between two polls far less flows than it can hold, so that a difference is right across its
overflow.
"""

from collections import deque
from typing import NamedTuple

from ..model.errors import BadFrame, NoReply
from .conversation import BusTransfer, Clock, Conversation
from .power_monitor import ask

CHARGE = BusTransfer(write=b"\x0a", read=5, retries=0)
BITS = 40
MOST_DOUBT = 0.02
"""Share of the time between two readings that is not known: the bus's thread may have been held up."""
LONGEST = 60.0
"""Seconds; a mean over more says nothing of now."""
LARGEST_CURRENT = 1 << 19
"""Counts."""


class _Seen(NamedTuple):
    begun: float
    """s; it was read between this moment ..."""
    ended: float
    """... and this one."""
    charge: int
    """In counts."""

    @property
    def at(self) -> float:
        return (self.begun + self.ended) / 2

    @property
    def doubt(self) -> float:
        """How far that may be from the truth, in s."""
        return (self.ended - self.begun) / 2


class ChargeMeter:
    """One chip's counter, as it was seen."""

    def __init__(self, step: float) -> None:
        self.step = step
        """A s for one count."""
        self._seen: deque[_Seen] = deque(maxlen=2)
        self._counts = False
        """Whether it was ever seen to move: one that stands still says nothing."""

    def begin(self) -> None:
        """It begins anew."""
        self._seen.clear()
        self._counts = False

    def read(self) -> Conversation[float | None]:
        """Return the mean current since it was last seen, in A; `None` where it says nothing of that."""
        begun = Clock.read((yield Clock()))
        try:
            reply = yield from ask(CHARGE)
        except NoReply, BadFrame:
            return None
        now = _Seen(begun, Clock.read((yield Clock())), int.from_bytes(reply, "big"))
        self._counts = self._counts or any(seen.charge != now.charge for seen in self._seen)
        then = next((seen for seen in reversed(self._seen) if _is_long_enough(seen, now)), None)
        self._seen.append(now)
        return None if then is None or not self._counts else self._mean(then, now)

    def _mean(self, then: _Seen, now: _Seen) -> float | None:
        counts = (now.charge - then.charge + (1 << BITS - 1)) % (1 << BITS) - (1 << BITS - 1)
        mean = counts * self.step / (now.at - then.at)
        # More than the scale: somebody else has set the counter back.
        return mean if abs(mean) <= self.step * LARGEST_CURRENT else None


def _is_long_enough(then: _Seen, now: _Seen) -> bool:
    time = now.at - then.at
    return time > 0 and (then.doubt + now.doubt) / MOST_DOUBT <= time <= LONGEST
