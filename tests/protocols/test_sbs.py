"""A plain smart battery: scales, energies, cells, names, and what a poll reads."""

from datetime import UTC, date, datetime

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.errors import BadFrame, NoReply
from custom_components.battmon.model.failsafe.levels import Level
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.monitor import Settings, step
from custom_components.battmon.model.reading import Place, Reading, Temperature, unmeasured_cells
from custom_components.battmon.model.state import BatteryState
from custom_components.battmon.protocols.sbs_status import alarms_of
from simulators.i2c.sbs import Label

from .gauges import KINDS, Rig, rig

TOO_HOT = ("charge_overtemperature", "discharge_overtemperature")
NONE = 0xFFFF


def met(kind: str = "sbs", cells: int = 4, **options: object) -> Rig:
    pack = rig(kind, cells, **options)  # type: ignore[arg-type]
    pack.meet()
    pack.asked()
    return pack


def raised_by(*samples: Reading) -> Level:
    """Return the level that samples raise, one a second, without any threshold."""
    state = BatteryState()
    for second, reading in enumerate(samples):
        now = Instant(float(second), datetime(2026, 11, 21, tzinfo=UTC))
        state = step(state, reading, now, Settings(unhealthy_after=6.0)).state
    return state.failsafe.level


# What is shown.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("current", [-7.3, 0.0, 4.2])
def test_every_battery_shows_what_its_pack_has(kind: str, current: float) -> None:
    pack = rig(kind, current=current)
    pack.battery.frozen = False
    pack.meet()
    for _ in range(3):
        said = pack.poll()
        battery = pack.battery
        assert said.voltage == pytest.approx(battery.terminal_voltage, abs=0.006)
        assert said.current == pytest.approx(battery.current, abs=0.001)
        assert said.state_of_charge == pytest.approx(battery.state_of_charge, abs=0.6)
        assert said.remaining_capacity == pytest.approx(battery.remaining_capacity, abs=0.002)
        assert said.full_capacity == pytest.approx(battery.full_capacity, abs=0.002)
        cells = said.cell_voltages or ()
        assert len(cells) == len(battery.cells)
        assert [cell for cell in cells if cell is not None] == pytest.approx(battery.cell_voltages, abs=0.012)
        pack.driver.now += 600.0


@pytest.mark.parametrize("specification", [0x0031, 0x1131, 0x3231, 0x0021])
def test_scales_are_undone(specification: int) -> None:
    pack = met(cells=12, label=Label(specification=specification), current=-20.0)
    said = pack.poll()
    assert said.voltage == pytest.approx(pack.battery.terminal_voltage, abs=0.06)
    assert said.current == -20.0
    assert said.full_capacity == pytest.approx(pack.battery.full_capacity, abs=0.6)
    assert said.charge_current_limit == 5.0, "it is never scaled"


@pytest.mark.parametrize("specification", [0xFFFF, 0x1141, 0x1101, 0x4431, 0xF031, 0x0F31])
def test_scales_that_cannot_be_are_none(specification: int) -> None:
    pack = rig("sbs")
    pack.put(0x1A, specification)
    pack.meet()
    said = pack.poll()
    assert said.voltage == pytest.approx(pack.battery.terminal_voltage, abs=0.001)
    assert said.current == pack.battery.current


def test_energies_become_charges_by_the_design_voltage() -> None:
    label = Label(mode=0xE001, design_voltage=14.8)
    said = met(label=label).poll()
    plain = met().poll()
    assert said.remaining_capacity == pytest.approx(plain.remaining_capacity, abs=0.002)
    assert said.full_capacity == pytest.approx(plain.full_capacity, abs=0.002)
    assert said.design_capacity == pytest.approx(5.2, abs=0.002)


def test_energies_without_a_design_voltage_are_no_charges() -> None:
    pack = rig("sbs", label=Label(mode=0xE001))
    pack.take(0x19)
    pack.meet()
    said = pack.poll()
    assert (said.remaining_capacity, said.full_capacity, said.design_capacity) == (None, None, None)
    assert said.state_of_charge is not None


def test_another_program_that_sets_the_battery_mode_is_noticed_before_a_value_is_shown() -> None:
    pack = met()
    plain = pack.poll()
    pack.chip.label = Label(mode=0xE001)  # type: ignore[attr-defined]
    for _ in range(3):
        assert pack.poll().remaining_capacity == pytest.approx(plain.remaining_capacity, abs=0.002)
        assert pack.poll().full_capacity == pytest.approx(plain.full_capacity, abs=0.002)


