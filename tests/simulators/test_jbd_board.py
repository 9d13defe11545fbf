"""Protections, balancing and counting of a JBD board on a physical battery."""

import pytest

from simulators.battery import FixedBattery, SimulatedBattery
from simulators.jbd import JbdDevice
from simulators.jbd_balancer import Balancer
from simulators.jbd_protection import Bit, Measurement
from simulators.jbd_registers import Register, registers_for
from simulators.load import Constant


def board(cells: int = 4, demand: float = 0.0, **options: object) -> tuple[FixedBattery, JbdDevice]:
    """A board on measurements that the test sets; thresholds of a LiFePO4 battery of 100 Ah."""
    battery = FixedBattery((3.3,) * cells, demand=demand, probes=(25.0,) * 3, frozen=False)
    device = JbdDevice(battery, capacity=100.0)
    for name, value in options.items():
        setattr(device, name, value)
    device.tick(0.0)
    return battery, device


def set_cells(battery: FixedBattery, voltage: float) -> None:
    battery.sensed_cell_voltages = (voltage, 3.3, 3.3, 3.3)


def set_pack(battery: FixedBattery, voltage: float) -> None:
    battery.pack_voltage = voltage


def set_probe(battery: FixedBattery, temperature: float) -> None:
    battery.probes = (25.0, temperature, 25.0)


# Protection, what to set, a value that trips, one that is better but does not release, one that releases.
LIMITS = [
    (Bit.CELL_HIGH, set_cells, 3.66, 3.60, 3.54),
    (Bit.CELL_LOW, set_cells, 2.49, 2.60, 2.71),
    (Bit.PACK_HIGH, set_pack, 14.60, 14.30, 14.10),
    (Bit.PACK_LOW, set_pack, 10.00, 10.50, 10.90),
    (Bit.CHARGE_HOT | Bit.DISCHARGE_HOT, set_probe, 75.2, 60.0, 54.0),
    (Bit.CHARGE_COLD | Bit.DISCHARGE_COLD, set_probe, -10.2, -5.0, 0.2),
]


@pytest.mark.parametrize(("bits", "put", "beyond", "between", "inside"), LIMITS)
def test_a_protection_trips_after_its_delay_and_releases_with_hysteresis(
    bits: Bit, put: type, beyond: float, between: float, inside: float
) -> None:
    battery, device = board()
    put(battery, beyond)
    device.tick(1.0)
    assert device.protection == 0
    device.tick(2.1)
    assert device.protection == bits
    put(battery, between)
    device.tick(20.0)
    assert device.protection == bits
    put(battery, inside)
    device.tick(21.0)
    assert device.protection == 0
    assert [bit for bit, count in device.protections.counts.items() if count] == list(bits)


def test_a_short_excursion_trips_nothing() -> None:
    battery, device = board()
    for second in range(1, 20, 2):
        set_cells(battery, 3.7)
        device.tick(second)
        set_cells(battery, 3.4)
        device.tick(second + 1)
    assert device.protections.counts[Bit.CELL_HIGH] == 0


@pytest.mark.parametrize(
    ("bits", "fets"),
    [
        (Bit.CELL_HIGH, (False, True)),
        (Bit.CHARGE_COLD, (False, True)),
        (Bit.CELL_LOW, (True, False)),
        (Bit.SHORT_CIRCUIT, (False, False)),
        (Bit.FRONT_END, (False, False)),
        (Bit.CHARGE_MOSFET, (False, True)),
        (Bit.DISCHARGE_MOSFET, (True, False)),
    ],
)
def test_a_protection_opens_its_own_mosfet(bits: Bit, fets: tuple[bool, bool]) -> None:
    battery, device = board(defects=bits)
    device.tick(1.0)
    assert (device.charge_fet, device.discharge_fet) == fets
    assert (battery.charge_allowed, battery.discharge_allowed) == fets


@pytest.mark.parametrize(("current", "bit"), [(201.0, Bit.CHARGE_CURRENT), (-301.0, Bit.DISCHARGE_CURRENT)])
def test_an_overcurrent_trips_late_releases_by_time_and_trips_again(current: float, bit: Bit) -> None:
    battery, device = board(demand=current)
    device.tick(9.0)
    assert device.protection == 0
    device.tick(10.5)
    assert device.protection == bit
    assert battery.current == 0
    device.tick(39.0)
    assert device.protection == bit
    device.tick(41.0)
    assert device.protection == 0
    assert battery.current == current
    device.tick(53.0)
    assert device.protection == bit
    assert device.protections.counts[bit] == 2


def test_a_short_circuit_trips_at_once_and_releases_by_time() -> None:
    _, device = board()
    device.short_circuit()
    assert (device.charge_fet, device.discharge_fet) == (False, False)
    device.tick(29.0)
    assert Bit.SHORT_CIRCUIT in device.protection
    device.tick(31.0)
    assert device.protection == 0
    assert device.protections.counts[Bit.SHORT_CIRCUIT] == 1


def test_a_broken_sense_wire_looks_like_an_empty_cell() -> None:
    battery = SimulatedBattery(4)
    device = JbdDevice(battery)
    device.tick(0.0)
    battery.open_wire(4)
    device.tick(5.0)
    assert Bit.CELL_LOW in device.protection


