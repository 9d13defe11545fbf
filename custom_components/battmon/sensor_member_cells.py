"""Sensors of single cells of a virtual battery: of each member, whoever comes first."""

from collections.abc import Iterator

from .coordinator import BattmonCoordinator
from .memory import STORE
from .model.packs.cell_table import BETWEEN
from .model.packs.members import PackReading
from .model.publishing import Published
from .sensor_rows import BattmonSensorDescription, Value, cell_row
from .sources import roster_of
from .sources.pack_settings import CONF_MEMBERS


def member_cell_rows(coordinator: BattmonCoordinator) -> Iterator[BattmonSensorDescription]:
    """Yield a row for every cell that a member was ever known to have, also while it is missing."""
    store, roster = coordinator.hass.data[STORE], roster_of(coordinator.hass)
    for key in coordinator.config_entry.options.get(CONF_MEMBERS, ()):
        name = roster.member(key).name
        for number in range(1, store.get(key).profile.cells + 1):
            yield _row(key, name, number)


def _row(member: str, name: str, number: int) -> BattmonSensorDescription:
    def value(shown: Published) -> Value:
        reading = shown.cells.reading
        return cell_of(reading, member, number) if isinstance(reading, PackReading) else None

    # Not by its number among all: that depends on who is there.
    key = f"cell_{member}_{number}"
    return cell_row(key, value, translation_key="member_cell", member=name, number=str(number))


def cell_of(reading: PackReading, member: str, number: int) -> float | None:
    """Return the voltage of a cell in V, by its member's key and its number there, from 1."""
    name = next((given.name for given in reading.contributions if given.key == member), None)
    places = [place for place, cell in enumerate(reading.cell_names) if cell.startswith(f"{name}{BETWEEN}")]
    voltages = reading.cell_voltages
    if voltages is None or len(places) < number:
        return None
    return voltages[places[number - 1]]
