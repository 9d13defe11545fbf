"""What is remembered of one battery across restarts, and its form in a file."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .codec import Salvaged, salvage, to_plain
from .estimation.estimate import Estimators
from .failsafe.failsafe import Failsafe
from .identity import Fingerprint
from .packs.merge_memory import MergeMemory
from .profile import Profile
from .switching import SwitchMemory

FROM_THE_FIRST = frozenset({"fingerprint", "profile", "switches"})
"""Parts that are in every file: without them it is none. The others may be of a later version."""
ESSENTIAL = frozenset({"fingerprint", "profile"})
"""Who a battery is and what it offers. Read as if unknown, the one would let any battery take over the
memory, and the other would have all entities of a battery removed that is out of reach."""
PIECEMEAL = frozenset({"estimators"})
"""Parts whose own parts know nothing of each other: one that is damaged does not take the totals along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryMemory:
    """Belongs to the battery with this fingerprint: another one starts its own."""

    fingerprint: Fingerprint | None = None
    profile: Profile = field(default_factory=Profile)
    switches: SwitchMemory = field(default_factory=SwitchMemory)
    estimators: Estimators = Estimators()
    failsafe: Failsafe = Failsafe()
    seen_at: datetime | None = None
    """When the newest good sample was taken, in UTC."""
    merged: MergeMemory | None = None
    """Of a battery that several devices see."""


def to_file(memory: BatteryMemory) -> dict[str, Any]:
    """Return the memory as JSON-ready values; `ValueError` for what no file can hold."""
    plain: dict[str, Any] = to_plain(memory)
    return plain


def from_file(stored: Any) -> BatteryMemory:
    """Read what `to_file` wrote; `ValueError` for anything else: files can be damaged."""
    memory, damage = read(stored)
    if damage:
        raise ValueError("; ".join(damage))
    return memory


def read(stored: Any) -> Salvaged[BatteryMemory]:
    """Read what is sound, and say what is not: that part begins anew.

    Raises `ValueError` for what is no memory, or where an essential part is damaged.
    """
    found = salvage(BatteryMemory, stored, PIECEMEAL)
    if missing := FROM_THE_FIRST - stored.keys():
        raise ValueError(f"{', '.join(sorted(missing))} is missing")
    if any(damage.partition(":")[0] in ESSENTIAL for damage in found.damage):
        raise ValueError("; ".join(found.damage))
    if any(count < 0 for count in _counts(found.value)):
        raise ValueError("a count is negative")
    return found


def _counts(memory: BatteryMemory) -> list[int]:
    fingerprint = memory.fingerprint
    known = [memory.profile.cells, memory.switches.mosfet_register]
    if fingerprint is not None:
        known += [fingerprint.cells, fingerprint.cycle_count]
    return [count for count in known if count is not None]
