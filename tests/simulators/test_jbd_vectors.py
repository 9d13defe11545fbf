"""A device in the state of a recorded battery answers its bytes, and understands recorded requests."""

from datetime import date
from typing import Any

import pytest

from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice
from simulators.jbd_frames import packed_date
from simulators.jbd_protection import Bit
from simulators.jbd_registers import CAPTURED, Register

READ_BASIC = bytes.fromhex("dda50300fffd77")
READ_CELLS = bytes.fromhex("dda50400fffc77")
READ_NAME = bytes.fromhex("dda50500fffb77")
READ_COUNTS = bytes.fromhex("dda5aa00ff5677")
ENTER = bytes.fromhex("dd5a00025678ff3077")
LEAVE = bytes.fromhex("dd5a01020000fffd77")
LEAVE_STORED = bytes.fromhex("dd5a01022828ffad77")


def ask(device: JbdDevice, request: bytes, now: float = 0.0) -> str:
    """The device's answer in hexadecimal, empty when it is silent."""
    return b"".join(reply.data for reply in device.receive(request, now)).hex()


def device_with(
    cells: tuple[float, ...],
    day: date,
    capacities: tuple[float, float],
    *,
    voltage: float,
    current: float = 0.0,
    probes: tuple[float, ...] = (),
    cycles: int = 0,
    **options: Any,
) -> JbdDevice:
    remaining, full = capacities
    registers = CAPTURED | {
        Register.DESIGN_CAPACITY: round(full * 100),
        Register.PRODUCTION_DATE: packed_date(day),
        Register.CYCLES: cycles,
    }
    battery = FixedBattery(cells, demand=current, probes=probes, pack_voltage=voltage)
    return JbdDevice(
        battery, registers=registers, remaining_capacity=remaining, sensors=len(probes), **options
    )


def test_a1_four_cells_at_rest() -> None:
    device = device_with(
        (3.9,) * 4,
        date(2022, 3, 28),
        (4.99, 5.0),
        voltage=15.59,
        probes=(22.6, 22.5, 22.1),
        software_version=0x80,
    )
    expected = "dd03001d0617000001f301f400002c7c00000000000080640304030b8d0b8c0b88fa8577"
    assert ask(device, READ_BASIC) == expected


def test_a2_eight_cells_discharging() -> None:
    device = device_with(
        (3.3,) * 8,
        date(2022, 7, 19),
        (468.71, 560.0),
        voltage=26.40,
        current=-6.04,
        probes=(21.0, 20.4),
        software_version=0x16,
    )
    assert ask(device, READ_BASIC) == "dd03001b0a50fda4b717dac000002cf300000000000016540308020b7d0b77f8e277"


def switched(voltage: float) -> JbdDevice:
    return device_with(
        (3.33,) * 4,
        date(2022, 3, 28),
        (268.25, 280.0),
        voltage=voltage,
        probes=(19.4, 19.4, 19.0),
    )


def test_a3_before_switching() -> None:
    expected = "dd03001d0534000068c96d6000002c7c00000000000080600304030b6d0b6d0b69fab677"
    assert ask(switched(13.32), READ_BASIC) == expected


def test_a4_charging_switched_off() -> None:
    device = switched(13.31)
    assert ask(device, bytes.fromhex("dd5ae1020001ff1c77")) == "dde10000000077"
    expected = "dd03001d0533000068c96d6000002c7c00000000100080600204030b6d0b6d0b69faa877"
    assert ask(device, READ_BASIC) == expected


def test_a5_discharging_switched_off() -> None:
    device = switched(13.32)
    assert ask(device, bytes.fromhex("dd5ae1020002ff1b77")) == "dde10000000077"
    expected = "dd03001d0534000068c96d6000002c7c00000000100080600104030b6d0b6d0b69faa877"
    assert ask(device, READ_BASIC) == expected


def test_a6_charging_and_balancing_the_fourth_cell() -> None:
    device = device_with(
        (3.370, 3.375, 3.372, 3.423),
        date(2020, 4, 17),
        (199.07, 200.0),
        voltage=13.54,
        current=3.74,
        probes=(30.1, 31.2),
        cycles=231,
        software_version=0x16,
    )
    device.battery.frozen = False
    ask(device, READ_BASIC, 0.0)
    expected = "dd03001b054a01764dc34e2000e7289100080000000016640304020bd80be3f9a577"
    assert ask(device, READ_BASIC, 0.1) == expected


def test_a7_newer_firmware_with_a_tail() -> None:
    device = device_with(
        (3.325,) * 4,
        date(2024, 9, 12),
        (196.30, 300.0),
        voltage=13.30,
        probes=(14.6,),
        cycles=27,
        software_version=0x29,
        tail=True,
    )
    expected = "dd030022053200004cae7530001b312c00000000000029410304010b3d00000075304cae0000fb3777"
    assert ask(device, READ_BASIC) == expected


def test_a8_another_tail() -> None:
    device = device_with(
        (3.4375,) * 4,
        date(2022, 8, 20),
        (191.67, 200.0),
        voltage=13.75,
        probes=(26.2,),
        cycles=2,
        software_version=0x23,
        tail=True,
    )
    expected = "dd030022055f00004adf4e2000022d1400000000000023600304010bb10000004e204adf0000fac277"
    assert ask(device, READ_BASIC) == expected


