"""What a JBD board does beyond the recorded frames."""

from typing import Any

import pytest

from simulators.battery import FixedBattery
from simulators.jbd import JbdDevice
from simulators.jbd_frames import request_frame
from simulators.jbd_protection import Bit
from simulators.jbd_registers import Register, registers_for

BASIC, CELLS, NAME, UNLOCK, CHANGE, COUNTS, FUNCTION = 0x03, 0x04, 0x05, 0x06, 0x07, 0xAA, 0x2D
ENTER, LEAVE, LEAVE_STORED = b"\x56\x78", b"\x00\x00", b"\x28\x28"


class Host:
    """Asks a device and keeps the time."""

    def __init__(self, **options: Any) -> None:
        battery = FixedBattery((3.30, 3.31, 3.32, 3.33), demand=-5.0, probes=(25.0, 24.0, 23.0))
        self.device = JbdDevice(battery, capacity=100.0, **options)
        self.now = 0.0

    def ask(self, register: int, data: bytes | None = None, after: float = 0.1) -> tuple[int, bytes] | None:
        """Return status and payload, None for silence."""
        self.now += after
        replies = self.device.receive(request_frame(register, data), self.now)
        if not replies:
            return None
        (reply,) = replies
        frame = reply.data
        assert frame[0] == 0xDD
        assert frame[1] == register
        assert len(frame) == frame[3] + 7
        return frame[2], frame[4:-3]

    def status(self, register: int, data: bytes | None = None) -> int:
        """Return the status alone."""
        answer = self.ask(register, data)
        assert answer is not None
        return answer[0]

    def payload(self, register: int) -> bytes:
        """Return the payload of a read that must succeed."""
        answer = self.ask(register)
        assert answer is not None
        assert answer[0] == 0
        return answer[1]

    def fets(self) -> tuple[bool, bool]:
        """Charge and discharge FET as read from the wire."""
        status = self.payload(BASIC)[20]
        return bool(status & 1), bool(status & 2)


def test_the_dead_band_hides_small_currents() -> None:
    host = Host()
    battery = host.device.battery
    assert isinstance(battery, FixedBattery)
    for current, shown in ((0.19, 0), (0.21, 21), (-0.19, 0), (-0.21, -21)):
        battery.demand = current
        assert int.from_bytes(host.payload(BASIC)[2:4], signed=True) == shown


@pytest.mark.parametrize("words", [11, 12])
def test_counters_come_with_and_without_restarts(words: int) -> None:
    assert len(Host(counter_words=words).payload(COUNTS)) == 2 * words


def test_what_a_board_lacks_answers_80() -> None:
    host = Host(counter_words=0, supports_name=False, supports_lock=False)
    assert host.status(COUNTS) == 0x80
    assert host.status(NAME) == 0x80
    assert host.status(0xE1, b"\x00\x01") == 0x80
    assert host.status(0xFB, b"\x00\x01") == 0x80
    assert host.status(0x0A, b"\x07\x00") == 0x80
    assert host.status(0x99) == 0x80


def test_a_lock_opens_a_mosfet_and_stops_that_current() -> None:
    host = Host()
    assert host.fets() == (True, True)
    assert host.status(0xE1, b"\x00\x02") == 0
    assert host.fets() == (True, False)
    assert host.device.battery.current == 0
    payload = host.payload(BASIC)
    assert payload[2:4] == b"\0\0"
    assert int.from_bytes(payload[16:18]) == Bit.LOCK
    host.ask(0xE1, b"\x00\x00")
    assert host.fets() == (True, True)
    assert host.device.battery.current == -5.0


def test_one_write_sets_both_mosfets() -> None:
    host = Host()
    host.ask(0xE1, b"\x00\x01")
    host.ask(0xE1, b"\x00\x02")
    assert host.fets() == (True, False)
    host.ask(0xE1, b"\x00\x03")
    assert host.fets() == (False, False)


def test_releasing_the_lock_does_not_overrule_a_protection() -> None:
    host = Host()
    host.device.short_circuit()
    host.ask(0xE1, b"\x00\x00")
    assert host.fets() == (False, False)


