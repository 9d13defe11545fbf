"""Conditions without thresholds: the device's alarms, dead terminals, dead, missing and unread cells."""

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from ..alarms import Alarm
from ..cell import CellVoltages
from ..reading import unmeasured_cells
from .finding import Finding, of_line, unknown
from .levels import Kind, Level, Side
from .lines import ZERO_VOLTAGE
from .settings import FailsafeSettings
from .view import View

DEAD_TERMINALS = 0.5
"""V a cell (rules 1)."""


class AlarmLine(NamedTuple):
    """What an alarm of the device raises."""

    level: Level
    side: Side


ALARMS: Mapping[Alarm, AlarmLine] = MappingProxyType(
    {
        Alarm.CELL_OVERVOLTAGE: AlarmLine(Level.LOW, Side.CHARGE),
        Alarm.CELL_UNDERVOLTAGE: AlarmLine(Level.CRITICAL, Side.DISCHARGE),
        Alarm.PACK_OVERVOLTAGE: AlarmLine(Level.LOW, Side.CHARGE),
        Alarm.PACK_UNDERVOLTAGE: AlarmLine(Level.CRITICAL, Side.DISCHARGE),
        Alarm.CHARGE_OVERCURRENT: AlarmLine(Level.LOW, Side.CHARGE),
        Alarm.DISCHARGE_OVERCURRENT: AlarmLine(Level.LOW, Side.DISCHARGE),
        Alarm.SHORT_CIRCUIT: AlarmLine(Level.CRITICAL, Side.BOTH),
        Alarm.CHARGE_OVERTEMPERATURE: AlarmLine(Level.LOW, Side.CHARGE),
        Alarm.CHARGE_UNDERTEMPERATURE: AlarmLine(Level.LOW, Side.CHARGE),
        Alarm.DISCHARGE_OVERTEMPERATURE: AlarmLine(Level.CRITICAL, Side.DISCHARGE),
        Alarm.DISCHARGE_UNDERTEMPERATURE: AlarmLine(Level.LOW, Side.DISCHARGE),
        Alarm.MOSFET_OVERTEMPERATURE: AlarmLine(Level.CRITICAL, Side.BOTH),
        Alarm.FRONT_END_FAILURE: AlarmLine(Level.CRITICAL, Side.FAULT),
        Alarm.CHARGE_MOSFET_FAILURE: AlarmLine(Level.CRITICAL, Side.CHARGE),
        Alarm.DISCHARGE_MOSFET_FAILURE: AlarmLine(Level.CRITICAL, Side.DISCHARGE),
        Alarm.PERMANENT_FAILURE: AlarmLine(Level.CRITICAL, Side.BOTH),
        Alarm.CELLS_MISSING: AlarmLine(Level.CRITICAL, Side.FAULT),
        Alarm.LOW_CAPACITY: AlarmLine(Level.LOW, Side.DISCHARGE),
        Alarm.REMAINING_TIME_LOW: AlarmLine(Level.LOW, Side.DISCHARGE),
        Alarm.NOT_INITIALIZED: AlarmLine(Level.UNHEALTHY, Side.FAULT),
        Alarm.TERMINATE_DISCHARGE: AlarmLine(Level.CRITICAL, Side.DISCHARGE),
        Alarm.FULLY_DISCHARGED: AlarmLine(Level.CRITICAL, Side.DISCHARGE),
        Alarm.OVERCHARGED: AlarmLine(Level.LOW, Side.CHARGE),
    }
)
"""Alarms that are not here never raise a level (rules 1)."""
JUDGED_ALARMS = frozenset(ALARMS)
UNDERVOLTAGE = frozenset({Alarm.CELL_UNDERVOLTAGE, Alarm.PACK_UNDERVOLTAGE})
CELL_FAULTS = (
    (Kind.UNREAD_CELLS, Level.UNHEALTHY, Side.FAULT),
    (Kind.MISSING_CELL, Level.CRITICAL, Side.FAULT),
    # A charger would overcharge the others for what this one lacks.
    (Kind.DEAD_CELL, Level.CRITICAL, Side.BOTH),
    (Kind.SENSE_WIRE, Level.CRITICAL, Side.FAULT),
)


