"""The sections of the demo's dashboard about one battery each."""

from dataclasses import dataclass

from .cards import (
    FULL,
    HALF,
    THIRD,
    Card,
    button,
    charge,
    glance,
    heading,
    history,
    log,
    named,
    row,
    section,
    subtitle,
    switch,
    tile,
)
from .entities import Entities

LEVELS = ("sensor.discharge_level", "sensor.charge_level")
SWITCHES = ("switch.charging", "switch.discharging", "switch.balancing")
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
    parts: tuple[Shown, ...] = ()
    """What it is made of."""


def overview(battery: Shown) -> Card:
    """Return what a battery does."""
    found = battery.entities
    return section(
        heading(
            battery.name, battery.icon, found.present("binary_sensor.connected", "binary_sensor.problem")
        ),
        *(charge(entity) for entity in found.present("sensor.state_of_charge")),
        *(tile(entity, HALF) for entity in found.present("sensor.voltage", "sensor.current", "sensor.power")),
        *(tile(entity, HALF, name="Remaining") for entity in found.present("sensor.remaining_capacity")),
        *(switch(entity) for entity in found.present(*SWITCHES)),
        *failsafe(battery),
        *history("Current, last 15 minutes", {"Current": "sensor.current"}, found),
        *(button(entity) for entity in found.present("button.read_now")),
        *(switch(entity, HALF) for entity in found.present("switch.release_bluetooth")),
        *(tile(entity, HALF, vertical=True) for entity in found.present("sensor.link_quality")),
    )


def one_of_bus(battery: Shown) -> Card:
    """Return what a battery does and, where it tells that, its cells and temperatures."""
    found = battery.entities
    whole = overview(battery)
    temperatures = [row(entity) for entity in found.numbered("sensor.temperature_")]
    details = section(glance(cell_names(battery)), {"type": "entities", "entities": temperatures})
    return {**whole, "cards": [*whole["cards"], *details["cards"]]}


def failsafe(battery: Shown) -> list[Card]:
    """Return what BattMon thinks of a battery, and what it has worked out."""
    found = battery.entities
    tiles = [
        *(
            tile(entity, FULL, state_content=["state", "reasons"])
            for entity in found.present("sensor.failsafe")
        ),
        *(tile(entity, HALF) for entity in found.present(*LEVELS)),
        *(tile(entity, HALF) for entity in found.present("binary_sensor.ready", "binary_sensor.low_battery")),
        *named(_TIMES, THIRD, found, vertical=True),
        *named(_TOTALS, HALF, found),
    ]
    events = [
        *(button(entity) for entity in found.present("button.reset_failsafe")),
        *log(found.present("event.failsafe_event", "sensor.failsafe")),
    ]
    return [subtitle("Failsafe"), *tiles, *(events if battery.runs_down else [])] if tiles else []


def cells(battery: Shown) -> Card:
    """Return its cells and temperatures."""
    found = battery.entities
    return section(
        heading(f"{battery.name}: cells", "mdi:view-grid-outline", ()),
        glance(cell_names(battery)),
        *(
            tile(entity, THIRD, vertical=True)
            for entity in found.present("sensor.lowest_cell", "sensor.highest_cell", "sensor.cell_imbalance")
        ),
        *history("Lowest and highest cell, last 15 minutes", _EXTREMES, found),
        {"type": "entities", "entities": [row(entity) for entity in found.numbered("sensor.temperature_")]},
    )


def cell_names(battery: Shown) -> dict[str, str]:
    """Return the entities of a battery's cells, and what each is called."""
    cells = battery.entities.numbered("sensor.cell_")
    return {entity: f"Cell {number}" for number, entity in enumerate(cells, 1)}
