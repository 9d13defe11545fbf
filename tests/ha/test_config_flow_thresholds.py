"""Adding a battery: what it is made of and what for, and at which values to act."""

from typing import Any
from unittest.mock import patch

import pytest

from custom_components.battmon import sources
from custom_components.battmon.flow_chemistry import CHEMISTRY_NAMES, likely_chemistry
from custom_components.battmon.judgement_options import battery_settings, failsafe_settings
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.levels import Kind
from custom_components.battmon.model.failsafe.settings import FailsafeSettings, Thresholds, Use
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.reading import Identity, Reading
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from simulators.jbd import JbdDevice

from ..battery import Bench
from ..words import DE, EN
from .forms import changed, fields_of, opened, prefilled, shown
from .house import add, fixed
from .test_config_flow import asks, begin, serial, submit

pytestmark = pytest.mark.usefixtures("quick")

LEAD_ACID = 12.6
"""V at rest, of six cells."""


async def found(hass: HomeAssistant, bench: Bench, device: JbdDevice | None = None) -> ConfigFlowResult:
    """Let the dialog read a battery; the form shows what it found."""
    port = bench.plug_in(device or fixed(remaining_capacity=2.4))
    result = await submit(hass, await begin(hass), serial(port.path))
    assert asks(result, "battery")
    return result


async def created(hass: HomeAssistant, result: ConfigFlowResult, **values: Any) -> ConfigEntry:
    """Change the form that is shown, submit it and return the entry that comes of it."""
    result = await submit(hass, result, changed(result, **values))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    return result["result"]


async def thresholds(hass: HomeAssistant, result: ConfigFlowResult, **values: Any) -> ConfigFlowResult:
    """Change the form about the battery and go on to the thresholds."""
    result = await submit(hass, result, changed(result, **values))
    assert asks(result, "thresholds")
    return result


async def silent(hass: HomeAssistant, bench: Bench, reading: Reading) -> ConfigFlowResult:
    """Let the dialog find a battery that says no more than this."""
    port = bench.plug_in()
    with patch.object(sources, "probe", return_value=(Fingerprint.of(Identity(), reading), reading)):
        result = await submit(hass, await begin(hass), serial(port.path))
    assert asks(result, "battery")
    return result


# What is asked, and what is guessed.


async def test_the_form_guesses_the_chemistry_and_asks_for_no_cells_that_the_battery_tells(
    hass: HomeAssistant, bench: Bench
) -> None:
    result = await found(hass, bench)
    assert list(fields_of(result)) == ["name", "chemistry", "use"]
    assert prefilled(result) == {
        "name": "JBD-SP04S034-L4S-200A-B-U",
        "chemistry": "lifepo4",
        "use": "stationary",
    }


def read(*cells: float | None, state_of_charge: float | None = 60.0) -> Reading:
    """Return a reading of these cells."""
    return Reading(cell_voltages=cells or None, state_of_charge=state_of_charge)


@pytest.mark.parametrize(
    ("reading", "guess"),
    [
        (read(3.15, 3.15), Chemistry.LIFEPO4),
        (read(3.42, 3.42), Chemistry.LIFEPO4),
        (read(3.10, 3.40), Chemistry.LIFEPO4),
        (read(3.30, None, 0.0), Chemistry.LIFEPO4),
        (read(3.149, 3.149), None),
        (read(3.421, 3.421), None),
        (read(3.30, state_of_charge=25.0), None),
        (read(3.30, state_of_charge=25.1), Chemistry.LIFEPO4),
        (read(3.30, state_of_charge=None), None),
        (read(None, 0.0), None),
        (read(), None),
    ],
)
def test_a_voltage_on_the_plateau_is_lifepo4_where_it_can_be_no_other(
    reading: Reading, guess: Chemistry | None
) -> None:
    assert likely_chemistry(Fingerprint.of(Identity(), reading), reading) is guess


