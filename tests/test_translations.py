"""Every text that the product names exists, in every language, and no other."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import voluptuous as vol

from custom_components.battmon.actions import ACTIONS
from custom_components.battmon.model.failsafe.levels import Level, Side
from custom_components.battmon.model.flight_recorder import FIELDS

from .product import Tree, product_json
from .translation_keys import Use, exceptions, issues, selectors
from .words import DE, EN, ICONS, PLACEHOLDER, SERVICES, leaves, part, placeholders

CHAPTERS = {
    "common", "conditions", "config", "config_subentries", "device", "entity", "exceptions", "issues",
    "options", "selector", "services", "system_health", "title", "triggers",
}  # fmt: skip
KEY = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
ADDRESS = re.compile(r"\w+://|\bwww\.")
MARKUP = re.compile(r"<[^>]+>")

SAME_IN_GERMAN = {"Failsafe", "Name", "Problem"}
"""Words that German has taken over, or that it gave away."""

TEXTS = [(language, path, text) for language, tree in (("en", EN), ("de", DE)) for path, text in leaves(tree)]


def test_german_says_what_english_says() -> None:
    assert dict.fromkeys(dict(leaves(DE))) == dict.fromkeys(dict(leaves(EN)))


def test_german_calls_people_du_as_home_assistant_does() -> None:
    formal = re.compile(r"[^.:;!?\n„] Sie\b|\b(Ihnen)\b")
    assert [path for language, path, text in TEXTS if language == "de" and formal.search(text)] == []


def test_german_stands_in_the_same_order() -> None:
    assert [path for path, _ in leaves(DE)] == [path for path, _ in leaves(EN)]


def test_german_leaves_the_same_names_to_be_filled_in() -> None:
    german = dict(leaves(DE))
    different = [
        path for path, text in leaves(EN) if placeholders(text) != placeholders(german.get(path, ""))
    ]
    assert different == []


def test_german_is_german() -> None:
    german = dict(leaves(DE))
    words = re.compile(r"[A-Za-z]{2}")
    same = {
        text
        for path, text in leaves(EN)
        if german.get(path) == text and words.search(PLACEHOLDER.sub("", text))
    }
    assert same <= SAME_IN_GERMAN


@pytest.mark.parametrize("language", ["en", "de"])
def test_chapters_and_keys_are_what_home_assistant_reads(language: str) -> None:
    tree = product_json(f"translations/{language}.json")
    assert tree.keys() <= CHAPTERS
    assert [path for path, _ in leaves(tree) for key in path if not KEY.fullmatch(key)] == []


def test_every_text_is_a_text() -> None:
    assert [
        (where, path) for where, path, text in TEXTS if not isinstance(text, str) or not text.strip()
    ] == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda text: text != text.strip(), id="spaces around it"),
        pytest.param(ADDRESS.search, id="an address: it belongs in a placeholder"),
        pytest.param(MARKUP.search, id="markup"),
        pytest.param(lambda text: "'{" in text or "}'" in text, id="a quoted placeholder is not filled in"),
        pytest.param(lambda text: "[%key" in text, id="a reference that only core resolves"),
        pytest.param(lambda text: "{" in PLACEHOLDER.sub("", text), id="a broken placeholder"),
        pytest.param(lambda text: "{}" in text, id="a placeholder without a name"),
        pytest.param(lambda text: "  " in text, id="two spaces"),
    ],
)
def test_no_text_holds(wrong: Any) -> None:
    assert [(where, path) for where, path, text in TEXTS if wrong(text)] == []


def unfilled(use: Use, words: Tree) -> set[str]:
    """Return what the words of an exception or an issue leave unfilled, where that can be told."""
    left = {name for _, text in leaves(words) for name in placeholders(text)}
    return set() if use.placeholders is None else left - use.placeholders


def test_every_exception_has_words_and_no_other() -> None:
    assert set(EN["exceptions"]) == {use.text for use in exceptions()}


def test_what_an_exception_leaves_to_be_filled_in_is_given() -> None:
    missing = {use: unfilled(use, EN["exceptions"].get(use.text, {})) for use in exceptions()}
    assert {use.where: names for use, names in missing.items() if names} == {}


def test_every_issue_has_words_and_no_other() -> None:
    assert set(part(EN, "issues")) == {use.text for use in issues()}


def test_an_issue_has_a_title_and_either_a_description_or_a_way_to_fix_it() -> None:
    for key, words in part(EN, "issues").items():
        assert "title" in words, key
        assert ("description" in words) is not ("fix_flow" in words), key


def test_what_an_issue_leaves_to_be_filled_in_is_given() -> None:
    """What the way to fix it leaves, its flow gives."""
    words = {key: {**issue, "fix_flow": {}} for key, issue in EN["issues"].items()}
    missing = {use: unfilled(use, words.get(use.text, {})) for use in issues()}
    assert {use.where: names for use, names in missing.items() if names} == {}


def test_every_action_is_described_in_every_file() -> None:
    assert set(SERVICES) == set(ACTIONS)
    assert set(part(EN, "services")) == set(ACTIONS)
    assert set(part(ICONS, "services")) == set(ACTIONS)


def fields_of(service: Tree) -> set[str]:
    """Return the fields of an action, those in sections too."""
    found: set[str] = set()
    for name, field in (service.get("fields") or {}).items():
        found |= fields_of(field) if "fields" in field else {name}
    return found


@pytest.mark.parametrize("action", SERVICES)
def test_every_field_of_an_action_has_a_name_and_a_description(action: str) -> None:
    words = EN["services"][action]
    assert {"name", "description"} <= words.keys()
    assert set(words.get("fields", {})) == fields_of(SERVICES[action])
    assert [
        name for name, one in words.get("fields", {}).items() if not {"name", "description"} <= one.keys()
    ] == []


@pytest.mark.parametrize("action", SERVICES)
def test_the_fields_of_an_action_are_those_it_takes(action: str) -> None:
    fields = SERVICES[action]["fields"]
    assert {name: bool(field.get("required")) for name, field in fields.items()} == {
        "device_id": True,
        **{str(marker): isinstance(marker, vol.Required) for marker in ACTIONS[action].fields},
    }


@pytest.mark.parametrize("action", SERVICES)
def test_the_choices_and_defaults_of_an_action_are_those_it_takes(action: str) -> None:
    fields = SERVICES[action]["fields"]
    for marker, check in ACTIONS[action].fields.items():
        field = fields[str(marker)]
        for choice in choices_in(field):
            check(choice)
        if marker.default is not vol.UNDEFINED and "default" in field:
            assert check(field["default"]) == check(marker.default()), str(marker)


def choices_in(field: Tree) -> list[str]:
    """Return the choices of a field of an action."""
    options: list[str] = part(field, "selector", "select").get("options", [])
    return options


def selectors_of_actions() -> Iterator[tuple[str, set[str]]]:
    """Yield the translation key and the options of every selector of an action that has one."""
    for action in SERVICES.values():
        for field in action["fields"].values():
            if choices_in(field):
                yield field["selector"]["select"]["translation_key"], set(choices_in(field))


def test_every_choice_of_a_selector_has_words_and_no_other() -> None:
    there = {key: set(words["options"]) for key, words in part(EN, "selector").items()}
    assert there == dict(selectors()) | dict(selectors_of_actions())


def test_an_action_offers_every_level_side_and_field() -> None:
    offered = dict(selectors_of_actions())
    assert offered["drill_level"] == {level.key for level in Level} - {"none"}
    assert offered["drill_side"] == {*Side}
    assert offered["sample_fields"] == {*FIELDS}
