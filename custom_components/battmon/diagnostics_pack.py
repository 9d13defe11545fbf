"""What diagnostics tell of a virtual battery: of every member, but without its name."""

from collections.abc import Iterable
from dataclasses import replace

from .model.failsafe.failsafe import Failsafe
from .model.failsafe.levels import Kind, Reason
from .model.failsafe.readiness import NotReady
from .model.memory import BatteryMemory
from .model.packs.members import PackReading

BETWEEN = " / "
"""Between the names of a member, of its member, and of the cell."""
CELL = "cell "
STRANGER = "unknown battery"
"""One that is not there any more, or has another name by now."""
ABOUT_MEMBERS = frozenset({Kind.MEMBER, Kind.MEMBER_LOST})


class Aliases:
    """What batteries are called instead of their names, which may say where people live."""

    def __init__(self, pack: PackReading | None, titles: Iterable[str]) -> None:
        """`titles`: the names of all batteries. Members of this one are counted first."""
        members = [given.name for given in (() if pack is None else pack.contributions)]
        others = [title for title in titles if title not in members]
        self._aliases = {name: f"member {number}" for number, name in reversed(list(enumerate(members, 1)))}
        self._aliases |= {name: f"battery {number}" for number, name in enumerate(dict.fromkeys(others), 1)}

    def of(self, name: str) -> str:
        """Return what to call a member, a member's member or a cell of one."""
        return BETWEEN.join(self._part(part) for part in name.split(BETWEEN))

    def in_reason(self, reason: Reason) -> Reason:
        """Return a reason that is about a member, or a cell of one, without its name."""
        subject = reason.subject
        if subject is None or not (reason.kind in ABOUT_MEMBERS or BETWEEN in subject):
            return reason
        return reason._replace(subject=self.of(subject))

    def in_pack(self, pack: PackReading) -> PackReading:
        """Return a combination without names."""
        return replace(
            pack,
            contributions=tuple(
                given._replace(name=f"member {number}") for number, given in enumerate(pack.contributions, 1)
            ),
            levels=tuple(level._replace(name=self.of(level.name)) for level in pack.levels),
            cell_names=tuple(map(self.of, pack.cell_names)),
            alarm_members={alarm: tuple(map(self.of, names)) for alarm, names in pack.alarm_members.items()},
            lowest_member=pack.lowest_member and self.of(pack.lowest_member),
        )

    def in_failsafe(self, failsafe: Failsafe) -> Failsafe:
        """Return what a battery is judged by without names."""
        return failsafe._replace(
            held=tuple(entry._replace(reason=self.in_reason(entry.reason)) for entry in failsafe.held),
            timers=tuple(timer._replace(reason=self.in_reason(timer.reason)) for timer in failsafe.timers),
        )

    def in_not_ready(self, why: NotReady) -> NotReady:
        """Return what speaks against a battery without names."""
        return why if why.reason is None else why._replace(reason=self.in_reason(why.reason))

    def in_memory(self, memory: BatteryMemory) -> BatteryMemory:
        """Return what is remembered without names."""
        return replace(memory, failsafe=self.in_failsafe(memory.failsafe))

    def _part(self, part: str) -> str:
        known = self._aliases.get(part)
        if known is not None:
            return known
        return part if part.startswith(CELL) and part.removeprefix(CELL).isdecimal() else STRANGER
