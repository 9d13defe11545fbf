"""The login at JBD's radio modules, whatever they answer, or if they do not."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.errors import (
    BadFrame,
    BattMonError,
    LinkDown,
    NoReply,
    PasswordNeeded,
    WrongPassword,
)
from custom_components.battmon.model.reading import Identity
from custom_components.battmon.protocols import jbd_module
from custom_components.battmon.protocols.conversation import Exchange
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.jbd_module import disguised
from simulators.bluetooth.login import Login, Step, login_frame

from .driver import Driver, Fault, play
from .modules import (
    ADDRESS,
    APP_KEY,
    LOGIN,
    NAMES,
    PASSWORD,
    RANDOM,
    USER,
    VENDOR,
    Behind,
    caught,
    jbd,
    locked,
    meet,
)


def test_a_module_that_refuses_the_app_key_is_no_reason_not_to_try() -> None:
    login = Login(PASSWORD, app_key="111111", reading=Step.CONNECTED)
    assert Driver(Behind(login)).say(meet(jbd(PASSWORD))).model is not None
    login.reading = Step.PASSWORD
    for password in (None, PASSWORD):
        driver = Driver(Behind(login))
        assert isinstance(caught(driver, meet(jbd(password))), NoReply)
        assert sorted(driver.registers) == ["a503", APP_KEY]


def test_a_module_that_sends_requests_back_has_not_answered() -> None:
    login = Login(PASSWORD, echoes_app_key=True)
    for password in (None, PASSWORD):
        driver = Driver(Behind(login))
        assert isinstance(caught(driver, meet(jbd(password))), NoReply)
        assert USER not in driver.registers


def test_a_silent_board_has_its_module_asked_once_in_a_connection() -> None:
    driver, protocol = Driver(silent()), jbd()
    for _attempt in range(3):
        assert isinstance(caught(driver, protocol.identify()), NoReply)
    assert driver.registers == ["a503", APP_KEY, "a503", "a503"]
    driver.requests.clear()
    assert isinstance(caught(driver, meet(protocol)), NoReply)
    assert driver.registers == ["a503", APP_KEY]


def test_a_silent_board_behind_a_module_that_was_opened_is_silent() -> None:
    module = locked()
    driver, protocol = Driver(module), jbd(PASSWORD)
    driver.say(protocol.open_link())
    module.login = Login(PASSWORD)
    driver.requests.clear()
    assert isinstance(caught(driver, protocol.identify()), NoReply)
    assert driver.registers == ["a503"]


def silent() -> Behind:
    return Behind(Login(None, app_key="another"))


def test_garbage_instead_of_an_answer_leads_to_the_module_too() -> None:
    driver = Driver(locked(None), {0: Fault.ECHOED})
    assert driver.say(meet(jbd())).model is not None
    assert driver.registers == ["a503", APP_KEY, *NAMES]


def test_a_link_that_breaks_is_not_asked_for_a_login() -> None:
    driver = Driver(locked(), {0: Fault.UNPLUGGED_BEFORE})
    assert isinstance(caught(driver, meet(jbd())), LinkDown)
    assert driver.registers == ["a503"]


LOST = [Fault.REQUEST_LOST, Fault.REPLY_LOST, Fault.REPLY_GARBLED, Fault.ECHOED]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (1, [APP_KEY, RANDOM, RANDOM, USER, RANDOM, VENDOR]),
        (2, [APP_KEY, RANDOM, USER, RANDOM, USER, RANDOM, VENDOR]),
        (3, [APP_KEY, RANDOM, USER, RANDOM, RANDOM, VENDOR]),
        (4, [*LOGIN, RANDOM, VENDOR]),
    ],
)
def test_what_gets_lost_once_is_done_again(fault: Fault, exchange: int, said: list[str]) -> None:
    driver = Driver(locked(), {exchange: fault})
    assert driver.say(meet(jbd(PASSWORD))).model is not None
    assert driver.registers == [*said, *NAMES]
    assert driver.attempts == len(driver.requests)


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("exchanges", [(1, 2), (2, 4), (1, 3)])
def test_what_gets_lost_twice_is_an_error_until_the_next_connection(
    fault: Fault, exchanges: tuple[int, int]
) -> None:
    module = locked()
    driver, protocol = Driver(module, dict.fromkeys(exchanges, fault)), jbd(PASSWORD)
    assert isinstance(caught(driver, meet(protocol)), NoReply | BadFrame)
    driver.plug_in()
    module.disconnected(0.0)
    assert driver.say(meet(protocol)).model is not None


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("exchanges", [(3, 4), (4, 6), (3, 5)])
def test_without_the_vendor_key_the_board_is_read_all_the_same(
    fault: Fault, exchanges: tuple[int, int]
) -> None:
    driver = Driver(locked(), dict.fromkeys(exchanges, fault))
    assert driver.say(meet(jbd(PASSWORD))).model is not None


def test_a_refused_vendor_key_is_no_error_either() -> None:
    answers = [(0x15, 0), (0x17, 5), (0x18, 0), (0x17, 6), (0x1D, 1)]
    play(jbd(PASSWORD).open_link(), [login_frame(number, bytes((byte,))) for number, byte in answers])


def test_a_lost_app_key_leaves_the_board_silent() -> None:
    module = locked()
    driver, protocol = Driver(module, {0: Fault.REQUEST_LOST}), jbd(PASSWORD)
    assert isinstance(caught(driver, meet(protocol)), NoReply)
    assert driver.registers == [APP_KEY, "a503"]
    assert driver.attempts == 6
    assert driver.say(meet(protocol)).model is not None


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize(
    ("make", "password", "end"),
    [
        (locked, PASSWORD, Identity),
        (locked, None, PasswordNeeded),
        (lambda: locked(None), PASSWORD, Identity),
        (lambda: locked(None), None, Identity),
        (lambda: Behind(None), PASSWORD, Identity),
        (lambda: Behind(None), None, Identity),
    ],
)
def test_a_fault_at_any_exchange_is_made_good_in_the_next_connection(
    make: Callable[[], Behind], password: str | None, end: type, fault: Fault
) -> None:
    for exchange in range(8):
        module, protocol = make(), jbd(password)
        driver = Driver(module, {exchange: fault})
        driver.attempt(meet(protocol))
        driver.plug_in()
        module.disconnected(driver.now)
        assert isinstance(driver.attempt(meet(protocol)), end), exchange


def test_nobody_records_a_password_or_a_key() -> None:
    driver = Driver(locked(randoms=[0, 0]))
    driver.say(meet(jbd(PASSWORD)))
    recorded = b"".join(driver.record)
    address = bytes.fromhex(ADDRESS.replace(":", ""))
    for key in (PASSWORD.encode(), jbd_module.THE_VENDOR_KEY):
        assert key not in recorded
        assert disguised(key, address, 0) not in recorded
        assert disguised(key, address, 0) in b"".join(driver.requests)
    assert [entry[1:3].hex() for entry in driver.record] == [RANDOM, RANDOM, *NAMES]


# Whatever is answered.


@given(
    st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 0xFF, NoReply, BadFrame, LinkDown]), max_size=16),
    st.sampled_from([None, PASSWORD, "short"]),
    st.sampled_from([ADDRESS, "6F8A1E20-12B4", None]),
)
def test_a_login_ends_as_its_answers_say(
    answers: list[int | type[BattMonError]], password: str | None, address: str | None
) -> None:
    said: list[tuple[int, object]] = []
    end = talk(Jbd(address=address, bluetooth_password=password), iter(answers), said)
    heard = [answer for number, answer in said if number == 0x18]
    assert len(heard) <= 2
    assert all(isinstance(answer, type) for answer in heard[:-1])
    wrong = bool(heard) and heard[-1] == 1
    asked = (0x15, 0) in said
    assert isinstance(end, WrongPassword) is (wrong or (asked and password == "short"))
    assert isinstance(end, PasswordNeeded) is (asked and password is None)
    assert not heard or (asked and address == ADDRESS and password == PASSWORD)
    if address is None:
        assert {number for number, _answer in said} <= {0x03, 0x05}


def talk(
    protocol: Jbd, answers: Iterator[int | type[BattMonError]], said: list[tuple[int, object]]
) -> Identity | BattMonError:
    """Meet with a module that gives these answers, its board being silent."""
    conversation = meet(protocol)
    try:
        exchange = next(conversation)
        while True:
            assert isinstance(exchange, Exchange)
            answer = next(answers, NoReply) if exchange.request[0] == 0xFF else NoReply
            said.append((exchange.request[2], answer))
            if isinstance(answer, int):
                exchange = conversation.send(login_frame(exchange.request[2], bytes((answer,))))
            else:
                exchange = conversation.throw(answer("fuzz"))
    except StopIteration as stop:
        identity: Identity = stop.value
        return identity
    except BattMonError as error:
        return error
