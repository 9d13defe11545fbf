"""What states are as numbers, and what they come to together as a battery."""

from typing import Any

import pytest

from custom_components.battmon.model.reading import Place, Reading, Temperature
from custom_components.battmon.sources.entity_reading import has_values, reading_of
from custom_components.battmon.sources.entity_settings import EntitySettings, commandable
from custom_components.battmon.sources.entity_states import Sample, Unusable, number_in
from custom_components.battmon.sources.entity_units import MEASURES
from homeassistant.core import State


def state(said: object, unit: str | None) -> State:
    """Return a state as another integration writes it."""
    return State("sensor.one", str(said), {} if unit is None else {"unit_of_measurement": unit})


@pytest.mark.parametrize(
    ("quantity", "said", "unit", "value"),
    [
        ("voltage", 13250, "mV", 13.25),
        ("voltage", 3300, "mV", 3.3),
        ("voltage", 0.4, "kV", 400.0),
        ("cell_voltages", 3301, "mV", 3.301),
        ("current", 1500, "mA", 1.5),
        ("power", -2.5, "kW", -2500.0),
        ("power", "1e3", "W", 1000.0),
        ("remaining_capacity", 3300, "mAh", 3.3),
        ("full_capacity", "2600", "mAh", 2.6),
        ("state_of_charge", 55.5, "%", 55.5),
        ("load", 40, "%", 40.0),
        ("temperatures", 77, "°F", 25.0),
        ("temperatures", 298.15, "K", 25.0),
        ("mosfet_temperatures", 25, "°C", 25.0),
        ("fuel_left", 1500, "mL", 1.5),
        ("fuel_used", 0.02, "m³", 20.0),
        ("fuel_used", 10, "gal", 37.85411784),
    ],
)
def test_units_are_converted(quantity: str, said: object, unit: str, value: float) -> None:
    assert number_in(state(said, unit), MEASURES[quantity], any_unit=False) == value


@pytest.mark.parametrize(
    ("said", "unit", "doubt"),
    [
        ("unknown", "V", "is unknown"),
        ("unavailable", "V", "is unavailable"),
        ("nan", "V", "says 'nan', which is no number"),
        ("inf", "V", "says 'inf', which is no number"),
        ("-inf", "V", "says '-inf', which is no number"),
        ("", "V", "says '', which is no number"),
        ("full", "V", "says 'full', which is no number"),
        ("12", "furlong", "has the unit 'furlong', which cannot be converted to V"),
        ("12", None, "has the unit None, which cannot be converted to V"),
        ("12", "A", "has the unit 'A', which cannot be converted to V"),
    ],
)
def test_what_is_no_number_in_a_known_unit_is_no_value(said: str, unit: str | None, doubt: str) -> None:
    with pytest.raises(Unusable) as unusable:
        number_in(state(said, unit), MEASURES["voltage"], any_unit=False)
    assert str(unusable.value) == doubt


def test_what_is_not_there_is_no_value() -> None:
    with pytest.raises(Unusable, match="is not there"):
        number_in(None, MEASURES["voltage"], any_unit=False)


@pytest.mark.parametrize("unit", [None, "A"])
def test_any_unit_is_taken_on_request_as_it_is(unit: str | None) -> None:
    assert number_in(state(12, unit), MEASURES["voltage"], any_unit=True) == 12.0


def test_on_request_known_units_are_converted_still() -> None:
    assert number_in(state(12, "mV"), MEASURES["voltage"], any_unit=True) == 0.012


def together(values: dict[str, float | None], **options: Any) -> Reading:
    """Return what single values come to."""
    sample = Sample({name: (value,) for name, value in values.items()}, {}, {}, ())
    return reading_of(sample, EntitySettings.of(options))


