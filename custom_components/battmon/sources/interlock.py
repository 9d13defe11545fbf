"""Switches one battery as those that it is a part of allow, and sees that nothing came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from homeassistant.core import HomeAssistant

from ..model.errors import BattMonError, LinkDown, NotOpenedAgain, OpenedAgain
from ..model.packs.joining import Joining
from ..model.switching import Wanted
from .guarding import MOSFETS, guarding_of
from .roster import Command, roster_of

_LOGGER = logging.getLogger(__name__)

SETTLING = 5.0
"""Seconds after which the current of a member that joined is looked at (rules 6)."""
UNLOADED = "the battery is being unloaded"


class Interlock:
    """Of one battery, from its load to its unload."""

    def __init__(
        self, hass: HomeAssistant, key: str, obey: Command, read: Callable[[], Awaitable[None]]
    ) -> None:
        """`obey` commands the battery whatever others say; `read` takes a sample."""
        self._hass = hass
        self._key = key
        self._obey = obey
        self._read = read
        self._roster = roster_of(hass)
        self._guarding = guarding_of(hass)
        self._closing = asyncio.Event()
        self._commands: set[asyncio.Task[bool]] = set()
        self.charge_difference: float | None = None
        """Points between its state of charge and that of the bus that it joined last, if worth a warning."""

    async def command(self, wanted: Wanted, *, force: bool) -> bool:
        """Command the battery; returns whether it obeyed. Raises `BattMonError`."""
        if self._closing.is_set():
            raise LinkDown(UNLOADED)
        kinship = self._guarding.kinship
        if kinship.whole(self._key) is not None:
            # Whatever a virtual battery commands, its members are looked after one by one.
            await self._guarding.approve(self._key, wanted, force=force)
            return await self._obey(wanted, force)
        if not kinship.wholes_of(self._key):
            return await self._obey(wanted, force)
        # In a task of its own: who waits for it may be cancelled, what has to be seen to afterwards may not.
        task = self._hass.async_create_task(self._switch(wanted, force), "battmon interlock")
        self._commands.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait((task,))
        return task.result()

    async def close(self) -> None:
        """See to what was switched a moment ago, at once."""
        self._closing.set()
        if self._commands:
            await asyncio.wait(self._commands)

    async def _switch(self, wanted: Wanted, force: bool) -> bool:
        async with self._guarding.lock(self._key):
            if self._closing.is_set():
                raise LinkDown(UNLOADED)
            joinings = await self._guarding.approve(self._key, wanted, force=force)
            closed = self._to_open_again(wanted)
            self._warn(joinings)
            try:
                obeyed = await self._obey(wanted, force)
            except BattMonError:
                # Perhaps it was carried out, and only that was not heard.
                if joinings:
                    await self._settle(joinings, closed)
                raise
        if joinings:
            await self._settle(joinings, closed)
        return obeyed

    def _to_open_again(self, wanted: Wanted) -> Wanted:
        """Return what takes back the switches that a command closes."""
        before = self._guarding.standing(self._key)
        closed = [name for name in MOSFETS if getattr(wanted, name) and before.switch(name) is not True]
        return Wanted(**dict.fromkeys(closed, False))

    async def _settle(self, joinings: tuple[Joining, ...], closed: Wanted) -> None:
        """Look at the current after a while, and open again if it is too much."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                await self._closing.wait()
        current = await self._current()
        beyond = next((joining for joining in joinings if joining.is_exceeded(current)), None)
        if beyond is None:
            return
        found = (
            "no current was read" if current is None else f"{current:.1f} A > {beyond.limit(current):.1f} A"
        )
        told = f"{beyond.bank}: {found}"
        _LOGGER.warning("%s is switched off again, %s", self._roster.member(self._key).name, told)
        try:
            obeyed = await self._obey(closed, True)
        except BattMonError as error:
            raise NotOpenedAgain(f"{told}: {error}") from error
        raise (OpenedAgain if obeyed else NotOpenedAgain)(told)

    async def _current(self) -> float | None:
        """Return the current that is read now, in A."""
        asked_at = self._hass.loop.time()
        await self._read()
        state = self._roster.state(self._key)
        if state is None or state.sampled_at is None or state.sampled_at.monotonic < asked_at:
            return None
        return None if state.reading is None else state.reading.current

    def _warn(self, joinings: tuple[Joining, ...]) -> None:
        if joinings:
            self.charge_difference = max(
                (one.charge_difference for one in joinings if one.charge_difference is not None), default=None
            )
        if self.charge_difference is not None and joinings:
            _LOGGER.warning(
                "%s joins %s with a state of charge %.0f points away from it",
                self._roster.member(self._key).name,
                joinings[0].bank,
                self.charge_difference,
            )

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._commands.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also if nobody waits any more
