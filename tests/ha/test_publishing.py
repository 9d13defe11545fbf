"""What Home Assistant is asked to write: sampled fast, shown slowly, and changes at once."""

from typing import Any

import pytest

from custom_components.battmon.entity import BattmonEntity
from custom_components.battmon.model import publishing
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component
from simulators.jbd_protection import Bit

from ..battery import ALLOW_ALL, Bench, Port, entity_id, set_up, shown, until
from .house import FAST, add, cells_of, fixed, polls, read_now, set_switches, state_of

pytestmark = pytest.mark.usefixtures("quick")

SLOW = {"interval": 0.1, "publish_interval": 3600}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of all entities that have asked Home Assistant to write their state."""
    keys: list[str] = []
    write = BattmonEntity.async_write_ha_state

    def noting(self: BattmonEntity) -> None:
        keys.append(self.entity_description.key)
        write(self)

    monkeypatch.setattr(BattmonEntity, "async_write_ha_state", noting)
    return keys


async def samples(hass: HomeAssistant, port: Port, count: int = 4) -> None:
    """Let the battery be read some more times."""
    before = polls(port)
    await until(hass, lambda: polls(port) > before + count)


async def test_a_steady_battery_writes_nothing(hass: HomeAssistant, bench: Bench, written: list[str]) -> None:
    port = bench.plug_in(fixed(demand=-1.5, probes=(20.0, 21.0, 22.0), tail=True))
    await add(hass, port, {**FAST, **ALLOW_ALL})
    events: list[Event[Any]] = []

    @callback
    def note(event: Event[Any]) -> None:
        events.append(event)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(EVENT_STATE_REPORTED, note, callback(lambda _data: True))
    written.clear()
    await samples(hass, port, 10)
    await hass.async_block_till_done()
    assert written == []
    assert events == []


async def test_only_what_changed_is_written(hass: HomeAssistant, bench: Bench, written: list[str]) -> None:
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3, demand=-1.5, probes=(20.0, 21.0, 22.0)))
    await add(hass, port)
    written.clear()
    cells_of(port.device).probes = (20.0, 21.0, 22.5)
    await samples(hass, port)
    assert written == ["temperature_3"]
    cells_of(port.device).demand = -2.5
    await samples(hass, port)
    # How long it lasts is smoothed, and follows for minutes.
    rest = [key for key in written if not key.startswith("time_to_")]
    assert rest == ["temperature_3", "current", "power"]


async def test_values_wait_for_their_turn(hass: HomeAssistant, bench: Bench, written: list[str]) -> None:
    port = bench.plug_in(fixed(demand=-1.5))
    entry = await add(hass, port, SLOW)
    written.clear()
    cells_of(port.device).demand = -2.5
    await samples(hass, port)
    assert written == []
    assert shown(hass, entry, "sensor", "current") == "-1.5"


async def test_an_alarm_is_shown_at_once_with_all_else(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(demand=-1.5))
    entry = await add(hass, port, SLOW)
    cells_of(port.device).demand = -2.5
    port.device.defects = Bit.CHARGE_MOSFET
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "problem") == "on")
    assert shown(hass, entry, "sensor", "current") == "-2.5"
    port.device.defects = Bit.CHARGE_MOSFET | Bit.CELL_HIGH
    await until(
        hass,
        lambda: (
            state_of(hass, entry, "binary_sensor", "problem").attributes["alarms"]
            == ["cell_overvoltage", "charge_mosfet_failure"]
        ),
    )
    port.device.defects = Bit(0)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "problem") == "off")


async def test_a_switch_thrown_by_somebody_else_is_shown_at_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**SLOW, **ALLOW_ALL})
    port.line.run(lambda: port.device.set_lock(3))
    await until(hass, lambda: shown(hass, entry, "switch", "charging") == "off")
    assert shown(hass, entry, "switch", "discharging") == "off"
    assert shown(hass, entry, "binary_sensor", "locked") == "off"


@pytest.mark.usefixtures("short_sight")
async def test_health_is_shown_at_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(demand=-1.5))
    entry = await add(hass, port, SLOW)
    silence = port.faults.inject("silence", None)
    # A busy machine may lose sight of it before that: a reply could still be on its way.
    await until(hass, lambda: silence.struck >= 2)
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "off")
    assert shown(hass, entry, "sensor", "voltage") == "unavailable"
    cells_of(port.device).demand = -2.5
    port.faults.clear()
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "connected") == "on")
    assert shown(hass, entry, "sensor", "current") == "-2.5"


async def test_cells_that_hardly_move_wait_for_a_minute(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, written: list[str]
) -> None:
    port = bench.plug_in(fixed(3.3, 3.31, 3.32, 3.33))
    entry = await add(hass, port)
    battery = cells_of(port.device)
    written.clear()
    battery.sensed_cell_voltages = (3.304, 3.31, 3.32, 3.33)
    await samples(hass, port)
    assert written == []  # lowest cell and imbalance neither: what is shown of cells is of one moment
    monkeypatch.setattr(publishing, "CELL_INTERVAL", 0.3)
    await until(hass, lambda: shown(hass, entry, "sensor", "cell_1") == "3.304")


async def test_a_cell_that_moves_by_five_millivolts_brings_all_cells(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed(3.3, 3.31, 3.32, 3.33))
    entry = await add(hass, port)
    cells_of(port.device).sensed_cell_voltages = (3.301, 3.31, 3.325, 3.33)
    await until(hass, lambda: shown(hass, entry, "sensor", "cell_3") == "3.325")
    assert shown(hass, entry, "sensor", "cell_1") == "3.301"


async def test_read_now_shows_everything(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3))
    entry = await set_up(hass, port, interval=3600, publish_interval=3600)
    cells_of(port.device).sensed_cell_voltages = (3.301,) * 4
    cells_of(port.device).demand = 1.0
    await read_now(hass, entry)
    assert [shown(hass, entry, "sensor", key) for key in ("cell_2", "current")] == ["3.301", "1.0"]


async def test_update_entity_reads_and_shows_everything(hass: HomeAssistant, bench: Bench) -> None:
    await async_setup_component(hass, "homeassistant", {})
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3))
    entry = await set_up(hass, port, interval=3600, publish_interval=3600)
    cells_of(port.device).sensed_cell_voltages = (3.301,) * 4
    target = {"entity_id": entity_id(hass, entry, "sensor", "voltage")}
    await hass.services.async_call("homeassistant", "update_entity", target, blocking=True)
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "13.2")
    assert shown(hass, entry, "sensor", "cell_2") == "3.301"


async def test_a_command_shows_its_outcome_at_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(demand=-1.5))
    entry = await set_up(hass, port, interval=3600, publish_interval=3600, **ALLOW_ALL)
    await set_switches(hass, entry, discharging=False)
    assert shown(hass, entry, "switch", "discharging") == "off"
    assert shown(hass, entry, "sensor", "current") == "0.0"
