"""Keeps the dashboard in step with the batteries: a visitor may add the one that advertises."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from . import dashboard, flows
from .batteries import ADDRESS, Fleet, VirtualBattery
from .client import Client, ClientError
from .entities import entities_of
from .folder import Folder
from .known import Known
from .sections import Shown

LOOK = 1.0
"""From one look at Home Assistant to the next, in s."""


async def find_entries(client: Client, folder: Folder, fleet: Fleet) -> dict[str, str]:
    """Return the config entry's id of every battery that Home Assistant has, by the battery's key."""
    known = folder.entries()
    if boat := await flows.entry_at(client, ADDRESS):
        known[fleet.boat.key] = boat
    present = await flows.entry_ids(client)
    return {key: entry_id for key, entry_id in known.items() if entry_id in present}


class Keeper:
    """Writes the dashboard anew whenever another battery is to be shown, or another entity of one."""

    def __init__(self, client: Client, folder: Folder, fleet: Fleet) -> None:
        """Prepare to keep the dashboard of the Home Assistant in `folder`."""
        self._client = client
        self._folder = folder
        self._fleet = fleet
        self._seen: object = None
        self._written: object = None

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            # A Home Assistant that somebody restarts answers nothing, or not all, for a while.
            with suppress(ClientError):
                await self.look()

    async def look(self) -> None:
        """Write the dashboard if it has become another."""
        titles = await flows.titles(self._client)
        seen = titles, set(await self._client.states())
        if seen == self._seen:
            return
        entries = await find_entries(self._client, self._folder, self._fleet)
        shown = await self._shown(entries, titles)
        wanted = dashboard.dashboard(
            [shown[one.key] for one in self._fleet.single if one.key in shown],
            [shown[one.key] for one in self._fleet.virtual if one.key in shown],
            [shown[one.key] for one in self._fleet.bus.batteries if one.key in shown],
            hint=self._fleet.boat.key not in entries,
        )
        if wanted != self._written:
            await dashboard.install(self._client, wanted)
        self._seen, self._written = seen, wanted
        await self._client.hang_up()

    async def _shown(self, entries: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, Shown]:
        """Return the batteries that Home Assistant has, by key."""
        registry = await self._client.command("config/entity_registry/list")
        shown: dict[str, Shown] = {}
        for battery in self._fleet.known:
            entry_id = entries.get(battery.key)
            if entry_id and (entities := entities_of(entry_id, registry)).ids:
                shown[battery.key] = Shown(
                    titles.get(entry_id, battery.name),
                    battery.icon,
                    entities,
                    battery is self._fleet.workshop,
                    tuple(shown[part.key] for part in _parts(battery) if part.key in shown),
                )
        return shown


def _parts(battery: Known) -> tuple[Known, ...]:
    return battery.members if isinstance(battery, VirtualBattery) else ()
