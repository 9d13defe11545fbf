"""The demo's dashboard, made of Home Assistant's plain cards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .client import Client
from .entities import Entities
from .folder import DASHBOARD

type Card = dict[str, Any]

TITLE = "Batteries"
ICON = "mdi:battery-high"
_FULL, _HALF, _THIRD = 12, 6, 4
"""Widths in the columns of a section."""
HINT = """\
A fourth battery advertises over Bluetooth and waits to be added: \
[Settings, Devices & services](/config/integrations/dashboard)."""
_WIDEST = 4
"""Sections side by side at most."""
_LEVELS = ("sensor.discharge_level", "sensor.charge_level")
_TIMES = {
    "Empty in": "sensor.time_to_empty",
    "Low in": "sensor.time_to_low",
    "Full in": "sensor.time_to_full",
}
_TOTALS = {"Energy in": "sensor.energy_in", "Energy out": "sensor.energy_out"}
_EXTREMES = {"Lowest": "sensor.lowest_cell", "Highest": "sensor.highest_cell"}


@dataclass(frozen=True)
class Shown:
    """One battery on the dashboard."""

    name: str
    icon: str
    entities: Entities
    runs_down: bool = False
    """There will be events: they are shown, too."""


def dashboard(batteries: Sequence[Shown], *, hint: bool = False) -> Card:
    """Return the configuration of the whole dashboard: first what each battery does, then its cells.

    The hint says that there is a battery to add.
    """
    sections = [_overview(battery) for battery in batteries] + [_cells(battery) for battery in batteries]
    # Below each battery stand its cells, unless all of it fits side by side.
    columns = len(sections) if len(sections) <= _WIDEST else len(batteries)
    view = {
        "title": TITLE,
        "path": "batteries",
        "type": "sections",
        "max_columns": columns,
        "sections": sections,
    }
    if hint:
        view["header"] = {"card": {"type": "markdown", "text_only": True, "content": HINT}}
    return {"title": TITLE, "views": [view]}


async def install(client: Client, config: Card) -> None:
    """Write the dashboard, making it where there is none yet."""
    if all(row["url_path"] != DASHBOARD for row in await client.command("lovelace/dashboards/list")):
        await client.command(
            "lovelace/dashboards/create",
            url_path=DASHBOARD,
            title=TITLE,
            icon=ICON,
            mode="storage",
            show_in_sidebar=True,
        )
    await client.command("lovelace/config/save", url_path=DASHBOARD, config=config)


def _overview(battery: Shown) -> Card:
    found = battery.entities
    return _section(
        _heading(
            battery.name, battery.icon, found.present("binary_sensor.connected", "binary_sensor.problem")
        ),
        *(_charge(entity) for entity in found.present("sensor.state_of_charge")),
        *(
            _tile(entity, _HALF)
            for entity in found.present("sensor.voltage", "sensor.current", "sensor.power")
        ),
        *(_tile(entity, _HALF, name="Remaining") for entity in found.present("sensor.remaining_capacity")),
        *(
            _switch(entity)
            for entity in found.present("switch.charging", "switch.discharging", "switch.balancing")
        ),
        *_failsafe(battery),
        *_history("Current, last 15 minutes", {"Current": "sensor.current"}, found),
        *(_button(entity) for entity in found.present("button.read_now")),
        *(_switch(entity, _HALF) for entity in found.present("switch.release_bluetooth")),
        *(_tile(entity, _HALF, vertical=True) for entity in found.present("sensor.link_quality")),
    )


def _failsafe(battery: Shown) -> list[Card]:
    """What BattMon thinks of a battery, and what it has worked out."""
    found = battery.entities
    tiles = [
        *(
            _tile(entity, _FULL, state_content=["state", "reasons"])
            for entity in found.present("sensor.failsafe")
        ),
        *(_tile(entity, _HALF) for entity in found.present(*_LEVELS)),
        *(
            _tile(entity, _HALF)
            for entity in found.present("binary_sensor.ready", "binary_sensor.low_battery")
        ),
        *_named(_TIMES, _THIRD, found, vertical=True),
        *_named(_TOTALS, _HALF, found),
    ]
    log = [
        *(_button(entity) for entity in found.present("button.reset_failsafe")),
        *_log(found.present("event.failsafe_event", "sensor.failsafe")),
    ]
    return [_subtitle("Failsafe"), *tiles, *(log if battery.runs_down else [])] if tiles else []


def _cells(battery: Shown) -> Card:
    found = battery.entities
    return _section(
        _heading(f"{battery.name}: cells", "mdi:view-grid-outline", ()),
        _glance(found.numbered("sensor.cell_")),
        *(
            _tile(entity, _THIRD, vertical=True)
            for entity in found.present("sensor.lowest_cell", "sensor.highest_cell", "sensor.cell_imbalance")
        ),
        *_history("Lowest and highest cell, last 15 minutes", _EXTREMES, found),
        {"type": "entities", "entities": [_row(entity) for entity in found.numbered("sensor.temperature_")]},
    )


def _section(*cards: Card) -> Card:
    """Join cards, leaving out lists without entries."""
    return {"type": "grid", "cards": [card for card in cards if card.get("entities") != []]}


def _heading(text: str, icon: str, badges: Iterable[str]) -> Card:
    return {
        "type": "heading",
        "heading": text,
        "heading_style": "title",
        "icon": icon,
        "badges": [
            {"type": "entity", "entity": entity, "show_state": True, "show_icon": True} for entity in badges
        ],
    }


def _subtitle(text: str) -> Card:
    return {"type": "heading", "heading": text, "heading_style": "subtitle"}


def _row(entity: str) -> Card:
    # A name of this form leaves the device's name away: the section's heading says it.
    return {"entity": entity, "name": {"type": "entity"}}


def _tile(entity: str, columns: int, **more: Any) -> Card:
    return {"type": "tile", **_row(entity), "grid_options": {"columns": columns}, **more}


def _named(names: Mapping[str, str], columns: int, found: Entities, **more: Any) -> list[Card]:
    """Tiles of those that are there, under names of the dashboard's own."""
    return [
        _tile(found[entity], columns, **more, name=name) for name, entity in names.items() if entity in found
    ]


def _charge(entity: str) -> Card:
    return _tile(entity, _FULL, features=[{"type": "bar-gauge", "min": 0, "max": 100}])


def _switch(entity: str, columns: int = _THIRD) -> Card:
    return _tile(entity, columns, vertical=True, tap_action={"action": "toggle"})


def _button(entity: str) -> Card:
    press = {"action": "perform-action", "perform_action": "button.press", "target": {"entity_id": entity}}
    return _tile(entity, _FULL, hide_state=True, tap_action=press, icon_tap_action=press)


def _log(entities: Iterable[str]) -> list[Card]:
    shown = [*entities]
    rows = {"type": "logbook", "hours_to_show": 1, "target": {"entity_id": shown}}
    return [{**rows, "grid_options": {"columns": _FULL, "rows": 6}}] if shown else []


def _glance(entities: Iterable[str]) -> Card:
    rows = [{"entity": entity, "name": f"Cell {number}"} for number, entity in enumerate(entities, 1)]
    return {"type": "glance", "columns": 4, "show_icon": False, "entities": rows}


def _history(title: str, lines: Mapping[str, str], found: Entities) -> list[Card]:
    rows = [{"entity": found[entity], "name": name} for name, entity in lines.items() if entity in found]
    graph = {"type": "history-graph", "hours_to_show": 0.25, "grid_options": {"columns": _FULL}}
    return [_subtitle(title), {**graph, "entities": rows}] if rows else []