def test_a9_seventeen_cells_and_four_sensors() -> None:
    device = device_with(
        (3.895,) * 17,
        date(2018, 4, 17),
        (34.93, 40.0),
        voltage=66.23,
        current=-20.12,
        probes=(23.7, 25.4, 23.5, 23.6),
        cycles=2,
        software_version=0x12,
    )
    expected = "dd03001f19dff8240da50fa00002249100000000000012570311040b980ba90b960b97f89a77"
    assert ask(device, READ_BASIC) == expected


def test_a11_another_year() -> None:
    device = device_with(
        (3.335,) * 4,
        date(2024, 4, 27),
        (204.66, 213.0),
        voltage=13.34,
        current=-0.53,
        probes=(26.8, 27.6, 27.0),
        software_version=0x44,
    )
    expected = "dd03001d0536ffcb4ff253340001309b00000000000044600304030bb70bbf0bb9f84c77"
    device.registers[Register.CYCLES] = 1
    assert ask(device, READ_BASIC) == expected


def test_no_temperature_sensor_at_all() -> None:
    device = device_with((3.3,) * 16, date(2022, 2, 16), (0.0, 100.0), voltage=0.0, software_version=0x20)
    answer = bytes.fromhex(ask(device, READ_BASIC))
    assert answer[3] == 23
    assert answer[4 + 22] == 0


@pytest.mark.parametrize(
    ("millivolts", "expected"),
    [
        ((3430, 3425, 3432, 3417), "dd0400080d660d610d680d59fe3c77"),
        ((*(3600,) * 15, 0), "dd040020" + "0e10" * 15 + "0000fe1e77"),
    ],
    ids=["b1", "b2 open sense wire"],
)
def test_cell_voltages(millivolts: tuple[int, ...], expected: str) -> None:
    device = JbdDevice(FixedBattery(tuple(value / 1000 for value in millivolts)))
    assert ask(device, READ_CELLS) == expected


def test_b3_seventeen_cells() -> None:
    recorded = "dd0400220ec80ec80ecb0ecf0eca0ec70eca0ecd0ec90eca0ecb0ecb0ec80ecc0ec80ec90ec9f18777"
    data = bytes.fromhex(recorded)[4:-3]
    cells = tuple(int.from_bytes(data[at : at + 2]) / 1000 for at in range(0, len(data), 2))
    assert ask(JbdDevice(FixedBattery(cells)), READ_CELLS) == recorded


def test_c1_name() -> None:
    expected = "dd0500194a42442d53503034533033342d4c34532d323030412d422d55fa0877"
    assert ask(switched(13.3), READ_NAME) == expected


def test_d1_counters() -> None:
    device = switched(13.3)
    device.protections.counts[Bit.CELL_HIGH] = 122
    device.protections.counts[Bit.CELL_LOW] = 2
    expected = "ddaa0018000000000000007a00020000000000000000000000000001ff6b77"
    assert ask(device, READ_COUNTS) == expected


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (0x24, "dd2400020e42ffae77"),
        (0x1A, "dd1a00020a47ffad77"),
        (0x29, "dd290002a628ff3077"),
        (0x2A, "dd2a00020c80ff7277"),
        (0x2B, "dd2b0002001effe077"),
        (0x2D, "dd2d00020006fff877"),
    ],
)
def test_captured_registers(register: int, expected: str) -> None:
    device = switched(13.3)
    assert ask(device, ENTER) == "dd000000000077"
    request = bytes((0xDD, 0xA5, register, 0)) + (0x10000 - register).to_bytes(2) + b"\x77"
    assert ask(device, request) == expected


def test_e_errors() -> None:
    device = switched(13.3)
    assert ask(device, bytes.fromhex("dda52400ffdc77")) == "dd248100ff7f77"
    assert ask(device, bytes.fromhex("dd5ae3020000ff1b77")) == "dde38000ff8077"
    assert ask(device, bytes.fromhex("dd5a0a020700ffed77")) == "dd0a8000ff8077"


def test_e_an_error_with_a_wrong_checksum() -> None:
    device = switched(13.3)
    device.password, device.wrong_error_checksum = "123456", True
    assert ask(device, ENTER) == "dd008100000077"


def test_the_captured_balancing_session() -> None:
    device = switched(13.3)
    answers = [
        ask(device, bytes.fromhex(request))
        for request in ("dd5a00025678ff3077", "dd5a2d020002ffcf77", "dd5a01020000fffd77")
    ]
    assert answers == ["dd000000000077", "dd2d0000000077", "dd010000000077"]
    assert not device.balancing_enabled
    ask(device, ENTER)
    ask(device, bytes.fromhex("dd5a2d020006ffcb77"))
    ask(device, LEAVE_STORED)
    assert device.balancing_enabled
    assert not device.in_factory_mode


def test_the_captured_unlock_request() -> None:
    device = switched(13.3)
    device.password = "000000"
    assert ask(device, bytes.fromhex("dd5a060706000000000000ffed77")) == "dd060000000077"
    assert device.unlocked
