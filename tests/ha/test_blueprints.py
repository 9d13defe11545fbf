"""What every blueprint has to be, and how people come by them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.battmon.const import DOMAIN
from homeassistant.components.automation.const import DOMAIN as AUTOMATION
from homeassistant.components.blueprint.importer import fetch_blueprint_from_url
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import extract_inputs, load_yaml_dict

from ..product import ROOT, product_json
from .automated import FOLDER

BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
SOURCE = product_json("manifest.json")["documentation"]
PATH = FOLDER.relative_to(ROOT)
BADGE = "https://my.home-assistant.io/badges/blueprint_import.svg"
REDIRECT = "https://my.home-assistant.io/redirect/blueprint_import/"
MINIMUM = (2026, 9, 0)
OLD_WORDS = {"trigger", "condition", "action", "platform", "service"}
"""Keys of an automation, trigger or action before Home Assistant 2024.10, where they hold lists or names."""


def load(path: Path) -> Blueprint:
    """Return a blueprint as Home Assistant reads it."""
    return Blueprint(
        load_yaml_dict(str(path)), path=path.name, expected_domain=AUTOMATION, schema=BLUEPRINT_SCHEMA
    )


def name(path: Path) -> str:
    """Name a test after its blueprint."""
    return path.stem


each = pytest.mark.parametrize("path", BLUEPRINTS, ids=name)


def entities(blueprint: Blueprint) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every input that takes an entity of BattMon, with what it takes."""
    for key, settings in blueprint.inputs.items():
        for taken in (settings["selector"].get("entity") or {}).get("filter", ()):
            if taken.get("integration") == DOMAIN:
                yield key, taken


def links() -> list[str]:
    """Return the addresses that the README offers to import."""
    return [
        parse_qs(urlsplit(link).query)["blueprint_url"][0]
        for link in re.findall(r"\((https://my\.home-assistant\.io/redirect/[^)]+)\)", readme())
    ]


def readme() -> str:
    """Return the README."""
    return text(ROOT / "README.md")


def text(path: Path) -> str:
    """Return what a file says."""
    return path.read_text(encoding="utf-8")


# The files.


def test_there_are_blueprints_for_all_that_people_want_of_a_battery() -> None:
    assert {path.stem for path in BLUEPRINTS} == {
        "cell_imbalance",
        "cut_at_critical",
        "full_charge_due",
        "not_ready",
        "shed_loads",
        "stop_charging",
    }


@each
def test_home_assistant_accepts_it_from_the_oldest_release_on_that_battmon_supports(path: Path) -> None:
    blueprint = load(path)
    assert blueprint.validate() is None
    oldest = blueprint.metadata["homeassistant"]["min_version"]
    assert tuple(int(part) for part in oldest.split(".")) == MINIMUM
    assert text(ROOT / "hacs.json").count(f'"{oldest}"') == 1


@each
def test_it_says_what_it_does_and_where_it_comes_from(path: Path) -> None:
    metadata = load(path).metadata
    assert metadata["name"].startswith("BattMon: ")
    assert len(metadata["description"]) > 100
    assert metadata["source_url"] == f"{SOURCE}/blob/main/{PATH}/{path.name}"


@each
def test_every_input_is_used_named_and_chosen_by_a_selector(path: Path) -> None:
    blueprint = load(path)
    body = {key: value for key, value in blueprint.data.items() if key != "blueprint"}
    assert extract_inputs(body) == set(blueprint.inputs)
    for settings in blueprint.inputs.values():
        assert settings["name"]
        assert settings["selector"]


@each
def test_inputs_stand_in_sections(path: Path) -> None:
    for section in load(path).metadata["input"].values():
        assert {"name", "icon", "input"} <= set(section)


@each
def test_every_input_that_takes_an_entity_of_battmon_is_named_after_it(path: Path) -> None:
    texts = product_json("translations/en.json")["entity"]
    found = list(entities(load(path)))
    assert found
    for key, taken in found:
        (domain,) = taken["domain"]
        assert texts[domain][key]["name"] == load(path).inputs[key]["name"]


@each
def test_it_is_written_in_the_words_of_today(path: Path) -> None:
    body = load(path).data
    assert {"triggers", "actions"} <= set(body)
    assert OLD_WORDS.isdisjoint(body)
    assert not [trigger for trigger in body["triggers"] if "platform" in trigger]
    assert not re.search(r"^\s*(- )?service:", text(path), re.MULTILINE)


# How people come by them.


def test_the_readme_offers_to_import_each_of_them() -> None:
    raw = SOURCE.replace("https://github.com/", "https://raw.githubusercontent.com/")
    assert sorted(links()) == [f"{raw}/main/{PATH}/{path.name}" for path in BLUEPRINTS]
    assert readme().count(f"({BADGE})") + readme().count(f"]: {BADGE}") >= 1
    assert readme().count(REDIRECT) == len(BLUEPRINTS)


@each
async def test_home_assistant_imports_it_from_there(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, path: Path
) -> None:
    (link,) = (link for link in links() if link.endswith(f"/{path.name}"))
    aioclient_mock.get(link, text=text(path))
    imported = await fetch_blueprint_from_url(hass, link)
    assert imported.suggested_filename == f"battmon/{path.stem}"
    assert imported.blueprint.name == load(path).name
