"""The dashboard follows what a visitor adds and removes."""

from pathlib import Path
from typing import Any, override

import pytest

from simulators.demo.batteries import ADDRESS, Fleet, demo_batteries
from simulators.demo.client import Client
from simulators.demo.folder import DASHBOARD, Folder
from simulators.demo.keeper import Keeper, find_entries


class Home(Client):
    """A Home Assistant made of tables."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}
        self.registry: list[dict[str, Any]] = []
        self.devices: list[dict[str, Any]] = []
        self.dashboards: list[dict[str, Any]] = []
        """All that were written."""

    @override
    async def get(self, path: str) -> Any:
        return [{"entry_id": entry_id, "title": title} for entry_id, title in self.titles.items()]

    @override
    async def states(self) -> dict[str, str]:
        return {row["entity_id"]: "1" for row in self.registry}

    @override
    async def command(self, kind: str, **fields: Any) -> Any:
        if kind == "lovelace/config/save":
            self.dashboards.append(fields["config"])
        return {
            "config/entity_registry/list": self.registry,
            "config/device_registry/list": self.devices,
            "lovelace/dashboards/list": [{"url_path": DASHBOARD}],
        }.get(kind)

    @override
    async def hang_up(self) -> None:
        pass

    def add(self, entry_id: str, title: str, address: str | None = None) -> None:
        """Have a battery with a voltage."""
        self.titles[entry_id] = title
        connections = [] if address is None else [["bluetooth", address]]
        self.devices.append({"config_entries": [entry_id], "connections": connections})
        self.registry.append(
            {
                "entity_id": f"sensor.{entry_id}",
                "unique_id": "01HZZZ_voltage",
                "config_entry_id": entry_id,
                "device_id": entry_id,
                "disabled_by": None,
            }
        )

    @property
    def headings(self) -> list[str]:
        """The headings of the newest dashboard that are no cells'."""
        sections = self.dashboards[-1]["views"][0]["sections"]
        return [heading for section in sections if ":" not in (heading := section["cards"][0]["heading"])]

    @property
    def hints(self) -> bool:
        """Whether the newest dashboard says that there is something to add."""
        return "header" in self.dashboards[-1]["views"][0]


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.fixture
def folder(tmp_path: Path, home: Home) -> Folder:
    folder = Folder(tmp_path)
    folder.config.mkdir()
    for key in ("house", "van"):
        home.add(key, f"My {key}")
        folder.remember_entry(key, key)
    return folder


@pytest.fixture
def fleet(folder: Folder) -> Fleet:
    return demo_batteries(folder)


@pytest.fixture
def keeper(home: Home, folder: Folder, fleet: Fleet) -> Keeper:
    return Keeper(home, folder, fleet)


async def test_without_the_battery_that_advertises_there_is_a_hint(home: Home, keeper: Keeper) -> None:
    await keeper.look()
    assert home.headings == ["My house", "My van"]
    assert home.hints


async def test_a_battery_that_was_added_is_shown_under_its_name(home: Home, keeper: Keeper) -> None:
    await keeper.look()
    home.add("boat", "Jolly", ADDRESS)
    await keeper.look()
    assert home.headings == ["My house", "My van", "Jolly"]
    assert not home.hints


async def test_a_battery_that_was_removed_is_shown_no_more(home: Home, keeper: Keeper) -> None:
    await keeper.look()
    del home.titles["van"]
    await keeper.look()
    assert home.headings == ["My house"]


async def test_a_battery_of_somebody_else_is_none_of_our_business(
    home: Home, keeper: Keeper, folder: Folder, fleet: Fleet
) -> None:
    home.add("other", "Other", "A4:C1:37:00:00:99")
    await keeper.look()
    assert "Other" not in home.headings
    assert await find_entries(home, folder, fleet) == {"house": "house", "van": "van"}


async def test_virtual_batteries_are_shown_with_their_parts(
    home: Home, keeper: Keeper, folder: Folder
) -> None:
    for key, title in (("cabin_a", "Hut A"), ("cabin_b", "Hut B"), ("string", "Hut string")):
        home.add(key, title)
        folder.remember_entry(key, key)
    await keeper.look()
    assert home.headings == ["My house", "My van"]
    together = home.dashboards[-1]["views"][1]["sections"]
    assert [section["cards"][0]["heading"] for section in together] == ["Hut string", "Hut A", "Hut B"]


async def test_batteries_on_the_bus_have_a_page_of_their_own(
    home: Home, keeper: Keeper, folder: Folder
) -> None:
    for key in ("mower", "drone_2", "garden"):
        home.add(key, f"My {key}")
        folder.remember_entry(key, key)
    await keeper.look()
    assert home.headings == ["My house", "My van"]
    on_bus = home.dashboards[-1]["views"][-1]["sections"]
    assert [one["cards"][0]["heading"] for one in on_bus] == ["My mower", "My drone_2", "My garden"]


async def test_nothing_is_written_while_nothing_changes(home: Home, keeper: Keeper) -> None:
    for _ in range(3):
        await keeper.look()
    home.registry.append({**home.registry[0], "entity_id": "sun.sun", "config_entry_id": "sun"})
    await keeper.look()
    assert len(home.dashboards) == 1


async def test_the_events_are_shown_of_the_battery_that_is_run_down(
    home: Home, keeper: Keeper, folder: Folder
) -> None:
    home.add("workshop", "My workshop")
    folder.remember_entry("workshop", "workshop")
    for row in [*home.registry]:
        key = row["config_entry_id"]
        home.registry += [
            {**row, "entity_id": f"{domain}.{key}", "unique_id": f"01HZZZ_{name}"}
            for domain, name in (("sensor", "failsafe"), ("event", "failsafe_event"))
        ]
    await keeper.look()
    sections = home.dashboards[-1]["views"][0]["sections"]
    logs = [card["target"] for section in sections for card in section["cards"] if card["type"] == "logbook"]
    assert logs == [{"entity_id": ["event.workshop", "sensor.workshop"]}]
