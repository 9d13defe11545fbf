"""Commands to a virtual battery: each goes to the members that have the switch, one by one (rules 6)."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import Any

from homeassistant.core import HomeAssistant

from ..model.errors import BattMonError, CommandBlocked, LinkDown, MembersFailed, NotObeyed
from ..model.packs.freshness import why_not
from ..model.packs.settings import Arrangement, Source
from ..model.packs.switching import SwitchStates
from ..model.switching import Wanted
from .guarding import MOSFETS, CarriedOut, guarding_of
from .kinship import Whole
from .pack_settings import CONF_MEMBERS
from .roster import Roster, roster_of
from .settings import ALLOW

UNLOADED = "the battery is being unloaded"
NOT_RUNNING = "it is not loaded"
CIRCLE = "it is made of the battery that commands it"


def offered_switches(hass: HomeAssistant, options: Mapping[str, Any]) -> frozenset[str]:
    """Return which switches a virtual battery can have: those that the person allowed for some member."""
    roster = roster_of(hass)
    return frozenset(name for key in options.get(CONF_MEMBERS, ()) for name in allowed_for(roster, key))


def allowed_for(roster: Roster, key: str) -> frozenset[str]:
    """Return which switches of a battery the person allowed, whether or not it runs."""
    if (seat := roster.seat(key)) is not None:
        return seat.switches
    entry = roster.entry_of(key)
    options = {} if entry is None else entry.options
    return frozenset(name for name, option in ALLOW.items() if options.get(option))


def switch_states(roster: Roster, members: Iterable[str], name: str, now: float) -> SwitchStates:
    """Return how a switch stands at those members that have it."""
    told: list[tuple[str, bool | None]] = []
    for key, member in roster.members(members).items():
        reading = None if why_not(member, now) is not None or member.state is None else member.state.reading
        on: bool | None = getattr(reading, f"{name}_enabled", None)
        if on is not None or name in allowed_for(roster, key):
            told.append((member.name, on))
    return SwitchStates.of(told)


class FanOut:
    """Commands the members of one virtual battery."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        self._hass = hass
        self._key = key
        self._roster = roster_of(hass)
        self._guarding = guarding_of(hass)
        self._busy = asyncio.Lock()
        self._commands: set[asyncio.Task[None]] = set()
        self._closed = False

    async def command(self, wanted: Wanted, *, force: bool) -> None:
        """Command the members; raises `MembersFailed`, or `CommandBlocked` if none was commanded."""
        task = self._hass.async_create_task(self._command(wanted, force), "battmon members")
        self._commands.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait((task,))
        task.result()

    async def close(self) -> None:
        """Finish with the member that is being commanded."""
        self._closed = True
        if self._commands:
            await asyncio.wait(self._commands)

    async def _command(self, wanted: Wanted, force: bool) -> None:
        async with self._busy:
            whole = self._guarding.kinship.whole(self._key)
            if whole is None or self._closed:
                raise LinkDown(UNLOADED)
            orders = self._orders(whole, wanted)
            with ExitStack() as together:
                if whole.is_parallel:
                    orders = await self._in_order(whole, orders, force, together)
                done = together.enter_context(self._guarding.one_command(self._key))
                await self._carry_out(whole, orders, force, done)

    def _orders(self, whole: Whole, wanted: Wanted) -> dict[str, Wanted]:
        """Return what each member is to be commanded, by key. Raises `CommandBlocked` if nobody can obey."""
        orders: dict[str, Wanted] = {}
        for name, on in wanted._asdict().items():
            if on is None:
                continue
            members = self._having(whole, name)
            if not members:
                raise CommandBlocked("no_member_has_switch", {"switch": name})
            for key in members:
                orders[key] = orders.get(key, Wanted())._replace(**{name: on})
        return {key: orders[key] for key in whole.members if key in orders}

    def _having(self, whole: Whole, name: str) -> list[str]:
        merged = whole.settings.arrangement is Arrangement.MERGED
        gives = {source.key for source in whole.settings.members if not merged or _tells(source, name)}
        having = [key for key in whole.members if key in gives and name in allowed_for(self._roster, key)]
        # All of them see the same switch: one is enough, and the first that runs knows it best.
        return sorted(having, key=lambda key: self._roster.seat(key) is None)[:1] if merged else having

    async def _in_order(
        self, whole: Whole, orders: dict[str, Wanted], force: bool, together: ExitStack
    ) -> dict[str, Wanted]:
        """Return the orders so that the strongest member of a bank is switched off last."""
        order = list(orders)
        for switch in MOSFETS:
            leaving = [key for key in order if getattr(orders[key], switch) is False]
            if not leaving:
                continue
            leaving = await self._guarding.order_of_leaving(whole, leaving, switch, force=force)
            together.enter_context(self._guarding.together(whole, leaving, switch))
            order = [*(key for key in order if key not in leaving), *leaving]
        return {key: orders[key] for key in order}

    async def _carry_out(
        self, whole: Whole, orders: Mapping[str, Wanted], force: bool, done: CarriedOut
    ) -> None:
        members = self._roster.members(whole.members)
        failures: list[tuple[str, BattMonError]] = []
        switched: list[str] = []
        for key, order in orders.items():
            name = members[key].name
            if (key, order) not in done:
                done[key, order] = await self._failure(key, order, force)
            if (failure := done[key, order]) is None:
                switched.append(name)
            else:
                failures.append((name, failure))
        if failures:
            raise MembersFailed(failures, switched)

    async def _failure(self, key: str, order: Wanted, force: bool) -> BattMonError | None:
        """Command a member and return what went wrong."""
        try:
            await self._carry_out_one(key, order, force)
        except BattMonError as error:
            return error
        return None

    async def _carry_out_one(self, key: str, order: Wanted, force: bool) -> None:
        seat = self._roster.seat(key)
        if self._closed or seat is None:
            raise LinkDown(UNLOADED if self._closed else NOT_RUNNING)
        if self._key in self._guarding.kinship.below(key):
            raise LinkDown(CIRCLE)
        if not await seat.command(order, force):
            state = self._roster.state(key)
            problems = None if state is None else state.problems
            raise NotObeyed(", ".join(alarm.replace("_", " ") for alarm in sorted(problems or ())) or "-")

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._commands.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also if nobody waits any more


def _tells(source: Source, switch: str) -> bool:
    return source.gives(f"{switch}_enabled")
