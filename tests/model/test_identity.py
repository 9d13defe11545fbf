"""Whether the battery that answers is the one that is expected."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.identity import Fingerprint, difference
from custom_components.battmon.model.reading import Identity, Reading

from .strategies import fingerprints

KNOWN = Fingerprint(
    identity=Identity(manufacturer="JBD", model="SP04", firmware="1.6", manufactured=date(2022, 3, 28)),
    cells=4,
    cycle_count=231,
)


def found(cells: int | None = 4, cycle_count: int | None = 231, **identity: Any) -> Fingerprint:
    known: dict[str, Any] = {"model": "SP04", "manufactured": date(2022, 3, 28)}
    return Fingerprint(identity=Identity(**known | identity), cells=cells, cycle_count=cycle_count)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (found(), None),
        (found(model="SP16"), "model"),
        (found(model=None), None),
        (found(manufactured=date(2022, 3, 29)), "production date"),
        (found(manufactured=None), None),
        (found(cells=16), "number of cells"),
        (found(cells=3), None),
        (found(cells=3, cycle_count=230), "cycle count"),
        (found(cells=3, model=None), "number of cells"),
        (found(cells=3, manufactured=None), "number of cells"),
        (found(cells=3, model="SP16"), "model"),
        (found(cells=None), None),
        (found(cycle_count=230), "cycle count"),
        (found(cycle_count=231), None),
        (found(cycle_count=500), None),
        (found(cycle_count=None), None),
        (found(firmware="9.9"), None),
        (found(serial_number="123"), None),
        (Fingerprint(identity=Identity()), None),
    ],
)
def test_without_a_serial_number_other_marks_tell_batteries_apart(
    other: Fingerprint, what: str | None
) -> None:
    assert difference(KNOWN, other) == what


def test_a_cycle_count_may_rise_but_not_fall() -> None:
    assert difference(found(cycle_count=5), found(cycle_count=6)) is None
    assert difference(found(cycle_count=6), found(cycle_count=5)) == "cycle count"
    assert difference(found(cycle_count=None), found(cycle_count=5)) is None


def test_a_serial_number_decides_alone() -> None:
    known = found(serial_number="7")
    assert difference(known, found(serial_number="7", model="SP16", cells=16, cycle_count=0)) is None
    assert difference(known, found(serial_number="8")) == "serial number"


@pytest.mark.parametrize("unreal", [None, ""])
def test_a_serial_number_that_only_one_knows_decides_nothing(unreal: str | None) -> None:
    assert difference(found(serial_number="7"), found(serial_number=unreal)) is None
    assert difference(found(serial_number=unreal), found(serial_number="7", model="SP16")) == "model"


def test_a_fingerprint_is_taken_of_a_reading() -> None:
    identity = Identity(model="SP04")
    reading = Reading(cell_voltages=(3.3, None, 0.0), cycle_count=7)
    assert Fingerprint.of(identity, reading) == Fingerprint(identity=identity, cells=3, cycle_count=7)
    assert Fingerprint.of(identity, Reading()) == Fingerprint(identity=identity)


def test_an_update_knows_better_and_forgets_nothing() -> None:
    newer = Fingerprint(identity=Identity(firmware="1.7", serial_number="7"), cycle_count=232)
    assert KNOWN.updated(newer) == Fingerprint(
        identity=Identity(
            manufacturer="JBD",
            model="SP04",
            serial_number="7",
            firmware="1.7",
            manufactured=date(2022, 3, 28),
        ),
        cells=4,
        cycle_count=232,
    )
    assert KNOWN.updated(found(cells=16)).cells == 16
    assert found(cells=None).updated(KNOWN).cells == 4
    assert found(cells=None).updated(found(cells=None)).cells is None


def test_cells_that_are_missing_are_not_forgotten() -> None:
    lost = KNOWN.updated(found(cells=3))
    assert lost.cells == 4
    assert difference(lost, found(cells=3)) is None
    assert difference(lost, found(cells=4)) is None


def test_fewer_cells_of_who_knows_whose_battery_are_another_battery() -> None:
    known = Fingerprint(identity=Identity(), cells=4)
    assert difference(known, Fingerprint(identity=Identity(), cells=3)) == "number of cells"
    half = Fingerprint(identity=Identity(model="SP04"), cells=4)
    assert difference(half, replace(half, cells=3)) == "number of cells"


@given(fingerprints)
def test_a_battery_is_itself(fingerprint: Fingerprint) -> None:
    assert difference(fingerprint, fingerprint) is None
    assert fingerprint.updated(fingerprint) == fingerprint
    assert Fingerprint(identity=Identity()).updated(fingerprint) == fingerprint


@given(fingerprints, st.data())
def test_an_updated_fingerprint_fits_the_battery_it_was_updated_with(
    known: Fingerprint, data: st.DataObject
) -> None:
    """Whatever the same battery knew then or lacked, it is the same battery ever after."""
    named = data.draw(st.booleans())
    identity = known.identity if named else Identity()
    cells = None if known.cells is None else data.draw(st.integers(0, known.cells))
    cycles = None if known.cycle_count is None else known.cycle_count + data.draw(st.integers(0, 9))
    other = Fingerprint(identity=identity, cells=cells, cycle_count=cycles)
    if difference(known, other) is None:
        updated = known.updated(other)
        assert difference(updated, other) is None
        assert difference(updated, known.updated(replace(other, cells=None))) is None


@given(fingerprints, fingerprints)
def test_an_update_by_the_same_battery_fits_it(known: Fingerprint, other: Fingerprint) -> None:
    if difference(known, other) is None:
        assert difference(known.updated(other), other) is None
