"""Adding a battery made of entities, and changing it: every error leaves a way on."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er

from ..battery import ALLOW_ALL, entity_id, shown
from ..words import DE, EN
from . import option_forms
from .forms import changed, opened, prefilled
from .made_of_entities import reading, registered, say, set_up, shunt
from .test_config_flow import asks, submit


async def begin(hass: HomeAssistant, kind: str = "entities") -> ConfigFlowResult:
    """Choose the kind in the menu."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert kind in menu["menu_options"]
    return await submit(hass, menu, {"next_step_id": kind})


def said(result: ConfigFlowResult, kind: str = "config") -> list[str]:
    """Return what a form says is wrong, in both languages."""
    given = result["description_placeholders"] or {}
    return [
        words[kind]["error"][error].format_map(given)
        for error in (result["errors"] or {}).values()
        for words in (EN, DE)
    ]


async def test_a_battery_of_entities_is_shown_named_and_judged(hass: HomeAssistant) -> None:
    one = registered(hass, "sensor.voltage")
    shunt(hass, voltage=13.2, current=8, state_of_charge=70)
    result = await begin(hass)
    assert asks(result, "entities")
    filled = changed(result, voltage="sensor.voltage", current="sensor.current", discharging_is_positive=True)
    result = await submit(hass, result, filled)
    assert asks(result, "entities_found")
    told = result["description_placeholders"] or {}
    assert (told["facts"], told["silent"]) == ("13.20 V, -8.00 A", "-")
    result = await submit(hass, result, changed(result, name=" Bank ", chemistry="lifepo4", cells=4))
    assert asks(result, "thresholds")
    result = await submit(hass, result, prefilled(result))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.title == "Bank"
    assert entry.unique_id is None
    assert entry.data.keys() == {"battery_key", "kind"}
    assert entry.options["entities"] == {"voltage": "sensor.voltage", "current": "sensor.current"}
    assert entry.options["registry_ids"] == {"sensor.voltage": one.id}
    assert entry.options["low_voltage"] == 12.0
    assert shown(hass, entry, "sensor", "current") == "-8.0"


async def test_the_same_entities_may_be_two_batteries(hass: HomeAssistant) -> None:
    shunt(hass, voltage=13.2)
    for name in ("One", "Two"):
        result = await begin(hass)
        result = await submit(hass, result, changed(result, voltage="sensor.voltage"))
        result = await submit(hass, result, changed(result, name=name))
        assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_an_empty_name_falls_back_to_what_it_is(hass: HomeAssistant) -> None:
    shunt(hass, voltage=13.2)
    result = await begin(hass)
    result = await submit(hass, result, changed(result, voltage="sensor.voltage"))
    result = await submit(hass, result, changed(result, name="  "))
    assert result["title"] == "Home Assistant entities"


async def test_entities_that_are_late_are_taken_on_trust_and_named(hass: HomeAssistant) -> None:
    registered(hass, "sensor.late")
    say(hass, "sensor.mute", "unavailable")
    result = await begin(hass)
    result = await submit(hass, result, changed(result, voltage="sensor.late", current="sensor.mute"))
    assert asks(result, "entities_found")
    assert (result["description_placeholders"] or {})["silent"] == "sensor.late, sensor.mute"


ODD = {"sensor.odd": (12, "furlong"), "sensor.bare": (12, None), "sensor.word": ("full", "V")}


@pytest.mark.parametrize(
    ("filled", "place", "error", "detail"),
    [
        ({}, "base", "entities_no_entities", None),
        ({"charging": "switch.one"}, "base", "entities_no_entities", None),
        ({"voltage": "sensor.nowhere"}, "voltage", "entities_missing", "sensor.nowhere"),
        ({"voltage": "sensor.odd"}, "voltage", "entities_unit", "sensor.odd: furlong"),
        ({"voltage": "sensor.bare"}, "voltage", "entities_unit", "sensor.bare: -"),
        ({"current": "sensor.voltage"}, "current", "entities_unit", "sensor.voltage: V → A"),
        ({"voltage": "sensor.word"}, "voltage", "entities_text", "sensor.word: full"),
        (
            {"cell_voltages": ["sensor.voltage", "sensor.voltage"]},
            "cell_voltages",
            "entities_twice",
            "sensor.voltage",
        ),
        ({"power": "sensor.power"}, "power", "entities_power_alone", None),
        ({"load": "sensor.load"}, "synthetic", "entities_load_incomplete", None),
        (
            {"voltage": "sensor.voltage", "full_load_current": 50.0},
            "synthetic",
            "entities_load_incomplete",
            None,
        ),
        ({"fuel_left": "sensor.fuel_left"}, "fuel", "entities_tank_missing", None),
        (
            {"current": "sensor.current", "current_is_unsigned": True, "discharging_is_positive": True},
            "understanding",
            "entities_sign",
            None,
        ),
    ],
)
async def test_what_makes_no_battery_is_told_where_it_is_and_leads_on(
    hass: HomeAssistant, filled: dict[str, Any], place: str, error: str, detail: str | None
) -> None:
    for name, (value, unit) in ODD.items():
        say(hass, name, value, unit)
    say(hass, "switch.one", "on")
    shunt(hass, voltage=13.2, power=100, load=10, fuel_left=5, current=1)
    result = await begin(hass)
    result = await submit(hass, result, changed(result, **filled))
    assert asks(result, "entities", **{place: error})
    assert (
        place == "base"
        or place in {"voltage", "current", "cell_voltages", "power"}
        or place in opened(result)
    )
    if detail is not None:
        assert all(detail in text for text in said(result))
    emptied = dict.fromkeys(filled)
    result = await submit(hass, result, changed(result, **{**emptied, "voltage": "sensor.voltage"}))
    assert asks(result, "entities_found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"voltage": "light.one"},
        {"voltage": "no entity"},
        {"charging": "sensor.voltage"},
        {"time_out": 1},
        {"time_out": float("nan")},
        {"tank": -5.0},
        {"load_curve": "cubic"},
    ],
)
async def test_a_form_takes_nothing_that_it_does_not_offer(
    hass: HomeAssistant, wrong: dict[str, Any]
) -> None:
    result = await begin(hass)
    with pytest.raises(InvalidData):
        await submit(hass, result, changed(result, **wrong))


