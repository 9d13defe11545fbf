"""What is known of one battery, kept beyond restarts."""

from collections.abc import Callable
from dataclasses import replace

from homeassistant.core import CALLBACK_TYPE, callback

from .memory import MemoryStore
from .model.estimation.counting import Counting
from .model.identity import Fingerprint
from .model.memory import BatteryMemory
from .model.profile import Profile
from .model.reading import Reading
from .model.state import BatteryState
from .model.switching import SwitchMemory


class Knowledge:
    """One battery's part of the store."""

    def __init__(self, store: MemoryStore, battery_key: str) -> None:
        self._store = store
        self._key = battery_key
        self._listeners: list[Callable[[], None]] = []

    @property
    def memory(self) -> BatteryMemory:
        """All that is remembered."""
        return self._store.get(self._key)

    @property
    def profile(self) -> Profile:
        """What the battery is known to offer."""
        return self.memory.profile

    @callback
    def async_add_profile_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` when the battery is found to offer more than it was known to."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def learn(self, reading: Reading, fingerprint: Fingerprint | None) -> None:
        """Remember what a reading tells of the battery itself."""
        memory = self.memory
        profile = memory.profile.widened(reading)
        # Mostly it is the very same: there is nothing to compare then.
        if fingerprint is memory.fingerprint and profile is memory.profile:
            return
        if profile is not memory.profile or fingerprint != memory.fingerprint:
            self._remember(replace(memory, profile=profile, fingerprint=fingerprint))
        if profile is not memory.profile:
            for listener in tuple(self._listeners):
                listener()

    @callback
    def async_follow(
        self, state: Callable[[], BatteryState], remember: Callable[[BatteryMemory], BatteryMemory]
    ) -> CALLBACK_TYPE:
        """Take what `state` has learned to the file, and what `remember` adds."""

        def provide() -> BatteryMemory:
            now = state()
            return replace(
                remember(self.memory),
                estimators=now.estimators,
                failsafe=now.failsafe,
                seen_at=now.seen_before if now.sampled_at is None else now.sampled_at.utc,
            )

        return self._store.follow(self._key, provide)

    @callback
    def async_add_saved_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` when something new of the battery is in the file."""
        return self._store.listen_saved(self._key, lambda _memory: listener())

    @property
    def saved_totals(self) -> Counting:
        """Energy and charge as they are in the file: nothing that is shown may fall after a crash."""
        saved = self._store.saved(self._key)
        return Counting() if saved is None else saved.estimators.counting

    @callback
    def touch(self) -> None:
        """Something was learned; it is in the file within a minute."""
        self._store.touch(self._key)

    async def async_save(self) -> None:
        """Write the file now, with all that was learned."""
        self._store.touch(self._key)
        await self._store.async_save()

    async def async_keep_switches(self, switches: SwitchMemory) -> None:
        """Remember what was commanded, in the file before this returns."""
        self._remember(replace(self.memory, switches=switches))
        await self._store.async_save()

    def _remember(self, memory: BatteryMemory) -> None:
        self._store.put(self._key, memory)
