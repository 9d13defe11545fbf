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
        """Return this fingerprint with what `found`, of the same battery, knows better."""
        return Fingerprint(
            identity=_filled(found.identity, self.identity),
            cells=self.cells if found.cells is None else found.cells,
            cycle_count=self.cycle_count if found.cycle_count is None else found.cycle_count,
        )


def difference(known: Fingerprint, found: Fingerprint) -> str | None:
    """Name what proves that `found` is another battery, or return `None`.

    A real serial number decides alone. What one of both does not know proves nothing.
    A newer firmware is still the same battery; a cycle count that falls is not.
    """
    old, new = known.identity, found.identity
    if old.serial_number and new.serial_number:
        return None if old.serial_number == new.serial_number else "serial number"
    compared = {
        "model": (old.model, new.model),
        "production date": (old.manufactured, new.manufactured),
        "number of cells": (known.cells, found.cells),
    }
    for name, (before, now) in compared.items():
        if before is not None and now is not None and before != now:
            return name
    if known.cycle_count is not None and found.cycle_count is not None:
        return "cycle count" if found.cycle_count < known.cycle_count else None
    return None


def _filled(newer: Identity, older: Identity) -> Identity:
    missing = {
        name: getattr(older, name) for name in Identity.__dataclass_fields__ if getattr(newer, name) is None
    }
    return replace(newer, **missing)