@pytest.mark.parametrize(
    ("said", "chemistry"),
    [
        ("LiFePO4", Chemistry.LIFEPO4),
        ("LFP", Chemistry.LIFEPO4),
        ("LION", Chemistry.LI_ION),
        ("Li-ion", Chemistry.LI_ION),
        ("LiP", Chemistry.LIPO),
        ("PbAc", Chemistry.LEAD_ACID),
        ("lead-acid", Chemistry.LEAD_ACID),
        (" LTO ", Chemistry.LTO),
        ("Na-Ion", Chemistry.SODIUM_ION),
        ("NiMH", None),
        ("", None),
        (None, None),
    ],
)
def test_what_the_battery_says_goes_before_its_voltage(said: str | None, chemistry: Chemistry | None) -> None:
    for reading, fallback in ((read(3.3), Chemistry.LIFEPO4), (read(2.1), None)):
        fingerprint = Fingerprint.of(Identity(chemistry=said), reading)
        assert likely_chemistry(fingerprint, reading) is (chemistry or fallback)


def test_every_chemistry_can_be_said() -> None:
    assert set(CHEMISTRY_NAMES.values()) == set(Chemistry)


async def test_nothing_is_guessed_of_a_battery_that_is_nearly_empty(
    hass: HomeAssistant, bench: Bench
) -> None:
    result = await found(hass, bench, fixed(3.3, 3.3, 3.3, 3.3, remaining_capacity=0.5))
    assert "chemistry" not in prefilled(result)


async def test_cells_are_asked_for_where_the_battery_does_not_tell(hass: HomeAssistant, bench: Bench) -> None:
    result = await silent(hass, bench, Reading(voltage=LEAD_ACID))
    assert list(fields_of(result)) == ["name", "chemistry", "cells", "use"]
    assert prefilled(result) == {"name": "Battery", "use": "stationary"}
    result = await thresholds(hass, result, chemistry="lead_acid", cells=6)
    assert shown(result)["low_voltage"] == pytest.approx(11.7)
    entry = await created(hass, result)
    assert repr(entry.options["cells"]) == "6", "a whole number"
    assert battery_settings(entry.options, dead_band=0.0).cells == 6


async def test_without_a_number_of_cells_only_what_needs_none_is_suggested(
    hass: HomeAssistant, bench: Bench
) -> None:
    result = await silent(hass, bench, Reading(voltage=LEAD_ACID))
    result = await thresholds(hass, result, chemistry="lead_acid")
    filled = shown(result)
    assert not {field for field in filled if field.endswith("_voltage") or "_voltage_crit" in field}
    assert filled["low_state_of_charge"] == 20
    entry = await created(hass, result)
    assert "cells" not in entry.options


# With a chemistry.


async def test_who_only_presses_the_button_has_a_battery_that_is_judged(
    hass: HomeAssistant, bench: Bench
) -> None:
    result = await thresholds(hass, await found(hass, bench))
    filled = shown(result)
    assert filled["low_voltage"] == pytest.approx(12.0)
    assert filled["low_voltage_critical"] == pytest.approx(11.2)
    assert (filled["low_state_of_charge"], filled["low_state_of_charge_critical"]) == (20, 10)
    assert opened(result) == set()
    entry = await created(hass, result)
    assert entry.title == "JBD-SP04S034-L4S-200A-B-U"
    assert entry.options == {"chemistry": "lifepo4", "use": "stationary", **filled}
    assert entry.data.keys() == {"battery_key", "wire", "protocol", "device", "baud_rate"}
    settings = failsafe_settings(entry.options)
    assert settings.thresholds[Kind.LOW_CELL] == Thresholds(3.0, 2.8)
    assert settings.thresholds[Kind.CHARGE_COLD] == Thresholds(3.0, 0.0), "0 degC is a threshold"


