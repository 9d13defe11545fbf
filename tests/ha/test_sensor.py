"""Sensors: each value against what the simulated battery really has."""

from typing import NamedTuple

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.sensor_rows import SENSORS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulators.jbd_protection import Bit

from ..battery import Bench, entity_id, set_up, shown, until
from .house import add, cells_of, device_of, fixed, keys, read_now, registered, state_of
from .test_estimate_sensors import WORKED_OUT

pytestmark = pytest.mark.usefixtures("quick")

COUNTERS = {
    "count_short_circuit": "Short circuit count",
    "count_charge_overcurrent": "Charge overcurrent count",
    "count_discharge_overcurrent": "Discharge overcurrent count",
    "count_cell_overvoltage": "Cell overvoltage count",
    "count_cell_undervoltage": "Cell undervoltage count",
    "count_charge_overtemperature": "Overtemperature while charging count",
    "count_charge_undertemperature": "Undertemperature while charging count",
    "count_discharge_overtemperature": "Overtemperature while discharging count",
    "count_discharge_undertemperature": "Undertemperature while discharging count",
    "count_pack_overvoltage": "Pack overvoltage count",
    "count_pack_undervoltage": "Pack undervoltage count",
    "count_restarts": "Restart count",
}


class Looks(NamedTuple):
    """How a sensor appears."""

    state: str
    name: str
    unit: str | None = None
    device_class: str | None = None
    precision: int | None = None
    category: str | None = None
    state_class: str = "measurement"


