"""The bytes of the login at JBD's radio modules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.protocols import jbd_module
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.jbd_module import disguised, request
from simulators.bluetooth.login import masked
from simulators.device import Reply

from .driver import Driver

# The bytes. Captures: syssi/esphome-jbd-bms, pull request 148 (10:A5:62:...) and issue 94 (A4:C1:37:...).


@pytest.mark.parametrize(
    ("command", "content", "frame"),
    [
        (0x15, b"000000", "ffaa15063030303030303b"),
        (0x17, b"", "ffaa170017"),
        (0x18, bytes.fromhex("45bb752a6424"), "ffaa180645bb752a642445"),
        (0x1D, bytes.fromhex("23b0ef19ca0f402dea09ecfbf9fbfc"), "ffaa1d0f23b0ef19ca0f402dea09ecfbf9fbfc17"),
    ],
)
def test_a_request_is_as_captured(command: int, content: bytes, frame: str) -> None:
    assert request(command, content, timeout=1.5).request.hex() == frame


@pytest.mark.parametrize(
    ("address", "key", "random", "sent"),
    [
        ("10a562327536", b"123456", 0x24, "45bb752a6424"),
        ("10a562327536", b"JBDbtpwd!@#2023", 0xC9, "23b0ef19ca0f402dea09ecfbf9fbfc"),
        ("a4c137042dbe", b"JBDbtpwd!@#2023", 0x71, "5ff4e4d7ca3fe8d592b194a3a1a3a4"),
        ("a4c137042dbe", b"123123", 0x71, "066475a690fe"),
        ("a4c137042dbe", b"123123", 0x37, "cc2a3b6c56c4"),
        ("a4c137042dbe", b"000000", 0x62, "f65369967ff0"),
        ("a4c137042dbe", b"123412", 0x61, "f65465917ded"),
    ],
)
def test_a_key_is_disguised_as_captured(address: str, key: bytes, random: int, sent: str) -> None:
    assert disguised(key, bytes.fromhex(address), random).hex() == sent


@given(st.binary(min_size=6, max_size=20), st.binary(min_size=6, max_size=6), st.integers(0, 255))
def test_the_module_reads_the_same_out_of_every_disguise(key: bytes, address: bytes, random: int) -> None:
    assert disguised(key, address, random) == masked(key, random, address.hex(":"))


def test_the_vendor_key_is_the_one_of_the_captures() -> None:
    assert jbd_module.THE_VENDOR_KEY == b"JBDbtpwd!@#2023"


class Tape:
    """Plays recorded answers, one after the other."""

    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]

    def receive(self, data: bytes, now: float) -> list[Reply]:
        return [Reply(self.answers.pop(0))]

    def disconnected(self, now: float) -> None:
        pass


def test_the_whole_login_is_as_captured() -> None:
    driver = Driver(Tape("ffaa15010016", "ffaa1701243c", "ffaa18010019", "ffaa1701c9e1", "ffaa1d01001e"))
    driver.say(Jbd(address="10:A5:62:32:75:36", bluetooth_password="123456").open_link())
    assert [sent.hex() for sent in driver.requests] == [
        "ffaa15063030303030303b",
        "ffaa170017",
        "ffaa180645bb752a642445",
        "ffaa170017",
        "ffaa1d0f23b0ef19ca0f402dea09ecfbf9fbfc17",
    ]


@pytest.mark.parametrize(
    ("number", "reply", "answers"),
    [
        (0x15, "ffaa15010016", True),
        (0x15, "ffaa15010218", True),
        (0x15, "ffaa15063030303030303b", False),  # sent back (syssi/esphome-jbd-bms issue 245)
        (0x15, "ffaa1701243c", False),
        (0x17, "ffaa1701243c", True),
        (0x17, "ffaa170017", False),
        (0x17, "ffaa18010019", False),
        (0x18, "ffaa18010019", True),
        (0x18, "ffaa180200001a", False),
        (0x1D, "ffaa1d01001e", True),
    ],
)
def test_only_an_answer_matches(number: int, reply: str, answers: bool) -> None:
    exchange = request(number, timeout=1.5)
    (frame,) = exchange.framing.cutter().feed(bytes.fromhex(reply))
    assert exchange.matches(frame) is answers


def test_an_answer_is_found_behind_one_of_the_board() -> None:
    stream = bytes.fromhex("dd0400080d870dc10dca0d59fd5977ffaa1701c9e1")
    (frame,) = request(0x17, timeout=1.5).framing.cutter().feed(stream)
    assert frame.hex() == "ffaa1701c9e1"


@pytest.mark.parametrize(
    ("password", "valid"),
    [
        ("123123", True),
        ("000000", True),
        ("aB3$ ~", True),
        ("12345", False),
        ("1234567", False),
        ("12345\n", False),
        ("12345\x7f", False),
        ("12345ä", False),
        ("١٢٣٤٥٦", False),
    ],
)
def test_a_password_is_six_characters_of_ascii(password: str, valid: bool) -> None:
    assert Jbd.bluetooth_password_is_valid(password) is valid