def test_a_battery_that_does_not_know_its_full_capacity_has_no_leaps() -> None:
    pack = rig("sbs")
    pack.take(0x10)
    pack.meet()
    pack.poll()
    pack.put(0x0F, 10)
    assert pack.poll().remaining_capacity == 0.01


@pytest.mark.parametrize("register", [0x12, 0x13, 0x14, 0x15, 0x17])
def test_ones_are_no_time_no_limit_and_no_count(register: int) -> None:
    pack = rig("sbs")
    pack.put(register, NONE)
    pack.meet()
    said = pack.poll()
    names = {
        0x12: "time_to_empty",
        0x13: "time_to_full",
        0x14: "charge_current_limit",
        0x15: "charge_voltage_limit",
        0x17: "cycle_count",
    }
    assert getattr(said, names[register]) is None
    pack.put(register, 42)
    for _ in range(8):
        said = pack.poll()
    assert getattr(said, names[register]) == {0x12: 2520.0, 0x13: 2520.0, 0x17: 42}.get(register, 0.042)


@pytest.mark.parametrize(("word", "shown"), [(100, 100.0), (0, 0.0), (101, None), (NONE, None)])
def test_a_state_of_charge_is_at_most_100(word: int, shown: float | None) -> None:
    pack = met()
    pack.put(0x0D, word)
    assert pack.poll().state_of_charge == shown


@pytest.mark.parametrize(
    ("word", "shown"), [(2982, 25.05), (2631, -10.05), (0, None), (NONE, None), (2331, None), (3932, None)]
)
def test_a_temperature_beyond_all_sensors_is_none(word: int, shown: float | None) -> None:
    pack = met()
    pack.put(0x08, word)
    assert pack.poll().temperatures == (Temperature(shown, Place.CELL),)


def test_a_sensor_that_is_not_fitted_is_not_shown() -> None:
    pack = rig("sbs")
    pack.put(0x08, 0)
    pack.meet()
    assert pack.poll().temperatures is None


def test_health_is_shown_of_the_maker_that_has_it_there() -> None:
    named = rig("sbs", label=Label(device="BQ20Z95"))
    named.put(0x4F, 91)
    named.meet()
    other = rig("sbs")
    other.put(0x4F, 91)
    other.meet()
    assert (named.poll().state_of_health, other.poll().state_of_health) == (91.0, None)


# Alarms.


@pytest.mark.parametrize(
    ("status", "alarms"),
    [
        (0x00C0, set()),
        (0x1AC0, {*TOO_HOT, "terminate_discharge", "low_capacity"}),
        (0x48A0, {"terminate_discharge"}),
        (0x0BD3, {"terminate_discharge", "low_capacity", "remaining_time_low", "fully_discharged"}),
        (0x8080, {"overcharged"}),
        (0x4080, set()),
        (0x0040, {"not_initialized"}),
        (0x0000, {"not_initialized"}),
        (0x008F, set()),
    ],
)
def test_the_status_becomes_alarms(status: int, alarms: set[str]) -> None:
    pack = met()
    pack.put(0x16, status)
    assert pack.poll().alarms == {Alarm(alarm) for alarm in alarms}


@pytest.mark.parametrize("status", [0xFFFF, 0x2080, 0x0480])
def test_a_status_with_reserved_bits_is_none(status: int) -> None:
    pack = met()
    pack.put(0x16, status)
    assert pack.poll().alarms is None


def test_bits_that_mean_nothing_raise_nothing() -> None:
    assert alarms_of(0x1AC0, 1 << 12) == alarms_of(0x1000, 1 << 12) != frozenset()
    assert alarms_of(0x0AC0, 1 << 12) == frozenset()


# Cells.


@pytest.mark.parametrize("cells", [1, 4, 12, 14, 16])
def test_cells_are_found(cells: int) -> None:
    assert len(met(cells=cells).poll().cell_voltages or ()) == cells


@pytest.mark.parametrize("refused", [True, False])
def test_a_gap_stays_a_gap(refused: bool) -> None:
    pack = rig("sbs", 6)
    pack.take(0x3D)
    pack.chip.absent = None if refused else b"\xff\xff"
    pack.chip.undriven = not refused
    pack.meet()
    cells = pack.poll().cell_voltages or ()
    assert [number for number, cell in enumerate(cells, 1) if cell is None] == [3]
    assert len(cells) == 6
    assert unmeasured_cells(pack.poll()) == (3,)


def test_a_gap_is_no_fault_and_a_cell_that_fails_is_one() -> None:
    pack = rig("sbs", 6)
    pack.take(0x3D)
    pack.meet()
    assert raised_by(pack.poll(), pack.poll()) is Level.NONE
    pack.take(0x3C)
    assert unmeasured_cells(pack.poll()) == (3,)
    assert raised_by(pack.poll(), pack.poll()) is Level.UNHEALTHY


