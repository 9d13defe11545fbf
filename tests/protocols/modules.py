"""A JBD board behind a radio module."""

from collections.abc import Iterable
from typing import override

from custom_components.battmon.model.errors import BattMonError, Lock, PasswordNeeded, WrongPassword
from custom_components.battmon.model.reading import Identity
from custom_components.battmon.protocols.conversation import Conversation
from custom_components.battmon.protocols.jbd import Jbd
from simulators.bluetooth.login import START, Login
from simulators.device import Reply
from simulators.jbd import JbdDevice

from .boards import board
from .driver import Driver

APP_KEY, RANDOM, USER, VENDOR = "aa15", "aa17", "aa18", "aa1d"
LOGIN = [APP_KEY, RANDOM, USER, RANDOM, VENDOR]
NAMES = ["a503", "a505"]

ADDRESS = "A4:C1:37:04:2D:BE"
PASSWORD = "123123"


class Behind:
    """Takes what a central writes. A module without a login passes everything on."""

    def __init__(self, login: Login | None, device: JbdDevice | None = None) -> None:
        self.login = login
        self.device = device or board()

    def receive(self, data: bytes, now: float) -> list[Reply]:
        """What the module answers itself, and what it lets through."""
        if self.login is None:
            return self.device.receive(data, now)
        if data.startswith(START):
            answer = self.login.answer(data, ADDRESS)
            return [] if answer is None else [Reply(answer)]
        return self.device.receive(data, now) if self.login.admits(data) else []

    def disconnected(self, now: float) -> None:
        """The link is gone."""
        if self.login is not None:
            self.login.forget()
        self.device.disconnected(now)


class SingleRandom(Login):
    """Each of its random numbers serves once, and only the newest."""

    @override
    def answer(self, frame: bytes, address: str) -> bytes | None:
        """Answer as others do, and forget the number that a key came with."""
        answer = super().answer(frame, address)
        if frame[2] not in (0x15, 0x17):
            self._random = None
        return answer


def locked(password: str | None = PASSWORD, randoms: Iterable[int] = ()) -> Behind:
    """Return a board whose module asks for this password, or for the app key alone."""
    return Behind(SingleRandom(password, randoms=iter(randoms)))


def jbd(bluetooth_password: str | None = None, password: str | None = None) -> Jbd:
    """Return the protocol as it is spoken over Bluetooth."""
    return Jbd(password, address=ADDRESS, bluetooth_password=bluetooth_password)


def meet(protocol: Jbd) -> Conversation[Identity]:
    """What is said after each connection."""
    yield from protocol.open_link()
    return (yield from protocol.identify())


def caught[T](driver: Driver, conversation: Conversation[T]) -> BattMonError:
    error = driver.attempt(conversation)
    assert isinstance(error, BattMonError)
    return error


def lock_of(error: BattMonError) -> Lock:
    assert isinstance(error, PasswordNeeded | WrongPassword)
    return error.lock
