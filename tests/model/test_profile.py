"""What a battery is known to offer."""

from dataclasses import fields
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.profile import Profile
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .strategies import profiles, readings


def test_a_reading_widens_the_profile_by_what_it_knows() -> None:
    reading = Reading(
        voltage=0.0,
        charging_enabled=False,
        cell_voltages=(3.3, None, 0.0),
        temperatures=(Temperature(None, Place.MOSFET), Temperature(20.0, Place.CELL)),
        protection_counts={"short_circuit": 0, "restarts": 1},
    )
    assert Profile().widened(reading) == Profile(
        quantities=frozenset(
            {"voltage", "charging_enabled", "cell_voltages", "temperatures", "protection_counts"}
        ),
        cells=3,
        temperatures=(Place.MOSFET, Place.CELL),
        counts=("short_circuit", "restarts"),
    )


def test_every_field_of_a_reading_is_a_quantity() -> None:
    known: dict[str, Any] = {field.name: () for field in fields(Reading)}
    assert Profile().widened(Reading(**known)).quantities == {field.name for field in fields(Reading)}


def test_what_was_known_stays_known() -> None:
    wide = Profile().widened(Reading(voltage=13.0, cell_voltages=(3.3, 3.3)))
    assert wide.widened(Reading()) is wide
    assert wide.widened(Reading(cell_voltages=(3.3,))).cells == 2


def test_names_change_only_when_there_are_more() -> None:
    old = Profile(temperatures=(Place.UNKNOWN,) * 2, counts=("short_circuit",))
    three = tuple(Temperature(20.0, place) for place in (Place.MOSFET, Place.CELL, Place.CELL))
    assert old.widened(Reading(temperatures=three)).temperatures == (Place.MOSFET, Place.CELL, Place.CELL)
    assert old.widened(Reading(temperatures=three[:2])).temperatures == (Place.UNKNOWN,) * 2
    assert old.widened(Reading(protection_counts={"restarts": 1})).counts == ("short_circuit",)


@given(profiles, st.lists(readings, max_size=5))
def test_a_profile_never_shrinks_and_settles(profile: Profile, seen: list[Reading]) -> None:
    for reading in seen:
        wider = profile.widened(reading)
        assert wider.quantities >= profile.quantities
        assert (wider.cells >= profile.cells, len(wider.counts) >= len(profile.counts)) == (True, True)
        assert len(wider.temperatures) >= len(profile.temperatures)
        assert wider.widened(reading) is wider
        profile = wider
