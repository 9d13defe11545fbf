"""Passwords of JBD boards: given when asked for, never shown, never guessed."""

from typing import Literal

import pytest

from custom_components.battmon.model.errors import (
    NoReply,
    PasswordNeeded,
    Refusal,
    Refused,
    WrongPassword,
)
from custom_components.battmon.model.switching import SwitchMemory, Wanted
from custom_components.battmon.protocols.conversation import Exchange
from custom_components.battmon.protocols.jbd import Jbd
from simulators.jbd import JbdDevice
from simulators.jbd_frames import reply_frame
from simulators.presets import steady_4s

from .boards import board
from .driver import Driver, Fault, command, play

PASSWORD = "123456"
type Scope = Literal["factory", "all"]
SCOPES: tuple[Scope, ...] = ("factory", "all")


def locked(scope: Scope = "all") -> JbdDevice:
    return steady_4s(password=PASSWORD, password_scope=scope)


@pytest.mark.parametrize(
    ("password", "valid"),
    [
        ("000000", True),
        ("123456", True),
        ("12345", False),
        ("1234567", False),
        ("12345a", False),
        ("", False),
        ("٠١٢٣٤٥", False),
        ("½23456", False),
        (" 12345", False),
        ("-12345", False),
    ],
)
def test_a_password_is_six_digits(password: str, valid: bool) -> None:
    assert Jbd.password_is_valid(password) is valid


def test_the_digits_are_sent_as_values_and_kept_out_of_records() -> None:
    request = next(Jbd("098765").log_in())
    assert isinstance(request, Exchange)
    assert request.request.hex() == "dd5a060706000908070605ffca77"
    assert request.secret


def test_no_other_request_is_secret() -> None:
    conversation = Jbd("098765").identify()
    request = next(conversation)
    assert isinstance(request, Exchange)
    assert not request.secret


def test_a_board_that_refuses_everything_is_unlocked_and_then_read() -> None:
    driver = Driver(locked())
    assert driver.say(Jbd(PASSWORD).poll()).voltage == 13.24
    assert driver.registers == ["a503", "5a06", "a503", "a504"]


def test_an_unlocked_board_is_not_given_the_password_again() -> None:
    driver, protocol = Driver(locked()), Jbd(PASSWORD)
    driver.say(protocol.poll())
    driver.say(protocol.poll())
    assert driver.registers.count("5a06") == 1


def test_a_board_that_locks_up_between_two_registers_is_read_afresh() -> None:
    driver = Driver(steady_4s(), {1: Fault.REFUSED_81})
    assert driver.say(Jbd(PASSWORD).poll()).voltage == 13.24
    assert driver.registers == ["a503", "a504", "5a06", "a503", "a504"]


def test_reading_needs_no_password_where_only_factory_mode_does() -> None:
    driver = Driver(locked("factory"))
    driver.say(Jbd().identify())
    driver.say(Jbd().poll())
    assert "5a06" not in driver.registers


@pytest.mark.parametrize("scope", SCOPES)
def test_identifying_and_switching_unlock_the_board(scope: Scope) -> None:
    device = locked(scope)
    driver, protocol = Driver(device), Jbd(PASSWORD)
    driver.say(protocol.identify())
    assert driver.say(command(protocol, Wanted(discharging=False))).obeyed
    assert driver.say(command(protocol, Wanted(balancing=False))).obeyed
    assert (device.lock, device.balancing_enabled, device.in_factory_mode) == (2, False, False)


def test_without_a_password_one_is_asked_for() -> None:
    with pytest.raises(PasswordNeeded):
        Driver(locked()).say(Jbd().poll())
    with pytest.raises(PasswordNeeded):
        Driver(locked()).say(Jbd().identify())


def test_without_a_password_a_switch_says_that_one_is_needed_and_does_nothing() -> None:
    device, protocol = locked("factory"), Jbd()
    for wanted in (Wanted(discharging=False), Wanted(balancing=False)):
        with pytest.raises(PasswordNeeded):
            Driver(device).say(command(protocol, wanted))
    assert (device.lock, device.flash_writes, device.in_factory_mode) == (0, 0, False)
    assert not protocol.memory.factory_mode


