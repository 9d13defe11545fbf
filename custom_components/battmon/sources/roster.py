"""The roster: every battery's newest state, for those that are made of others. One per Home Assistant."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..model.instant import Instant
from ..model.packs.members import Member, Why
from ..model.state import BatteryState
from ..model.switching import Wanted

DOMAIN = "battmon"
CONF_BATTERY_KEY = "battery_key"
ROSTER: HassKey[Roster] = HassKey("battmon_roster")
STALE_MINIMUM = 30.0
"""Seconds."""
STALE_POLLS = 3

type Command = Callable[[Wanted, bool], Awaitable[bool]]
"""Commands a battery as a person would, by force or not; returns whether it obeyed. Raises `BattMonError`."""
type Heard = Callable[[], None]


class Seat(NamedTuple):
    """A battery that runs."""

    switches: frozenset[str]
    """Names of the fields of `Wanted` that the person allowed."""
    command: Command
    read: Callable[[], Awaitable[None]]
    """Takes a sample now. Whether it went well is seen by the state."""


class Roster:
    """What it knows of a battery outlives a reload: the battery is merely stale meanwhile."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._states: dict[str, BatteryState] = {}
        self._polls: dict[str, float] = {}
        self._seen_at: dict[str, Instant] = {}
        """When batteries that are removed were seen last."""
        self._names: dict[str, str] = {}
        """As they were when they were last asked for: a battery that is removed is still spoken of."""
        self._seats: dict[str, Seat] = {}
        self._heard: dict[str, list[Heard]] = {}

    # What the batteries say.

    @callback
    def sit(self, key: str, seat: Seat) -> CALLBACK_TYPE:
        """A battery begins to run; the result is called when it ends to."""
        self._seats[key] = seat

        def leave() -> None:
            if self._seats.get(key) is seat:
                del self._seats[key]
                self._tell(key)

        return leave

    @callback
    def tell(self, key: str, state: BatteryState, poll: float) -> None:
        """A battery has a new state. `poll`: seconds between its samples, as they are in force."""
        self._states[key] = state
        self._polls[key] = poll
        self._tell(key)

    @callback
    def forget(self, key: str) -> None:
        """A battery is removed for good."""
        state = self._states.pop(key, None)
        if state is not None and state.sampled_at is not None:
            self._seen_at[key] = state.sampled_at
        self._polls.pop(key, None)
        self._tell(key)

    # What virtual batteries ask.

    @callback
    def listen(self, keys: Collection[str], heard: Heard) -> CALLBACK_TYPE:
        """Call `heard` whenever one of these batteries has a new state, or is gone."""
        for key in keys:
            self._heard.setdefault(key, []).append(heard)

        def remove() -> None:
            for key in keys:
                self._heard[key].remove(heard)

        return remove

    def member(self, key: str) -> Member:
        """Return what is known of a battery, under its present name."""
        return self._member(key, self.entry_of(key))

    def members(self, keys: Iterable[str]) -> dict[str, Member]:
        """Return batteries by key; of those that are called alike, all but the first one with a number."""
        entries = {entry.data.get(CONF_BATTERY_KEY): entry for entry in self.entries()}
        times = Counter[str]()
        named: dict[str, Member] = {}
        for key in keys:
            member = self._member(key, entries.get(key))
            times[member.name] += 1
            count = times[member.name]
            named[key] = member if count == 1 else member._replace(name=f"{member.name} ({count})")
        return named

    def _member(self, key: str, entry: ConfigEntry | None) -> Member:
        if entry is not None:
            self._names[key] = entry.title
        absent = Why.REMOVED if entry is None else Why.DISABLED if entry.disabled_by is not None else None
        stale_after = max(STALE_MINIMUM, STALE_POLLS * self.poll(key))
        name, state = self._names.get(key, key), self._states.get(key)
        return Member(key, name, state, stale_after, absent, self._seen_at.get(key))

    @callback
    def know_names(self, names: Mapping[str, str]) -> None:
        """Learn what batteries were called before this start, by key: one that was removed has no title."""
        self._names = {**names, **self._names}

    def state(self, key: str) -> BatteryState | None:
        """Return a battery's newest state, `None` if it was not heard since the start."""
        return self._states.get(key)

    def switches(self, keys: Iterable[str], name: str) -> list[bool | None]:
        """Return how a switch of batteries was seen last, however long ago."""
        states = (self._states.get(key) for key in keys)
        readings = (None if state is None else state.reading for state in states)
        return [getattr(reading, f"{name}_enabled", None) for reading in readings]

    def poll(self, key: str) -> float:
        """Return the seconds between a battery's samples; 0 if it was never heard of."""
        return self._polls.get(key, 0.0)

    def seat(self, key: str) -> Seat | None:
        """Return how a battery is commanded, if it runs."""
        return self._seats.get(key)

    def entry_of(self, key: str) -> ConfigEntry | None:
        """Return the entry of a battery."""
        return next((entry for entry in self.entries() if entry.data.get(CONF_BATTERY_KEY) == key), None)

    def entries(self) -> Iterator[ConfigEntry]:
        """Yield the entries of all batteries, disabled ones too."""
        yield from self._hass.config_entries.async_entries(DOMAIN, include_ignore=False)

    def _tell(self, key: str) -> None:
        for heard in tuple(self._heard.get(key, ())):
            heard()


@callback
def roster_of(hass: HomeAssistant) -> Roster:
    """Return the one of this Home Assistant."""
    return hass.data.setdefault(ROSTER, Roster(hass))
