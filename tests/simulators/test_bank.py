"""Batteries joined to a bank: Kirchhoff's laws, MOSFETs, and one time for all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from simulators.bank import Bank, parallel, series
from simulators.bank_circuit import current_at, in_parallel, in_series, source, voltage_at
from simulators.battery import SimulatedBattery
from simulators.load import Constant, Cycle, household
from simulators.presets import resting

LOADS = (-30.0, -1.0, 0.0, 2.0, 25.0)


def battery(capacity: float = 100.0, state_of_charge: float = 60.0, seed: int = 1) -> SimulatedBattery:
    return SimulatedBattery(4, capacity, state_of_charge=state_of_charge, seed=seed)


def four() -> tuple[SimulatedBattery, ...]:
    """Of other sizes, fillings and resistances."""
    sizes = ((100.0, 60.0), (120.0, 64.0), (80.0, 55.0), (150.0, 70.0))
    return tuple(battery(size, charge, seed) for seed, (size, charge) in enumerate(sizes))


def open_circuit(it: SimulatedBattery) -> float:
    return sum(cell.rest_voltage for cell in it.cells)


def set_mosfets(it: SimulatedBattery, charge: bool, discharge: bool) -> None:
    it.charge_allowed, it.discharge_allowed = charge, discharge


# Where currents go.


@pytest.mark.parametrize("amperes", LOADS)
def test_members_in_series_carry_the_load_and_their_voltages_add_up(amperes: float) -> None:
    members = four()
    bank = Bank(series(*members), Constant(amperes))
    assert [member.current for member in members] == pytest.approx([amperes] * 4)
    assert bank.voltage == pytest.approx(sum(member.terminal_voltage for member in members))


@pytest.mark.parametrize("amperes", LOADS)
def test_members_in_parallel_share_the_load_at_one_voltage(amperes: float) -> None:
    members = four()
    bank = Bank(parallel(*members), Constant(amperes))
    assert sum(member.current for member in members) == pytest.approx(amperes, abs=1e-6)
    assert [member.terminal_voltage for member in members] == pytest.approx([bank.voltage] * 4)


@pytest.mark.parametrize("amperes", LOADS)
def test_strings_in_parallel_share_the_load_at_one_voltage(amperes: float) -> None:
    a, b, c, d = four()
    bank = Bank(parallel(series(a, b), series(c, d)), Constant(amperes))
    assert a.current == pytest.approx(b.current)
    assert c.current == pytest.approx(d.current)
    assert a.current + c.current == pytest.approx(amperes, abs=1e-6)
    strings = (a.terminal_voltage + b.terminal_voltage, c.terminal_voltage + d.terminal_voltage)
    assert strings == pytest.approx([bank.voltage] * 2)


@pytest.mark.parametrize("amperes", LOADS)
def test_pairs_in_series_share_the_load_pair_by_pair(amperes: float) -> None:
    a, b, c, d = four()
    upper, lower = parallel(a, b), parallel(c, d)
    bank = Bank(series(upper, lower), Constant(amperes))
    for pair in ((a, b), (c, d)):
        assert sum(member.current for member in pair) == pytest.approx(amperes, abs=1e-6)
        assert pair[0].terminal_voltage == pytest.approx(pair[1].terminal_voltage)
    assert bank.voltage == pytest.approx(a.terminal_voltage + c.terminal_voltage)
    assert bank.flow(upper) == pytest.approx((amperes, a.terminal_voltage))


def test_between_unlike_members_a_current_circulates() -> None:
    full, empty = battery(state_of_charge=95.0), battery(state_of_charge=20.0)
    bank = Bank(parallel(full, empty))
    driven = (open_circuit(full) - open_circuit(empty)) / (full.resistance + empty.resistance)
    assert driven > 10.0
    assert (full.current, empty.current) == pytest.approx((-driven, driven))
    assert bank.current == 0.0


def test_the_weaker_of_two_gives_less() -> None:
    strong, weak = battery(), battery()
    for cell in weak.cells:
        cell.resistance *= 3
    Bank(parallel(strong, weak), Constant(-40.0))
    assert (strong.current, weak.current) == pytest.approx((-30.0, -10.0))


def test_leads_take_their_share_of_the_voltage() -> None:
    near, far = battery(), battery()
    bank = Bank(parallel(near, series(far, lead=near.resistance), lead=0.01), Constant(-30.0))
    assert (near.current, far.current) == pytest.approx((-20.0, -10.0))
    assert near.terminal_voltage - bank.voltage == pytest.approx(0.3)
    assert far.terminal_voltage - near.terminal_voltage == pytest.approx(10.0 * near.resistance)


def test_a_charger_holds_the_bank_at_its_voltage() -> None:
    a, b = battery(state_of_charge=90.0), battery(state_of_charge=95.0, seed=3)
    bank = Bank(parallel(a, b), Constant(500.0, charge_voltage=13.5))
    assert bank.voltage == pytest.approx(13.5)
    assert 0 < bank.current < 500.0
    bank.load = Constant(500.0, charge_voltage=12.0)
    assert bank.current == 0.0


# MOSFETs.


@pytest.mark.parametrize("amperes", LOADS)
def test_a_member_whose_mosfets_are_off_carries_nothing(amperes: float) -> None:
    a, b, c, d = four()
    bank = Bank(parallel(series(a, b), series(c, d)), Constant(amperes))
    set_mosfets(a, charge=False, discharge=False)
    assert (a.current, b.current) == (0.0, 0.0)
    assert (c.current, d.current) == pytest.approx((amperes, amperes))
    assert bank.voltage == pytest.approx(c.terminal_voltage + d.terminal_voltage)


@pytest.mark.parametrize("amperes", LOADS)
@pytest.mark.parametrize("closed", [(True, False), (False, True)])
def test_one_mosfet_lets_through_one_way_only(amperes: float, closed: tuple[bool, bool]) -> None:
    one_way, free = battery(state_of_charge=60.0), battery(state_of_charge=60.0, seed=2)
    bank = Bank(parallel(one_way, free), Constant(amperes))
    both = one_way.current
    set_mosfets(one_way, *closed)
    charge, discharge = closed
    passes = both > 0 if charge else both < 0
    assert discharge is not charge
    assert one_way.current == (pytest.approx(both) if passes else 0.0)
    assert one_way.current + free.current == pytest.approx(amperes, abs=1e-6)
    assert bank.voltage == pytest.approx(free.terminal_voltage)


def test_a_member_that_only_discharges_joins_in_where_the_voltage_falls_below_its_own() -> None:
    low, high = battery(state_of_charge=20.0), battery(state_of_charge=95.0)
    bank = Bank(parallel(low, high), Constant(-2.0))
    set_mosfets(low, charge=False, discharge=True)
    assert low.current == 0.0
    bank.load = Constant(-600.0)
    assert low.current < -10.0


def test_one_member_off_stops_a_string() -> None:
    members = four()
    bank = Bank(series(*members), Constant(-10.0))
    set_mosfets(members[2], charge=False, discharge=False)
    assert [member.current for member in members] == [0.0] * 4
    assert (bank.current, bank.voltage) == (0.0, 0.0)


def test_opposite_mosfets_off_stop_a_string_both_ways() -> None:
    a, b = battery(), battery()
    set_mosfets(a, charge=True, discharge=False)
    set_mosfets(b, charge=False, discharge=True)
    bank = Bank(series(a, b))
    for amperes in LOADS:
        bank.load = Constant(amperes)
        assert a.current == b.current == bank.current == 0.0


def test_all_members_off_serve_no_load() -> None:
    members = four()
    bank = Bank(parallel(*members), Constant(-10.0))
    for member in members:
        set_mosfets(member, charge=False, discharge=False)
    bank.advance(60.0)
    assert (bank.current, bank.voltage, bank.charge_out) == (0.0, 0.0, 0.0)


def test_a_blocked_string_does_not_stop_what_circulates_inside_it() -> None:
    full, empty, off = battery(state_of_charge=95.0), battery(state_of_charge=20.0), battery()
    set_mosfets(off, charge=False, discharge=False)
    Bank(series(off, parallel(full, empty)), Constant(-10.0))
    assert off.current == 0.0
    assert full.current == pytest.approx(-empty.current)
    assert empty.current > 10.0


# The lines themselves.


def test_sources_are_solved_as_by_hand() -> None:
    first = source(12.0, 0.1, charge=True, discharge=True)
    second = source(13.0, 0.3, charge=True, discharge=True)
    both = in_parallel([first, second])
    # 12 V behind 0.1 ohm beside 13 V behind 0.3 ohm is 12.25 V behind 0.075 ohm.
    assert voltage_at(both, 0.0) == pytest.approx(12.25)
    assert voltage_at(both, -10.0) == pytest.approx(11.5)
    assert current_at(both, 13.0) == pytest.approx(10.0)
    assert voltage_at(in_series([both, first]), -10.0) == pytest.approx(22.5)


def test_a_diode_conducts_beyond_its_own_voltage() -> None:
    only_charge = source(13.0, 0.1, charge=True, discharge=False)
    other = source(12.0, 0.1, charge=True, discharge=True)
    both = in_parallel([only_charge, other])
    assert voltage_at(both, 5.0) == pytest.approx(12.5)
    assert voltage_at(both, 10.0) == pytest.approx(13.0)
    assert voltage_at(both, 30.0) == pytest.approx(14.0)


# Time.


def test_energy_and_charge_of_the_bank_are_those_of_its_members() -> None:
    a, b, c = battery(), battery(110.0, 58.0, 2), SimulatedBattery(8, 50.0, state_of_charge=62.0, seed=3)
    bank = Bank(parallel(series(a, b), c), household(150.0, 27.6))
    bank.advance(720.0)
    assert bank.time == a.time == c.time == pytest.approx(720.0)
    charge = (a.charge_in - a.charge_out) + (c.charge_in - c.charge_out)
    assert bank.charge_in - bank.charge_out == pytest.approx(charge)
    energy = sum(member.energy_in - member.energy_out for member in bank.batteries)
    assert bank.energy_in - bank.energy_out == pytest.approx(energy, rel=1e-4)
    assert min(bank.charge_in, bank.charge_out, bank.energy_in, bank.energy_out) > 0


def test_longer_steps_come_to_the_same() -> None:
    banks = []
    for longest in (1.0, 10.0):
        a, b, c, d = four()
        load = household(200.0, 27.6)
        banks.append(Bank(parallel(series(a, b), series(c, d)), load, longest_step=longest))
        banks[-1].advance(1800.0)
    exact, coarse = banks
    assert coarse.state_of_charge == pytest.approx(exact.state_of_charge, abs=1e-3)
    assert coarse.energy_out == pytest.approx(exact.energy_out, rel=1e-3)
    assert coarse.batteries[0].charge_out == pytest.approx(exact.batteries[0].charge_out, rel=2e-3)


def test_unlike_members_in_parallel_come_to_one_another() -> None:
    full, empty = battery(state_of_charge=90.0), battery(state_of_charge=30.0)
    bank = Bank(parallel(full, empty), longest_step=10.0)
    before = bank.remaining_capacity
    bank.advance(3600.0)
    assert full.state_of_charge - empty.state_of_charge < 30.0
    assert bank.remaining_capacity == pytest.approx(before, rel=0.01)


def test_a_string_has_what_its_first_empty_and_first_full_member_allow() -> None:
    """The example of the rules: 100 Ah at 50 % with 50 Ah at 60 % is 60 %."""
    large, small = (
        SimulatedBattery(4, 100.0, state_of_charge=50.0, spread=0),
        SimulatedBattery(4, 50.0, state_of_charge=60.0, spread=0),
    )
    string = Bank(series(large, small))
    assert (string.remaining_capacity, string.full_capacity, string.state_of_charge) == (30.0, 50.0, 60.0)
    bank = Bank(parallel(series(large, small), SimulatedBattery(8, 150.0, state_of_charge=20.0, spread=0)))
    assert (bank.remaining_capacity, bank.full_capacity, bank.state_of_charge) == (60.0, 200.0, 30.0)


# Boards.


def test_boards_measure_their_batteries_in_the_bank() -> None:
    first, second, third = resting(4, 4.0, seed=1), resting(4, 4.0, seed=2), resting(8, 4.0, seed=3)
    bank = Bank(parallel(series(first.battery, second.battery), third.battery), Constant(-6.0))
    bank.seat(first.device, second.device, third.device)
    devices = (first.device, second.device, third.device)
    for device in devices:
        device.tick(0.0)
    for device in devices:
        device.tick(30.0)
    assert bank.time == pytest.approx(30.0)
    strings, other = devices[0].measure(), devices[2].measure()
    assert strings.current == devices[1].measure().current
    assert strings.current + other.current == pytest.approx(-600, abs=1)
    assert strings.voltage + devices[1].measure().voltage == pytest.approx(other.voltage, abs=2)
    assert first.device.remaining_capacity == pytest.approx(2.4 + first.battery.current * 30 / 3600, abs=1e-3)


def test_the_bank_is_as_old_as_its_oldest_board() -> None:
    first, second = resting(4, 4.0), resting(4, 4.0)
    bank = Bank(parallel(first.battery, second.battery), Constant(-2.0))
    bank.seat(first.device, second.device)
    for device, now in ((first.device, 0.0), (second.device, 0.0), (first.device, 7.0), (second.device, 5.0)):
        device.tick(now)
    assert bank.time == second.battery.time == pytest.approx(7.0)
    second.device.tick(9.0)
    assert bank.time == pytest.approx(9.0)


def test_a_board_that_switches_off_sends_the_current_through_the_others_at_once() -> None:
    first, second = resting(4, 4.0), resting(4, 4.0)
    bank = Bank(parallel(first.battery, second.battery), Constant(-2.0))
    bank.seat(first.device, second.device)
    assert second.device.measured_current == pytest.approx(-1.0)
    first.device.set_lock(3)
    assert (first.device.measured_current, second.device.measured_current) == pytest.approx((0.0, -2.0))
    assert not first.battery.discharge_allowed
    first.device.set_lock(0)
    assert first.device.measured_current == pytest.approx(-1.0)


def test_a_member_does_for_its_board_what_its_battery_does() -> None:
    battery_alone = battery()
    member = Bank(battery_alone).member(battery_alone)
    member.bleed((2,))
    assert [cell.bleeding for cell in battery_alone.cells] == [False, True, False, False]
    assert member.temperatures(3) == battery_alone.temperatures(3)
    assert member.sensed_cell_voltages == battery_alone.cell_voltages
    member.bleed_resistance = 20.0
    assert battery_alone.bleed_resistance == member.bleed_resistance == 20.0
    member.charge_allowed = False
    assert (battery_alone.charge_allowed, member.charge_allowed) == (False, False)
    assert member.discharge_allowed


def test_nothing_happens_to_any_member_while_one_is_frozen() -> None:
    first, second = resting(4, 4.0), resting(4, 4.0)
    bank = Bank(parallel(first.battery, second.battery), Constant(-2.0))
    bank.seat(first.device, second.device)
    second.battery.frozen = True
    for now in (0.0, 60.0):
        first.device.tick(now)
        second.device.tick(now)
    assert (bank.time, first.battery.time) == (0.0, 0.0)
    first.device.battery.frozen = False
    first.device.tick(61.0)
    assert bank.time == pytest.approx(1.0)


def test_boards_in_threads_of_their_own_keep_kirchhoffs_laws() -> None:
    rigs = [resting(1, 4.0, seed=seed) for seed in range(3)]
    bank = Bank(parallel(*(each.battery for each in rigs)), Cycle(((7.0, -3.0), (5.0, 2.0))))
    bank.seat(*(each.device for each in rigs))

    def live(number: int) -> None:
        for second in range(61):
            rigs[number].device.tick(float(second))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(live, range(3)))
    assert bank.time == pytest.approx(60.0)
    assert [each.battery.time for each in rigs] == pytest.approx([60.0] * 3)
    net = sum(each.battery.charge_in - each.battery.charge_out for each in rigs)
    assert net == pytest.approx((25 * 2.0 - 35 * 3.0) / 3600)
