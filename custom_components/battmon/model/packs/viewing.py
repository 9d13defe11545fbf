"""What the failsafe judges of a virtual battery, and what is worked out of its members instead of counted."""

from dataclasses import replace

from ..cell import Cell
from ..estimation.charge_counting import Origin, StateOfCharge
from ..estimation.estimate import Estimate
from ..failsafe.view import View
from .members import PackReading

LEAST_CELL = 0.5
"""V. Below it a cell is dead or its wire is broken: its member says which."""


def as_whole(view: View, reading: PackReading) -> View:
    """Leave what cells and alarms say to the members, whose levels count for the whole (rules 1)."""
    return view._replace(
        reading=replace(reading, alarms=frozenset(), cell_voltages=None),
        lowest_cell=_alive(view.lowest_cell, reading),
        cell_names=reading.cell_names,
    )


def with_origin(estimate: Estimate, reading: PackReading) -> Estimate:
    """Say where a state of charge comes from that its members told, and leave out what they cannot tell."""
    if reading.lacks_members:
        estimate = estimate._replace(
            remaining_capacity=reading.remaining_capacity, full_capacity=reading.full_capacity
        )
    charge = estimate.state_of_charge
    origin = reading.state_of_charge_origin
    if charge is None or charge.origin is not Origin.DEVICE or origin is None:
        return estimate
    told = StateOfCharge(charge.value, origin, reading.state_of_charge_uncertainty)
    return estimate._replace(state_of_charge=told)


def _alive(lowest: Cell | None, reading: PackReading) -> Cell | None:
    if lowest is None or lowest.voltage >= LEAST_CELL:
        return lowest
    alive = [
        Cell(number, voltage)
        for number, voltage in enumerate(reading.cell_voltages or (), 1)
        if voltage is not None and voltage >= LEAST_CELL
    ]
    return min(alive, key=lambda cell: cell.voltage, default=None)
