"""Finds the entities of a battery: by unique id, never by an entity id that a person may have changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .client import Client

type RegistryRow = Mapping[str, Any]


@dataclass(frozen=True)
class Entities:
    """The enabled entities of one battery, by domain and key: `sensor.voltage`, `switch.charging`."""

    device_id: str
    ids: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return the entity id of an entity that must be there."""
        return self.ids[name]

    def __contains__(self, name: str) -> bool:
        return name in self.ids

    def present(self, *names: str) -> Iterator[str]:
        """Yield the entity ids of those that are there."""
        return (self.ids[name] for name in names if name in self.ids)

    def numbered(self, prefix: str) -> list[str]:
        """Return the entity ids of `prefix`1, `prefix`2 and so on."""
        numbers = (name.removeprefix(prefix) for name in self.ids if name.startswith(prefix))
        return [self.ids[f"{prefix}{number}"] for number in sorted(map(int, filter(str.isdecimal, numbers)))]


def entities_of(entry_id: str, registry: Sequence[RegistryRow]) -> Entities:
    """Pick the entities of a config entry from Home Assistant's whole registry."""
    rows = [row for row in registry if row["config_entry_id"] == entry_id]
    return Entities(
        next((row["device_id"] for row in rows), ""),
        {_name(row): row["entity_id"] for row in rows if row["disabled_by"] is None},
    )


def _name(row: RegistryRow) -> str:
    """Return the domain and the key: a unique id is the battery's key (no underscores) and the entity's."""
    domain, _, _ = row["entity_id"].partition(".")
    _, _, key = row["unique_id"].partition("_")
    return f"{domain}.{key}"


async def read_entities(client: Client, entry_id: str) -> Entities:
    """Ask Home Assistant for the entities of a config entry."""
    return entities_of(entry_id, await client.command("config/entity_registry/list"))
