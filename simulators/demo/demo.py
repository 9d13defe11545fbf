"""Batteries on pseudo-terminals and a Home Assistant that shows them, from start to ready to end."""

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from importlib.metadata import version
from typing import IO, Any, Self

from . import dashboard, flows
from .batteries import DemoBattery, demo_batteries
from .client import Client, ClientError, Patience, Unreachable
from .entities import Entities, read_entities
from .folder import Folder
from .process import RESTART, HomeProcess

_HOME_STARTS = Patience(90.0)
"""A slow machine that compiles all of Home Assistant's bytecode on its first start needs most of this."""
_BATTERIES_LOAD = Patience(30.0)


class StartFailed(Exception):
    """Home Assistant, or a battery in it, did not come up."""


def say(text: str) -> None:
    """Tell the person; standard output belongs to the one line that says ready."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


class Demo:
    """The whole demo. Use it as an asynchronous context manager: inside, it is ready."""

    def __init__(
        self,
        folder: Folder,
        port: int,
        output: IO[bytes] | int,
        batteries: Sequence[DemoBattery] | None = None,
    ) -> None:
        """Prepare a demo in `folder`, with all that Home Assistant prints going to `output`."""
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.batteries = demo_batteries(folder.ports) if batteries is None else batteries
        self.home = HomeProcess(folder, port, output)
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The signed-in session."""
        assert self._client is not None
        return self._client

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def entities(self, battery: DemoBattery) -> Entities:
        """Ask Home Assistant for a battery's entities."""
        return await read_entities(self.client, self.entry_id(battery))

    def entry_id(self, battery: DemoBattery) -> str:
        """Return the id of a battery's config entry."""
        return self.folder.entries()[battery.key]

    async def ended(self) -> int:
        """Wait until Home Assistant ends for good, not to start again; return its exit status."""
        # It would wait 10 s for a connection on which nobody listens any more.
        await self._hang_up()
        while (status := await self.home.ended()) == RESTART:
            await self.home.start()
        return status

    async def _start(self) -> None:
        self.folder.token.unlink(missing_ok=True)
        for battery in self.batteries:
            battery.line.start()
        reused = self._find_configuration()
        try:
            await self._start_home()
        except (ClientError, StartFailed) as err:
            if not reused:
                raise
            say(f"the configuration of the last start is of no use ({err}); making a new one")
            await self._stop_home()
            self.folder.set_aside()
            await self._start_home()
        self.folder.show_token()

    def _find_configuration(self) -> bool:
        """Return whether there is a configuration to use again; one that is not fit for it is set aside."""
        if self.folder.is_complete(version("homeassistant")):
            return True
        if self.folder.config.exists():
            say("the configuration found is of another version or incomplete; making a new one")
            self.folder.set_aside()
        return False

    async def _start_home(self) -> None:
        await self.home.start()
        await self._unless_it_ends(self._become_ready())

    async def _become_ready(self) -> None:
        await _HOME_STARTS.until("Home Assistant answers", self._signed_in)
        await self._add_missing_batteries()
        await _BATTERIES_LOAD.until("every battery is loaded and has a voltage", self._batteries_are_live)
        shown = [dashboard.Shown(row.name, row.icon, await self.entities(row)) for row in self.batteries]
        await dashboard.install(self.client, shown)
        # A browser asks for both, and shows nothing before the second is answered.
        await self.client.page("/")
        await self.client.command("get_services")

    async def _signed_in(self) -> bool:
        if self._client is None and self.folder.is_complete(version("homeassistant")):
            self._client = Client(self.url, self.folder.read_secret())
        try:
            return self._client is not None and (await self._client.get("config"))["state"] == "RUNNING"
        except Unreachable:
            return False

    async def _add_missing_batteries(self) -> None:
        known, present = self.folder.entries(), await flows.entry_ids(self.client)
        for battery in self.batteries:
            if known.get(battery.key) not in present:
                entry_id = await flows.add(self.client, battery.port, battery.name)
                await flows.allow_switches(self.client, entry_id)
                self.folder.remember_entry(battery.key, entry_id)

    async def _batteries_are_live(self) -> bool:
        states = await flows.entry_states(self.client)
        # A visitor may have disabled one since, and may have added others that are none of our business.
        enabled = [row for row in self.batteries if self.entry_id(row) in states]
        if any(states[self.entry_id(row)] != "loaded" for row in enabled):
            return False
        return all([await self._has_voltage(row) for row in enabled])

    async def _has_voltage(self, battery: DemoBattery) -> bool:
        found = await self.entities(battery)
        try:
            return float(await self.client.state(found["sensor.voltage"])) > 0
        except KeyError, ValueError, ClientError:
            return False

    async def _unless_it_ends[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work; fail at once when Home Assistant ends before it is done."""
        tasks = working, ended = asyncio.ensure_future(work), asyncio.ensure_future(self.home.ended())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise StartFailed(f"Home Assistant ended with status {ended.result()}")
            return working.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _stop_home(self) -> None:
        await self._hang_up()
        await self.home.stop()

    async def _stop(self) -> None:
        self.folder.token.unlink(missing_ok=True)
        try:
            await self._stop_home()
        finally:
            for battery in self.batteries:
                battery.line.stop()
