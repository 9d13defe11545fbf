"""The balancing bit of a JBD board, its factory mode and its flash memory."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.errors import (
    BadFrame,
    BattMonError,
    CommandBlocked,
    LinkDown,
    NoReply,
    Refusal,
    Refused,
)
from custom_components.battmon.model.memory import BatteryMemory, from_file, to_file
from custom_components.battmon.model.switching import SwitchMemory, Wanted
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.protocol import Outcome
from simulators.jbd import JbdDevice
from simulators.jbd_frames import reply_frame
from simulators.jbd_protection import Bit
from simulators.jbd_registers import Register

from .boards import board
from .driver import Driver, Fault, command, play

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON, OFF = Wanted(balancing=True), Wanted(balancing=False)
READ, WRITE, ENTER, LEAVE = "a52d", "5a2d", "5a00", "5a01"
WRITE_EXCHANGE = 4
"""After a poll, entering factory mode, and reading the bits."""
IN_FACTORY_MODE = SwitchMemory(factory_mode=True)


class Owner:
    """Somebody who commands a board and counts the writes to its flash."""

    def __init__(self, device: JbdDevice, memory: SwitchMemory | None = None) -> None:
        self.protocol = Jbd(None, memory)
        self.driver = Driver(device)
        self.now = START

    def record_write(self) -> None:
        self.protocol.memory = self.protocol.memory.with_balancing_write(self.now)

    def command(self, wanted: Wanted) -> Outcome:
        return self.driver.say(command(self.protocol, wanted, record_write=self.record_write))

    def toggle(self, times: int, apart: timedelta) -> None:
        for number in range(times):
            self.command(OFF if number % 2 == 0 else ON)
            self.now += apart


def restarted(owner: Owner, device: JbdDevice) -> Owner:
    """Return the owner after Home Assistant wrote its memory to a file and read it again."""
    stored = to_file(BatteryMemory(switches=owner.protocol.memory))
    again = Owner(device, from_file(stored).switches)
    again.now = owner.now
    return again


def test_balancing_is_switched_in_factory_mode_which_is_left_plainly() -> None:
    device = board()
    owner = Owner(device)
    outcome = owner.command(OFF)
    assert (outcome.obeyed, outcome.reading.balancing_enabled) == (True, False)
    assert owner.driver.registers == ["a503", "a504", ENTER, READ, WRITE, READ, LEAVE, "a503", "a504"]
    assert owner.driver.requests[6].hex() == "dd5a01020000fffd77"
    assert (device.balancing_enabled, device.flash_writes, device.in_factory_mode) == (False, 1, False)
    assert owner.protocol.memory == SwitchMemory(balancing_writes=(START,))


def test_leaving_factory_mode_keeps_the_protection_counters() -> None:
    device = board()
    device.protections.trip(Bit.CELL_LOW)
    device.protections.clear()
    Owner(device).command(OFF)
    assert device.protections.counts[Bit.CELL_LOW] == 1


@given(st.integers(0, 0xFFFF), st.booleans())
def test_every_other_function_bit_is_preserved(bits: int, wanted: bool) -> None:
    device = board()
    device.registers[Register.FUNCTION] = bits
    outcome = Owner(device).command(Wanted(balancing=wanted))
    assert outcome.obeyed
    assert device.registers[Register.FUNCTION] == (bits & ~4) | wanted << 2
    assert device.flash_writes == (bool(bits & 4) != wanted)


def test_what_is_already_so_is_not_written() -> None:
    device = board()
    owner = Owner(device)
    outcome = owner.command(ON)
    assert (outcome.obeyed, outcome.reading.balancing_enabled) == (True, True)
    assert (WRITE in owner.driver.registers, device.flash_writes) == (False, 0)
    assert owner.protocol.memory == SwitchMemory()


def test_one_command_may_set_everything() -> None:
    device = board()
    assert Owner(device).command(Wanted(charging=False, discharging=False, balancing=False)).obeyed
    assert (device.lock, device.balancing_enabled, device.in_factory_mode) == (3, False, False)


# Wear of the flash memory.


def test_two_writes_are_at_least_a_minute_apart() -> None:
    device = board()
    owner = Owner(device)
    owner.command(OFF)
    owner.now += timedelta(seconds=59.999)
    with pytest.raises(CommandBlocked, match="balancing too soon"):
        owner.command(ON)
    assert (device.flash_writes, device.in_factory_mode, owner.protocol.memory.factory_mode) == (
        1,
        False,
        False,
    )
    owner.now = START + timedelta(seconds=60)
    assert owner.command(ON).obeyed
    assert device.flash_writes == 2


def test_the_eleventh_write_of_a_day_is_refused() -> None:
    device = board()
    owner = Owner(device)
    owner.toggle(10, timedelta(hours=2))
    owner.now = START + timedelta(hours=23, minutes=59)
    with pytest.raises(CommandBlocked, match="balancing too often"):
        owner.command(OFF)
    assert (device.flash_writes, device.in_factory_mode) == (10, False)
    owner.now = START + timedelta(hours=24)
    assert owner.command(OFF).obeyed
    assert device.flash_writes == 11


def test_restarts_do_not_open_the_way_to_more_wear() -> None:
    device = board()
    owner = Owner(device)
    for number in range(10):
        owner = restarted(owner, device)
        owner.command(OFF if number % 2 == 0 else ON)
        owner.now += timedelta(minutes=1)
    owner = restarted(owner, device)
    with pytest.raises(CommandBlocked, match="balancing too often"):
        owner.command(OFF)
    assert device.flash_writes == 10


def test_setting_the_clock_back_does_not_open_the_way_to_more_wear() -> None:
    device = board()
    owner = Owner(device)
    owner.toggle(10, timedelta(minutes=2))
    for back in (timedelta(minutes=30), timedelta(days=2), timedelta(days=400)):
        owner.now = START - back
        with pytest.raises(CommandBlocked):
            owner.command(OFF)
    assert device.flash_writes == 10


def test_a_blocked_write_is_still_blocked_when_the_switch_is_asked_for_twice() -> None:
    device = board()
    owner = Owner(device)
    owner.command(OFF)
    for _attempt in range(3):
        with pytest.raises(CommandBlocked):
            owner.command(ON)
    assert owner.protocol.memory.balancing_writes == (START,)


# When things go wrong.


def test_a_lost_acknowledgement_is_made_up_for_by_reading_and_never_by_writing_again() -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {WRITE_EXCHANGE: Fault.REPLY_LOST}
    assert owner.command(OFF).obeyed
    assert (device.flash_writes, device.balancing_enabled) == (1, False)


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_GARBLED])
def test_a_write_that_may_be_lost_is_sent_once_and_then_read(fault: Fault) -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {WRITE_EXCHANGE: fault}
    outcome = owner.command(OFF)
    assert owner.driver.registers.count(WRITE) == 1
    assert owner.driver.attempts == len(owner.driver.requests)
    assert outcome.obeyed is not device.balancing_enabled
    assert outcome.reading.balancing_enabled is device.balancing_enabled


def test_a_board_that_acknowledges_and_does_nothing_has_not_obeyed() -> None:
    outcome = Owner(board(obey=False)).command(OFF)
    assert (outcome.obeyed, outcome.reading.balancing_enabled) == (False, True)


@pytest.mark.parametrize(
    ("fault", "reason"), [(Fault.REFUSED_80, Refusal.UNKNOWN_COMMAND), (Fault.REFUSED_84, Refusal.OTHER)]
)
def test_a_refused_write_says_why_and_leaves_what_is_shown_true(fault: Fault, reason: Refusal) -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {WRITE_EXCHANGE: fault}
    with pytest.raises(Refused) as caught:
        owner.command(OFF)
    assert caught.value.reason is reason
    assert (device.flash_writes, device.in_factory_mode) == (0, False)
    assert owner.driver.say(owner.protocol.poll()).balancing_enabled is True


def test_a_write_garbled_on_its_way_is_repeated_since_nothing_was_written() -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {WRITE_EXCHANGE: Fault.REFUSED_82}
    assert owner.command(OFF).obeyed
    assert (device.flash_writes, owner.driver.registers.count(WRITE)) == (1, 2)


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.UNPLUGGED_BEFORE])
def test_what_could_not_be_read_back_is_unknown(fault: Fault) -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {WRITE_EXCHANGE + 1: fault}
    with pytest.raises((NoReply, LinkDown)):
        owner.command(OFF)
    owner.driver.plug_in()
    assert owner.driver.say(owner.protocol.poll()).balancing_enabled is None
    owner.driver.say(owner.protocol.recover())
    owner.driver.say(owner.protocol.read_settings())
    assert owner.driver.say(owner.protocol.poll()).balancing_enabled is False


def test_a_board_without_the_register_refuses_and_is_let_out_of_factory_mode() -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {1: Fault.REFUSED_80}
    with pytest.raises(Refused) as caught:
        owner.driver.say(owner.protocol.read_settings())
    assert caught.value.reason is Refusal.UNKNOWN_COMMAND
    assert (device.in_factory_mode, owner.protocol.memory.factory_mode) == (False, False)


# Settings.


def test_settings_are_learned_in_factory_mode_and_may_be_forgotten() -> None:
    device = board()
    driver, protocol = Driver(device), Jbd()
    driver.say(protocol.read_settings())
    assert driver.registers == [ENTER, READ, LEAVE]
    assert (device.in_factory_mode, device.flash_writes) == (False, 0)
    assert driver.say(protocol.poll()).balancing_enabled is True
    protocol.forget_settings()
    assert driver.say(protocol.poll()).balancing_enabled is None


@pytest.mark.parametrize("content", ["06", "000600"])
def test_function_bits_of_another_length_are_a_bad_frame(content: str) -> None:
    protocol = Jbd()
    answers = [reply_frame(0), reply_frame(0x2D, bytes.fromhex(content)), reply_frame(1)]
    with pytest.raises(BadFrame):
        play(protocol.read_settings(), answers)
    assert not protocol.memory.factory_mode


# Factory mode.


def test_a_conversation_closed_midway_keeps_quiet_and_remembers() -> None:
    protocol = Jbd()
    conversation = protocol.read_settings()
    next(conversation)
    assert protocol.memory.factory_mode  # before it is entered
    conversation.send(reply_frame(0))
    conversation.close()
    assert protocol.memory.factory_mode


def test_there_is_nothing_to_recover_from_outside_factory_mode() -> None:
    driver = Driver(board())
    driver.say(Jbd().recover())
    assert driver.requests == []


@pytest.mark.parametrize("inside", [True, False])
def test_recovery_leaves_factory_mode(inside: bool) -> None:
    device, protocol = board(in_factory_mode=inside), Jbd(None, IN_FACTORY_MODE)
    Driver(device).say(protocol.recover())
    assert (device.in_factory_mode, protocol.memory) == (False, SwitchMemory())


@pytest.mark.parametrize("status", [0x80, 0x81])
def test_a_board_outside_factory_mode_may_refuse_to_leave_it(status: int) -> None:
    protocol = Jbd(None, IN_FACTORY_MODE)
    info = board().receive(bytes.fromhex("dda50300fffd77"), 0.0)[0].data
    play(protocol.recover(), [info, reply_frame(1, status=status)])
    assert protocol.memory == SwitchMemory()


LOST = {
    Fault.REQUEST_LOST,
    Fault.REPLY_LOST,
    Fault.REPLY_GARBLED,
    Fault.UNPLUGGED_BEFORE,
    Fault.UNPLUGGED_AFTER,
}


@pytest.mark.parametrize("fault", sorted(LOST))
def test_a_failed_recovery_is_not_forgotten(fault: Fault) -> None:
    device, protocol = board(in_factory_mode=True), Jbd(None, IN_FACTORY_MODE)
    driver = Driver(device, {1: fault})
    with pytest.raises(BattMonError):
        driver.say(protocol.recover())
    assert protocol.memory.factory_mode
    driver.plug_in()
    driver.say(protocol.recover())
    assert (device.in_factory_mode, protocol.memory.factory_mode) == (False, False)


@pytest.mark.parametrize("fault", [Fault.REFUSED_82, Fault.REFUSED_83, Fault.REFUSED_84])
def test_an_odd_refusal_to_let_go_is_tried_again_but_does_not_stop_reading(fault: Fault) -> None:
    protocol = Jbd(None, IN_FACTORY_MODE)
    driver = Driver(board(in_factory_mode=True), dict.fromkeys((1, 2, 3), fault))
    driver.say(protocol.recover())
    assert protocol.memory.factory_mode


@pytest.mark.parametrize("fault", [Fault.REFUSED_80, Fault.REFUSED_83, Fault.REFUSED_84])
def test_a_board_that_was_entered_and_refuses_to_let_go_is_not_forgotten(fault: Fault) -> None:
    device = board()
    owner = Owner(device)
    owner.driver.faults = {WRITE_EXCHANGE + 2: fault}
    assert owner.command(OFF).obeyed
    assert (device.in_factory_mode, owner.protocol.memory.factory_mode) == (True, True)
    owner.driver.say(owner.protocol.recover())
    assert (device.in_factory_mode, owner.protocol.memory.factory_mode) == (False, False)