def test_newer_firmware_is_switched_with_fb() -> None:
    host = Host(supports_lock=False, supports_control=True)
    assert host.status(0xFB, b"\x00\x00") == 0
    assert host.fets() == (True, False)
    assert host.status(0xFB, b"\x01\x00") == 0
    assert host.fets() == (False, False)
    assert host.status(0xFB, b"\x0a\x01") == 0
    assert host.fets() == (True, True)
    assert host.status(0xFB, b"\x07\x01") == 0x80


def test_a_disobedient_board_says_yes_and_does_nothing() -> None:
    host = Host(obey=False)
    assert host.status(0xE1, b"\x00\x03") == 0
    assert host.fets() == (True, True)
    host.ask(0x00, ENTER)
    assert host.status(FUNCTION, b"\x00\x00") == 0
    assert host.device.balancing_enabled
    assert host.device.flash_writes == 0


def test_settings_need_factory_mode() -> None:
    host = Host()
    assert host.status(FUNCTION) == 0x81
    assert host.status(FUNCTION, b"\x00\x02") == 0x81
    assert host.status(0x00, b"\x12\x34") == 0x81
    assert not host.device.in_factory_mode
    assert host.status(0x00, ENTER) == 0
    assert host.device.in_factory_mode
    assert host.payload(FUNCTION) == b"\x00\x06"
    assert host.payload(BASIC)
    assert host.status(0x01, LEAVE) == 0
    assert host.status(FUNCTION) == 0x81


def test_a_setting_is_written_to_flash_and_survives_a_loss_of_power() -> None:
    host = Host()
    host.ask(0x00, ENTER)
    assert host.status(FUNCTION, b"\x00\x02") == 0
    assert host.device.flash_writes == 1
    host.device.power_cycle(host.now)
    assert not host.device.balancing_enabled
    assert not host.device.in_factory_mode


def test_leaving_with_2828_clears_the_counters() -> None:
    host = Host()
    host.device.protections.counts[Bit.CELL_HIGH] = 7
    host.ask(0x00, ENTER)
    host.ask(0x01, LEAVE)
    assert host.payload(COUNTS)[6:8] == b"\x00\x07"
    host.ask(0x00, ENTER)
    host.ask(0x01, LEAVE_STORED)
    assert host.payload(COUNTS)[6:8] == b"\x00\x00"


def test_names_in_factory_mode_carry_their_length() -> None:
    host = Host(name="ABC", barcode="")
    assert host.status(0xA1) == 0x81
    host.ask(0x00, ENTER)
    assert host.payload(0xA1) == b"\x03ABC"
    assert host.payload(0xA2) == b"\x00"
    assert host.status(0xA1, b"\x01X") == 0x80


def test_remaining_capacity_can_be_set_in_factory_mode() -> None:
    host = Host()
    assert host.status(0xE0, b"\x13\x88") == 0x81
    host.ask(0x00, ENTER)
    assert host.status(0xE0, b"\x13\x88") == 0
    assert host.payload(BASIC)[4:6] == b"\x13\x88"
    assert host.payload(BASIC)[19] == 50


def test_a_password_guards_the_factory_mode_and_the_switches() -> None:
    host = Host(password="123456")
    assert host.payload(BASIC)
    assert host.status(0x00, ENTER) == 0x81
    assert host.status(0xE1, b"\x00\x01") == 0x81
    assert host.status(UNLOCK, b"\x06\x06\x05\x04\x03\x02\x01") == 0x83
    assert host.status(UNLOCK, b"\x06123456") == 0x83
    assert host.status(UNLOCK, b"\x06\x01\x02\x03\x04\x05\x06") == 0
    assert host.status(0x00, ENTER) == 0
    assert host.status(0xE1, b"\x00\x01") == 0


def test_a_password_can_guard_everything() -> None:
    host = Host(password="123456", password_scope="all")
    assert [host.status(register) for register in (BASIC, CELLS, NAME, COUNTS)] == [0x81] * 4
    host.ask(UNLOCK, b"\x06\x01\x02\x03\x04\x05\x06")
    assert host.payload(BASIC)


