"""The login of JBD's newer Bluetooth modules: `FF AA` frames that never reach the board.

Source: published captures of the vendor's app (syssi/esphome-jbd-bms, pull request 148 and issue 94). The
vendor key follows from them: each byte sent, less the random byte, exclusive-or the module's address.
A frame is `FF AA`, command, length, data, and the sum of all from the command on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import zip_longest
from random import Random
from typing import ClassVar

START = b"\xff\xaa"
APP_KEY = 0x15
RANDOM = 0x17
PASSWORD = 0x18
VENDOR_KEY = 0x1D

VENDOR_SECRET = b"JBDbtpwd!@#2023"

GRANTED = b"\x00"
REFUSED = b"\x01"
NO_PASSWORD_SET = b"\x02"

_WRITE_REQUEST = b"\xdd\x5a"


class Step(IntEnum):
    """How far a central has come: steps of the app's own login, of which 2 is asking for a random byte."""

    CONNECTED = 0
    APP_KEY = 1
    PASSWORD = 3
    VENDOR_KEY = 4


def login_frame(command: int, data: bytes = b"") -> bytes:
    """Return a frame of the login."""
    body = bytes((command, len(data))) + data
    return START + body + bytes((sum(body) & 0xFF,))


def masked(secret: bytes, random: int, address: str) -> bytes:
    """Hide a secret as the app does: with the module's address, 0 beyond its end, and a random byte."""
    own = bytes.fromhex(address.replace(":", ""))
    pairs = zip_longest(secret, own[: len(secret)], fillvalue=0)
    return bytes(((letter ^ byte) + random) & 0xFF for letter, byte in pairs)


@dataclass
class Login:
    """What a module asks for before it lets requests through, and how far this connection has come."""

    password: str | None = "123123"
    """Six characters; None: none is set, and the app key alone opens everything."""
    app_key: str = "000000"
    """What 0x15 must bring."""
    reading: Step = Step.PASSWORD
    """From here on read requests reach the board."""
    writing: Step = Step.VENDOR_KEY
    """From here on write requests do, of which the factory mode is one."""
    echoes_app_key: bool = False
    """Sends the frame with the app key back, as seen in syssi/esphome-jbd-bms issue 245."""
    delay: float = 0.02
    """From a frame to its answer, in s."""
    randoms: Iterator[int] = field(default_factory=lambda: iter(()))
    """The next random bytes; after these come made-up ones."""
    seed: int = 0
    step: Step = Step.CONNECTED
    _random: int | None = None

    def __post_init__(self) -> None:
        self._source = Random(self.seed)

    def forget(self) -> None:
        """The link is gone: the next one starts over."""
        self.step = Step.CONNECTED
        self._random = None

    def admits(self, data: bytes) -> bool:
        """Tell whether bytes for the board get to it."""
        return self.step >= (self.writing if data.startswith(_WRITE_REQUEST) else self.reading)

    def answer(self, frame: bytes, address: str) -> bytes | None:
        """Answer a frame; one that is damaged or unknown gets none."""
        command, data = frame[2:3], frame[4:-1]
        if not command or frame != login_frame(command[0], data) or command[0] not in self._ANSWERS:
            return None
        if command[0] == APP_KEY and self.echoes_app_key:
            return frame
        return login_frame(command[0], self._ANSWERS[command[0]](self, data, address))

    def _take_app_key(self, data: bytes, address: str) -> bytes:
        if data != self.app_key.encode():
            return REFUSED
        if self.password is None:
            self.step = Step.VENDOR_KEY
            return NO_PASSWORD_SET
        self.step = max(self.step, Step.APP_KEY)
        return GRANTED

    def _give_random(self, data: bytes, address: str) -> bytes:
        self._random = next(self.randoms, None)
        if self._random is None:
            self._random = self._source.randrange(0x100)
        return bytes((self._random,))

    def _take_password(self, data: bytes, address: str) -> bytes:
        return self._compare(data, (self.password or "").encode(), address, Step.APP_KEY, Step.PASSWORD)

    def _take_vendor_key(self, data: bytes, address: str) -> bytes:
        return self._compare(data, VENDOR_SECRET, address, Step.PASSWORD, Step.VENDOR_KEY)

    def _compare(self, data: bytes, secret: bytes, address: str, needed: Step, reached: Step) -> bytes:
        # The random byte stays good: the app was seen to use one for both secrets.
        if self.step < needed or self._random is None or data != masked(secret, self._random, address):
            return REFUSED
        self.step = max(self.step, reached)
        return GRANTED

    _ANSWERS: ClassVar[dict[int, Callable[[Login, bytes, str], bytes]]] = {
        APP_KEY: _take_app_key,
        RANDOM: _give_random,
        PASSWORD: _take_password,
        VENDOR_KEY: _take_vendor_key,
    }
