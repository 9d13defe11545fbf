"""Fixtures of the tests in Home Assistant."""

from collections.abc import Iterator
from datetime import timedelta

import bleak_retry_connector
import pytest

import custom_components.battmon
from custom_components.battmon import pace, sensor_rows
from custom_components.battmon.model import state, switching
from custom_components.battmon.model.failsafe import timing
from custom_components.battmon.protocols import jbd
from custom_components.battmon.sources import extras
from custom_components.battmon.transports import ble, serial, stream
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..translation_guard import every_text_exists  # noqa: F401
from .judged import HOLD
from .members_switched import house, nothing_new, soon  # noqa: F401
from .room import Clock, Room
from .virtual_forms import only_forms  # noqa: F401


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load BattMon."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Boards that answer at once or never: no second is spent on waiting for slow ones."""
    monkeypatch.setattr(jbd, "REPLY_TIMEOUT", 0.2)
    monkeypatch.setattr(jbd, "SETTLE", 0.01)
    monkeypatch.setattr(serial, "BACK_OFF", (0.0,))
    monkeypatch.setattr(ble, "BACK_OFF", (0.0,))
    jbd.read.cache_clear()
    yield
    jbd.read.cache_clear()


@pytest.fixture
def short_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A battery is out of sight after three polls, however short they are."""
    monkeypatch.setattr(pace, "UNHEALTHY_MINIMUM", 0.3)


@pytest.fixture
def hasty(hass: HomeAssistant, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up at once, look everywhere often: for the fault table, with dozens of batteries at a time."""
    hass.loop.set_debug(False)  # it takes a traceback of every callback: half of all time
    monkeypatch.setattr(jbd, "REPLY_TIMEOUT", 0.08)
    monkeypatch.setattr(stream, "LATE_REPLY", 0.03)
    monkeypatch.setattr(extras, "COUNTS_INTERVAL", 0.3)
    monkeypatch.setattr(pace, "UNHEALTHY_MINIMUM", 0.0)


@pytest.fixture
def impatient(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon, and let the connector hardly wait after a failure."""
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", 0.2)
    for name in ("TRANSIENT_MEDIUM_", "DBUS_", ""):
        monkeypatch.setattr(bleak_retry_connector, f"BLEAK_{name}BACKOFF_TIME", 0.01)


@pytest.fixture
def few_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up what commands are seen by, and let the balancing bit be written again at once."""
    platforms = (Platform.BINARY_SENSOR, Platform.SWITCH)
    monkeypatch.setattr(custom_components.battmon, "PLATFORMS", platforms)
    monkeypatch.setattr(switching, "BALANCING_PAUSE", timedelta(0))


@pytest.fixture
def few_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up what polls are seen by."""
    platforms = (Platform.BINARY_SENSOR, Platform.SENSOR)
    monkeypatch.setattr(custom_components.battmon, "PLATFORMS", platforms)
    rows = [row for row in sensor_rows.SENSORS if row.key in ("voltage", "lowest_cell", "highest_cell")]
    monkeypatch.setattr(sensor_rows, "SENSORS", rows)


@pytest.fixture
def short_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let levels clear soon."""
    monkeypatch.setattr(timing, "CLEARING", HOLD)


@pytest.fixture
def started_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let silence count from the start on."""
    monkeypatch.setattr(state, "STARTING", 0.0)


@pytest.fixture
async def room(hass: HomeAssistant, enable_bluetooth: None) -> Room:
    """A place to bring simulated Bluetooth batteries into; Home Assistant hears them by a proxy."""
    return Room(hass)  # its timers need the running loop; proxies go when Home Assistant stops


@pytest.fixture
def clock(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that can be put forward."""
    return Clock(hass, monkeypatch)
