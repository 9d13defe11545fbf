"""ArduPilot's battery monitors in a house, each as docs/entities_as_batteries.md says that it is mapped."""

from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory

from custom_components.battmon.model.failsafe.levels import Level
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ..battery import shown, until
from .house import coordinator_of
from .made_of_entities import reading, say, set_up, shunt


async def test_analog_two_pins_of_an_esp32(hass: HomeAssistant) -> None:
    """Types 3, 4 and 31: V = (pin - 0.1 V) x 10.1, I = (pin - 0.05 V) x 17 A/V."""
    say(hass, "sensor.voltage_pin", 1.25, "V")
    say(hass, "sensor.current_pin", 1.0, "V")
    entry = await set_up(
        hass,
        {"voltage": "sensor.voltage_pin", "current": "sensor.current_pin"},
        any_unit=True,
        discharging_is_positive=True,
        corrections={
            "sensor.voltage_pin": {"gain": 10.1, "offset": -1.01},
            "sensor.current_pin": {"gain": 17.0, "offset": -0.85},
        },
    )
    assert reading(entry).voltage == pytest.approx(11.615)
    assert reading(entry).current == pytest.approx(-16.15)


async def test_synthetic_current_of_a_bow_thruster(hass: HomeAssistant) -> None:
    """Type 25: 50 A at full throttle and 12.6 V, 0.5 A idle."""
    entry = await set_up(
        hass,
        shunt(hass, voltage=12.6, load=50),
        full_load_current=50.0,
        idle_current=0.5,
        load_curve="square",
        full_load_voltage=12.6,
    )
    assert reading(entry).current == pytest.approx(-13.0)


async def test_fuel_level_of_a_heating_oil_tank_has_low_and_critical_levels(hass: HomeAssistant) -> None:
    """Types 12 and 24: a percentage is a state of charge, and nothing but a percentage."""
    entry = await set_up(
        hass, shunt(hass, state_of_charge=18), low_state_of_charge=20.0, low_state_of_charge_critical=10.0
    )
    coordinator = coordinator_of(entry)
    assert shown(hass, entry, "sensor", "state_of_charge") == "18.0"
    say(hass, "sensor.state_of_charge", 18, "%")
    await until(hass, lambda: coordinator.state.failsafe.level is Level.LOW, 5)
    say(hass, "sensor.state_of_charge", 9, "%")
    await until(
        hass, lambda: coordinator.state.reading is not None and reading(entry).state_of_charge == 9, 5
    )
    say(hass, "sensor.state_of_charge", 9, "%")
    await until(hass, lambda: coordinator.state.failsafe.level is Level.CRITICAL, 5)


async def test_fuel_level_by_voltage(hass: HomeAssistant) -> None:
    """Type 24: (v - 0.5 V) x 0.5 of the tank, so 50 % a volt from -25 %."""
    say(hass, "sensor.sender", 1.5, "V")
    entry = await set_up(
        hass,
        {"state_of_charge": "sensor.sender"},
        any_unit=True,
        corrections={"sensor.sender": {"gain": 50.0, "offset": -25.0}},
    )
    assert reading(entry).state_of_charge == 50.0


async def test_fuel_flow_is_counted_by_the_helper_and_empties_the_tank(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Type 11: 36 L/h out of a tank of 40 L; Home Assistant's integral helper counts the litres."""
    say(hass, "sensor.flow", 36, "L/h")
    helper = {
        "platform": "integration",
        "name": "used",
        "source": "sensor.flow",
        "unit_time": "h",
        "method": "left",
    }
    assert await async_setup_component(hass, "sensor", {"sensor": helper})
    await hass.async_block_till_done()
    entry = await set_up(hass, {"fuel_used": "sensor.used"}, tank=40.0)
    freezer.tick(timedelta(minutes=10))
    hass.states.async_set("sensor.flow", "36", {"unit_of_measurement": "L/h"}, force_update=True)
    await hass.async_block_till_done()
    assert hass.states.is_state("sensor.used", "6.000")
    await coordinator_of(entry).async_sample()
    assert reading(entry).state_of_charge == pytest.approx(85.0)


async def test_efi_counts_what_the_engine_has_burnt(hass: HomeAssistant) -> None:
    """Type 27: consumed cm³, which are mL."""
    say(hass, "sensor.burnt", 12500, "mL")
    entry = await set_up(hass, {"fuel_used": "sensor.burnt"}, tank=50.0)
    assert reading(entry).state_of_charge == 75.0
    assert reading(entry).current is None


async def test_generator_output_charges(hass: HomeAssistant) -> None:
    """Type 17: what the generator gives goes into the house: a positive power, as charging is."""
    say(hass, "sensor.generator", 1.38, "kW")
    entry = await set_up(hass, {"power": "sensor.generator", **shunt(hass, voltage=230)})
    assert reading(entry).current == pytest.approx(6.0)
    assert float(shown(hass, entry, "sensor", "power")) == pytest.approx(1380, abs=1)


async def test_generator_fuel_is_a_gauge(hass: HomeAssistant) -> None:
    """Type 18 with a gauge: litres left of its tank."""
    entry = await set_up(hass, shunt(hass, fuel_left=6.5), tank=26.0)
    assert reading(entry).state_of_charge == 25.0
