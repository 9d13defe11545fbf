"""Every entity has its words and its icon, and there are no others."""

import re

import pytest

from custom_components.battmon.model.alarms import NOT_A_PROBLEM, Alarm
from custom_components.battmon.model.changes import Change
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.failsafe.levels import Level, Side
from custom_components.battmon.model.reading import Place
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

from . import translation_keys
from .product import MODULES, Tree
from .translation_keys import calls_in, keyword, matches, strings_in
from .words import EN, ICONS, PARTS, PLATFORMS, leaves, part, placeholders

ICON = re.compile(r"mdi:[a-z0-9]+(-[a-z0-9]+)*")
SHARED = [module.tree for module in MODULES if module.parts == ("failsafe_words",)]
"""Where attributes of several platforms are named."""
HOME_ASSISTANTS_ATTRIBUTES = {"event_type"}
LEVELS = {level.key for level in Level}


def entity_keys(platform: str) -> set[str]:
    """Return the keys, or patterns of keys, of a platform's entities."""
    return {key for module in PARTS[platform] for key in translation_keys.entity_keys(module)}


def described(platform: str) -> list[EntityDescription]:
    """Return the entity descriptions that stand in the tables of a platform."""
    return [one for module in PARTS[platform] for one in translation_keys.described(module)]


def test_there_are_platforms() -> None:
    assert PLATFORMS


def test_no_other_platform_is_translated() -> None:
    assert EN["entity"].keys() <= PLATFORMS.keys()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_entity_has_its_words_and_no_other(platform: str) -> None:
    used, there = entity_keys(platform), part(EN, "entity", platform).keys()
    assert {key for key in used if not any(matches(one, [key]) for one in there)} == set()
    assert {key for key in there if not matches(key, used)} == set()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_entity_has_a_name(platform: str) -> None:
    nameless = {
        one.key
        for one in described(platform)
        if one.translation_key is None and getattr(one, "device_class", None) is None
    }
    assert nameless == set()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_unit_is_either_native_or_translated(platform: str) -> None:
    """Home Assistant refuses to add an entity that has both."""
    both = {
        one.key
        for one in described(platform)
        if getattr(one, "native_unit_of_measurement", None) is not None
        and "unit_of_measurement" in part(EN, "entity", platform, str(one.translation_key))
    }
    assert both == set()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_states_are_translated_one_by_one(platform: str) -> None:
    options = {
        str(one.translation_key): set(getattr(one, "options", None) or ())
        for one in described(platform)
        if getattr(one, "options", None)
    }
    states = {
        key: set(words["state"])
        for key, words in part(EN, "entity", platform).items()
        if "state" in words and platform != Platform.BINARY_SENSOR
    }
    assert states == options


@pytest.mark.parametrize("platform", PLATFORMS)
def test_attributes_and_placeholders_of_entities_are_in_the_code(platform: str) -> None:
    said = strings_in(*(module.tree for module in PARTS[platform]), *SHARED)
    words = part(EN, "entity", platform).values()
    attributes = {name for one in words for name in one.get("state_attributes", {})}
    left = {name for one in words for _, text in leaves(one) for name in placeholders(text)}
    assert (attributes | left) - HOME_ASSISTANTS_ATTRIBUTES <= said


def test_every_alarm_that_is_a_problem_has_words() -> None:
    words = EN["entity"]["binary_sensor"]["problem"]["state_attributes"]["alarms"]["state"]
    assert set(words) == {*Alarm} - NOT_A_PROBLEM


@pytest.mark.parametrize(
    ("platform", "key", "attribute", "values"),
    [
        ("event", "failsafe_event", "event_type", {*Change}),
        ("event", "failsafe_event", "level", LEVELS),
        ("event", "failsafe_event", "discharge_level", LEVELS),
        ("event", "failsafe_event", "charge_level", LEVELS),
        ("event", "failsafe_event", "side", {*Side}),
        ("sensor", "state_of_charge", "origin", {*Origin}),
    ],
)
def test_every_value_of_an_attribute_has_words_and_no_other(
    platform: str, key: str, attribute: str, values: set[str]
) -> None:
    assert set(EN["entity"][platform][key]["state_attributes"][attribute]["state"]) == values


@pytest.mark.parametrize("key", ["failsafe", "discharge_level", "charge_level"])
def test_every_level_has_words_and_no_other(key: str) -> None:
    assert set(EN["entity"]["sensor"][key]["state"]) == LEVELS


def test_every_place_of_a_temperature_has_words() -> None:
    assert {f"temperature_{place}" for place in Place} <= EN["entity"]["sensor"].keys()


def test_only_alarms_and_restarts_are_counted() -> None:
    counted = {key.removeprefix("count_") for key in EN["entity"]["sensor"] if key.startswith("count_")}
    assert counted <= {*Alarm, "restarts"}


def test_icons_are_for_what_has_words() -> None:
    for platform, icons in part(ICONS, "entity").items():
        assert icons.keys() <= part(EN, "entity", platform).keys(), platform


def test_an_icon_is_a_material_design_icon() -> None:
    assert [path for path, icon in leaves(ICONS) if not ICON.fullmatch(icon)] == []


def ranges_are_sound(icons: Tree) -> bool:
    """Whether the bounds of an entity's icons ascend, and there is an icon below them."""
    bounds = [float(bound) for bound in icons.get("range", {})]
    return bounds == sorted(set(bounds)) and (not bounds or "default" in icons)


def test_ranges_ascend_and_have_a_default() -> None:
    every = [one for icons in part(ICONS, "entity").values() for one in icons.values()]
    assert [icons for icons in every if not ranges_are_sound(icons)] == []


@pytest.mark.parametrize(
    "unsound",
    [{"default": "mdi:a", "range": {"10": "mdi:b", "9": "mdi:c"}}, {"range": {"0": "mdi:a"}}],
)
def test_an_unsound_range_is_found(unsound: Tree) -> None:
    assert not ranges_are_sound(unsound)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_entity_without_a_class_has_an_icon(platform: str) -> None:
    icons = part(ICONS, "entity", platform)
    bare = {
        one.key
        for one in described(platform)
        if getattr(one, "device_class", None) is None and one.translation_key not in icons
    }
    assert bare == set()


def test_icons_are_not_set_in_code() -> None:
    set_in_code = [
        module.path.name
        for module in MODULES
        if any(keyword(call, "icon") for call in calls_in(module.tree))
        or "_attr_icon" in module.path.read_text()
    ]
    assert set_in_code == []