def test_overcharging_is_stopped_by_the_board() -> None:
    battery = SimulatedBattery(4, 2.0, state_of_charge=98.0, load=Constant(2.0))
    device = JbdDevice(battery, 2.0)
    for second in range(600):
        device.tick(second)
    assert not device.charge_fet
    assert device.discharge_fet
    assert battery.current == 0
    assert max(battery.cell_voltages) < 3.9


def test_overdischarging_is_stopped_by_the_board() -> None:
    battery = SimulatedBattery(4, 2.0, state_of_charge=4.0, load=Constant(-2.0))
    device = JbdDevice(battery, 2.0)
    for second in range(600):
        device.tick(second)
        if not device.discharge_fet:
            break
    assert battery.current == 0
    assert device.protections.counts[Bit.CELL_LOW] + device.protections.counts[Bit.PACK_LOW] >= 1
    assert device.state_of_charge == 0


def test_balancing_brings_cells_together() -> None:
    battery = SimulatedBattery(
        4, 2.0, state_of_charge=98.0, load=Constant(0.3, charge_voltage=13.8), spread=0
    )
    battery.cells[1].charge += 0.02
    device = JbdDevice(battery, 2.0)
    spreads = []
    for second in range(0, 3600, 5):
        device.tick(second)
        spreads.append(battery.cells[1].charge - battery.cells[0].charge)
    assert spreads[-1] < 0.5 * spreads[0]
    assert spreads == sorted(spreads, reverse=True)


def test_a_board_told_not_to_balance_lets_the_cells_be() -> None:
    registers = registers_for(4, 2.0)
    registers[Register.FUNCTION] &= ~4
    battery = SimulatedBattery(4, 2.0, state_of_charge=99.5, spread=3, seed=3)
    device = JbdDevice(battery, registers=registers)
    device.tick(0.0)
    device.tick(60.0)
    assert device.balancing_cells == ()


def bleeding(millivolts: list[int], charging: bool = True, function: int = 0x0006) -> set[tuple[int, ...]]:
    """Which sets of cells bleed in the course of a minute."""
    balancer = Balancer()
    registers = registers_for(len(millivolts), 4.0) | {Register.FUNCTION: function}
    seen = Measurement(tuple(millivolts), sum(millivolts) // 10, 0, ())
    found = set()
    for _ in range(60):
        balancer.advance(seen, charging, registers, 1.0)
        found.add(balancer.bleeding)
    return found


def test_neighbours_take_turns() -> None:
    assert bleeding([3400, 3450, 3450, 3450, 3450, 3400]) == {(3, 5), (2, 4)}


def test_cells_that_are_not_neighbours_need_no_turns() -> None:
    assert bleeding([3400, 3450, 3400, 3450]) == {(2, 4)}


def test_nothing_bleeds_below_the_start_or_inside_the_window() -> None:
    assert bleeding([3300, 3350, 3379]) == {()}
    assert bleeding([3400, 3404, 3403]) == {()}


def test_balancing_only_while_charging() -> None:
    cells = [3400, 3450, 3400, 3400]
    assert bleeding(cells, charging=False, function=0x000E) == {()}
    assert bleeding(cells, charging=True, function=0x000E) == {(2,)}
    assert bleeding(cells, charging=False, function=0x0006) == {(2,)}


def test_the_second_word_of_balancing_bits_holds_cells_from_17_on() -> None:
    cells = [3.4] * 20
    cells[16] = 3.5
    _, device = board(20)
    assert isinstance(device.battery, FixedBattery)
    device.battery.sensed_cell_voltages = tuple(cells)
    device.tick(1.0)
    assert device.basic_info().payload()[12:16].hex() == "00000001"


def test_coulombs_are_counted_but_not_below_the_dead_band() -> None:
    _, device = board(demand=-10.0, remaining_capacity=50.0)
    device.tick(3600.0)
    assert device.remaining_capacity == pytest.approx(40.0)
    battery, device = board(demand=-0.15, remaining_capacity=50.0)
    device.tick(3600.0)
    assert device.remaining_capacity == 50.0
    assert battery.current == -0.15


def test_the_count_is_set_right_at_a_full_and_at_an_empty_cell() -> None:
    battery, device = board(demand=2.0, remaining_capacity=80.0)
    set_cells(battery, 3.46)
    device.tick(1.0)
    assert device.state_of_charge == 100
    battery.demand = -2.0
    set_cells(battery, 2.79)
    device.tick(2.0)
    assert device.state_of_charge == 0


def test_cycles_are_counted() -> None:
    _, device = board(demand=-100.0, remaining_capacity=100.0)
    device.tick(3600.0)
    assert device.registers[Register.CYCLES] == 1


def test_the_alarms_of_the_tail_are_those_of_the_protections() -> None:
    battery, device = board(tail=True, extra_alarms=1 << 11, humidity=40)
    set_cells(battery, 3.7)
    device.tick(3.0)
    tail = device.basic_info().payload()[-9:]
    assert tail[0] == 40
    assert int.from_bytes(tail[1:3]) == Bit.CELL_HIGH | 1 << 11


def test_the_tail_tells_the_balance_current() -> None:
    battery, device = board(tail=True)
    set_cells(battery, 3.465)
    device.tick(1.0)
    assert int.from_bytes(device.basic_info().payload()[-2:]) == 105
