"""Virtual batteries: what their members are together, whenever one of them has something new."""

from asyncio import TimerHandle
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..model.errors import LinkDown
from ..model.identity import Fingerprint
from ..model.instant import Instant
from ..model.memory import BatteryMemory
from ..model.packs.combining import Keeping, combined
from ..model.packs.merge_memory import MergeMemory, remembered, restored
from ..model.packs.settings import Arrangement, PackSettings
from ..model.packs.switching import SwitchStates
from ..model.reading import Identity, Reading
from ..model.switching import Wanted
from ..protocols.protocol import Outcome
from .kind import Kind, Opening
from .pack_commands import FanOut, offered_switches, switch_states
from .pack_settings import pack_settings
from .roster import CONF_BATTERY_KEY, Roster, roster_of
from .settings import ALLOW
from .source import Source

RECOMBINE = 0.25
"""Seconds between combinations at least: nine members would cause nine of them otherwise."""
LOOK_AGAIN = 10.0
"""Seconds after which members that say nothing are looked at again: they grow stale in silence."""
MODELS = {
    Arrangement.SERIES: "Series battery",
    Arrangement.PARALLEL: "Parallel battery",
    Arrangement.MERGED: "Merged battery",
}


class PackKind(Kind):
    """Made of other batteries."""

    has_interval: ClassVar = False

    @override
    async def open(self, entry: Opening) -> Source:
        hass, options = entry.hass, entry.options
        members = FanOut(hass, entry.data[CONF_BATTERY_KEY])
        settings = pack_settings(entry.data, options)
        source = PackSource(hass, roster_of(hass), settings, members, entry.memory.merged)
        permitted = {name for name, option in ALLOW.items() if options.get(option)}
        source.switches = offered_switches(hass, options) & permitted
        return source

    @override
    def default_interval(self, data: Mapping[str, Any]) -> float:
        return LOOK_AGAIN

    @override
    def switches(
        self, hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> frozenset[str]:
        return offered_switches(hass, options)


class PackSource(Source):
    """Reads the roster. Nobody is waited for: what is not there is said to be missing."""

    is_instant = True

    def __init__(
        self,
        hass: HomeAssistant,
        roster: Roster,
        settings: PackSettings,
        members: FanOut,
        memory: MergeMemory | None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.fingerprint = Fingerprint(
            identity=Identity(manufacturer="BattMon", model=MODELS[settings.arrangement])
        )
        self._hass = hass
        self._roster = roster
        self._members = members
        self._keeping = Keeping()
        if memory is not None and self._is_merged:
            self._keeping = Keeping(restored(memory, settings, self._now()))
        self._closing = ExitStack()
        self._expected: tuple[str, ...] = ()
        """Members that may say something."""
        self._read_at = float("-inf")
        self._closed = False

    @override
    async def read(self) -> Reading:
        if self._closed:
            raise LinkDown("the battery is being unloaded")
        now = self._hass.loop.time()
        self._read_at = now
        members = self._roster.members(self._keys)
        own = [members[source.key] for source in self.settings.members]
        self._expected = tuple(member.key for member in own if member.absent is None)
        self._keeping, reading = combined(self._keeping, members, self.settings, now)
        return reading

    @property
    def _keys(self) -> tuple[str, ...]:
        """Of all that something is taken from."""
        settings = self.settings
        sources = (*settings.members, *settings.primary, *settings.auxiliary)
        return tuple(dict.fromkeys(source.key for source in sources))

    @property
    @override
    def poll(self) -> float | None:
        """Return that of the slowest member. One that was not heard of yet has its time to come."""
        return max((self._roster.poll(key) or LOOK_AGAIN for key in self._expected), default=0.0)

    @override
    def listen(self, news: Callable[[], None]) -> None:
        gathering = Gathering(self._hass, news, self)
        self._closing.callback(gathering.end)
        self._closing.callback(self._roster.listen(self._keys, gathering.heard))

    @property
    def read_at(self) -> float:
        """When it was read last, on the event loop's clock."""
        return self._read_at

    @override
    async def command(self, wanted: Wanted, *, force: bool) -> Outcome:
        await self._members.command(wanted, force=force)
        return Outcome(reading=await self.read(), obeyed=True)

    @override
    def remember(self, memory: BatteryMemory) -> BatteryMemory:
        merged = remembered(self._keeping.merging, self.settings, self._now()) if self._is_merged else None
        return replace(memory, merged=merged)

    @property
    def _is_merged(self) -> bool:
        return self.settings.arrangement is Arrangement.MERGED

    def _now(self) -> Instant:
        return Instant(self._hass.loop.time(), dt_util.utcnow())

    @override
    def switch_states(self, name: str) -> SwitchStates | None:
        if self._is_merged:
            return None  # one battery, and one switch
        members = dict.fromkeys(source.key for source in self.settings.members)
        return switch_states(self._roster, members, name, self._hass.loop.time())

    @override
    async def close(self) -> None:
        await self._members.close()
        self._closed = True
        self._closing.close()


class Gathering:
    """Tells of news at once, but not more often than there is a point in."""

    def __init__(self, hass: HomeAssistant, news: Callable[[], None], source: PackSource) -> None:
        self._hass = hass
        self._news = news
        self._source = source
        self._waiting: TimerHandle | None = None
        self._told_at = float("-inf")

    @callback
    def heard(self) -> None:
        """A member has something new."""
        if self._waiting is None:
            loop = self._hass.loop
            # What was told of may not be read yet.
            last = max(self._source.read_at, self._told_at)
            self._waiting = loop.call_at(max(loop.time(), last + RECOMBINE), self._tell)

    @callback
    def end(self) -> None:
        """Tell of nothing any more."""
        if self._waiting is not None:
            self._waiting.cancel()

    @callback
    def _tell(self) -> None:
        self._waiting = None
        self._told_at = self._hass.loop.time()
        self._news()