def looks(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> Looks:
    """Return how a sensor appears, from its state and the registry."""
    state, known = state_of(hass, entry, "sensor", key), registered(hass, entry, "sensor", key)
    return Looks(
        state.state,
        str(state.attributes["friendly_name"]).removeprefix("Battery "),
        state.attributes.get("unit_of_measurement"),
        state.attributes.get("device_class"),
        dict(known.options.get("sensor", {})).get("suggested_display_precision"),
        known.entity_category,
        state.attributes["state_class"],
    )


FOUR_CELLS = {
    "voltage": Looks("13.26", "Voltage", "V", "voltage", 2),
    "current": Looks("-1.5", "Current", "A", "current", 2),
    "power": Looks("-19.9", "Power", "W", "power", 0),
    "state_of_charge": Looks("60.0", "State of charge", "%", "battery", 0),
    "remaining_capacity": Looks("2.4", "Remaining capacity", "Ah", None, 2),
    "full_capacity": Looks("4.0", "Full capacity", "Ah", None, 1, "diagnostic"),
    "cell_imbalance": Looks("0.03", "Cell imbalance", "V", "voltage", 3),
    "lowest_cell": Looks("3.3", "Lowest cell", "V", "voltage", 3),
    "highest_cell": Looks("3.33", "Highest cell", "V", "voltage", 3),
    "cycle_count": Looks("7", "Cycles", "cycles", None, 0, "diagnostic", "total_increasing"),
    "temperature_1": Looks("31.4", "MOSFET temperature", "°C", "temperature", 1),
    "temperature_2": Looks("21.0", "Cell temperature 1", "°C", "temperature", 1),
    "temperature_3": Looks("-5.5", "Cell temperature 2", "°C", "temperature", 1),
    "cell_1": Looks("3.31", "Cell 1", "V", "voltage", 3, "diagnostic"),
    "cell_2": Looks("3.3", "Cell 2", "V", "voltage", 3, "diagnostic"),
    "cell_3": Looks("3.33", "Cell 3", "V", "voltage", 3, "diagnostic"),
    "cell_4": Looks("3.32", "Cell 4", "V", "voltage", 3, "diagnostic"),
}


async def test_every_sensor_of_a_four_cell_battery(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(3.31, 3.3, 3.33, 3.32, demand=-1.5, probes=(31.4, 21.0, -5.5), remaining_capacity=2.4)
    device.registers[0x17] = 7  # cycles
    entry = await set_up(hass, bench.plug_in(device))
    assert {key: looks(hass, entry, key) for key in FOUR_CELLS} == FOUR_CELLS
    assert keys(hass, entry, "sensor") - WORKED_OUT == FOUR_CELLS.keys() | COUNTERS.keys()


async def test_a_sixteen_cell_battery_with_newer_firmware_says_more(
    hass: HomeAssistant, bench: Bench
) -> None:
    cells = tuple(3.3 + number / 1000 for number in range(16))
    device = fixed(
        *cells,
        demand=20.5,
        capacity=100.0,
        full_capacity=97.0,
        remaining_capacity=48.5,
        tail=True,
        humidity=41,
    )
    entry = await set_up(hass, bench.plug_in(device))
    expected = {
        "current": Looks("20.5", "Current", "A", "current", 2),
        "power": Looks("1085.0", "Power", "W", "power", 0),
        "state_of_charge": Looks("50.0", "State of charge", "%", "battery", 0),
        "remaining_capacity": Looks("48.5", "Remaining capacity", "Ah", None, 2),
        "full_capacity": Looks("97.0", "Full capacity", "Ah", None, 1, "diagnostic"),
        "design_capacity": Looks("100.0", "Design capacity", "Ah", None, 1, "diagnostic"),
        "humidity": Looks("41.0", "Humidity", "%", "humidity", 0, "diagnostic"),
        "balance_current": Looks("0.0", "Balancing current", "A", "current", 3, "diagnostic"),
        "cell_1": Looks("3.3", "Cell 1", "V", "voltage", 3, "diagnostic"),
        "cell_16": Looks("3.315", "Cell 16", "V", "voltage", 3, "diagnostic"),
    }
    assert {key: looks(hass, entry, key) for key in expected} == expected
    numbers = [
        int(key[5:]) for key in keys(hass, entry, "sensor") if key.startswith("cell_") and key[5:].isdigit()
    ]
    assert sorted(numbers) == list(range(1, 17))
    shown_cells = [float(shown(hass, entry, "sensor", f"cell_{number}")) for number in range(1, 17)]
    assert shown_cells == pytest.approx(cells)
    assert state_of(hass, entry, "sensor", "lowest_cell").attributes["cell"] == 1
    assert state_of(hass, entry, "sensor", "highest_cell").attributes["cell"] == 16


async def test_tenfold_units_are_shown_in_amperes(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(demand=-150.0, capacity=280.0, remaining_capacity=140.0)
    device.registers[0x2D] |= 1 << 12
    device.registers[0x10] = 2800
    device.full_capacity = 280.0
    entry = await set_up(hass, bench.plug_in(device))
    assert shown(hass, entry, "sensor", "current") == "-150.0"
    assert shown(hass, entry, "sensor", "remaining_capacity") == "140.0"
    assert shown(hass, entry, "sensor", "full_capacity") == "280.0"


async def test_protection_counters_exist_but_are_off(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in())
    found = {key: registered(hass, entry, "sensor", key) for key in COUNTERS}
    assert {entity.disabled_by for entity in found.values()} == {er.RegistryEntryDisabler.INTEGRATION}
    assert {entity.entity_category for entity in found.values()} == {"diagnostic"}
    assert {key: entity.original_name for key, entity in found.items()} == COUNTERS


async def test_a_counter_that_was_switched_on_counts(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(probes=(20.0,))
    device.protections.counts[Bit.SHORT_CIRCUIT] = 3
    port = bench.plug_in(device)
    entry = await add(hass, port)
    registry = er.async_get(hass)
    registry.async_update_entity(entity_id(hass, entry, "sensor", "count_short_circuit"), disabled_by=None)
    registry.async_update_entity(entity_id(hass, entry, "sensor", "count_restarts"), disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    state = state_of(hass, entry, "sensor", "count_short_circuit")
    assert state.state == "3"
    assert state.attributes["state_class"] == "total_increasing"
    assert shown(hass, entry, "sensor", "count_restarts") == "1"
    # The counters are read again when the alarms change.
    port.line.run(device.short_circuit)
    await until(hass, lambda: shown(hass, entry, "sensor", "count_short_circuit") == "4")


async def test_a_board_without_counters_has_none(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in(fixed(counter_words=0)))
    assert not keys(hass, entry, "sensor") & COUNTERS.keys()


@pytest.mark.parametrize(
    ("probes", "names"),
    [
        ((), []),
        ((20.0,), ["Temperature"]),
        ((20.0, 21.0), ["Temperature 1", "Temperature 2"]),
        ((20.0, 21.0, 22.0), ["MOSFET temperature", "Cell temperature 1", "Cell temperature 2"]),
        (
            (20.0, 21.0, 22.0, 23.0, 24.0),
            ["MOSFET temperature", *(f"Cell temperature {number}" for number in range(1, 5))],
        ),
    ],
)
async def test_temperatures_are_named_after_their_places(
    hass: HomeAssistant, bench: Bench, probes: tuple[float, ...], names: list[str]
) -> None:
    entry = await set_up(hass, bench.plug_in(fixed(probes=probes)))
    found = sorted(key for key in keys(hass, entry, "sensor") if key.startswith("temperature_"))
    assert [registered(hass, entry, "sensor", key).original_name for key in found] == names
    assert [float(shown(hass, entry, "sensor", key)) for key in found] == list(probes)


@pytest.mark.parametrize("broken", [-273.1, -40.1, 120.1])
async def test_a_broken_sensor_is_unknown_and_keeps_its_place(
    hass: HomeAssistant, bench: Bench, broken: float
) -> None:
    entry = await set_up(hass, bench.plug_in(fixed(probes=(20.0, broken, 22.0))))
    states = [shown(hass, entry, "sensor", f"temperature_{number}") for number in (1, 2, 3)]
    assert states == ["20.0", "unknown", "22.0"]


async def test_an_open_sense_wire_stays_a_cell_of_nothing(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in(fixed(3.3, 0.0, 3.31, 3.32)))
    cells = [float(shown(hass, entry, "sensor", f"cell_{number}")) for number in range(1, 5)]
    assert cells == [3.3, 0, 3.31, 3.32]
    lowest = state_of(hass, entry, "sensor", "lowest_cell")
    assert (float(lowest.state), lowest.attributes["cell"]) == (0, 2)


@pytest.mark.parametrize(
    ("raw", "state"), [(0, "0.0"), (100, "100.0"), (101, "unknown"), (127, "unknown"), (255, "unknown")]
)
async def test_a_state_of_charge_that_cannot_be_is_unknown(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, raw: int, state: str
) -> None:
    port = bench.plug_in(fixed())
    monkeypatch.setattr(type(port.device), "state_of_charge", raw)
    entry = await set_up(hass, port)
    assert shown(hass, entry, "sensor", "state_of_charge") == state


@pytest.mark.parametrize("raw", [101, 127, 255])
async def test_a_state_of_charge_that_was_known_is_counted_on(
    hass: HomeAssistant, bench: Bench, monkeypatch: pytest.MonkeyPatch, raw: int
) -> None:
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    entry = await set_up(hass, port)
    monkeypatch.setattr(type(port.device), "state_of_charge", raw)
    await read_now(hass, entry)
    charge = state_of(hass, entry, "sensor", "state_of_charge")
    assert (charge.state, charge.attributes["origin"]) == ("60.0", "counted")


async def test_what_appears_later_gets_entities(hass: HomeAssistant, bench: Bench) -> None:
    """A board whose number of cells and sensors is set right after it was added."""
    port = bench.plug_in(fixed(3.3, 3.31, probes=(20.0,)))
    entry = await add(hass, port)
    entry_keys = keys(hass, entry, "sensor")
    assert "cell_3" not in entry_keys
    device = port.device
    battery = cells_of(device)

    def grow() -> None:
        battery.sensed_cell_voltages = (3.3, 3.31, 3.32)
        battery.probes = (20.0, 21.0)
        device.sensors = 2
        device.tail = True

    port.line.run(grow)
    new = {"cell_3", "temperature_2", "humidity", "balance_current", "design_capacity"}
    # A poll may fall into the change, and see one half of it before the other.
    await until(hass, lambda: keys(hass, entry, "sensor") >= entry_keys | new)
    await hass.async_block_till_done()
    assert keys(hass, entry, "sensor") - entry_keys == new
    assert shown(hass, entry, "sensor", "cell_3") == "3.32"


async def test_what_disappears_is_unknown_and_its_entity_stays(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(3.3, 3.31, 3.32, probes=(20.0, 21.0)))
    entry = await set_up(hass, port)
    cells_of(port.device).sensed_cell_voltages = (3.3, 3.31)
    port.device.sensors = 1
    await read_now(hass, entry)
    assert shown(hass, entry, "sensor", "cell_3") == "unknown"
    assert shown(hass, entry, "sensor", "temperature_2") == "unknown"
    assert shown(hass, entry, "sensor", "cell_2") == "3.31"


async def test_all_belongs_to_one_device_that_says_who_it_is(hass: HomeAssistant, bench: Bench) -> None:
    entry = await set_up(hass, bench.plug_in(fixed(name="SP04S034", software_version=0x25)))
    device = device_of(hass, entry)
    assert device.identifiers == {(DOMAIN, entry.data[CONF_BATTERY_KEY])}
    assert (device.name, device.manufacturer, device.model) == ("Battery", "JBD", "SP04S034")
    assert device.sw_version == "2.5"
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert {entity.device_id for entity in entities} == {device.id}
    assert all(entity.has_entity_name for entity in entities)


def test_no_sensor_is_declared_twice() -> None:
    assert len({row.key for row in SENSORS}) == len(SENSORS)
