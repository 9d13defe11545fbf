"""The login at JBD's radio modules: what is given, to whom and when."""

import pytest

from custom_components.battmon.model.errors import (
    BattMonError,
    Lock,
    NoReply,
    PasswordNeeded,
    Refusal,
    Refused,
    WrongPassword,
)
from custom_components.battmon.model.switching import Wanted
from custom_components.battmon.protocols.jbd import Jbd
from simulators.bluetooth.login import Login, Step, login_frame

from .boards import board
from .driver import Driver, command, play
from .modules import (
    ADDRESS,
    APP_KEY,
    LOGIN,
    NAMES,
    PASSWORD,
    RANDOM,
    USER,
    Behind,
    caught,
    jbd,
    lock_of,
    locked,
    meet,
)

# Without a login.


def test_a_module_without_a_login_is_told_nothing() -> None:
    driver, protocol = Driver(board()), jbd()
    driver.say(meet(protocol))
    assert driver.registers == NAMES


def test_an_older_module_is_no_error_for_who_has_a_password() -> None:
    driver, protocol = Driver(Behind(None)), jbd(PASSWORD)
    assert driver.say(meet(protocol)).model is not None
    assert driver.registers == [APP_KEY, *NAMES]


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_on_another_wire_there_is_no_module(password: str | None) -> None:
    protocol = Jbd(bluetooth_password=password)
    driver = Driver(locked())
    assert isinstance(caught(driver, meet(protocol)), NoReply)
    assert driver.registers == ["a503"]


# The app key alone.


def test_a_module_that_wants_the_app_key_gets_it_once_the_board_is_silent() -> None:
    driver, protocol = Driver(locked(None)), jbd()
    assert driver.say(meet(protocol)).model is not None
    assert driver.registers == ["a503", APP_KEY, *NAMES]
    assert driver.say(protocol.poll()).voltage == 13.24


def test_from_then_on_it_comes_first_in_every_connection() -> None:
    module = locked(None)
    driver, protocol = Driver(module), jbd()
    driver.say(meet(protocol))
    for _connection in range(2):
        module.disconnected(0.0)
        driver.requests.clear()
        driver.say(meet(protocol))
        assert driver.registers == [APP_KEY, *NAMES]


def test_a_password_that_nobody_asks_for_is_not_given() -> None:
    driver = Driver(locked(None))
    driver.say(meet(jbd(PASSWORD)))
    assert driver.registers == [APP_KEY, *NAMES]


# The password.


def test_a_locked_module_is_given_the_password_first() -> None:
    driver, protocol = Driver(locked()), jbd(PASSWORD)
    assert driver.say(meet(protocol)).model is not None
    assert driver.registers == [*LOGIN, *NAMES]
    assert driver.say(command(protocol, Wanted(discharging=False, balancing=False))).obeyed


def test_it_is_given_in_every_connection() -> None:
    module = locked()
    driver, protocol = Driver(module), jbd(PASSWORD)
    for _connection in range(3):
        driver.requests.clear()
        driver.say(meet(protocol))
        assert driver.registers == [*LOGIN, *NAMES]
        module.disconnected(0.0)


def test_every_random_number_leads_in() -> None:
    module = locked(randoms=[number for number in range(256) for _key in range(2)])
    driver, protocol = Driver(module), jbd(PASSWORD)
    for _number in range(256):
        driver.say(protocol.open_link())
        assert module.login is not None
        assert module.login.step is Step.VENDOR_KEY
        module.disconnected(0.0)


@pytest.mark.parametrize("piece", range(1, 21))
def test_an_answer_may_come_in_any_pieces(piece: int) -> None:
    driver, protocol = Driver(locked(), piece=piece), jbd(PASSWORD)
    assert driver.say(meet(protocol)).model is not None


def test_without_a_password_one_is_asked_for_also_the_next_time() -> None:
    driver, protocol = Driver(locked()), jbd()
    assert lock_of(caught(driver, meet(protocol))) is Lock.BLUETOOTH
    assert driver.registers == ["a503", APP_KEY]
    for conversation in (protocol.open_link(), meet(protocol)):
        error = caught(driver, conversation)
        assert isinstance(error, PasswordNeeded)
        assert lock_of(error) is Lock.BLUETOOTH
    assert driver.registers == ["a503", APP_KEY, APP_KEY, APP_KEY]


def test_a_wrong_password_is_given_once_and_said_to_be_wrong() -> None:
    driver, protocol = Driver(locked()), jbd("123456")
    error = caught(driver, meet(protocol))
    assert isinstance(error, WrongPassword)
    assert lock_of(error) is Lock.BLUETOOTH
    assert driver.registers == [APP_KEY, RANDOM, USER]
    assert driver.attempts == 3


@pytest.mark.parametrize("malformed", ["", "12345", "1234567", "12345ä", "12345\0"])
def test_a_malformed_password_is_wrong_and_never_given(malformed: str) -> None:
    driver = Driver(locked())
    error = caught(driver, meet(jbd(malformed)))
    assert isinstance(error, WrongPassword)
    assert lock_of(error) is Lock.BLUETOOTH
    assert driver.registers == [APP_KEY]


def test_another_answer_to_the_password_is_no_wrong_password() -> None:
    answers = [login_frame(0x15, b"\0"), login_frame(0x17, b"\x24"), login_frame(0x18, b"\3")]
    with pytest.raises(Refused, match="radio module, status 03") as error:
        play(jbd(PASSWORD).open_link(), answers)
    assert type(error.value) is Refused
    assert error.value.reason is Refusal.OTHER


@pytest.mark.parametrize(
    "address", ["6F8A1E20-12B4-4C6E-9D7A-0D6E5A4B3C21", "", "A4:C1:37:04:2D", "A4C137042DBE"]
)
def test_without_its_address_no_password_can_be_given(address: str) -> None:
    driver = Driver(locked())
    error = caught(driver, meet(Jbd(address=address, bluetooth_password=PASSWORD)))
    assert type(error) is Refused
    assert error.reason is Refusal.NOT_ALLOWED
    assert "this computer does not tell the radio module's address" in str(error)
    assert driver.registers == [APP_KEY]


def test_the_case_of_the_address_does_not_matter() -> None:
    protocol = Jbd(address=ADDRESS.lower(), bluetooth_password=PASSWORD)
    assert Driver(locked()).say(meet(protocol)).model is not None


# The password of the board is another one.


@pytest.mark.parametrize(
    ("battery", "bluetooth", "kind", "lock"),
    [
        (None, PASSWORD, PasswordNeeded, Lock.BATTERY),
        ("654321", PASSWORD, WrongPassword, Lock.BATTERY),
        ("123456", None, PasswordNeeded, Lock.BLUETOOTH),
        ("123456", "123456", WrongPassword, Lock.BLUETOOTH),
    ],
)
def test_an_error_says_which_password_it_is_about(
    battery: str | None, bluetooth: str | None, kind: type[BattMonError], lock: Lock
) -> None:
    driver = Driver(twice_locked())
    error = caught(driver, meet(jbd(bluetooth, battery)))
    assert type(error) is kind
    assert lock_of(error) is lock


def test_both_passwords_open_both() -> None:
    driver, protocol = Driver(twice_locked()), jbd(PASSWORD, "123456")
    driver.say(meet(protocol))
    assert driver.registers == [*LOGIN, "a503", "5a06", *NAMES]
    assert driver.say(command(protocol, Wanted(balancing=False))).obeyed


def twice_locked() -> Behind:
    return Behind(Login(PASSWORD), board(password="123456", password_scope="all"))
