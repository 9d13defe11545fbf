"""A device that speaks a protocol over a wire."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from ..model.errors import (
    BadFrame,
    BattMonError,
    CommandBlocked,
    LinkDown,
    NoReply,
    WrongBattery,
)
from ..model.identity import Fingerprint, difference
from ..model.reading import Reading
from ..model.switching import SwitchMemory, Wanted, approve
from ..protocols.conversation import Conversation
from ..protocols.protocol import Outcome, Protocol
from ..transports.wire import Wire
from ..transports.wires import Wires
from .extras import Extras
from .occasion import Occasion
from .places import Place
from .settings import DeviceSettings
from .source import KeepSwitches, Source

WIRES: HassKey[Wires] = HassKey("battmon_wires")

COMMAND_DEADLINE = 20.0
"""Seconds: a switch, its acknowledgement, a second for the MOSFETs and reading back, with retries."""
RECOVERY_DEADLINE = 6.0
"""Seconds to leave factory mode at unload or stop; Home Assistant waits about 10."""
EXCHANGE_TIME = 5.0
"""Seconds in which nobody puts another battery behind a port without a poll that fails."""
UNLOADED = "the battery is being unloaded"


async def open_device(
    hass: HomeAssistant,
    settings: DeviceSettings,
    *,
    expected: Fingerprint | None = None,
    switches: SwitchMemory | None = None,
    keep: KeepSwitches | None = None,
) -> DeviceSource:
    """Return a source for a device. Nothing is sent yet. Raises `DoesNotFit` and `WireConflict`."""
    wires = wires_of(hass)
    protocol = settings.conversations(switches)
    wire = await settings.place.acquire(hass, wires, type(protocol))
    return DeviceSource(hass, wires, wire, settings.place, protocol, settings.permitted, expected, keep)


def wires_of(hass: HomeAssistant) -> Wires:
    """Return all wires of this Home Assistant."""
    # A proxy's integration that is not loaded yet raises errors of Home Assistant's own.
    return hass.data.setdefault(WIRES, Wires(open_errors=(HomeAssistantError,)))


class DeviceSource(Source):
    """Meets the device after every connection, then polls it."""

    def __init__(
        self,
        hass: HomeAssistant,
        wires: Wires,
        wire: Wire,
        place: Place,
        protocol: Protocol,
        permitted: frozenset[str],
        expected: Fingerprint | None,
        keep: KeepSwitches | None,
    ) -> None:
        super().__init__()
        self.fingerprint = expected
        self.switches = protocol.switches & permitted
        self.address = place.address
        self._hass = hass
        self._wires = wires
        self._wire = wire
        self._place = place
        self._protocol = protocol
        self._keep_switches = keep
        self._kept = protocol.memory
        self._met: int | None = None
        """The wire's connection in which the device was identified."""
        self._rested = False
        """Whether the connection before this one was ended by ourselves."""
        self._looked_into: int | None = None
        """Another number of cells than is known, after which it was found to be the same battery."""
        self._heard_at = 0.0
        self._recovery = Occasion(interval=0.0, known=True)
        self._extras = Extras(protocol, self._say_to_met, self._keep, settings="balancing" in self.switches)
        self._busy = asyncio.Lock()
        self._commands: set[asyncio.Task[Outcome]] = set()
        self._meeting: asyncio.Timeout | None = None
        """Of a command that waits until the device is met."""
        self._watching = ExitStack()
        """Of the wire, until this is closed."""
        self._closed = False
        self._closing = asyncio.Lock()
        self._released = False

    @override
    async def read(self) -> Reading:
        async with self._busy:
            if self._closed:
                raise LinkDown(UNLOADED)
            await self._be_met()
            now = self._hass.loop.time()
            if self._extras.are_due(now):
                await self._extras.read(now)
            return await self._poll()  # last of all: it is as new as can be

    @property
    @override
    def retry_at(self) -> float:
        return self._wire.retry_at

    @override
    def retry_now(self) -> None:
        self._wire.retry_now()

    @override
    def watch(self, lost: Callable[[], None]) -> None:
        self._watching.callback(self._wire.watch(lost))

    @override
    def signal_strength(self) -> int | None:
        return self._place.signal_strength(self._hass)

    @override
    async def rest(self, *, afresh: bool = False) -> None:
        async with self._busy:
            if self._met is not None and self._met == self._wire.connection:
                self._rested = True
                self._met = None
            self._rested = self._rested and not afresh
            await self._wires.rest(self._wire)

    @override
    async def command(self, wanted: Wanted, *, force: bool) -> Outcome:
        """Run in a task of its own: who waits for it may be cancelled, the command may not."""
        if self._closed:
            raise LinkDown(UNLOADED)
        task = self._hass.async_create_task(self._command(wanted, force), "battmon command")
        self._commands.add(task)
        task.add_done_callback(self._command_ended)
        return await asyncio.shield(task)

    @override
    async def close(self) -> None:
        self._closed = True
        self._watching.close()
        async with self._closing:
            if self._released:
                return
            if self._meeting is not None:
                self._meeting.reschedule(0.0)
            if self._commands:
                await asyncio.wait(self._commands)
            if self._protocol.memory.factory_mode:
                with suppress(BattMonError):
                    await self._say(self._protocol.open_link(), deadline=RECOVERY_DEADLINE)
                    await self._say(self._protocol.recover(), deadline=RECOVERY_DEADLINE)
                await self._keep(self._protocol.memory)
            self._released = True
            await self._wires.release(self._wire)

    async def log_in(self) -> None:
        """Try the password; raises `WrongPassword`, or `Refused` if the device knows none."""
        await self._say(self._protocol.log_in())

    async def _be_met(self) -> None:
        """Find out who answers, before any of its values or commands count."""
        if self._met is None or self._met != self._wire.connection:
            await self._meet()
            return
        if self._protocol.memory.factory_mode:
            await self._recover()
        unheard = self._hass.loop.time() - self._heard_at > EXCHANGE_TIME
        if unheard and not self._place.connection_is_device:
            await self._look_again()

    async def _be_met_before_closing(self) -> None:
        """Let closing end the wait for a link: nothing was commanded yet."""
        try:
            async with asyncio.timeout(None) as self._meeting:
                await self._be_met()
        except TimeoutError as error:
            raise LinkDown(UNLOADED) from error
        finally:
            self._meeting = None

    async def _meet(self) -> None:
        self._met = self._looked_into = None
        afresh = not self._rested or self._extras.are_old(self._hass.loop.time())
        self._rested = False
        if afresh:
            self._protocol.forget_settings()
        await self._say(self._protocol.open_link())
        if afresh:
            self._recovery.begin()
        await self._recover()
        identity = await self._say(self._protocol.identify())
        connection = self._wire.connections
        reading = await self._say(self._protocol.poll(), connection=connection)
        self._check(Fingerprint.of(identity, reading))
        if afresh:
            self._extras.begin()
        self._met = connection

    async def _look_again(self) -> None:
        """Make sure that it is still the same battery. Its number of cells may have been set anew."""
        assert self.fingerprint is not None
        identity = await self._say_met(self._protocol.identify())
        reading = await self._say_met(self._protocol.poll())
        found = Fingerprint.of(identity, reading)
        self._check(replace(found, cells=None))
        self.fingerprint = self.fingerprint.updated(found)

    def _check(self, found: Fingerprint) -> None:
        known = self.fingerprint
        if known is None:
            self.fingerprint = found
            return
        if (what := difference(known, found)) is not None:
            self._met = None
            raise WrongBattery(what)
        self.fingerprint = known.updated(found)

    async def _recover(self) -> None:
        now = self._hass.loop.time()
        if not self._protocol.memory.factory_mode or not self._recovery.is_due(now):
            return
        with suppress(NoReply, BadFrame):
            await self._say(self._protocol.recover())
        if self._protocol.memory.factory_mode:
            self._recovery.failed(now)
        await self._keep(self._protocol.memory)

    async def _poll(self) -> Reading:
        try:
            reading = await self._say_met(self._protocol.poll())
        except BattMonError:
            self._recovery.excuse()
            self._extras.excuse()
            raise
        return await self._complete(reading)

    async def _complete(self, reading: Reading) -> Reading:
        """Add what a poll does not read, if it is the battery that was met."""
        assert self.fingerprint is not None
        if _is_doubtful(self.fingerprint, reading, self._looked_into):
            await self._look_again()
            self._looked_into = None if reading.cell_voltages is None else len(reading.cell_voltages)
        self._heard_at = self._hass.loop.time()
        self._extras.see(reading)
        return reading

    async def _command(self, wanted: Wanted, force: bool) -> Outcome:
        async with self._busy:
            if self._closed:
                raise LinkDown(UNLOADED)
            await self._be_met_before_closing()
            await self._keep(self._before(wanted))
            try:
                outcome = await self._say_met(
                    self._protocol.command(
                        wanted, partial(approve, wanted=wanted, force=force), self._record_write
                    ),
                    deadline=COMMAND_DEADLINE,
                )
            except BattMonError:
                if wanted.balancing is not None:  # perhaps it was changed, and that was not seen
                    self._extras.doubt_settings()
                raise
            finally:
                await self._keep(self._protocol.memory)
            return replace(outcome, reading=await self._complete(outcome.reading))

    def _before(self, wanted: Wanted) -> SwitchMemory:
        """What to remember while a command runs, should we be killed midway: the worst."""
        memory = replace(self._protocol.memory, factory_mode=True)
        if wanted.charging is not None or wanted.discharging is not None:
            memory = replace(memory, commanded=None)
        if wanted.balancing is not None:
            with suppress(CommandBlocked):
                memory = memory.with_balancing_write(datetime.now(UTC))
        return memory

    def _record_write(self) -> None:
        self._protocol.memory = self._protocol.memory.with_balancing_write(datetime.now(UTC))

    def _command_ended(self, task: asyncio.Task[Outcome]) -> None:
        self._commands.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also if nobody waits any more

    async def _keep(self, memory: SwitchMemory) -> None:
        if self._keep_switches is not None and memory != self._kept:
            self._kept = memory
            await self._keep_switches(memory)

    def _say_to_met[T](self, conversation: Conversation[T]) -> Coroutine[Any, Any, T]:
        """Talk to the device that was met; what it does not answer may just be unknown to it."""
        return self._say(conversation, connection=self._met)

    async def _say_met[T](self, conversation: Conversation[T], deadline: float | None = None) -> T:
        """Talk to the device that was met, and to no other."""
        try:
            return await self._say(conversation, deadline, self._met)
        except NoReply, LinkDown:
            self._met = None  # whatever answers next may be another battery
            raise

    def _say[T](
        self, conversation: Conversation[T], deadline: float | None = None, connection: int | None = None
    ) -> Coroutine[Any, Any, T]:
        return self._wire.converse(conversation, self.record, deadline, connection)


def _is_doubtful(known: Fingerprint, reading: Reading, looked_into: int | None) -> bool:
    """Whether what every poll reads speaks against the battery that is known. Asked of each sample.

    A number of cells that was `looked_into` is the battery's own: some of them are missing.
    """
    cells, count = reading.cell_voltages, reading.cycle_count
    other_cells = (
        known.cells is not None and cells is not None and len(cells) not in (known.cells, looked_into)
    )
    return other_cells or (known.cycle_count is not None and count is not None and count < known.cycle_count)
