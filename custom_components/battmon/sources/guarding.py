"""What virtual batteries demand before one of their members is switched (rules 6). One per Home Assistant."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..model.errors import BattMonError, CommandBlocked
from ..model.packs.joining import FRESH, Joining, may_join
from ..model.packs.settings import Arrangement
from ..model.packs.standing import Standing
from ..model.packs.switching import may_leave, may_open, order_of_leaving
from ..model.switching import Wanted
from .kinship import Kinship, Whole
from .roster import Roster, roster_of
from .standings import Standings

MOSFETS = ("charging", "discharging")
"""The switches that open or close the way of the current."""
OLD = 1.0
"""Seconds after which a sample is taken anew before a command."""
READING_TIME = FRESH - OLD
"""Seconds that this may take: what was read first must not be too old by then."""
GUARDING: HassKey[Guarding] = HassKey("battmon_guarding")


type CarriedOut = dict[tuple[str, Wanted], BattMonError | None]
"""By battery and order: what went wrong, `None` if nothing did."""


class Asked(NamedTuple):
    """What is asked of the MOSFETs of a battery."""

    on: tuple[str, ...]
    off: tuple[str, ...]
    force: bool

    @classmethod
    def of(cls, wanted: Wanted, *, force: bool) -> Asked:
        """Return what a command asks for."""
        stated = {name: getattr(wanted, name) for name in MOSFETS}
        return cls(
            tuple(name for name, on in stated.items() if on is True),
            tuple(name for name, on in stated.items() if on is False),
            force,
        )


class Guarding:
    """Asks every virtual battery that a battery is a part of, directly or through others."""

    def __init__(self, hass: HomeAssistant, roster: Roster) -> None:
        self.kinship = Kinship(roster)
        self._hass = hass
        self._roster = roster
        self._locks: dict[str, asyncio.Lock] = {}
        self._together: dict[tuple[str, str], Collection[str]] = {}
        """Of a virtual battery and a switch: the members that one command is just switching off."""
        self._carried_out: dict[str, CarriedOut] = {}
        """Of a virtual battery that is being commanded."""

    def lock(self, key: str) -> asyncio.Lock:
        """Return what is held while a battery is switched: two at once would each count on the other."""
        return self._locks.setdefault(min(self.kinship.circle(key)), asyncio.Lock())

    async def approve(self, key: str, wanted: Wanted, *, force: bool) -> tuple[Joining, ...]:
        """Raise `CommandBlocked` if a battery may not be switched like this now.

        Returns what it is held to a moment later, if it joins others. Reads those that it depends on.
        """
        asked = Asked.of(wanted, force=force)
        if not asked.on and not asked.off:
            return ()
        if (string := self.kinship.forbidden_by(key)) is not None:
            raise CommandBlocked("not_rated_for_string", {"pack": string})
        if not self.kinship.wholes_of(key):
            return ()
        await self._refresh(key)
        return tuple(self._judge(key, asked, {key}))

    async def order_of_leaving(
        self, whole: Whole, members: Collection[str], switch: str, *, force: bool
    ) -> list[str]:
        """Return members of a bank in the order in which they are to be switched off by one command.

        Raises `CommandBlocked` if that cannot be done to the end.
        """
        await self._refresh(whole.members[0])
        bank = self._now().bank(whole)
        each = {key: self.kinship.on_bus([key]) for key in members}
        leaving = [one for keys in each.values() for one in keys]
        order = [one.key for one in order_of_leaving(bank, leaving, switch, force=force)]
        return sorted(each, key=lambda key: max(map(order.index, each[key]), default=0))

    @contextmanager
    def together(self, whole: Whole, members: Collection[str], switch: str) -> Iterator[None]:
        """Say meanwhile that these members are switched off by one command."""
        place = (whole.key, switch)
        self._together[place] = self.kinship.on_bus(members)
        try:
            yield
        finally:
            del self._together[place]

    @contextmanager
    def one_command(self, key: str) -> Iterator[CarriedOut]:
        """Give what the command to a virtual battery has done so far, or that to one which it is a part of.

        A battery may be reached in several ways, and is to be commanded once.
        """
        for above in self.kinship.above(key):
            if above in self._carried_out:
                yield self._carried_out[above]
                return
        self._carried_out[key] = {}
        try:
            yield self._carried_out[key]
        finally:
            del self._carried_out[key]

    def standing(self, key: str) -> Standing:
        """Return what is known of a battery now."""
        return self._now().standing(key)

    def _judge(self, key: str, asked: Asked, seen: Collection[str]) -> Iterator[Joining]:
        for whole in self.kinship.wholes_of(key):
            if whole.key in seen:
                continue
            if whole.is_parallel:
                passed_on, joining = self._on_bus(whole, key, asked)
                if joining is not None:
                    yield joining
            else:
                passed_on = asked
                if whole.settings.arrangement is Arrangement.SERIES and asked.off:
                    may_open(whole.name, self._now().string(whole, FRESH), force=asked.force)
            if passed_on.on or passed_on.off:
                yield from self._judge(whole.key, passed_on, {*seen, whole.key})

    def _on_bus(self, whole: Whole, key: str, asked: Asked) -> tuple[Asked, Joining | None]:
        """Judge by a bank. Returns what the command means for the bank as a whole: the first and the last."""
        keys = self.kinship.on_bus([key])
        bank = self._now().bank(whole)
        for switch in asked.off:
            together = self._together.get((whole.key, switch), ())
            may_leave(bank, keys, switch, force=asked.force, together=together)
        heard = self._now().bank(whole, FRESH)
        joining = may_join(heard, keys, asked.on) if asked.on else None
        others = heard.others(keys)
        passed_on = Asked(
            () if any(one.is_on for one in others) else asked.on,
            tuple(switch for switch in asked.off if not any(one.switch(switch) for one in others)),
            asked.force,
        )
        return passed_on, joining

    def _now(self) -> Standings:
        return Standings(self._roster, self.kinship, self._hass.loop.time())

    async def _refresh(self, key: str) -> None:
        """Have all read that the judgement depends on, first devices, then what they are together."""
        kinship = self.kinship
        banks = [one for one in kinship.above(key) if (whole := kinship.whole(one)) and whole.is_parallel]
        involved = {one: None for top in (key, *banks) for one in kinship.below(top)}
        now, devices = self._now(), [one for one in involved if kinship.whole(one) is None]
        with suppress(TimeoutError):
            async with asyncio.timeout(READING_TIME):
                await asyncio.gather(*(self._read(one) for one in devices if now.age(one) > OLD))
        # What lies deeper comes later in each, and first here.
        for one in reversed(involved):
            if one not in devices:
                await self._read(one)

    async def _read(self, key: str) -> None:
        if (seat := self._roster.seat(key)) is not None:
            await seat.read()


def guarding_of(hass: HomeAssistant) -> Guarding:
    """Return the one of this Home Assistant."""
    return hass.data.setdefault(GUARDING, Guarding(hass, roster_of(hass)))
