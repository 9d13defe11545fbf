"""One good sample as the estimators see it."""

from typing import NamedTuple

from ..cell import CellFigures
from ..reading import Reading
from .span import Span


class Sample(NamedTuple):
    """A reading, and what it follows."""

    previous: Reading | None
    """The good reading before; `None` for the first one, and after a gap."""
    reading: Reading
    span: Span
    """Between the two."""
    cells: CellFigures
    temperature: float | None = None
    """Mean of the cells, in degC."""
    noise: float = 0.0
    """Standard deviation of the current at rest, in A."""