async def test_any_unit_is_taken_if_the_person_says_so(hass: HomeAssistant) -> None:
    say(hass, "sensor.bare", 12)
    result = await begin(hass)
    result = await submit(hass, result, changed(result, voltage="sensor.bare", any_unit=True))
    assert asks(result, "entities_found")


# Options.


async def choose(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> ConfigFlowResult:
    """Choose a form from the menu of options."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    return await option_forms.submit(hass, menu, {"next_step_id": step})


async def test_entities_can_be_exchanged_and_corrections_stay(hass: HomeAssistant) -> None:
    one = registered(hass, "sensor.voltage")
    named = shunt(hass, voltage=13.2, current=5)
    entry = await set_up(
        hass,
        named,
        registry_ids={"sensor.voltage": one.id},
        corrections={one.id: {"gain": 2.0}},
        time_out=77.0,
    )
    er.async_get(hass).async_update_entity("sensor.voltage", new_entity_id="sensor.bank")
    say(hass, "sensor.bank", 13.0, "V")
    say(hass, "sensor.shunt", 4000, "mA")
    result = await choose(hass, entry, "entities")
    assert prefilled(result)["voltage"] == "sensor.bank"
    assert prefilled(result)["time_out"] == 77.0
    await option_forms.save(hass, result, current="sensor.shunt")
    assert entry.options["entities"] == {"voltage": "sensor.bank", "current": "sensor.shunt"}
    assert (reading(entry).voltage, reading(entry).current) == (26.0, 4.0)


async def test_what_is_emptied_is_gone(hass: HomeAssistant) -> None:
    shunt(hass, voltage=13.2, load=10)
    entry = await set_up(hass, {"voltage": "sensor.voltage", "load": "sensor.load"}, full_load_current=50.0)
    result = await choose(hass, entry, "entities")
    await option_forms.save(hass, result, load=None, full_load_current=None)
    assert "load" not in entry.options["entities"]
    assert "full_load_current" not in entry.options


async def test_a_battery_is_not_made_of_itself(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.2))
    own = entity_id(hass, entry, "sensor", "voltage")
    result = await choose(hass, entry, "entities")
    result = await option_forms.submit(hass, result, changed(result, voltage=own))
    assert asks(result, "entities", voltage="entities_loop")
    assert all(own in text for text in said(result, "options"))


async def test_a_battery_is_not_made_of_one_that_is_made_of_it(hass: HomeAssistant) -> None:
    first = await set_up(hass, shunt(hass, voltage=13.2))
    middle = await set_up(hass, {"voltage": entity_id(hass, first, "sensor", "voltage")})
    pack = MockConfigEntry(
        domain=DOMAIN,
        data={"battery_key": "PACK", "kind": "series"},
        options={"members": [middle.data["battery_key"]]},
    )
    pack.add_to_hass(hass)
    of_pack = er.async_get(hass).async_get_or_create("sensor", DOMAIN, "PACK_voltage", config_entry=pack)
    for entity in (entity_id(hass, middle, "sensor", "voltage"), of_pack.entity_id):
        result = await choose(hass, first, "entities")
        result = await option_forms.submit(hass, result, changed(result, voltage=entity))
        assert asks(result, "entities", voltage="entities_loop")
    result = await choose(hass, middle, "entities")
    result = await option_forms.submit(hass, result, changed(result, time_out=60))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_switches_of_a_battery_of_entities_can_be_allowed(hass: HomeAssistant) -> None:
    say(hass, "switch.one", "on")
    entry = await set_up(hass, {**shunt(hass, voltage=13.2), "charging": "switch.one"})
    result = await choose(hass, entry, "commands")
    assert list(prefilled(result)) == ["allow_charging"]
    await option_forms.save(hass, result, allow_charging=True)
    assert shown(hass, entry, "switch", "charging") == "on"
    assert ALLOW_ALL.keys() >= {"allow_charging"}


async def test_reconfiguring_asks_for_the_entities(hass: HomeAssistant) -> None:
    entry = await set_up(hass, shunt(hass, voltage=13.2), low_voltage=12.0)
    say(hass, "sensor.other", 14, "V")
    result = await entry.start_reconfigure_flow(hass)
    assert asks(result, "entities")
    result = await submit(hass, result, changed(result, voltage="sensor.other"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert reading(entry).voltage == 14.0
    assert entry.options["low_voltage"] == 12.0
