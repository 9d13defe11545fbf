"""What a device says of its battery."""

from typing import Any

import pytest

from custom_components.battmon.model.errors import WrongBattery
from custom_components.battmon.model.reading import Place, Reading, Temperature, hottest


@pytest.mark.parametrize(
    ("sensors", "found"),
    [
        (None, None),
        ((), None),
        ([(None, Place.CELL)], None),
        ([(20.0, Place.CELL), (None, Place.CELL), (31.0, Place.MOSFET), (-5.0, Place.AMBIENT)], 31.0),
        ([(-20.0, Place.CELL), (-10.0, Place.BOARD)], -10.0),
    ],
)
def test_the_hottest_of_all_sensors(sensors: Any, found: float | None) -> None:
    known = None if sensors is None else tuple(Temperature(*sensor) for sensor in sensors)
    assert hottest(Reading(temperatures=known)) == found


def test_a_wrong_battery_says_what_proves_it() -> None:
    error = WrongBattery("serial number")
    assert (str(error), error.difference) == (
        "another battery answers, its serial number differs",
        "serial number",
    )
