"""Which battery is a part of which, by the options of the virtual ones.

Not by those that run: what a virtual battery forbids holds also before it is loaded, and while it reloads.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from homeassistant.config_entries import ConfigEntry

from ..model.packs.settings import Arrangement, PackSettings
from .pack_settings import CONF_RATED_FOR_STRING, pack_settings
from .roster import CONF_BATTERY_KEY, Roster
from .settings import CONF_KIND, VIRTUAL_KINDS


class Whole(NamedTuple):
    """A virtual battery, as others see that are a part of it."""

    key: str
    name: str
    settings: PackSettings
    rated: bool
    """Whether the BMS of each member bears the voltage of the whole string. Only asked of a series."""

    @property
    def members(self) -> tuple[str, ...]:
        """The keys of its members, in order, each once."""
        return tuple(dict.fromkeys(source.key for source in self.settings.members))

    @property
    def is_parallel(self) -> bool:
        """Whether its members are on one bus."""
        return self.settings.arrangement is Arrangement.PARALLEL

    @property
    def forbids(self) -> bool:
        """Whether none of its members may be switched at all."""
        return self.settings.arrangement is Arrangement.SERIES and not self.rated


class Kinship:
    """Looks it up whenever it is asked: commands are rare, and options change."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def whole(self, key: str) -> Whole | None:
        """Return a virtual battery; `None` of any other, and of one that is disabled."""
        entry = self._roster.entry_of(key)
        return None if entry is None else _whole(entry)

    def wholes_of(self, key: str) -> list[Whole]:
        """Return the virtual batteries that a battery is a member of."""
        every = (_whole(entry) for entry in self._roster.entries())
        return [whole for whole in every if whole is not None and key in whole.members]

    def above(self, key: str) -> list[str]:
        """Return all that a battery is a part of, however deep, itself first."""
        return _closure(key, lambda one: [whole.key for whole in self.wholes_of(one)])

    def below(self, key: str) -> list[str]:
        """Return all that a battery is made of, however deep, itself first."""
        return _closure(key, self._members)

    def leaves(self, key: str) -> list[str]:
        """Return the batteries that a battery is made of and that are not made of others."""
        return [one for one in self.below(key) if self.whole(one) is None]

    def circle(self, key: str) -> frozenset[str]:
        """Return all that a battery has to do with, in any way."""
        return frozenset(
            _closure(key, lambda one: [*self._members(one), *(whole.key for whole in self.wholes_of(one))])
        )

    def on_bus(self, keys: Iterable[str]) -> list[str]:
        """Return batteries on a bus with the members of banks in the place of banks: it is one bus."""
        found: dict[str, None] = {}
        for key in keys:
            each = _closure(key, self._members_of_bank)
            found.update((one, None) for one in each if not self._members_of_bank(one))
        return list(found)

    def forbidden_by(self, key: str) -> str | None:
        """Return the name of a string that forbids to switch a battery: one that it is, or is a part of."""
        wholes = (self.whole(one) for one in self.above(key))
        return next((whole.name for whole in wholes if whole is not None and whole.forbids), None)

    def _members(self, key: str) -> tuple[str, ...]:
        whole = self.whole(key)
        return () if whole is None else whole.members

    def _members_of_bank(self, key: str) -> tuple[str, ...]:
        whole = self.whole(key)
        return whole.members if whole is not None and whole.is_parallel else ()


def _whole(entry: ConfigEntry) -> Whole | None:
    if entry.data.get(CONF_KIND) not in VIRTUAL_KINDS or entry.disabled_by is not None:
        return None
    return Whole(
        entry.data[CONF_BATTERY_KEY],
        entry.title,
        pack_settings(entry.data, entry.options),
        bool(entry.options.get(CONF_RATED_FOR_STRING)),
    )


def _closure(key: str, next_to: Callable[[str], Iterable[str]]) -> list[str]:
    """Return what is reached from a battery, itself first, each once: options may name circles."""

    def walk(one: str) -> Iterator[str]:
        if one not in seen:
            seen.add(one)
            yield one
            for other in next_to(one):
                yield from walk(other)

    seen: set[str] = set()
    return list(walk(key))
