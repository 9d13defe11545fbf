"""The login of newer JBD radio modules, which pass nothing on to the board before.

Source: captures in syssi/esphome-jbd-bms, issue 94 and pull request 148 (facts only). Request:
`FF AA command length content sum`, the sum in 8 bits over command, length and content; the content of an
answer is one byte. Older modules know none of this and pass on whatever they are sent.
"""

import re
from contextlib import suppress

from ..model.errors import BadFrame, Lock, NoReply, PasswordNeeded, Refusal, Refused, WrongPassword
from .checksums import sum8
from .conversation import Conversation, Exchange
from .framing import Framing

# Commands.
APP_KEY = 0x15
RANDOM = 0x17
PASSWORD = 0x18
VENDOR_KEY = 0x1D

THE_APP_KEY = b"000000"
THE_VENDOR_KEY = b"JBDbtpwd!@#2023"

# Answers to the app key.
PASSWORD_SET = 0
NO_PASSWORD = 2
# Answers to a password.
RIGHT = 0
WRONG = 1

MAC_ADDRESS = re.compile("[0-9A-F]{2}(:[0-9A-F]{2}){5}", re.IGNORECASE)
FRAMING = Framing(
    start=b"\xff\xaa", length_at=3, overhead=5, valid=lambda frame: sum8(frame[2:-1]) == frame[-1]
)


def password_is_valid(password: str) -> bool:
    """Six characters of ASCII that can be printed."""
    return len(password) == 6 and password.isascii() and password.isprintable()


def disguised(key: bytes, address: bytes, random: int) -> bytes:
    """Return a key as it is sent, which depends on the module's address and on its random number."""
    long_address = address.ljust(len(key), b"\0")
    return bytes((byte ^ mac) + random & 0xFF for byte, mac in zip(key, long_address, strict=True))


def request(
    command: int,
    content: bytes = b"",
    *,
    timeout: float,
    first_timeout: float | None = None,
    retries: int = 0,
) -> Exchange:
    """Return the exchange of a command with the module."""
    body = bytes((command, len(content))) + content
    return Exchange(
        request=FRAMING.start + body + bytes((sum8(body),)),
        framing=FRAMING,
        # Some modules send a request back as it came, which must not be taken for an answer.
        matches=lambda frame: frame[2] == command and frame[3] == 1,
        timeout=timeout,
        first_timeout=first_timeout,
        retries=retries,
        secret=bool(content),
    )


class Module:
    """The login at one module.

    Times are the seconds to wait for an answer, the first for what may well be asked twice.
    """

    def __init__(self, address: str, password: str | None) -> None:
        self._address = address
        self._password = password
        self._asks = password is not None
        """Whether it is known, or to be expected, that the module asks for a login."""
        self._settled = False
        """Whether asking again in this connection would change nothing."""

    def open(self, first_timeout: float, timeout: float) -> Conversation[None]:
        """Log in at the beginning of a connection, where that is known to be asked for."""
        self._settled = False
        if self._asks:
            yield from self.log_in(first_timeout, timeout)

    def log_in(self, first_timeout: float, timeout: float) -> Conversation[bool]:
        """Log in unless that was tried in this connection; whether the module has now opened."""
        if self._settled:
            return False
        answer = yield from self._give_app_key(first_timeout, timeout)
        opened = answer in (PASSWORD_SET, NO_PASSWORD)
        self._asks = self._asks or opened
        if answer == PASSWORD_SET:
            yield from self._give_password(timeout)
        self._settled = True
        return opened

    def _give_app_key(self, first_timeout: float, timeout: float) -> Conversation[int | None]:
        exchange = request(APP_KEY, THE_APP_KEY, timeout=timeout, first_timeout=first_timeout, retries=2)
        try:
            return (yield exchange)[4]
        except NoReply, BadFrame:  # an older module, perhaps
            return None

    def _give_password(self, timeout: float) -> Conversation[None]:
        if self._password is None:
            raise PasswordNeeded(Lock.BLUETOOTH)
        if not password_is_valid(self._password):
            raise WrongPassword(Lock.BLUETOOTH)
        answer = yield from self._give(PASSWORD, self._password.encode("ascii"), timeout)
        if answer == WRONG:
            raise WrongPassword(Lock.BLUETOOTH)
        if answer != RIGHT:
            raise Refused(Refusal.OTHER, f"radio module, status {answer:02x}")
        # The vendor's app gives this, too. Captured: the board answers reads already before it, so
        # what a module says to it is no reason to go without the battery.
        with suppress(NoReply, BadFrame):
            yield from self._give(VENDOR_KEY, THE_VENDOR_KEY, timeout)

    def _give(self, command: int, key: bytes, timeout: float) -> Conversation[int]:
        """Give a key and return the answer; if none comes, try once more from the beginning.

        A request is not repeated by itself: a key that is disguised with another random number than
        the module's newest is a wrong one.
        """
        try:
            return (yield from self._give_once(command, key, timeout))
        except NoReply, BadFrame:
            return (yield from self._give_once(command, key, timeout))

    def _give_once(self, command: int, key: bytes, timeout: float) -> Conversation[int]:
        if not MAC_ADDRESS.fullmatch(self._address):  # macOS hands out names of its own
            raise Refused(Refusal.NOT_ALLOWED, "this computer does not tell the radio module's address")
        random = (yield request(RANDOM, timeout=timeout))[4]
        content = disguised(key, bytes.fromhex(self._address.replace(":", "")), random)
        return (yield request(command, content, timeout=timeout))[4]
