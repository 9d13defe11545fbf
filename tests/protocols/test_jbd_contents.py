"""What the registers of a JBD board say, beyond what was recorded."""

from datetime import date
from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.errors import BadFrame
from custom_components.battmon.model.reading import Place, Reading
from custom_components.battmon.protocols.jbd_contents import decode, decode_counts, decode_identity
from simulators.jbd_frames import BasicInfo, Tail

CELLS = bytes.fromhex("0d660d61")

# Vendor protocol V11, bits of the protection word in order.
PROTECTIONS = [
    "cell_overvoltage", "cell_undervoltage", "pack_overvoltage", "pack_undervoltage",
    "charge_overtemperature", "charge_undertemperature", "discharge_overtemperature",
    "discharge_undertemperature", "charge_overcurrent", "discharge_overcurrent", "short_circuit",
    "front_end_failure", "software_lock", "charge_mosfet_failure", "discharge_mosfet_failure",
]  # fmt: skip
TAIL_ALARMS = [*PROTECTIONS[:10], "cell_imbalance", "low_capacity"]
COUNTERS = [
    "short_circuit", "charge_overcurrent", "discharge_overcurrent", "cell_overvoltage", "cell_undervoltage",
    "charge_overtemperature", "charge_undertemperature", "discharge_overtemperature",
    "discharge_undertemperature", "pack_overvoltage", "pack_undervoltage", "restarts",
]  # fmt: skip


def info(**changes: Any) -> bytes:
    plain: dict[str, Any] = {
        "voltage": 1332,
        "current": -604,
        "remaining_capacity": 26825,
        "nominal_capacity": 28000,
        "cycles": 3,
        "production_date": 0x2C7C,
        "balancing": 0,
        "protection": 0,
        "software_version": 0x16,
        "state_of_charge": 96,
        "status": 3,
        "cells": 2,
        "temperatures": (),
    }
    return BasicInfo(**plain | changes).payload()


def read(**changes: Any) -> Reading:
    return decode(info(**changes), CELLS)


def tail(**changes: int) -> Tail:
    plain = {"alarms": 0, "full_capacity": 27000, "remaining_capacity": 26000, "balance_current": 48}
    return Tail(**plain | changes)


@pytest.mark.parametrize(("bit", "alarm"), enumerate(PROTECTIONS))
def test_each_protection_bit_is_an_alarm(bit: int, alarm: str) -> None:
    assert read(protection=1 << bit).alarms == {alarm}


def test_the_reserved_protection_bit_is_nothing() -> None:
    assert read(protection=0x8000).alarms == frozenset()
    assert read(protection=0xFFFF).alarms == set(PROTECTIONS)


@pytest.mark.parametrize("bit", range(16))
def test_each_alarm_bit_of_the_tail_is_an_alarm(bit: int) -> None:
    assert read(tail=tail(alarms=1 << bit)).alarms == set(TAIL_ALARMS[bit : bit + 1])


def test_alarms_of_the_tail_join_the_protections() -> None:
    assert read(protection=1, tail=tail(alarms=1 << 11)).alarms == {
        Alarm.CELL_OVERVOLTAGE,
        Alarm.LOW_CAPACITY,
    }


@pytest.mark.parametrize("number", range(1, 33))
def test_each_balancing_bit_is_a_cell_also_16_and_beyond(number: int) -> None:
    assert read(balancing=1 << number - 1).balancing_cells == (number,)


def test_balancing_cells_come_in_order() -> None:
    assert read(balancing=0x8001_8005).balancing_cells == (1, 3, 16, 17, 32)


@pytest.mark.parametrize(
    ("status", "charging", "discharging"),
    [(0, False, False), (1, True, False), (2, False, True), (3, True, True), (0x0C, False, False)],
)
def test_the_status_shows_both_mosfets(status: int, charging: bool, discharging: bool) -> None:
    reading = read(status=status)
    assert (reading.charging_enabled, reading.discharging_enabled) == (charging, discharging)


def test_the_tail_knows_capacities_better_and_then_the_nominal_one_is_the_design() -> None:
    reading = read(tail=tail(humidity=45))
    assert (reading.full_capacity, reading.remaining_capacity) == (270.0, 260.0)
    assert (reading.design_capacity, reading.humidity, reading.balance_current) == (280.0, 45.0, 0.048)


def test_without_a_tail_the_design_capacity_is_unknown() -> None:
    reading = read()
    assert (reading.full_capacity, reading.remaining_capacity) == (280.0, 268.25)
    assert (reading.design_capacity, reading.humidity, reading.balance_current) == (None, None, None)


def test_a_tail_cut_short_is_not_guessed_at() -> None:
    assert decode(info() + bytes(8), CELLS) == read()