def cells_in(view: View, settings: FailsafeSettings) -> int | None:
    """Return how many cells are in series, as far as is known."""
    return settings.cells or view.cells_expected or len(view.reading.cell_voltages or ()) or None


def has_dead_terminals(view: View, settings: FailsafeSettings) -> bool:
    """Whether there is no voltage at the terminals of a battery that answers."""
    voltage = view.reading.voltage
    return (
        voltage is not None
        and isfinite(voltage)
        and voltage < DEAD_TERMINALS * (cells_in(view, settings) or 1)
    )


def faults(view: View, settings: FailsafeSettings) -> Iterator[Finding]:
    """Yield the conditions that are there, and those of which nothing is known."""
    yield from _alarms(view.reading.alarms, settings)
    if view.reading.voltage is None or not isfinite(view.reading.voltage):
        yield from (of_line(line, None) for line in settings.lines.dead_terminals)
    elif has_dead_terminals(view, settings):
        threshold = DEAD_TERMINALS * (cells_in(view, settings) or 1)
        for line in settings.lines.dead_terminals:
            yield of_line(line)._replace(value=view.reading.voltage, threshold=threshold)
    if view.reading.cell_voltages is None:
        yield from (unknown(kind, level) for kind, level, _ in CELL_FAULTS)
    else:
        yield from _cells(view.reading.cell_voltages, view, settings)


def _alarms(alarms: frozenset[Alarm] | None, settings: FailsafeSettings) -> Iterator[Finding]:
    if alarms is None:
        yield from (unknown(Kind.DEVICE_ALARM, line.level, alarm.value) for alarm, line in ALARMS.items())
        return
    for alarm in sorted(alarms & JUDGED_ALARMS):
        # What a device thinks of its capacity is worth less than what a person set.
        if alarm is Alarm.LOW_CAPACITY and settings.lines.judges_capacity:
            continue
        level, side = ALARMS[alarm]
        yield Finding(Kind.DEVICE_ALARM, level, side, subject=alarm.value, at_once=True)


def _cells(cells: CellVoltages, view: View, settings: FailsafeSettings) -> Iterator[Finding]:
    expected = settings.cells or view.cells_expected
    zero = dead_cells(cells)
    reads_whole = bool(zero) and reads_whole_string(cells, view.reading.voltage)
    unmeasured = unmeasured_cells(view.reading)
    unread = [number for number, cell in enumerate(cells, 1) if cell is None and number not in unmeasured]
    found = {
        Kind.UNREAD_CELLS: unread,
        Kind.MISSING_CELL: range(len(cells) + 1, (expected or 0) + 1),
        Kind.DEAD_CELL: () if reads_whole else zero,
        Kind.SENSE_WIRE: zero if reads_whole else (),
    }
    for kind, level, side in CELL_FAULTS:
        if numbers := found[kind]:
            yield Finding(kind, level, side, value=float(len(numbers)), subject=_listed(numbers))


def dead_cells(cells: CellVoltages) -> tuple[int, ...]:
    """Return the numbers of the cells that read 0 V."""
    return tuple(number for number, cell in enumerate(cells, 1) if cell is not None and cell < ZERO_VOLTAGE)


def reads_whole_string(cells: CellVoltages, voltage: float | None) -> bool:
    """Whether the pack's voltage is that of all cells, though some read 0: their wires are broken, then.

    A neighbour of a broken wire may read twice its voltage, hence the median.
    """
    alive = [cell for cell in cells if cell is not None and cell >= ZERO_VOLTAGE]
    if voltage is None:
        return False
    if not alive:
        return voltage >= DEAD_TERMINALS * len(cells)
    dead = len(dead_cells(cells))
    return voltage > (len(cells) - dead / 2) * median(alive)


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