def test_a_gap_that_begins_to_tell_a_voltage_is_a_cell_like_the_others() -> None:
    pack = rig("sbs", 6)
    word = pack.chip.registers[0x3D]
    pack.take(0x3D)
    pack.meet()
    pack.chip.registers[0x3D] = word
    for _ in range(20):
        said = pack.poll()
    assert (type(said), None in (said.cell_voltages or (None,))) == (Reading, False)


def test_a_cell_that_reads_0_stays_in_its_place() -> None:
    pack = rig("sbs", 6)
    pack.put(0x3D, 0)
    pack.meet()
    assert (pack.poll().cell_voltages or ())[2] == 0.0


def test_a_gauge_without_cell_registers_has_no_cells() -> None:
    pack = rig("sbs")
    pack.take(*range(0x30, 0x40))
    pack.meet()
    for _ in range(10):
        assert pack.poll().cell_voltages is None
    pack.asked()
    pack.poll()
    assert not {*range(0x30, 0x40)} & {*pack.asked()}, "nobody asks for ever"


def test_the_person_says_how_many_cells_there_are() -> None:
    pack = met(cells=6, settings={"cells": 8})
    pack.put(0x3B, 0)
    cells = pack.poll().cell_voltages or ()
    assert len(cells) == 8
    assert cells[4] == 0.0
    assert cells[6:] == (None, None)
    assert raised_by(pack.poll(), pack.poll()) is Level.CRITICAL, "one reads 0"
    pack.put(0x3B, 3700)
    assert unmeasured_cells(pack.poll()) == ()
    assert raised_by(pack.poll(), pack.poll()) is Level.UNHEALTHY, "the person knows of two more"


@pytest.mark.parametrize("cells", [1, 16])
def test_as_many_cells_as_there_are_registers_can_be_read(cells: int) -> None:
    assert len(met(cells=cells, settings={"cells": cells}).poll().cell_voltages or ()) == cells


@pytest.mark.parametrize("cells", [0, 17, -1])
def test_more_cells_than_can_be_read_are_refused(cells: int) -> None:
    with pytest.raises(ValueError, match=f"not {cells}"):
        rig("sbs", settings={"cells": cells})


def test_cells_that_wake_late_are_found() -> None:
    pack = rig("sbs", 6)
    words = {register: pack.chip.registers[register] for register in range(0x3A, 0x40)}
    for register in words:
        pack.put(register, 0)
    pack.meet()
    assert pack.poll().cell_voltages is None
    pack.chip.registers |= {register: words[register] for register in (0x3F, 0x3E)}
    assert len(pack.poll().cell_voltages or ()) == 2
    pack.chip.registers |= words
    cells = pack.poll().cell_voltages or ()
    assert len(cells) == 6
    assert None not in cells
    pack.put(0x39, 3700)
    assert len(pack.poll().cell_voltages or ()) == 6, "they are counted once"


@pytest.mark.parametrize("cells", [4, 12, 16])
def test_the_last_cell_is_not_overlooked_for_a_fault_of_the_bus(cells: int) -> None:
    pack = rig("sbs", cells)
    pack.bus.inject("no_acknowledge", register=0x40 - cells, count=3)
    pack.meet()
    assert len(pack.poll().cell_voltages or ()) == cells


def test_what_is_no_cell_is_not_taken_for_its_voltage() -> None:
    pack = rig("sbs", 4)
    pack.put(0x3C, 12345)
    pack.meet()
    assert (pack.poll().cell_voltages or ())[3] is None


# Who it is.


def test_who_it_is() -> None:
    identity = rig("sbs", label=Label(made=date(2021, 12, 31), serial=9)).meet()
    assert (identity.manufacturer, identity.model, identity.chemistry) == ("SMP", "DB-1200", "LION")
    assert (identity.serial_number, identity.manufactured) == ("9", date(2021, 12, 31))


@pytest.mark.parametrize("serial", [0, NONE])
def test_a_serial_number_that_nobody_wrote_is_none(serial: int) -> None:
    assert rig("sbs", label=Label(serial=serial)).meet().serial_number is None


@pytest.mark.parametrize("packed", [0, NONE, 31 << 5])
def test_a_date_that_cannot_be_is_none(packed: int) -> None:
    pack = rig("sbs")
    pack.put(0x1B, packed)
    assert pack.meet().manufactured is None


@pytest.mark.parametrize(
    ("said", "shown"), [(b"\x03A\0\x07", "A"), (b"\x02  ", None), (b"\x04\xff\xfeBC", "BC")]
)
def test_names_are_shown_without_what_cannot_be_printed(said: bytes, shown: str | None) -> None:
    pack = rig("sbs")
    pack.chip.registers[0x21] = said
    assert pack.meet().model == shown


