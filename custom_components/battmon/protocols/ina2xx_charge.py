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
COUNTS_THAT_SHOW = 2.0
"""By so many counts charge must have moved, by the current measured, for it to be counted at all."""


class _Seen(NamedTuple):
    begun: float
    """s; it was read between this moment ..."""
    ended: float
    """... and this one."""
    charge: int
    """In counts."""
    current: float
    """A; as measured at that time."""

    @property
    def at(self) -> float:
        return (self.begun + self.ended) / 2


class ChargeMeter:
    """One chip's counter, as it was seen."""

    def __init__(self, step: float) -> None:
        self.step = step
        """A s for one count."""
        self._seen: deque[_Seen] = deque(maxlen=2)

    def begin(self) -> None:
        """It begins anew."""
        self._seen.clear()

    def read(self, current: float | None) -> Conversation[float | None]:
        """Return the mean current since it was last seen, in A; `None` where that says nothing better.

        `current` is what is measured now; `None` beyond the scale, where charge is not counted either.
        """
        if current is None:
            self.begin()
            return None
        begun = Clock.read((yield Clock()))
        try:
            reply = yield from ask(CHARGE)
        except NoReply, BadFrame:
            return None
        ended = Clock.read((yield Clock()))
        now = _Seen(begun, ended, int.from_bytes(reply, "big"), current)
        means = [self._mean(seen, now) for seen in self._seen]
        self._seen.append(now)
        return next((mean for mean in reversed(means) if mean is not None), None)

    def _mean(self, then: _Seen, now: _Seen) -> float | None:
        time = now.at - then.at
        doubt = now.ended - now.begun + then.ended - then.begun
        if not doubt / MOST_DOUBT <= time <= LONGEST or time <= 0:
            return None
        counts = (now.charge - then.charge + (1 << BITS - 1)) % (1 << BITS) - (1 << BITS - 1)
        mean = counts * self.step / time
        return mean if self._is_possible(counts, mean, then, now, time) else None

    def _is_possible(self, counts: int, mean: float, then: _Seen, now: _Seen, time: float) -> bool:
        """Whether it counts, and was not reset by somebody else."""
        least = min(abs(then.current), abs(now.current))
        same_way = then.current * now.current > 0
        stands = counts == 0 and same_way and least * time >= COUNTS_THAT_SHOW * self.step
        return not stands and abs(mean) <= self.step * (1 << 19)
