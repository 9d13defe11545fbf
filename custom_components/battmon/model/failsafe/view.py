"""What is judged of one good sample."""

from typing import NamedTuple

from ..cell import Cell
from ..reading import Reading


class View(NamedTuple):
    """A reading and what was worked out of it."""

    reading: Reading
    lowest_cell: Cell | None = None
    highest_cell: Cell | None = None
    resting_voltage: float | None = None
    """In V; `None` where it is not known well enough: the terminals' voltage is judged then."""
    state_of_charge: float | None = None
    """In %."""
    state_of_charge_uncertainty: float | None = None
    """In points."""
    origin_is_counted: bool = False
    """Whether `state_of_charge` was counted: judged is what is left of it for certain then."""
    remaining_capacity: float | None = None
    """In Ah."""
    cells_expected: int | None = None
    """How many there are in series, as configured or learned."""
    idle_current: float = 0.0
    """A; a current has to be larger to count as charging or discharging."""
    cell_names: tuple[str, ...] = ()
    """Of a virtual battery: what its cells are called, the first one first."""
