"""What a protocol declares and can do: the contract of every device family."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from ..model.reading import Identity, Reading
from ..model.switching import Approval, SwitchMemory, Wanted
from .conversation import Channel, Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialLine:
    """The line settings of a device, 8N1 always."""

    baud_rate: int = 9600


@dataclass(frozen=True, slots=True, kw_only=True)
class Bluetooth:
    """How a device family advertises itself, and where it talks.

    No service is a sign by itself: other makers use the same. UUIDs are full and in lower case,
    names are patterns of `fnmatch`.
    """

    channels: tuple[Channel, ...]
    """In order of preference."""
    names: tuple[str, ...]
    """Names that nobody else has: they count also where no service is advertised."""
    common_names: tuple[str, ...] = ()
    """Names that others might have: they count beside one of `services`."""
    prefixes: frozenset[str] = frozenset()
    """First three bytes of addresses, as `A4:C1:37`. They count beside one of `services`, too: makers of
    radio chips give them to other devices as well."""
    services: frozenset[str]
    common_services: frozenset[str] = frozenset()
    """Services that many devices have: one of `names` may come with them, and nothing less."""

    def recognises(self, name: str | None, address: str, services: Collection[str]) -> bool:
        """Whether a device with this advertisement is one of the family.

        Names and services may come in different packets: either may be unknown, as `None` or empty.
        """
        name = (name or "").rstrip("\0 \t\r\n")
        has_service = not self.services.isdisjoint(services)
        if has_service and (address[:8].upper() in self.prefixes or _fits(name, self.common_names)):
            return True
        is_possible = has_service or not services or not self.common_services.isdisjoint(services)
        return is_possible and _fits(name, self.names)


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class Protocol(ABC):
    """One device's side of all conversations. Holds what was learned of that device, no I/O."""

    key: ClassVar[str]
    name: ClassVar[str]
    serial_line: ClassVar[SerialLine]
    bluetooth: ClassVar[Bluetooth | None] = None
    is_on_bus: ClassVar[bool] = False
    """Whether it stands on an I2C bus: a `BusProtocol`, then."""
    dead_band: ClassVar[float] = 0.0
    """A; the device family shows a smaller current as 0."""
    current_is_unsigned: ClassVar[bool] = False
    """Whether it cannot tell charging from discharging."""
    switches: ClassVar[frozenset[str]] = frozenset()
    """Which of `Wanted`'s fields the device family can be commanded."""

    memory: SwitchMemory
    """What must survive a restart. Replaced as commands are acknowledged."""

    def __init__(
        self,
        password: str | None = None,
        memory: SwitchMemory | None = None,
        *,
        address: str | None = None,
        bluetooth_password: str | None = None,
    ) -> None:
        self.password = password
        self.memory = memory or SwitchMemory()
        self.address = address
        """The Bluetooth address; `None` on other wires."""
        self.bluetooth_password = bluetooth_password
        self.counts: Mapping[str, int] | None = None
        """What `poll` shows as protection counts: they are asked for seldom, and copying readings is dear."""

    @classmethod
    @abstractmethod
    def password_is_valid(cls, password: str) -> bool:
        """Whether a password has the form that the device family uses."""

    @classmethod
    def bluetooth_password_is_valid(cls, password: str) -> bool:
        """Whether a password of the radio module has the form that the device family uses."""
        return False

    def open_link(self) -> Conversation[None]:
        """Be let in by the radio module, once per connection, before anything else.

        `PasswordNeeded` and `WrongPassword` with `Lock.BLUETOOTH`. Nothing to say: no bytes.
        """
        yield from ()

    @abstractmethod
    def log_in(self) -> Conversation[None]:
        """Give the password; `PasswordNeeded` without one, `WrongPassword` if it is not accepted."""

    @abstractmethod
    def identify(self) -> Conversation[Identity]:
        """Ask who the battery is."""

    @abstractmethod
    def poll(self) -> Conversation[Reading]:
        """Read what changes from second to second."""

    @abstractmethod
    def poll_counts(self) -> Conversation[Mapping[str, int] | None]:
        """Read how often each protection has tripped; `None` if the device does not count."""

    @abstractmethod
    def recover(self) -> Conversation[None]:
        """Undo what an interrupted command may have left behind. Nothing to undo: no bytes."""

    @abstractmethod
    def read_settings(self) -> Conversation[None]:
        """Learn settings that `poll` shows but does not read. `poll` shows them as unknown before."""

    @abstractmethod
    def forget_settings(self) -> None:
        """Forget what `read_settings` learned: somebody else may have changed it since."""

    @abstractmethod
    def command(
        self, wanted: Wanted, approval: Approval, record_write: Callable[[], None]
    ) -> Conversation[Outcome]:
        """Switch, wait for the acknowledgement and read back.

        `approval` sees the reading taken just before; `record_write` is called before each
        write that wears flash memory. Both raise `CommandBlocked` to stop the command.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command led to: the reading taken after it, and whether the device obeyed."""

    reading: Reading
    obeyed: bool
