"""Batteries that are members of virtual ones, and what is done with their switches."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.battmon
from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.sources import guarding, interlock
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..battery import ALLOW_ALL, Bench, Port, make_entry
from .house import cells_of, coordinator_of, fixed, set_switches, state_of, turn

ALLOW = {"allow_charging": True, "allow_discharging": True}
SELDOM = {"interval": 3600, "publish_interval": 0.1, "chemistry": "lifepo4"}
"""Options of a battery that is read only when somebody asks."""
ON, OFF = (True, True), (False, False)
"""What MOSFETs do: charging and discharging."""
LEVEL = (3.3, 3.3, 3.3, 3.3)
"""V of the cells of a battery that has the voltage of its bus."""


def plug_in(bench: Bench, voltage: float = 13.2, demand: float = 0.0, **settings: Any) -> Port:
    """Plug in a battery of 100 Ah and four cells."""
    settings.setdefault("capacity", 100.0)
    return bench.plug_in(fixed(*[voltage / 4] * 4, demand=demand, **settings))


def mosfets(port: Port) -> tuple[bool, bool]:
    """Return what the simulated board really does: charging and discharging."""
    return port.device.charge_fet, port.device.discharge_fet


def writes(port: Port) -> int:
    """Count how often the MOSFETs of a battery were commanded."""
    return sum(seen.register == 0xE1 and seen.write for seen in port.faults.log)


async def load(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Set an entry up."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def battery(hass: HomeAssistant, port: Port, name: str, **options: Any) -> MockConfigEntry:
    """Add a battery under a name; it may be switched unless the options say otherwise."""
    entry = make_entry(port, **{**SELDOM, **ALLOW_ALL, **options})
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, title=name)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def virtual(
    hass: HomeAssistant, kind: str, name: str, *members: MockConfigEntry, **options: Any
) -> MockConfigEntry:
    """Join batteries; the strings among them are rated unless the options say otherwise."""
    keys = [member.data[CONF_BATTERY_KEY] for member in members]
    return await load(
        hass,
        MockConfigEntry(
            domain=DOMAIN,
            title=name,
            unique_id=name,
            data={CONF_BATTERY_KEY: f"KEY-{name}", "kind": kind},
            options={
                "members": keys,
                "publish_interval": 0.1,
                "rated_for_string": True,
                **ALLOW,
                **options,
            },
        ),
    )


async def fresh(hass: HomeAssistant, *entries: MockConfigEntry) -> None:
    """Take a sample of each and let virtual batteries hear of it."""
    for entry in entries:
        await coordinator_of(entry).async_sample()
    await hass.async_block_till_done()


def stands(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> tuple[str, dict[str, list[str]]]:
    """Return how the switch of a virtual battery stands, and at which members how."""
    state = state_of(hass, entry, "switch", key)
    told = {name: state.attributes.get(name) for name in ("on", "off", "unknown")}
    return state.state, {name: names for name, names in told.items() if names}


class House:
    """Batteries by name, each with what simulates it."""

    def __init__(self, hass: HomeAssistant, bench: Bench) -> None:
        self.hass = hass
        self._bench = bench
        self.ports: dict[str, Port] = {}
        self.entries: dict[str, MockConfigEntry] = {}

    async def add(self, names: str, voltage: float = 13.2, demand: float = 0.0, **settings: object) -> None:
        """Add batteries of 100 Ah, whose names are words: each may take 50 A and give 100 A."""
        options = settings.pop("options", {})
        assert isinstance(options, dict)
        for name in names.split():
            self.ports[name] = plug_in(self._bench, voltage, demand, **settings)
            self.entries[name] = await battery(self.hass, self.ports[name], name, **options)

    async def join(self, kind: str, name: str, members: str, **options: object) -> None:
        """Join batteries, whose names are words."""
        each = [self.entries[member] for member in members.split()]
        self.entries[name] = await virtual(self.hass, kind, name, *each, **options)

    async def turn(self, name: str, key: str, *, on: bool) -> None:
        """Use a switch."""
        await turn(self.hass, self.entries[name], key, on=on)

    async def set(self, name: str, **fields: bool) -> None:
        """Call the action."""
        await set_switches(self.hass, self.entries[name], **fields)

    def demand(self, name: str, current: float) -> None:
        """Let a current flow as soon as the MOSFETs let it."""
        cells_of(self.ports[name].device).demand = current

    def mosfets(self, names: str) -> list[tuple[bool, bool]]:
        """Return what the boards really do."""
        return [mosfets(self.ports[name]) for name in names.split()]

    def writes(self, names: str) -> int:
        """Count how often MOSFETs were commanded."""
        return sum(writes(self.ports[name]) for name in names.split())


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the current of those that joined a moment after, and set up switches only."""
    monkeypatch.setattr(interlock, "SETTLING", 0.01)
    # Machines that test may be slow.
    monkeypatch.setattr(guarding, "FRESH", 60.0)
    monkeypatch.setattr(guarding, "READING_TIME", 30.0)
    monkeypatch.setattr(custom_components.battmon, "PLATFORMS", (Platform.SWITCH,))


@pytest.fixture
def nothing_new(soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sample is so new that it is not read again."""
    monkeypatch.setattr(guarding, "OLD", 0.0)


@pytest.fixture
def house(hass: HomeAssistant, bench: Bench, quick: None, nothing_new: None) -> House:
    """An empty house."""
    return House(hass, bench)