def test_a_device_without_names_is_known_by_its_number() -> None:
    pack = rig("sbs")
    pack.take(0x20, 0x21, 0x22)
    pack.chip.absent = None
    identity = pack.meet()
    assert (identity.manufacturer, identity.model, identity.chemistry) == (None, None, None)
    assert identity.serial_number == str(0x1234)


# What goes over the bus.


def test_nothing_is_ever_written() -> None:
    for kind in KINDS:
        pack = rig(kind)
        pack.meet()
        for _ in range(10):
            pack.poll()
        assert {one[:6] for one in pack.written} <= {"440271", "44027b"}, kind
        assert bool(pack.written) is (kind == "bq40z80")


def test_a_poll_reads_what_changes_and_one_of_the_other_registers() -> None:
    pack = met(cells=12)
    always = {0x09, 0x0A, 0x0D, 0x0F, 0x12, 0x13, 0x08, 0x16, *range(0x34, 0x40)}
    others: list[int] = []
    for _ in range(10):
        pack.poll()
        registers = pack.asked()
        assert len(registers) == len(set(registers)) == len(always) + 1
        others += set(registers) - always
    assert others == [0x10, 0x14, 0x15, 0x17, 0x03] * 2


def test_a_poll_of_12_cells_takes_few_bytes() -> None:
    """Cells, six words and one of the two times are shown: two addresses, register, word and check byte."""
    pack = met(cells=12)
    for _ in range(20):
        pack.poll()
        sizes = [one.bytes_on_wire for one in pack.bus.log]
        assert sum(sizes) <= 1.15 * (12 + 7) * 6
        pack.bus.log.clear()


def test_what_was_not_there_is_asked_for_in_turn_and_read_from_then_on() -> None:
    pack = rig("sbs")
    pack.chip.absent = None
    words = {register: pack.chip.registers[register] for register in (0x0D, 0x08, 0x3D, 0x16)}
    pack.take(*words)
    pack.meet()
    said = pack.poll()
    assert (said.state_of_charge, said.temperatures, said.alarms) == (None, None, None)
    pack.chip.registers |= words
    for _ in range(10):
        said = pack.poll()
    assert None not in (said.state_of_charge, said.temperatures, said.alarms)
    assert None not in (said.cell_voltages or (None,))


def test_a_slow_value_that_cannot_be_read_once_stays_as_it_was() -> None:
    pack = met()
    pack.bus.inject("no_acknowledge", register=0x10, count=None)
    for _ in range(6):
        assert pack.poll().full_capacity is not None


def test_a_slow_value_counts_without_check_bytes_if_it_is_read_twice() -> None:
    pack = rig("sbs_without_check_bytes")
    pack.meet()
    before = pack.poll().cycle_count
    pack.bus.inject("bad_pec", register=0x17, count=1)
    for _ in range(6):
        assert pack.poll().cycle_count == before
    pack.put(0x17, 38)
    assert [pack.poll().cycle_count for _ in range(5)][-1] == 38


def test_a_poll_before_anybody_asked_who_it_is_asks_first() -> None:
    pack = rig("sbs")
    assert pack.poll() == rig("sbs").poll()
    pack.asked()
    pack.poll()
    assert 0x20 not in pack.asked()


def test_another_battery_at_the_address_is_met_afresh() -> None:
    pack = met()
    other = rig("sbs_without_check_bytes", 7)
    pack.bus.chips = other.bus.chips
    assert pack.meet() == other.meet()
    assert pack.poll() == other.poll()


def test_a_device_that_refuses_its_voltage_is_no_smart_battery() -> None:
    pack = rig("sbs")
    pack.take(0x09)
    pack.chip.absent = None
    with pytest.raises(NoReply):
        pack.meet()


def test_a_device_that_says_nothing_but_zeros_is_none() -> None:
    pack = rig("sbs", settings={"pec": False})
    pack.bus.inject("all_zeros", count=None)
    with pytest.raises(BadFrame, match="zeros"):
        pack.meet()


# Maxell.


def test_maxell_halves_its_capacities_and_promises_what_it_does_not_keep() -> None:
    pack = rig("maxell")
    pack.chip.label = Label(manufacturer="Hitachi maxell", specification=0x1131)  # type: ignore[attr-defined]
    pack.put(0x09, 22679)
    pack.put(0x10, 2500)
    pack.meet()
    said = pack.poll()
    assert (said.voltage, said.full_capacity, said.design_capacity) == (22.679, 5.0, 0.52)
    assert not pack.protocol.reader.pec
