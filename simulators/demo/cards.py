"""Home Assistant's plain cards, as the demo's dashboard uses them."""

from collections.abc import Iterable, Mapping
from typing import Any

from .entities import Entities

type Card = dict[str, Any]

FULL, HALF, THIRD = 12, 6, 4
"""Widths in the columns of a section."""


def section(*cards: Card) -> Card:
    """Join cards, leaving out lists without entries."""
    return {"type": "grid", "cards": [card for card in cards if card.get("entities") != []]}


def heading(text: str, icon: str, badges: Iterable[str]) -> Card:
    """Head a section, with the states of some entities beside it."""
    return {
        "type": "heading",
        "heading": text,
        "heading_style": "title",
        "icon": icon,
        "badges": [
            {"type": "entity", "entity": entity, "show_state": True, "show_icon": True} for entity in badges
        ],
    }


def subtitle(text: str) -> Card:
    """Head a part of a section."""
    return {"type": "heading", "heading": text, "heading_style": "subtitle"}


def row(entity: str) -> Card:
    """Show an entity under its own name, without its device's."""
    # A name of this form leaves the device's name away: the section's heading says it.
    return {"entity": entity, "name": {"type": "entity"}}


def tile(entity: str, columns: int, **more: Any) -> Card:
    """Show an entity in a tile of some columns."""
    return {"type": "tile", **row(entity), "grid_options": {"columns": columns}, **more}


def named(names: Mapping[str, str], columns: int, found: Entities, **more: Any) -> list[Card]:
    """Show those that are there in tiles, under names of the dashboard's own."""
    return [
        tile(found[entity], columns, **more, name=name) for name, entity in names.items() if entity in found
    ]


def charge(entity: str) -> Card:
    """Show a state of charge, with a bar."""
    return tile(entity, FULL, features=[{"type": "bar-gauge", "min": 0, "max": 100}])


def switch(entity: str, columns: int = THIRD) -> Card:
    """Show a switch that a tap moves."""
    return tile(entity, columns, vertical=True, tap_action={"action": "toggle"})


def button(entity: str) -> Card:
    """Show a button that a tap presses."""
    press = {"action": "perform-action", "perform_action": "button.press", "target": {"entity_id": entity}}
    return tile(entity, FULL, hide_state=True, tap_action=press, icon_tap_action=press)


def log(entities: Iterable[str]) -> list[Card]:
    """Show what happened to entities."""
    shown = [*entities]
    rows = {"type": "logbook", "hours_to_show": 1, "target": {"entity_id": shown}}
    return [{**rows, "grid_options": {"columns": FULL, "rows": 6}}] if shown else []


def glance(names: Mapping[str, str]) -> Card:
    """Show entities beside each other, each under a name."""
    rows = [{"entity": entity, "name": name} for entity, name in names.items()]
    return {"type": "glance", "columns": 4, "show_icon": False, "entities": rows}


def markdown(content: str) -> Card:
    """Show a text, in which templates are filled in."""
    return {"type": "markdown", "content": content, "grid_options": {"columns": FULL}}


def history(title: str, lines: Mapping[str, str], found: Entities) -> list[Card]:
    """Show the last quarter of an hour of entities, under names of the dashboard's own."""
    rows = [{"entity": found[entity], "name": name} for name, entity in lines.items() if entity in found]
    graph = {"type": "history-graph", "hours_to_show": 0.25, "grid_options": {"columns": FULL}}
    return [subtitle(title), {**graph, "entities": rows}] if rows else []
