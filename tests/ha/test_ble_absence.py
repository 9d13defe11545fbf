"""Who comes back after a link was lost: the battery after an hour, by another proxy, or another battery."""

from collections.abc import Callable

import pytest
from bluetooth_data_tools import monotonic_time_coarse
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.transports import ble
from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from simulators.bluetooth.link_faults import CONNECT
from simulators.bluetooth.peripheral import Peripheral
from simulators.jbd import JbdDevice

from ..battery import ALLOW_ALL, shown, until
from .house import FAST, add, cells_of, coordinator_of, fixed, polls
from .room import Clock, Room
from .test_repairs import fix, issue_of
from .watched import SLACK

pytestmark = pytest.mark.usefixtures("hasty", "short_sight")

HOUR = 3600.0
OLD = (3.3, 3.31, 3.32, 3.33)
NEW = (3.2, 3.21, 3.22)


@pytest.fixture
def bluetooth_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what puts the clock forward by which Home Assistant tells how old advertisements are."""
    ahead = 0.0

    def advance(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    for module in ("habluetooth.base_scanner", "habluetooth.manager", "simulators.bluetooth.scanner"):
        monkeypatch.setattr(f"{module}.monotonic_time_coarse", lambda: monotonic_time_coarse() + ahead)
    return advance


def board(battery: Peripheral) -> JbdDevice:
    """Return what is behind the radio now."""
    assert isinstance(battery.device, JbdDevice)
    return battery.device


def known(hass: HomeAssistant, battery: Peripheral) -> bool:
    """Whether Home Assistant knows a way to a battery."""
    return bluetooth.async_ble_device_from_address(hass, battery.address, connectable=True) is not None


async def test_a_battery_that_was_away_for_an_hour_is_back_at_once(
    hass: HomeAssistant,
    room: Room,
    clock: Clock,
    bluetooth_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ble, "CONNECT_TIMEOUT", 0.1)
    battery = room.plug_in(fixed(*OLD))
    entry = await add(hass, battery)
    battery.vanish()
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE)
    bluetooth_clock(HOUR)
    await clock.advance(HOUR)
    await until(hass, lambda: not known(hass, battery))
    tried = battery.link_faults.count(CONNECT)
    await until(hass, lambda: "not in range" in str(coordinator_of(entry).last_error))
    assert battery.link_faults.count(CONNECT) == tried, "nobody knows where it is"
    cells_of(board(battery)).sensed_cell_voltages = (3.4,) * 4
    battery.reappear()
    room.air.advertise()
    took = await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "13.6")
    assert took < 2 * FAST["interval"] + SLACK


# Another battery.


def voltages_shown(hass: HomeAssistant) -> list[float]:
    """Return a list that fills with every voltage of a pack that is shown from now on."""
    seen: list[float] = []

    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.entity_id.endswith("_voltage") and state.state[0].isdigit():
            seen.append(float(state.state))

    hass.bus.async_listen(EVENT_STATE_CHANGED, callback(note))
    return seen


def exchange(battery: Peripheral, *cells: float) -> None:
    """Put another battery behind the address; the radio is powered by its battery."""
    battery.vanish()
    battery.replace(fixed(*cells, name="ANOTHER"))
    battery.reappear()


async def wrong_battery(hass: HomeAssistant, room: Room) -> tuple[MockConfigEntry, Peripheral, JbdDevice]:
    """Exchange a battery and wait until BattMon tells; return the old one, too."""
    first = fixed(*OLD)
    battery = room.plug_in(first)
    entry = await add(hass, battery, {**FAST, **ALLOW_ALL})
    exchange(battery, *NEW)
    await until(hass, lambda: issue_of(hass, entry) is not None)
    return entry, battery, first


async def test_another_battery_behind_the_address_is_told_and_never_shown(
    hass: HomeAssistant, room: Room
) -> None:
    seen = voltages_shown(hass)
    entry, battery, first = await wrong_battery(hass, room)
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == STATE_UNAVAILABLE)
    polled = polls(battery)
    await until(hass, lambda: polls(battery) > polled + 3)
    assert set(seen) == {13.26}
    assert not board(battery).in_factory_mode
    battery.vanish()
    battery.replace(first)
    battery.reappear()
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "13.26")
    assert issue_of(hass, entry) is None


async def test_another_battery_behind_the_address_may_be_adopted(hass: HomeAssistant, room: Room) -> None:
    entry, *_rest = await wrong_battery(hass, room)
    await fix(hass, entry, "adopt")
    await until(hass, lambda: entry.state is ConfigEntryState.LOADED)
    await hass.async_block_till_done()
    assert issue_of(hass, entry) is None
    assert shown(hass, entry, "sensor", "cell_3") == "3.22"


@pytest.mark.parametrize("number", range(12))
async def test_a_battery_that_is_exchanged_at_any_moment_is_never_taken_for_the_old_one(
    hass: HomeAssistant, room: Room, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The link ends with a notification that answers something, perhaps who it is."""
    battery = room.plug_in(fixed(*OLD))
    entry = await add(hass, battery, {**FAST, **ALLOW_ALL})
    seen = voltages_shown(hass)
    another = fixed(*(3.6,) * 4, name="ANOTHER")
    lost = battery.module.disconnected

    def exchanged(now: float) -> None:
        lost(now)
        battery.replace(another)

    battery.cut()
    monkeypatch.setattr(battery.module, "disconnected", exchanged)
    armed = battery.link_faults.inject("cut_at_notification", skip=number)
    await until(hass, lambda: armed.struck == 1)
    await until(hass, lambda: issue_of(hass, entry) is not None)
    assert 14.4 not in seen
    assert not another.in_factory_mode
