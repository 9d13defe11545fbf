"""Batteries that say what a test wants, and virtual ones that are made of them."""

from dataclasses import replace
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.model import monitor
from custom_components.battmon.model.failsafe.failsafe import Held, with_held
from custom_components.battmon.model.failsafe.levels import Kind, Level, Reason, Side
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.memory import BatteryMemory
from custom_components.battmon.model.monitor import Settings
from custom_components.battmon.model.packs.members import PackReading
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState
from custom_components.battmon.sources import pack, roster_of
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from ..battery import until
from .house import coordinator_of

POLL = 1.0
SETTINGS = Settings(unhealthy_after=5.0)
USUAL: dict[str, Any] = {
    "voltage": 13.2,
    "current": -10.0,
    "state_of_charge": 60.0,
    "remaining_capacity": 60.0,
    "full_capacity": 100.0,
    "cell_voltages": (3.28, 3.29, 3.31, 3.32),
    "charging_enabled": True,
    "discharging_enabled": True,
    "alarms": frozenset(),
}


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for more news: how long that takes is not asked."""
    monkeypatch.setattr(pack, "RECOMBINE", 0.0)


async def ready(hass: HomeAssistant) -> None:
    """Load BattMon before there are entries: it would set up those without a device, too."""
    assert await async_setup_component(hass, DOMAIN, {})


class Fake:
    """A battery that is on the roster, without a device behind it."""

    def __init__(self, hass: HomeAssistant, title: str, key: str | None = None) -> None:
        self.hass = hass
        self.key = key or f"KEY{title}".replace(" ", "")
        self.entry = MockConfigEntry(
            domain=DOMAIN, title=title, unique_id=self.key, data={CONF_BATTERY_KEY: self.key}
        )
        self.entry.add_to_hass(hass)
        self.settings = SETTINGS
        self.state = monitor.begin(BatteryMemory(), self._instant(0.0), self.settings)

    def says(self, *, age: float = 0.0, poll: float = POLL, **values: Any) -> BatteryState:
        """Take a sample; `None` as a value is one that the device does not tell."""
        reading = Reading(**{**USUAL, **values})
        self.state = monitor.step(self.state, reading, self._instant(age), self.settings).state
        self._tell(poll)
        return self.state

    def raises(self, level: Level, side: Side) -> None:
        """Have a reason for a level of its own."""
        self.says()
        reason = Reason(Kind.DEVICE_ALARM, level, side, subject="cell_undervoltage")
        failsafe = with_held(self.state.failsafe, (Held(reason),), (), None, None)
        self.state = replace(self.state, failsafe=failsafe)
        self._tell(POLL)

    def is_lost(self) -> None:
        """Do not answer until it is out of sight."""
        later = self._instant(-self.settings.unhealthy_after)
        self.state = monitor.step(self.state, None, later, self.settings).state
        self._tell(POLL)

    def is_released(self) -> None:
        """Let a person release its Bluetooth."""
        self.state = monitor.pause(self.state, self.settings).state
        self._tell(POLL)

    def _tell(self, poll: float) -> None:
        roster_of(self.hass).tell(self.key, self.state, poll)

    def _instant(self, age: float) -> Instant:
        return Instant(self.hass.loop.time() - age, dt_util.utcnow())


def joined(
    hass: HomeAssistant, kind: str, *keys: str, title: str = "House", **options: Any
) -> MockConfigEntry:
    """Return the entry of a virtual battery, not set up yet."""
    key = f"KEY{title}".replace(" ", "")
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        unique_id=key,
        data={CONF_BATTERY_KEY: key, "kind": kind},
        options={"publish_interval": 0.1, "members": list(keys), **options},
    )
    entry.add_to_hass(hass)
    return entry


async def join(
    hass: HomeAssistant, kind: str, *members: Fake | MockConfigEntry, title: str = "House", **options: Any
) -> MockConfigEntry:
    """Set a virtual battery up."""
    entry = joined(hass, kind, *map(key_of, members), title=title, **options)
    await load(hass, entry)
    return entry


def key_of(member: Fake | MockConfigEntry) -> str:
    """Return the battery key of a member."""
    key: str = member.key if isinstance(member, Fake) else member.data[CONF_BATTERY_KEY]
    return key


async def load(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def pack_of(entry: MockConfigEntry) -> PackReading:
    """Return the newest combination of a virtual battery."""
    pack = coordinator_of(entry).state.pack
    assert pack is not None
    return pack


def why(entry: MockConfigEntry) -> dict[str, str | None]:
    """Return why each member is not used, or not for everything, by its name."""
    return {given.name: given.why for given in pack_of(entry).contributions}


async def combined(hass: HomeAssistant, entry: MockConfigEntry) -> PackReading:
    """Wait until members are combined again, and return what they are."""
    before = pack_of(entry)
    await until(hass, lambda: pack_of(entry) is not before)
    await hass.async_block_till_done()
    return pack_of(entry)