@pytest.mark.parametrize("scope", SCOPES)
def test_a_wrong_password_is_not_accepted_and_leaves_nothing_behind(scope: Scope) -> None:
    device, protocol = locked(scope), Jbd("654321")
    with pytest.raises(WrongPassword):
        Driver(device).say(command(protocol, Wanted(balancing=False)))
    assert (device.flash_writes, device.in_factory_mode, protocol.memory.factory_mode) == (0, False, False)


@pytest.mark.parametrize("malformed", ["", "12345", "abcdef", "1234567", "٠١٢٣٤٥"])
def test_a_malformed_password_is_wrong_and_never_sent(malformed: str) -> None:
    driver = Driver(locked())
    with pytest.raises(WrongPassword):
        driver.say(Jbd(malformed).poll())
    assert "5a06" not in driver.registers


def test_log_in_tries_the_password_as_such() -> None:
    Driver(locked()).say(Jbd(PASSWORD).log_in())
    Driver(steady_4s()).say(Jbd(PASSWORD).log_in())
    with pytest.raises(WrongPassword):
        Driver(locked()).say(Jbd("000000").log_in())
    with pytest.raises(PasswordNeeded):
        Driver(locked()).say(Jbd().log_in())


def test_a_board_that_knows_no_passwords_refuses_for_its_own_reason() -> None:
    answers = [reply_frame(3, status=0x81), reply_frame(6, status=0x80)]
    with pytest.raises(Refused) as caught:
        play(Jbd(PASSWORD).poll(), answers)
    assert type(caught.value) is Refused
    assert caught.value.reason is Refusal.NOT_ALLOWED


def test_a_refusal_that_the_password_does_not_end_is_told() -> None:
    answers = [reply_frame(3, status=0x81), reply_frame(6), reply_frame(3, status=0x81)]
    with pytest.raises(Refused) as caught:
        play(Jbd(PASSWORD).poll(), answers)
    assert caught.value.reason is Refusal.NOT_ALLOWED


@pytest.mark.parametrize("status", [0x81, 0x84])
def test_a_refusal_of_the_password_itself_is_told(status: int) -> None:
    answers = [reply_frame(3, status=0x81), reply_frame(6, status=status)]
    with pytest.raises(Refused, match=f"status {status:02x}"):
        play(Jbd(PASSWORD).poll(), answers)


def test_a_password_whose_acknowledgement_is_lost_is_no_wrong_password() -> None:
    with pytest.raises(NoReply):
        Driver(locked(), {1: Fault.REPLY_LOST}).say(Jbd(PASSWORD).poll())


def test_factory_mode_of_a_locked_board_is_left_after_logging_in() -> None:
    """The link broke in factory mode; the board now refuses everything, leaving included."""
    device = locked()
    device.in_factory_mode = True
    protocol = Jbd(PASSWORD, SwitchMemory(factory_mode=True))
    Driver(device).say(protocol.recover())
    assert not device.in_factory_mode
    assert not protocol.memory.factory_mode


@pytest.mark.parametrize(("password", "error"), [(None, PasswordNeeded), ("000000", WrongPassword)])
def test_factory_mode_is_not_forgotten_while_the_password_is_missing(
    password: str | None, error: type[Exception]
) -> None:
    device = locked()
    device.in_factory_mode = True
    protocol = Jbd(password, SwitchMemory(factory_mode=True))
    with pytest.raises(error):
        Driver(device).say(protocol.recover())
    assert protocol.memory.factory_mode


@pytest.mark.parametrize("status", [0x80, 0x81])
def test_a_wrong_password_is_tried_once_and_factory_mode_not_taken_for_entered(status: int) -> None:
    """Too many attempts lock some boards for good."""
    protocol = Jbd("000000")
    answers = [reply_frame(0, status=0x81), reply_frame(6, status=0x83), reply_frame(1, status=status)]
    with pytest.raises(WrongPassword):
        play(protocol.read_settings(), answers)
    assert not protocol.memory.factory_mode


def test_a_refusal_to_enter_does_not_prove_to_be_outside() -> None:
    """The acknowledgement was lost, and the second request refused: the board is in factory mode."""
    device = board(in_factory_mode=True)
    protocol = Jbd()
    driver = Driver(device, {0: Fault.REFUSED_81})
    with pytest.raises(PasswordNeeded):
        driver.say(protocol.read_settings())
    assert driver.registers == ["5a00", "5a01"]
    assert (device.in_factory_mode, protocol.memory.factory_mode) == (False, False)
