"""How well a battery is heard: link quality, signal strength, and its address in the registry."""

import asyncio

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.sources import bluetooth
from homeassistant.components.bluetooth import MONOTONIC_TIME
from homeassistant.config_entries import SOURCE_BLUETOOTH, ConfigFlowResult
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..battery import Bench, set_up, shown, until
from .house import FAST, add, coordinator_of, device_of, flows, keys, read_now, registered, state_of, turn
from .room import Clock, Room

pytestmark = pytest.mark.usefixtures("quick")

LINK_SENSORS = {"link_quality", "signal_strength"}
HOUR = 3600.0


@pytest.fixture
def signal_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the signal's sensor, which is off by default."""
    original = er.EntityRegistry.async_get_or_create

    def enabled(self: er.EntityRegistry, *args: object, **kwargs: object) -> er.RegistryEntry:
        return original(self, *args, **{**kwargs, "disabled_by": None})  # type: ignore[arg-type]

    monkeypatch.setattr(er.EntityRegistry, "async_get_or_create", enabled)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A list of one: by how many seconds Bluetooth's clock is ahead."""
    ahead = [0.0]
    monkeypatch.setattr(bluetooth, "MONOTONIC_TIME", lambda: MONOTONIC_TIME() + ahead[0])
    return ahead


def quality(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    return shown(hass, entry, "sensor", "link_quality")


def signal(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    return shown(hass, entry, "sensor", "signal_strength")


# What there is.


async def test_they_are_there_for_bluetooth_and_for_no_other_wire(
    hass: HomeAssistant, room: Room, bench: Bench
) -> None:
    radio, serial = await set_up(hass, room.plug_in()), await set_up(hass, bench.plug_in())
    assert keys(hass, radio, "sensor") >= LINK_SENSORS
    assert keys(hass, serial, "sensor").isdisjoint(LINK_SENSORS)


async def test_both_are_diagnostic_and_the_signal_is_off(hass: HomeAssistant, room: Room) -> None:
    entry = await set_up(hass, room.plug_in())
    found = {key: registered(hass, entry, "sensor", key) for key in LINK_SENSORS}
    assert {row.entity_category for row in found.values()} == {EntityCategory.DIAGNOSTIC}
    assert found["link_quality"].disabled_by is None
    assert found["signal_strength"].disabled_by is er.RegistryEntryDisabler.INTEGRATION


@pytest.mark.usefixtures("signal_shown")
async def test_their_units(hass: HomeAssistant, room: Room) -> None:
    entry = await set_up(hass, room.plug_in())
    link, strength = (state_of(hass, entry, "sensor", key) for key in ("link_quality", "signal_strength"))
    assert (link.attributes["unit_of_measurement"], link.attributes["state_class"]) == ("%", "measurement")
    assert strength.attributes["unit_of_measurement"] == "dBm"
    assert strength.attributes["device_class"] == "signal_strength"


# The quality of the link.


async def test_the_share_of_readings_that_went_well_is_shown(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=10.0, publish_interval=1.0)
    assert quality(hass, entry) == "100"
    battery.faults.inject("error", status=0x80, register=0x04)
    await clock.advance(10.0)
    await until(hass, lambda: quality(hass, entry) == "50", 1)
    await clock.advance(10.0)
    await until(hass, lambda: quality(hass, entry) == "67", 1)


async def test_it_falls_while_the_battery_is_gone(hass: HomeAssistant, room: Room, clock: Clock) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=10.0, publish_interval=1.0)
    battery.link_faults.inject("refuse", count=None, error="no")
    battery.cut()
    for _ in range(5):
        await clock.advance(10.0)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off", 1)
    assert int(quality(hass, entry)) < 40
    before = int(quality(hass, entry))
    for _ in range(5):
        await clock.advance(10.0)
    assert int(quality(hass, entry)) < before


async def test_a_failure_is_shown_no_sooner_than_values_are(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=10.0, publish_interval=100.0)
    battery.faults.inject("error", count=2, status=0x80, register=0x04)
    pace = coordinator_of(entry).pace
    await clock.advance(10.0)
    await until(hass, lambda: pace.link_quality == 50, 1)
    await clock.advance(10.0)
    await until(hass, lambda: pace.link_quality == pytest.approx(33.3, abs=0.1), 1)
    assert quality(hass, entry) == "100"


async def test_what_is_read_right_after_a_failure_does_not_wait_for_its_turn(
    hass: HomeAssistant, room: Room, clock: Clock
) -> None:
    """The failure had nothing to show."""
    battery = room.plug_in()
    entry = await set_up(hass, battery, interval=100.0, publish_interval=10.0)
    coordinator = coordinator_of(entry)
    before = coordinator.state.sampled_at
    battery.link_faults.inject("cut_at_write")
    await clock.advance(100.0)
    await until(hass, lambda: coordinator.state.sampled_at != before, 1)
    assert coordinator.pace.link_quality != 100, "there was a failure"
    assert coordinator.data.state is coordinator.state


async def test_neither_is_known_while_bluetooth_is_released(hass: HomeAssistant, room: Room) -> None:
    entry = await set_up(hass, room.plug_in())
    await turn(hass, entry, "release_bluetooth", on=True)
    assert quality(hass, entry) == "unavailable"
    await turn(hass, entry, "release_bluetooth", on=False)
    await until(hass, lambda: quality(hass, entry) == "100", 1)


# The signal.


@pytest.mark.usefixtures("signal_shown")
async def test_the_signal_of_the_newest_advertisement_is_shown(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(signal=-63, advertises_while_connected=True)
    entry = await set_up(hass, battery, interval=HOUR)
    assert signal(hass, entry) == "-63"
    battery.signal = -80
    room.air.advertise()
    await read_now(hass, entry)
    assert signal(hass, entry) == "-80"


@pytest.mark.usefixtures("signal_shown")
async def test_a_signal_older_than_a_minute_is_not_known(
    hass: HomeAssistant, room: Room, later: list[float]
) -> None:
    battery = room.plug_in(signal=-63)
    entry = await set_up(hass, battery, interval=HOUR)
    later[0] = 58.0
    await read_now(hass, entry)
    assert signal(hass, entry) == "-63"
    later[0] = 61.0
    await read_now(hass, entry)
    assert signal(hass, entry) == "unknown"
    assert shown(hass, entry, "sensor", "voltage") == "13.16", "the link is well"


@pytest.mark.usefixtures("signal_shown")
async def test_a_signal_that_is_heard_again_is_shown_again(
    hass: HomeAssistant, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = room.plug_in(signal=-63, advertises_while_connected=True)
    entry = await set_up(hass, battery, interval=HOUR)
    monkeypatch.setattr(bluetooth, "SIGNAL_AGE", 0.0)
    await asyncio.sleep(0.02)
    await read_now(hass, entry)
    assert signal(hass, entry) == "unknown"
    monkeypatch.setattr(bluetooth, "SIGNAL_AGE", 60.0)
    battery.signal = -71
    room.air.advertise()
    await read_now(hass, entry)
    assert signal(hass, entry) == "-71"


@pytest.mark.usefixtures("signal_shown", "short_sight")
async def test_a_signal_is_shown_though_the_battery_does_not_let_itself_be_read(
    hass: HomeAssistant, room: Room
) -> None:
    battery = room.plug_in(signal=-63)
    entry = await add(hass, battery, FAST)
    battery.link_faults.inject("refuse", count=None, error="no")
    battery.cut()
    room.air.advertise()
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "unavailable", 3)
    assert signal(hass, entry) == "-63"
    assert int(quality(hass, entry)) < 100


# The registry.


async def test_the_device_is_known_by_its_address(hass: HomeAssistant, room: Room, bench: Bench) -> None:
    battery = room.plug_in()
    radio, serial = await set_up(hass, battery), await set_up(hass, bench.plug_in())
    assert device_of(hass, radio).connections == {(dr.CONNECTION_BLUETOOTH, battery.address)}
    assert device_of(hass, serial).connections == set()


async def discovered(hass: HomeAssistant, room: Room) -> list[ConfigFlowResult]:
    """Let the batteries be heard, and return what BattMon asks for."""
    room.air.advertise()
    await hass.async_block_till_done()
    await asyncio.sleep(0.05)
    await hass.async_block_till_done()
    return flows(hass)


async def test_a_battery_that_was_removed_is_discovered_again(hass: HomeAssistant, room: Room) -> None:
    battery = room.plug_in(advertises_while_connected=True)
    entry = await set_up(hass, battery)
    for flow in await discovered(hass, room):
        hass.config_entries.flow.async_abort(flow["flow_id"])
    assert await discovered(hass, room) == [], "it is set up"
    await hass.config_entries.async_remove(entry.entry_id)
    assert not battery.connected
    (flow,) = await discovered(hass, room)
    assert (flow["handler"], flow["context"]["source"]) == (DOMAIN, SOURCE_BLUETOOTH)
    assert flow["context"]["unique_id"] == battery.address.lower()