@pytest.mark.parametrize(
    ("values", "options", "current"),
    [
        ({"current": 4}, {}, 4.0),
        ({"current": 4}, {"discharging_is_positive": True}, -4.0),
        ({"voltage": 25, "power": 500}, {}, 20.0),
        ({"voltage": 25, "power": 500}, {"discharging_is_positive": True}, -20.0),
        ({"power": 500}, {}, None),
        ({"voltage": None, "power": 500}, {}, None),
        ({"voltage": 25, "power": None}, {}, None),
        ({"voltage": 25, "current": 4, "power": 500}, {}, 4.0),
        # Not another source's value in its place: it would have another's error.
        ({"voltage": 25, "current": None, "power": 500}, {}, None),
        ({"voltage": 25, "power": 500, "load": 50}, {"full_load_current": 200.0}, 20.0),
        ({"voltage": 25, "load": 50}, {"full_load_current": 200.0}, -100.0),
        ({"load": 50}, {"full_load_current": 200.0, "idle_current": 2.0, "load_curve": "square"}, -52.0),
        ({"voltage": 12.0, "load": 100}, {"full_load_current": 60.0, "full_load_voltage": 12.5}, -57.6),
        ({"load": 100}, {"full_load_current": 60.0, "full_load_voltage": 12.5}, None),
        ({"voltage": 25, "load": 50}, {}, None),
        ({"voltage": 25, "load": None}, {"full_load_current": 200.0}, None),
        ({"voltage": 25}, {}, None),
    ],
)
def test_a_current_comes_from_the_first_of_current_power_and_load_that_is_named(
    values: dict[str, float | None], options: dict[str, Any], current: float | None
) -> None:
    assert together(values, **options).current == pytest.approx(current)


@pytest.mark.parametrize(
    ("values", "options", "percent"),
    [
        ({"state_of_charge": 61}, {}, 61.0),
        ({"state_of_charge": 101.5}, {}, 100.0),
        ({"state_of_charge": 255}, {}, None),
        ({"state_of_charge": None, "fuel_left": 20}, {"tank": 40.0}, None),
        ({"fuel_left": 10}, {"tank": 40.0}, 25.0),
        ({"fuel_used": 10}, {"tank": 40.0}, 75.0),
        ({"fuel_used": 41}, {"tank": 40.0}, 0.0),
        ({"fuel_left": None, "fuel_used": 10}, {"tank": 40.0}, None),
        ({"fuel_used": None}, {"tank": 40.0}, None),
        ({"fuel_left": 10}, {}, None),
        ({"voltage": 12}, {"tank": 40.0}, None),
    ],
)
def test_a_state_of_charge_is_a_gauges_or_that_of_a_tank(
    values: dict[str, float | None], options: dict[str, Any], percent: float | None
) -> None:
    assert together(values, **options).state_of_charge == percent


def test_cells_and_temperatures_keep_their_places() -> None:
    sample = Sample(
        {
            "cell_voltages": (3.3, None, 0.0),
            "temperatures": (None, 21.0),
            "mosfet_temperatures": (35.0,),
        },
        {"charging": True, "balancing": None},
        {},
        (),
    )
    found = reading_of(sample, EntitySettings.of({}))
    assert found.cell_voltages == (3.3, None, 0.0)
    assert found.temperatures == (
        Temperature(None, Place.CELL),
        Temperature(21.0, Place.CELL),
        Temperature(35.0, Place.MOSFET),
    )
    assert (found.charging_enabled, found.discharging_enabled, found.balancing_enabled) == (True, None, None)


def test_cells_of_which_none_is_known_were_not_read() -> None:
    sample = Sample({"cell_voltages": (None, None)}, {}, {}, ())
    assert reading_of(sample, EntitySettings.of({})).cell_voltages is None
    assert not has_values(sample)


def test_only_switches_and_helpers_can_be_commanded_and_only_where_that_is_allowed() -> None:
    options = {
        "entities": {
            "voltage": "sensor.one",
            "charging": "switch.one",
            "discharging": "binary_sensor.one",
            "balancing": "input_boolean.one",
        },
        "allow_charging": True,
        "allow_discharging": True,
    }
    assert commandable(options) == {"charging", "balancing"}
    assert EntitySettings.of(options).permitted == {"charging"}


def test_five_minutes_of_silence_are_allowed_unless_somebody_knows_better() -> None:
    settings = EntitySettings.of({"corrections": {"sensor.one": {"gain": 2.0, "time_out": 30.0}}})
    assert settings.time_out == 300.0
    assert settings.time_outs == {"sensor.one": 30.0}
    assert settings.corrections["sensor.one"] == (2.0, 0.0)
