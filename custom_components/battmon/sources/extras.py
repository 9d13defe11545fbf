"""What is read beside the polls, on occasion, and may stay unknown: settings and protection counts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol as Interface

from ..model.errors import BadFrame, BattMonError, LinkDown, WrongPassword
from ..model.reading import Reading
from ..model.switching import SwitchMemory
from ..protocols.conversation import Conversation
from ..protocols.protocol import Protocol
from .occasion import NEVER, Occasion

COUNTS_INTERVAL = 60.0
"""Seconds between reads of the protection counters, which move only when a protection trips."""
SETTINGS_AGE = 3600.0
"""Seconds for which settings are believed while we let go of the link between readings: a phone may
change them then, but reading them enters factory mode."""


class Talk(Interface):
    """Talks to the device that was met."""

    async def __call__[T](self, conversation: Conversation[T]) -> T:
        """Return what a conversation learned; raises `BattMonError`."""


class Extras:
    """Times in s, on the event loop's clock."""

    def __init__(
        self,
        protocol: Protocol,
        talk: Talk,
        keep: Callable[[SwitchMemory], Awaitable[None]],
        *,
        settings: bool,
    ) -> None:
        """`keep` saves what must be remembered; `settings`: whether anybody wants to know them."""
        self._protocol = protocol
        self._talk = talk
        self._keep = keep
        self._wants_settings = settings
        self._settings = Occasion(NEVER)
        self._settings_at = 0.0
        """When settings were read."""
        self._counting = Occasion(COUNTS_INTERVAL)
        self._alarms: object = None
        """Of the newest reading."""
        self._counted_alarms: object = None

    def are_old(self, now: float) -> bool:
        """Whether settings have been believed for long enough."""
        return self._wants_settings and now - self._settings_at > SETTINGS_AGE

    def begin(self) -> None:
        """A connection was made to a device of which nothing is known any more."""
        self._settings.begin()
        self._counting.begin()

    def excuse(self) -> None:
        """A poll failed: that an extra failed, too, says nothing about it."""
        self._settings.excuse()
        self._counting.excuse()

    def doubt_settings(self) -> None:
        """A command may have changed them, and that was not seen."""
        self._settings.begin()

    def are_due(self, now: float) -> bool:
        """Whether there is anything to read."""
        return self._settings_are_due(now) or self._counts_are_due(now)

    async def read(self, now: float) -> None:
        """Read what is due; raises `LinkDown` and the like, but what stays unknown is no error."""
        await self._read_settings(now)
        await self._read_counts(now)

    def see(self, reading: Reading) -> None:
        """A reading was taken: an alarm in it may have been counted."""
        self._alarms = reading.alarms

    def _settings_are_due(self, now: float) -> bool:
        return self._wants_settings and self._settings.is_due(now)

    def _counts_are_due(self, now: float) -> bool:
        tripped = self._protocol.counts is not None and self._alarms != self._counted_alarms
        return tripped or self._counting.is_due(now)

    async def _read_settings(self, now: float) -> None:
        if not self._settings_are_due(now):
            return
        await self._keep(replace(self._protocol.memory, factory_mode=True))
        try:
            await self._talk(self._protocol.read_settings())
        except WrongPassword:  # too many attempts lock some batteries for good
            self._settings.give_up()
        except LinkDown:
            raise
        except BattMonError:
            self._protocol.forget_settings()
            self._settings.failed(now)
        else:
            self._settings_at = now
            self._settings.done(now)
        finally:
            await self._keep(self._protocol.memory)

    async def _read_counts(self, now: float) -> None:
        if not self._counts_are_due(now):
            return
        self._protocol.counts = None
        self._counted_alarms = self._alarms
        try:
            counts = await self._talk(self._protocol.poll_counts())
        except BadFrame:
            counts = None
        if counts is None:
            self._counting.failed(now)
        else:
            self._counting.done(now)
            self._protocol.counts = dict(counts)
