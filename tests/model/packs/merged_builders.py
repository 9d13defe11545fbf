"""Batteries that are sampled one after the other, each at its own time, and what they are together."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.cell import cell_figures
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import Member, PackReading
from custom_components.battmon.model.packs.settings import Arrangement, PackSettings, Source

from ..folding import at
from .builders import battery

SERIES, PARALLEL, MERGED = Arrangement


class Watched:
    """A virtual battery that is combined again whenever something is sampled."""

    def __init__(self, settings: PackSettings, *names: str, stale_after: float = 30.0, **usual: Any) -> None:
        self.settings = settings
        self.usual = usual
        """What every sample says unless it says otherwise."""
        self.stale_after = stale_after
        self.members = {name.lower(): Member(name.lower(), name) for name in names}
        self.keeping = Keeping()
        self.seconds = 0.0
        self.reading = PackReading()

    def sample(self, seconds: float, name: str, **values: Any) -> PackReading:
        """Take a sample of one battery, and combine."""
        self.take(seconds, name, **values)
        return self.combine(seconds)

    def take(self, seconds: float, name: str, **values: Any) -> None:
        """Take a sample of one battery; nobody has looked yet."""
        member = battery(name, **self.usual | values)
        assert member.state is not None
        assert member.state.reading is not None
        state = replace(
            member.state, sampled_at=at(seconds), cells=cell_figures(member.state.reading.cell_voltages)
        )
        self.members[member.key] = member._replace(state=state, stale_after=self.stale_after)

    def sample_all(self, seconds: float, **values: Any) -> PackReading:
        """Take a sample of all at once, and combine."""
        for member in self.members.values():
            self.take(seconds, member.name, **values)
        return self.combine(seconds)

    def combine(self, seconds: float) -> PackReading:
        """Combine what is known."""
        now = at(seconds).monotonic
        self.keeping, self.reading = combined(self.keeping, self.members, self.settings, now)
        return self.reading

    def lose(self, name: str) -> None:
        """Let a battery fall silent."""
        member = self.members[name.lower()]
        assert member.state is not None
        self.members[member.key] = member._replace(state=replace(member.state, healthy=False))

    def blamed(self, alarm: Alarm) -> tuple[str, ...] | None:
        """Return who raised an alarm, `None` if nobody did."""
        if alarm not in (self.reading.alarms or ()):
            return None
        return self.reading.alarm_members[alarm]


def settings_of(arrangement: Arrangement, names: Iterable[str], **values: Any) -> PackSettings:
    """Return the settings of a virtual battery of these members, each with all that it tells."""
    return PackSettings(
        arrangement=arrangement, members=tuple(Source(key=name.lower()) for name in names), **values
    )


def watched(arrangement: Arrangement, *names: str, stale_after: float = 30.0, **settings: Any) -> Watched:
    """Return a virtual battery of these members."""
    return Watched(settings_of(arrangement, names, **settings), *names, stale_after=stale_after)