def test_the_password_must_be_given_again_after_unplugging() -> None:
    host = Host(password="123456", password_scope="all")
    host.ask(UNLOCK, b"\x06\x01\x02\x03\x04\x05\x06")
    host.device.disconnected(host.now)
    assert host.status(BASIC) == 0x81


def test_the_password_can_be_changed() -> None:
    host = Host(password="123456")
    old, new = bytes((1, 2, 3, 4, 5, 6)), bytes((6, 5, 4, 3, 2, 1))
    assert host.status(CHANGE, b"\x0c" + new + new) == 0x83
    assert host.status(CHANGE, b"\x0c" + old + new) == 0
    assert host.device.password == "654321"


def test_a_board_without_a_password_accepts_any() -> None:
    assert Host().status(UNLOCK, b"\x06" + bytes(6)) == 0


def test_the_request_that_wakes_a_board_is_lost() -> None:
    host = Host(sleep_after=30.0)
    assert host.ask(BASIC) is not None
    assert host.ask(BASIC, after=29.0) is not None
    assert host.ask(BASIC, after=31.0) is None
    assert host.ask(BASIC) is not None


def test_the_first_request_after_plugging_in_is_lost() -> None:
    host = Host(loses_first_request=True)
    assert host.ask(BASIC) is None
    assert host.ask(BASIC) is not None
    host.device.disconnected(host.now)
    assert host.ask(BASIC) is None
    assert host.ask(BASIC) is not None


def test_a_request_with_a_wrong_checksum_is_not_obeyed() -> None:
    request = bytearray(request_frame(0xE1, b"\x00\x03"))
    request[5] ^= 0x02
    silent, answering = Host(), Host(answers_bad_checksum=True)
    assert silent.device.receive(bytes(request), 0.0) == []
    (reply,) = answering.device.receive(bytes(request), 0.0)
    assert reply.data.hex() == "dde18200ff7e77"
    assert answering.fets() == (True, True)


def test_functions_of_newer_firmware() -> None:
    host = Host(supports_functions=True)
    host.device.short_circuit()
    assert host.fets() == (False, False)
    host.ask(0x0A, b"\x04\x00")
    assert host.fets() == (True, True)
    host.ask(0xE1, b"\x00\x03")
    host.ask(0x0A, b"\x03\x00")
    assert host.fets() == (True, True)
    assert host.payload(COUNTS)[22:] == b"\x00\x02"
    host.ask(0x0A, b"\x02\x00")
    assert host.payload(COUNTS) == bytes(24)
    host.ask(0x0A, b"\x05\x00")
    assert host.ask(BASIC) is None
    assert host.ask(BASIC) is not None
    host.ask(0x0A, b"\x06\x00")
    assert [host.ask(BASIC) for _ in range(3)] == [None] * 3


def test_the_lock_is_gone_after_a_loss_of_power() -> None:
    host = Host()
    host.ask(0xE1, b"\x00\x03")
    host.device.power_cycle(host.now)
    assert host.fets() == (True, True)
    assert host.payload(BASIC)[16:18] == b"\0\0"
    assert host.device.restarts == 2


def test_tenfold_units() -> None:
    registers = registers_for(4, 100.0)
    registers[Register.FUNCTION] |= 1 << 12
    host = Host(registers=registers, full_capacity=1000.0, remaining_capacity=500.0)
    payload = host.payload(BASIC)
    assert payload[2:8] == (-50 & 0xFFFF).to_bytes(2) + (5000).to_bytes(2) + (10000).to_bytes(2)
    assert payload[20] == 0x83


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_request_may_come_in_pieces(cut: int) -> None:
    device = Host().device
    request = request_frame(BASIC)
    assert device.receive(request[:cut], 0.0) == []
    assert len(device.receive(request[cut:], 0.01)) == 1


def test_a_request_may_come_after_noise_and_false_starts() -> None:
    device = Host().device
    noise = bytes.fromhex("00ffdddd5a0300aabbcc77")
    assert len(device.receive(noise + request_frame(BASIC) + request_frame(CELLS), 0.0)) == 2


def test_half_a_request_is_given_up() -> None:
    device = Host().device
    assert device.receive(bytes.fromhex("dda503ff"), 0.0) == []
    assert len(device.receive(request_frame(BASIC), 1.0)) == 1
