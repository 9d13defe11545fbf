"""Whether the battery that answers is the one that is expected."""

from dataclasses import dataclass, replace

from .reading import Identity, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What tells batteries apart that have no serial number."""

    identity: Identity
    cells: int | None = None
    cycle_count: int | None = None

    @classmethod
    def of(cls, identity: Identity, reading: Reading) -> Fingerprint:
        """Take the fingerprint of a battery that was just read."""
        cells = None if reading.cell_voltages is None else len(reading.cell_voltages)
        return cls(identity=identity, cells=cells, cycle_count=reading.cycle_count)

    def updated(self, found: Fingerprint) -> Fingerprint:
        """Return this fingerprint with what `found`, of the same battery, knows better.

        A battery never has fewer cells than it had: those that are not there are missing.
        """
        return Fingerprint(
            identity=_filled(found.identity, self.identity),
            cells=max((cells for cells in (self.cells, found.cells) if cells is not None), default=None),
            cycle_count=self.cycle_count if found.cycle_count is None else found.cycle_count,
        )


def difference(known: Fingerprint, found: Fingerprint) -> str | None:
    """Name what proves that `found` is another battery, or return `None`.

    A real serial number decides alone. What one of both does not know proves nothing.
    A newer firmware is still the same battery; a cycle count that falls is not. Nor is another number
    of cells, unless model and production date prove it the same: it has lost cells, then (rules 1).
    """
    old, new = known.identity, found.identity
    if old.serial_number and new.serial_number:
        return None if old.serial_number == new.serial_number else "serial number"
    compared = {
        "model": (old.model, new.model),
        "production date": (old.manufactured, new.manufactured),
        "number of cells": (known.cells, found.cells),
    }
    if _has_lost_cells(known, found):
        del compared["number of cells"]
    for name, (before, now) in compared.items():
        if before is not None and now is not None and before != now:
            return name
    if known.cycle_count is not None and found.cycle_count is not None:
        return "cycle count" if found.cycle_count < known.cycle_count else None
    return None


def _has_lost_cells(known: Fingerprint, found: Fingerprint) -> bool:
    """Whether `found` has fewer cells but is the same battery for all that its maker wrote into it."""
    old, new = known.identity, found.identity
    if known.cells is None or found.cells is None or found.cells > known.cells:
        return False
    if None in (old.model, old.manufactured):
        return False
    return (old.model, old.manufactured) == (new.model, new.manufactured)


def _filled(newer: Identity, older: Identity) -> Identity:
    missing = {
        name: getattr(older, name) for name in Identity.__dataclass_fields__ if getattr(newer, name) is None
    }
    return replace(newer, **missing)