async def test_what_is_cleared_while_adding_is_off(hass: HomeAssistant, bench: Bench) -> None:
    result = await thresholds(hass, await found(hass, bench))
    off = ("low_state_of_charge", "low_state_of_charge_critical", "charge_cold", "high_cell_critical")
    entry = await created(hass, result, **dict.fromkeys(off))
    assert not set(off) & entry.options.keys()
    found_thresholds = failsafe_settings(entry.options).thresholds
    assert Kind.LOW_STATE_OF_CHARGE not in found_thresholds
    assert found_thresholds[Kind.CHARGE_COLD] == Thresholds(critical=0.0)


async def test_a_new_vehicle_and_its_name_are_kept_through_both_forms(
    hass: HomeAssistant, bench: Bench
) -> None:
    result = await thresholds(hass, await found(hass, bench), name=" Rover ", use="vehicle")
    entry = await created(hass, result)
    assert entry.title == "Rover"
    assert failsafe_settings(entry.options).use is Use.VEHICLE


async def test_a_critical_threshold_on_the_wrong_side_is_refused_and_can_be_corrected(
    hass: HomeAssistant, bench: Bench
) -> None:
    result = await thresholds(hass, await found(hass, bench))
    right = shown(result)
    wrong = {"low_voltage": 11.5, "low_voltage_critical": 12, "charge_hot_critical": 45}
    result = await submit(hass, result, changed(result, **wrong))
    assert asks(
        result, "thresholds", low_voltage_critical="low_voltage_order", temperatures="charge_hot_order"
    )
    given = result["description_placeholders"] or {}
    for words, text in (
        (EN, "Voltage: critical 12 V must lie below low 11.5 V."),
        (DE, "Spannung: kritisch 12 V muss unter niedrig 11.5 V liegen."),
    ):
        assert words["config"]["error"]["low_voltage_order"].format_map(given) == text
    assert opened(result) == {"temperatures"}
    assert shown(result) == {**right, **wrong}, "what was typed is still there"
    entry = await created(hass, result, **{field: right[field] for field in wrong})
    assert entry.options == {"chemistry": "lifepo4", "use": "stationary", **right}


@pytest.mark.parametrize(
    ("field", "value"),
    [("low_voltage", -1), ("high_cell", 5.1), ("charge_cold", -41), ("low_voltage_delay", 121)],
)
async def test_numbers_out_of_all_sense_are_not_taken_while_adding(
    hass: HomeAssistant, bench: Bench, field: str, value: float
) -> None:
    result = await thresholds(hass, await found(hass, bench))
    with pytest.raises(InvalidData):
        await submit(hass, result, changed(result, **{field: value}))
    entry = await created(hass, result)
    assert entry.options[field] == shown(result)[field]


@pytest.mark.parametrize(
    ("field", "value"), [("chemistry", "plutonium"), ("use", "submarine"), ("cells", 0), ("cells", 401)]
)
async def test_what_no_battery_is_like_is_not_taken_while_adding(
    hass: HomeAssistant, bench: Bench, field: str, value: object
) -> None:
    result = await silent(hass, bench, Reading(voltage=LEAD_ACID))
    with pytest.raises(InvalidData):
        await submit(hass, result, changed(result, **{field: value}))
    await created(hass, result)


async def test_a_battery_that_another_dialog_added_meanwhile_is_not_added_twice(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(fixed(remaining_capacity=2.4))
    result = await thresholds(hass, await submit(hass, await begin(hass), serial(port.path)))
    await add(hass, port)
    result = await submit(hass, result, prefilled(result))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


# Without one.


async def test_without_a_chemistry_it_is_added_at_once_and_without_thresholds(
    hass: HomeAssistant, bench: Bench
) -> None:
    entry = await created(hass, await found(hass, bench), chemistry=None, use="vehicle")
    assert entry.options == {"use": "vehicle"}
    assert failsafe_settings(entry.options) == FailsafeSettings(use=Use.VEHICLE)
