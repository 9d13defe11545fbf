"""What a device says that no battery can be."""

from dataclasses import fields, replace
from math import inf, isfinite, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.plausible import plausible
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .strategies import readings

SOUND = Reading(
    voltage=13.2,
    current=-5.0,
    state_of_charge=70.0,
    remaining_capacity=70.0,
    full_capacity=100.0,
    cell_voltages=(3.3, None, 0.0, 3.3),
    temperatures=(Temperature(20.0, Place.CELL), Temperature(None, Place.MOSFET)),
)
SCALARS = [field.name for field in fields(Reading) if field.type == float | None]
NO_NUMBER = [nan, inf, -inf]


def test_there_are_scalars() -> None:
    """Should the type of a reading's numbers be written otherwise, the tests below must not be empty."""
    assert {"voltage", "current", "state_of_charge", "time_to_full", "balance_current"} < set(SCALARS)


def test_a_sound_reading_is_the_same_object() -> None:
    assert plausible(SOUND) is SOUND
    assert plausible(empty := Reading()) is empty


@pytest.mark.parametrize("number", NO_NUMBER)
@pytest.mark.parametrize("name", SCALARS)
def test_what_is_no_number_is_unknown_and_all_else_stays(name: str, number: float) -> None:
    said: dict[str, Any] = {name: number}
    mended: dict[str, Any] = {name: None}
    assert plausible(replace(SOUND, **said)) == replace(SOUND, **mended)


@pytest.mark.parametrize("number", NO_NUMBER)
def test_a_cell_that_is_no_number_is_unknown_in_its_place(number: float) -> None:
    found = plausible(replace(SOUND, cell_voltages=(3.3, number, None, 3.4)))
    assert found == replace(SOUND, cell_voltages=(3.3, None, None, 3.4))


@pytest.mark.parametrize("number", NO_NUMBER)
def test_a_sensor_that_says_no_number_is_broken_in_its_place(number: float) -> None:
    sensors = (Temperature(number, Place.CELL), Temperature(21.0, Place.MOSFET))
    found = plausible(replace(SOUND, temperatures=sensors))
    assert found == replace(SOUND, temperatures=(Temperature(None, Place.CELL), sensors[1]))


def test_infinities_that_cancel_each_other_are_found() -> None:
    found = plausible(Reading(voltage=inf, current=-inf, cell_voltages=(inf, 3.3, -inf)))
    assert found == Reading(cell_voltages=(None, 3.3, None))


@pytest.mark.parametrize("charge", [127.0, 255.0, 100.1, -0.1, 65535.0])
def test_a_state_of_charge_that_no_battery_has_is_unknown(charge: float) -> None:
    assert plausible(replace(SOUND, state_of_charge=charge)) == replace(SOUND, state_of_charge=None)


@pytest.mark.parametrize("charge", [0.0, 0.5, 100.0])
def test_an_empty_and_a_full_battery_are_believed(charge: float) -> None:
    said = replace(SOUND, state_of_charge=charge)
    assert plausible(said) is said
    assert plausible(replace(said, voltage=nan)).state_of_charge == charge


def test_what_was_not_said_at_all_stays_so() -> None:
    assert plausible(Reading(voltage=nan, current=1.0)) == Reading(current=1.0)


def test_numbers_so_large_that_their_sum_is_none_are_left_to_others() -> None:
    reading = Reading(voltage=1e308, current=1e308, cell_voltages=(1e308,))
    assert plausible(reading) == reading


numbers = st.none() | st.floats()


@given(readings, st.dictionaries(st.sampled_from(SCALARS), numbers), st.lists(numbers, max_size=8).map(tuple))
def test_nothing_that_comes_out_is_no_number(
    reading: Reading, said: dict[str, Any], cells: tuple[float | None, ...]
) -> None:
    found = plausible(replace(reading, cell_voltages=cells, **said))
    values = [getattr(found, name) for name in SCALARS]
    values += [*(found.cell_voltages or ()), *(value for value, _ in found.temperatures or ())]
    assert all(value is None or isfinite(value) for value in values)
    assert found.state_of_charge is None or 0 <= found.state_of_charge <= 100
    for name in SCALARS:
        value = getattr(found, name)
        assert value is None or value == said.get(name, getattr(reading, name))
    assert plausible(found) == found