def test_coarse_units_are_ten_times_as_large_with_a_tail_too() -> None:
    reading = read(status=0x83, tail=tail())
    assert (reading.current, reading.voltage, reading.balance_current) == (-60.4, 13.32, 0.048)
    assert (reading.remaining_capacity, reading.full_capacity) == (2600.0, 2700.0)
    assert reading.design_capacity == 2800.0
    assert read(status=0x83).remaining_capacity == 2682.5


@pytest.mark.parametrize(("raw", "shown"), [(0, 0.0), (100, 100.0), (101, None), (127, None), (255, None)])
def test_a_state_of_charge_beyond_100_is_unknown(raw: int, shown: float | None) -> None:
    assert read(state_of_charge=raw).state_of_charge == shown


@pytest.mark.parametrize(
    ("raw", "celsius"),
    [(2731, 0.0), (2331, -40.0), (2330, None), (3931, 120.0), (3932, None), (0, None), (0xFFFF, None)],
)
def test_a_temperature_out_of_range_is_a_missing_sensor(raw: int, celsius: float | None) -> None:
    assert read(temperatures=(raw,)).temperatures == ((celsius, Place.UNKNOWN),)


@pytest.mark.parametrize(
    ("sensors", "places"),
    [
        (0, ""),
        (1, "unknown"),
        (2, "unknown unknown"),
        (3, "mosfet cell cell"),
        (5, "mosfet cell cell cell cell"),
    ],
)
def test_boards_with_three_sensors_begin_with_their_own(sensors: int, places: str) -> None:
    temperatures = read(temperatures=(2931,) * sensors).temperatures
    assert temperatures is not None
    assert " ".join(sensor.place for sensor in temperatures) == places


def test_a_cell_of_0_mv_stays_in_its_place() -> None:
    assert decode(info(), bytes.fromhex("0d660000 0d61")).cell_voltages == (3.43, 0.0, 3.425)


def test_cells_are_counted_by_their_own_register() -> None:
    assert decode(info(cells=16), CELLS).cell_voltages == (3.43, 3.425)


@pytest.mark.parametrize("enabled", [None, False, True])
def test_the_balancing_bit_is_what_was_learned_before(enabled: bool | None) -> None:
    assert decode(info(), CELLS, enabled).balancing_enabled is enabled


@pytest.mark.parametrize("length", [1, 3, 31])
def test_half_a_cell_is_a_bad_frame(length: int) -> None:
    with pytest.raises(BadFrame):
        decode(info(), bytes(length))


@pytest.mark.parametrize("length", range(29))
def test_a_short_basic_info_is_a_bad_frame(length: int) -> None:
    content = info(temperatures=(2931, 2931, 2931))
    assert len(content) == 29
    with pytest.raises(BadFrame):
        decode(content[:length], CELLS)


@pytest.mark.parametrize("words", range(14))
def test_counters_have_names_as_far_as_they_come(words: int) -> None:
    content = b"".join((100 + number).to_bytes(2) for number in range(words))
    expected = {name: 100 + number for number, name in enumerate(COUNTERS[:words])}
    assert decode_counts(content) == expected
    assert decode_counts(content + b"\1") == expected
    assert {type(name) for name in decode_counts(content)} <= {str}


@pytest.mark.parametrize(
    ("packed", "day"),
    [
        (0x2C7C, date(2022, 3, 28)),
        (0, None),
        (0x2C7C & ~31, None),
        (22 << 9 | 13 << 5 | 1, None),
        (22 << 9 | 2 << 5 | 30, None),
        (0xFF9F, date(2127, 12, 31)),
    ],
)
def test_a_date_that_does_not_exist_is_unknown(packed: int, day: date | None) -> None:
    assert decode_identity(info(production_date=packed), None).manufactured == day


@pytest.mark.parametrize(
    ("name", "model"),
    [
        (None, None),
        (b"", None),
        (b"  \0\0", None),
        (b"JBD-SP04S034\0\0", "JBD-SP04S034"),
        (b" DP04S \xff\x07", "DP04S"),
    ],
)
def test_a_name_is_shown_without_what_cannot_be_shown(name: bytes | None, model: str | None) -> None:
    assert decode_identity(info(), name).model == model


@pytest.mark.parametrize(("version", "firmware"), [(0x16, "1.6"), (0x80, "8.0"), (0x2C, "2.12")])
def test_a_version_is_two_nibbles(version: int, firmware: str) -> None:
    assert decode_identity(info(software_version=version), None).firmware == firmware


def test_a_short_basic_info_identifies_nobody() -> None:
    with pytest.raises(BadFrame):
        decode_identity(info()[:22], b"JBD")
