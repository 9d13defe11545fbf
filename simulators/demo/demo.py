"""Batteries on their wires and a Home Assistant that shows them, from start to ready to end."""

import asyncio
import sys
from collections.abc import Collection, Coroutine
from importlib.metadata import version
from typing import IO, Any, Self

from . import bus_flows, flows, shunt, virtual_flows
from .batteries import (
    AdvertisingBattery,
    EntityBattery,
    Fleet,
    VirtualBattery,
    WiredBattery,
    demo_batteries,
)
from .client import Client, ClientError, Patience, Unreachable
from .entities import read_entities
from .folder import Folder
from .keeper import Keeper, find_entries
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
        fleet: Fleet | None = None,
    ) -> None:
        """Prepare a demo in `folder`, with all that Home Assistant prints going to `output`."""
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.fleet = demo_batteries(folder) if fleet is None else fleet
        self.home = HomeProcess(folder, port, output)
        self._client: Client | None = None
        self._beside: list[asyncio.Task[None]] = []
        """What goes on while Home Assistant runs."""
        self.found_on_bus: dict[str, str] = {}
        """With what words the dialog offered what it found on the bus, by address."""

    @property
    def batteries(self) -> tuple[WiredBattery, ...]:
        """The batteries on a serial port."""
        return self.fleet.wired

    @property
    def boat(self) -> AdvertisingBattery:
        """The battery that advertises."""
        return self.fleet.boat

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

    async def entries(self) -> dict[str, str]:
        """Return the config entry's id of every battery that Home Assistant has, by the battery's key."""
        return await find_entries(self.client, self.folder, self.fleet)

    async def run_down(self) -> None:
        """Begin to run the workshop's battery down, with nothing held any more of an earlier start."""
        if entry_id := (await self.entries()).get(self.fleet.workshop.key):
            found = await read_entities(self.client, entry_id)
            for reset in found.present("button.reset_failsafe"):
                await self.client.action("button.press", entity_id=reset)
        self.fleet.run_down.begin()

    async def ended(self) -> int:
        """Wait until Home Assistant ends for good, not to start again; return its exit status."""
        # It would wait 10 s for a connection on which nobody listens any more.
        await self.client.hang_up()
        while (status := await self.home.ended()) == RESTART:
            await self.home.start()
        return status

    async def _start(self) -> None:
        self.folder.token.unlink(missing_ok=True)
        self._start_batteries()
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

    def _start_batteries(self) -> None:
        try:
            self.fleet.start()
        except OSError as err:
            raise StartFailed(f"a battery cannot be put on its wire: {err}") from err

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
        await self.fleet.shunt.shunt.report(self.client)
        self._beside.append(asyncio.create_task(self.fleet.shunt.shunt.run(self.client)))
        await self._add_missing_batteries()
        await _BATTERIES_LOAD.until("every battery is loaded and has a voltage", self._batteries_are_live)
        keeper = Keeper(self.client, self.folder, self.fleet)
        await keeper.look()
        self._beside.append(asyncio.create_task(keeper.run()))
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
        present = await self.entries()
        missing = [battery for battery in self.batteries if battery.key not in present]
        # The dialogs wait for their batteries most of the time.
        await asyncio.gather(*map(self._add, missing), self._add_those_on_bus(present))
        if self.fleet.shunt.key not in present:
            await self._add_shunt(self.fleet.shunt)
        for virtual in self.fleet.virtual:
            if virtual.key not in present:
                await self._join(virtual)

    async def _add(self, battery: WiredBattery) -> None:
        entry_id = await flows.add(self.client, battery.port, battery.name, **battery.chosen)
        await flows.allow_switches(self.client, entry_id)
        await self._show_watt_hours(entry_id)
        self.folder.remember_entry(battery.key, entry_id)

    async def _add_those_on_bus(self, present: Collection[str]) -> None:
        missing = [battery for battery in self.fleet.bus.batteries if battery.key not in present]
        if not missing:
            return
        found = await bus_flows.look(self.client, self.fleet.bus.path)
        pick = flows.expect_step(found, "form", "i2c_pick")
        self.found_on_bus = bus_flows.offered(pick)
        async for battery, entry_id in bus_flows.add(self.client, pick, missing):
            await self._show_watt_hours(entry_id)
            self.folder.remember_entry(battery.key, entry_id)

    async def _add_shunt(self, battery: EntityBattery) -> None:
        entry_id = await virtual_flows.add_entities(
            self.client,
            battery.name,
            shunt.ENTITIES,
            shunt.TIME_OUT,
            chemistry=battery.chemistry,
            cells=battery.cells,
        )
        await self._show_watt_hours(entry_id)
        self.folder.remember_entry(battery.key, entry_id)

    async def _join(self, battery: VirtualBattery) -> None:
        titles, entries = await flows.titles(self.client), await self.entries()
        names = [titles[entries[member.key]] for member in battery.members]
        entry_id = await virtual_flows.join(self.client, battery.kind, battery.name, names)
        if battery.kind == "series":
            await virtual_flows.rate_for_string(self.client, entry_id)
        if battery.taken:
            await virtual_flows.take_only(self.client, entry_id, names[0], battery.taken)
        await flows.allow_switches(self.client, entry_id)
        await self._show_watt_hours(entry_id)
        self.folder.remember_entry(battery.key, entry_id)

    async def _show_watt_hours(self, entry_id: str) -> None:
        """In kWh, as everybody else wants it, nothing would be seen of what such small batteries hold."""
        found = await read_entities(self.client, entry_id)
        for entity_id in found.present("sensor.energy_in", "sensor.energy_out"):
            await self.client.command(
                "config/entity_registry/update",
                entity_id=entity_id,
                options_domain="sensor",
                options={"unit_of_measurement": "Wh", "display_precision": 1},
            )

    async def _batteries_are_live(self) -> bool:
        states = await flows.entry_states(self.client)
        # A visitor may have disabled one since, and may have added others that are none of our business.
        enabled = [entry_id for entry_id in (await self.entries()).values() if entry_id in states]
        if any(states[entry_id] != "loaded" for entry_id in enabled):
            return False
        return all([await self._has_voltage(entry_id) for entry_id in enabled])

    async def _has_voltage(self, entry_id: str) -> bool:
        found = await read_entities(self.client, entry_id)
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

    async def _leave(self) -> None:
        """End the session, and whatever uses it."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        self._beside.clear()
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _stop_home(self) -> None:
        await self._leave()
        await self.home.stop()

    async def _stop(self) -> None:
        self.folder.token.unlink(missing_ok=True)
        try:
            await self._stop_home()
        finally:
            self.fleet.stop()
