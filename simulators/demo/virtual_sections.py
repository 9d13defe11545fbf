"""The sections of the demo's dashboard about virtual batteries, and about those they are made of."""

from collections.abc import Iterator

from .cards import (
    FULL,
    HALF,
    Card,
    charge,
    glance,
    heading,
    markdown,
    row,
    section,
    subtitle,
    switch,
    tile,
)
from .sections import LEVELS, SWITCHES, Shown, cell_names, failsafe

MEASURED = ("sensor.voltage", "sensor.current", "sensor.power")
APART = (
    "sensor.voltage_spread",
    "sensor.current_spread",
    "sensor.state_of_charge_spread",
    "sensor.cell_drift",
    "sensor.member_imbalance",
)
"""How far members are apart."""
MEMBERS = """\
| Member | | gives alone |
|:--|:--|:--|
{{% for one in state_attr('{quality}', 'members') or [] %}}\
| {{{{ one.name }}}} \
| {{{{ 'used' if one.used else 'not used' }}}}\
{{{{ ': ' ~ (one.why | replace('_', ' ')) if one.why else '' }}}} \
| {{{{ one.gives | join(', ') | replace('_', ' ') }}}} |
{{% endfor %}}"""
"""What became of each member, and what comes from it alone, as `sensor.quality` tells it."""


def whole(battery: Shown) -> Card:
    """Return what a virtual battery is, and what became of its members."""
    found = battery.entities
    return section(
        heading(battery.name, battery.icon, found.present("sensor.quality", "binary_sensor.member_problem")),
        *(charge(entity) for entity in found.present("sensor.state_of_charge")),
        *(tile(entity, HALF) for entity in found.present(*MEASURED)),
        *(tile(entity, HALF, name="Remaining") for entity in found.present("sensor.remaining_capacity")),
        *_members(battery),
        *(switch(entity) for entity in found.present(*SWITCHES)),
        *failsafe(battery),
        subtitle("Cells of all members"),
        *(
            tile(entity, HALF, state_content=["state", "name"])
            for entity in found.present("sensor.lowest_cell", "sensor.highest_cell")
        ),
        *(tile(entity, HALF) for entity in found.present("sensor.cell_imbalance", "sensor.mean_cell")),
        glance(_all_cells(battery)),
    )


def member(battery: Shown) -> Card:
    """Return what a battery does that is a part of another one."""
    found = battery.entities
    return section(
        heading(
            battery.name, battery.icon, found.present("binary_sensor.connected", "binary_sensor.problem")
        ),
        *(charge(entity) for entity in found.present("sensor.state_of_charge")),
        *(tile(entity, HALF) for entity in found.present(*MEASURED)),
        *(tile(entity, HALF, name="Remaining") for entity in found.present("sensor.remaining_capacity")),
        *(switch(entity) for entity in found.present(*SWITCHES)),
        *(
            tile(entity, FULL, state_content=["state", "reasons"])
            for entity in found.present("sensor.failsafe")
        ),
        *(tile(entity, HALF) for entity in found.present(*LEVELS, "binary_sensor.ready")),
        glance(cell_names(battery)),
    )


def _members(battery: Shown) -> Iterator[Card]:
    found = battery.entities
    for quality in found.present("sensor.quality"):
        yield subtitle("Members")
        yield tile(quality, HALF, state_content=["state", "missing"])
        for problem in found.present("binary_sensor.member_problem"):
            yield tile(problem, HALF, state_content=["state", "members"])
        yield markdown(MEMBERS.format(quality=quality))
    yield {"type": "entities", "entities": [row(entity) for entity in found.present(*APART)]}


def _leaves(battery: Shown) -> Iterator[Shown]:
    """Yield those at the bottom of all."""
    if not battery.parts:
        yield battery
    for part in battery.parts:
        yield from _leaves(part)


def _all_cells(battery: Shown) -> dict[str, str]:
    """Return the entities of all members' cells, of several with the last word of each member's name."""
    cells = {part.name.split()[-1]: names for part in _leaves(battery) if (names := cell_names(part))}
    if len(cells) < 2:
        return next(iter(cells.values()), {})
    return {
        entity: name.replace("Cell", word) for word, names in cells.items() for entity, name in names.items()
    }
