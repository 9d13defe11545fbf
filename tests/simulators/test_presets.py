"""The ready-made batteries live for a while without anything going wrong."""

import pytest

from simulators.chemistry import CHEMISTRIES, Chemistry
from simulators.presets import home_16s, house_16s, resting, rig, van_4s


@pytest.mark.parametrize("make", [house_16s, van_4s])
def test_a_round_of_the_load_moves_everything_and_trips_nothing(make: type) -> None:
    system = make()
    charges, currents, voltages = set(), set(), set()
    for second in range(0, 800, 4):
        system.device.tick(second)
        info = system.device.basic_info()
        charges.add(info.state_of_charge)
        currents.add(info.current)
        voltages.add(info.voltage)
        assert info.protection == 0
    assert len(charges) >= 3
    assert min(currents) < 0 < max(currents)
    assert len(voltages) > 30


def test_an_evening_at_home_trips_nothing_and_says_nothing_twice() -> None:
    home, said = home_16s(), set()
    for second in range(0, 3600, 10):
        home.device.tick(second)
        info = home.device.basic_info()
        assert info.protection == 0
        said.add((info.voltage, info.current, home.device.measure().cells))
    assert len(said) == 360
    assert 55 < home.battery.state_of_charge < 65


def test_the_van_balances_within_ten_minutes() -> None:
    van = van_4s()
    balanced = False
    for second in range(600):
        van.device.tick(second)
        balanced = balanced or bool(van.device.balancing_cells)
    assert balanced


def test_a_household_never_empties_or_overfills_its_battery() -> None:
    van = van_4s()
    for minute in range(6 * 60):
        van.device.tick(minute * 60.0)
    assert 90 < van.battery.state_of_charge < 101
    assert van.device.protections.counts == dict.fromkeys(van.device.protections.counts, 0)


@pytest.mark.parametrize("chemistry", CHEMISTRIES.values(), ids=list(CHEMISTRIES))
def test_every_chemistry_has_a_board_that_fits(chemistry: Chemistry) -> None:
    system = rig(6, 3.0, chemistry=chemistry, state_of_charge=50.0)
    for second in range(0, 800, 2):
        system.device.tick(second)
        assert system.device.protection == 0


def test_a_board_in_the_cold_stops_charging() -> None:
    system = resting(4, 4.0)
    system.device.tick(0.0)
    system.battery.set_temperature(-12.0)
    system.device.tick(5.0)
    assert not system.device.charge_fet
    system.battery.set_temperature(5.0)
    system.device.tick(10.0)
    assert system.device.charge_fet
