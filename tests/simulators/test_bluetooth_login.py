"""The login of newer Bluetooth modules, against captures of the vendor's app."""

import pytest

from simulators.bluetooth.login import (
    APP_KEY,
    PASSWORD,
    RANDOM,
    VENDOR_KEY,
    VENDOR_SECRET,
    Login,
    Step,
    login_frame,
    masked,
)

MODULE = "10:A5:62:32:75:36"
OTHER_MODULE = "A4:C1:37:04:2D:BE"
OPEN = bytes.fromhex("ffaa15063030303030303b")
ASK_RANDOM = bytes.fromhex("ffaa170017")
READ = bytes.fromhex("dda50300fffd77")
WRITE = bytes.fromhex("dd5a00025678ff3077")


def answer(login: Login, frame: str, address: str = MODULE) -> str | None:
    said = login.answer(bytes.fromhex(frame), address)
    return None if said is None else said.hex()


def test_the_whole_login_goes_as_captured() -> None:
    login = Login("123456", randoms=iter([0x24, 0xC9]))
    assert answer(login, "ffaa15063030303030303b") == "ffaa15010016"
    assert answer(login, "ffaa170017") == "ffaa1701243c"
    assert answer(login, "ffaa180645bb752a642445") == "ffaa18010019"
    assert login.step is Step.PASSWORD
    assert answer(login, "ffaa170017") == "ffaa1701c9e1"
    assert answer(login, "ffaa1d0f23b0ef19ca0f402dea09ecfbf9fbfc17") == "ffaa1d01001e"
    assert login.step is Step.VENDOR_KEY


def test_one_random_byte_serves_for_both_secrets_as_captured() -> None:
    login = Login("123123", randoms=iter([0x71]))
    assert answer(login, "ffaa15063030303030303b", OTHER_MODULE) == "ffaa15010016"
    assert answer(login, "ffaa170017", OTHER_MODULE) == "ffaa17017189"
    assert answer(login, "ffaa1806066475a690fe31", OTHER_MODULE) == "ffaa18010019"
    assert answer(login, "ffaa1d0f5ff4e4d7ca3fe8d592b194a3a1a3a462", OTHER_MODULE) == "ffaa1d01001e"


@pytest.mark.parametrize(
    ("password", "random", "frame"),
    [
        ("123123", 0x37, "ffaa1806cc2a3b6c56c4d5"),
        ("000000", 0x62, "ffaa1806f6536996 7ff0d5"),
        ("123412", 0x61, "ffaa1806f6546591 7dedc8"),
    ],
)
def test_a_password_is_masked_as_captured(password: str, random: int, frame: str) -> None:
    data = masked(password.encode(), random, OTHER_MODULE)
    assert login_frame(PASSWORD, data) == bytes.fromhex(frame)


def test_without_a_password_the_app_key_opens_everything() -> None:
    login = Login(None)
    assert answer(login, OPEN.hex()) == "ffaa15010218"
    assert login.admits(READ)
    assert login.admits(WRITE)


def test_another_app_key_is_refused() -> None:
    login = Login(app_key="999999")
    assert answer(login, OPEN.hex()) == "ffaa15010117"
    assert login.step is Step.CONNECTED


def test_a_wrong_password_is_refused_and_the_right_one_taken_afterwards() -> None:
    login = Login("123456", randoms=iter([0x24, 0x24]))
    login.answer(OPEN, MODULE)
    login.answer(ASK_RANDOM, MODULE)
    wrong = login_frame(PASSWORD, masked(b"654321", 0x24, MODULE))
    assert answer(login, wrong.hex()) == "ffaa1801011a"
    assert not login.admits(READ)
    assert answer(login, "ffaa180645bb752a642445") == "ffaa18010019"


def test_the_password_of_another_address_is_wrong() -> None:
    login = Login("123456", randoms=iter([0x24]))
    login.answer(OPEN, MODULE)
    login.answer(ASK_RANDOM, MODULE)
    frame = login_frame(PASSWORD, masked(b"123456", 0x24, OTHER_MODULE))
    assert answer(login, frame.hex()) == "ffaa1801011a"


@pytest.mark.parametrize("before", [[], [OPEN], [ASK_RANDOM]])
def test_a_password_out_of_turn_is_refused(before: list[bytes]) -> None:
    login = Login("123456", randoms=iter([0x24]))
    for frame in before:
        login.answer(frame, MODULE)
    assert answer(login, "ffaa180645bb752a642445") == "ffaa1801011a"


def test_the_vendor_key_needs_the_password_first() -> None:
    login = Login(randoms=iter([0x24]))
    login.answer(OPEN, MODULE)
    login.answer(ASK_RANDOM, MODULE)
    frame = login_frame(VENDOR_KEY, masked(VENDOR_SECRET, 0x24, MODULE))
    assert answer(login, frame.hex()) == "ffaa1d01011f"


@pytest.mark.parametrize(
    "frame", ["", "ffaa", "ffaa15", "ffaa15063030303030303c", "ffaa150730303030303043", "ffaa990099"]
)
def test_what_is_damaged_or_unknown_gets_no_answer(frame: str) -> None:
    assert answer(Login(), frame) is None


@pytest.mark.parametrize("step", Step)
def test_reading_and_writing_open_at_the_steps_that_are_set(step: Step) -> None:
    login = Login(reading=Step.APP_KEY, writing=Step.PASSWORD, step=step)
    assert login.admits(READ) is (step >= Step.APP_KEY)
    assert login.admits(WRITE) is (step >= Step.PASSWORD)


def test_by_default_reading_needs_the_password_and_writing_the_vendor_key() -> None:
    login = Login(step=Step.PASSWORD)
    assert login.admits(READ)
    assert not login.admits(WRITE)


def test_an_echoing_module_sends_the_frame_back_and_stays_shut() -> None:
    login = Login(echoes_app_key=True)
    assert login.answer(OPEN, MODULE) == OPEN
    assert not login.admits(READ)


def test_a_new_link_starts_over() -> None:
    login = Login("123456", randoms=iter([0x24]))
    login.answer(OPEN, MODULE)
    login.answer(ASK_RANDOM, MODULE)
    login.forget()
    assert login.step is Step.CONNECTED
    login.answer(OPEN, MODULE)
    assert answer(login, "ffaa180645bb752a642445") == "ffaa1801011a"


def test_made_up_random_bytes_follow_from_the_seed() -> None:
    def some(seed: int) -> list[bytes | None]:
        login = Login(seed=seed)
        return [login.answer(login_frame(RANDOM), MODULE) for _ in range(8)]

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_the_app_key_is_plain() -> None:
    assert login_frame(APP_KEY, b"000000") == OPEN
