"""What can go wrong between BattMon and a battery, by what a caller can do about it."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class BattMonError(Exception):
    """Base of every error that BattMon raises on purpose."""


class LinkDown(BattMonError):
    """The wire itself is gone: port unplugged, connection refused or lost."""


class NotThere(LinkDown):
    """There is no such port or bus."""


class NotPermitted(LinkDown):
    """The port or bus is there, and the operating system does not let us open it."""


class AddressTaken(LinkDown):
    """A driver of the operating system has this address of a bus."""


class NotABus(LinkDown):
    """What bears its name is no I2C bus, or its adapter cannot do plain transfers."""


class MembersMissing(LinkDown):
    """A virtual battery lacks too many members to be read; the text names them."""


class NoReply(BattMonError):
    """The wire is there, but the battery did not answer in time."""


class NotAcknowledged(NoReply):
    """Nobody takes the address, or a byte; some adapters say no more than that it failed."""


class BusBlocked(NoReply):
    """A bus did not get on: a line of it is held, or another master has it."""


class NothingNew(NoReply):
    """All that there is was read before: neither a sample nor a failure."""


class BadFrame(BattMonError):
    """Bytes came, but they do not say what the document says they should."""


class OtherDevice(BadFrame):
    """What answers is known to be of another kind."""


class WireConflict(BattMonError):
    """Two batteries ask for different line settings on one port."""


class DoesNotFit(BattMonError):
    """What is said of a device cannot be true of one of its kind; the text says why."""


class WrongBattery(BattMonError):
    """Another battery answers where a known one is expected; `difference` names what proves it."""

    def __init__(self, difference: str) -> None:
        super().__init__(f"another battery answers, its {difference} differs")
        self.difference = difference


class Refusal(StrEnum):
    """Why a device refuses, in words that are translated."""

    UNKNOWN_COMMAND = "unknown_command"
    NOT_ALLOWED = "not_allowed"
    CHECKSUM = "checksum"
    WRONG_PASSWORD = "wrong_password"
    OTHER = "other"


class Refused(BattMonError):
    """The device answered with an error; `reason` says which."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        super().__init__(f"refused: {reason.replace('_', ' ')}{detail and f' ({detail})'}")
        self.reason = reason


class Lock(StrEnum):
    """What a password opens."""

    BATTERY = "battery"
    BLUETOOTH = "bluetooth"
    """The radio module in front of the battery, which has a password of its own."""


class PasswordNeeded(Refused):
    """The device answers only after a password that BattMon does not have; `lock` says which."""

    def __init__(self, lock: Lock = Lock.BATTERY) -> None:
        super().__init__(Refusal.NOT_ALLOWED, "a password is needed")
        self.lock = lock


class WrongPassword(Refused):
    """The device did not accept the password of `lock`."""

    def __init__(self, lock: Lock = Lock.BATTERY) -> None:
        super().__init__(Refusal.WRONG_PASSWORD)
        self.lock = lock


class NotObeyed(BattMonError):
    """The battery acknowledged a command and did not carry it out; the text names its alarms."""


class OpenedAgain(BattMonError):
    """A battery was switched off again because of the current after it was switched on."""


class NotOpenedAgain(BattMonError):
    """The same, and that failed too."""


class MembersFailed(BattMonError):
    """Members of a virtual battery were not switched; all others were, and stay as commanded."""

    def __init__(self, failures: Sequence[tuple[str, BattMonError]], switched: Sequence[str]) -> None:
        """`failures` are names with what went wrong, `switched` the names of the others."""
        self.failures = tuple(failures)
        self.switched = tuple(switched)
        super().__init__("; ".join(f"{name}: {error}" for name, error in failures))


class CommandBlocked(BattMonError):
    """A command that BattMon itself does not send, because a rule forbids it.

    `key` names the rule (a translation key), `placeholders` its numbers as text.
    """

    def __init__(self, key: str, placeholders: Mapping[str, str] | None = None) -> None:
        self.key = key
        self.placeholders = dict(placeholders or {})
        super().__init__(": ".join((key.replace("_", " "), *self.placeholders.values())))
