"""Making the numbers of an entity right: measured against reported, or by hand."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from . import option_forms
from .forms import changed, prefilled
from .made_of_entities import reading, registered, set_up, shunt
from .test_config_flow import asks
from .test_entity_flow import choose, said


async def calibrate(
    hass: HomeAssistant, entry: MockConfigEntry, method: str, entity: str
) -> ConfigFlowResult:
    """Choose an entity and how it is calibrated."""
    result = await choose(hass, entry, "calibration")
    assert asks(result, "calibration")
    result = await option_forms.submit(hass, result, {"entity": entity, "method": method})
    assert asks(result, method)
    return result


def facts(result: ConfigFlowResult, *names: str) -> list[str]:
    """Return what a form tells of these."""
    return [(result["description_placeholders"] or {})[name] for name in names]


async def test_two_points_make_a_sensor_right_and_are_shown_before_and_after(hass: HomeAssistant) -> None:
    shunt(hass, voltage=12.0, current=5)
    entry = await set_up(hass, {"voltage": "sensor.voltage", "current": "sensor.current"})
    result = await calibrate(hass, entry, "points", "sensor.voltage")
    assert facts(result, "entity", "unit", "reported", "value") == ["sensor.voltage", "V", "12", "12"]
    assert prefilled(result) == {"reported_1": 12.0, "adjust": "gain"}
    points = {"reported_1": 10.0, "measured_1": 10.5, "reported_2": 14.0, "measured_2": 14.1}
    result = await option_forms.submit(hass, result, {**points, "adjust": "gain"})
    assert asks(result, "calibrated")
    assert facts(result, "gain", "offset", "value") == ["1", "0", "12"]
    assert facts(result, "new_gain", "new_offset", "new_value") == ["0.9", "1.5", "12.3"]
    assert reading(entry).voltage == 12.0
    result = await option_forms.submit(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert reading(entry).voltage == pytest.approx(12.3)
    assert reading(entry).current == 5.0
    again = await calibrate(hass, entry, "correction", "sensor.voltage")
    assert facts(again, "gain", "offset", "value") == ["0.9", "1.5", "12.3"]


async def test_one_point_adjusts_the_offset(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.0, current=0.4))
    result = await calibrate(hass, entry, "points", "sensor.current")
    result = await option_forms.submit(hass, result, changed(result, measured_1=0, adjust="offset"))
    result = await option_forms.submit(hass, result, {})
    assert reading(entry).current == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("points", "place", "error"),
    [
        ({"reported_1": 0, "measured_1": 1}, "base", "calibration_zero"),
        ({"reported_1": 5, "measured_1": -1}, "base", "calibration_reversed"),
        ({"reported_1": 0.001, "measured_1": 500}, "base", "calibration_out_of_range"),
        (
            {"reported_1": 5, "measured_1": 5, "reported_2": 5, "measured_2": 6},
            "base",
            "calibration_too_close",
        ),
        ({"reported_1": 5, "measured_1": 5, "reported_2": 8}, "measured_2", "half_a_pair"),
        ({"reported_1": 5, "measured_1": 5, "measured_2": 8}, "measured_2", "half_a_pair"),
    ],
)
async def test_points_that_say_nothing_are_refused_and_lead_on(
    hass: HomeAssistant, points: dict[str, float], place: str, error: str
) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.0))
    result = await calibrate(hass, entry, "points", "sensor.voltage")
    result = await option_forms.submit(hass, result, {**points, "adjust": "gain"})
    assert asks(result, "points", **{place: error})
    assert said(result, "options")
    result = await option_forms.submit(
        hass, result, {"reported_1": 13.0, "measured_1": 13.1, "adjust": "gain"}
    )
    assert asks(result, "calibrated")


async def test_gain_offset_and_time_out_are_set_by_hand_and_taken_back(hass: HomeAssistant) -> None:
    one = registered(hass, "sensor.voltage")
    shunt(hass, voltage=13.0)
    entry = await set_up(hass, {"voltage": "sensor.voltage"}, registry_ids={"sensor.voltage": one.id})
    result = await calibrate(hass, entry, "correction", "sensor.voltage")
    result = await option_forms.submit(hass, result, changed(result, gain=1.1, offset=-0.3, time_out=30))
    await option_forms.submit(hass, result, {})
    assert entry.options["corrections"] == {one.id: {"gain": 1.1, "offset": -0.3, "time_out": 30}}
    assert reading(entry).voltage == pytest.approx(14.0)
    result = await calibrate(hass, entry, "correction", "sensor.voltage")
    result = await option_forms.submit(hass, result, changed(result, gain=1, offset=0, time_out=None))
    await option_forms.submit(hass, result, {})
    assert reading(entry).voltage == 13.0


async def test_a_silent_entity_can_be_calibrated_with_noted_numbers(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage="unavailable"))
    result = await calibrate(hass, entry, "points", "sensor.voltage")
    assert facts(result, "reported", "value") == ["?", "?"]
    result = await option_forms.submit(
        hass, result, {"reported_1": 13.0, "measured_1": 26.0, "adjust": "gain"}
    )
    assert facts(result, "new_gain", "new_value") == ["2", "?"]


@pytest.mark.parametrize("gain", [0, -1, float("nan"), float("inf")])
async def test_a_gain_that_is_none_is_not_taken(hass: HomeAssistant, gain: float) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.0))
    result = await calibrate(hass, entry, "correction", "sensor.voltage")
    with pytest.raises(InvalidData):
        await option_forms.submit(hass, result, changed(result, gain=gain))


async def test_calibrating_one_entity_leaves_the_others_as_they_are(hass: HomeAssistant) -> None:
    corrections = {"sensor.current": {"gain": 2.0}}
    entry = await set_up(hass, shunt(hass, voltage=13.0, current=5), corrections=corrections)
    result = await calibrate(hass, entry, "correction", "sensor.voltage")
    result = await option_forms.submit(hass, result, changed(result, gain=1.1))
    await option_forms.submit(hass, result, {})
    assert (reading(entry).voltage, reading(entry).current) == (pytest.approx(14.3), 10.0)
