"""What a protocol declares and can do: the contract of every device family."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..model.reading import Identity, Reading
from ..model.switching import Approval, SwitchMemory, Wanted
from .conversation import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialLine:
    """The line settings of a device, 8N1 always."""

    baud_rate: int = 9600


class Protocol(ABC):
    """One device's side of all conversations. Holds what was learned of that device, no I/O."""

    key: ClassVar[str]
    name: ClassVar[str]
    serial_line: ClassVar[SerialLine]
    switches: ClassVar[frozenset[str]] = frozenset()
    """Which of `Wanted`'s fields the device family can be commanded."""

    memory: SwitchMemory
    """What must survive a restart. Replaced as commands are acknowledged."""

    def __init__(self, password: str | None = None, memory: SwitchMemory | None = None) -> None:
        self.password = password
        self.memory = memory or SwitchMemory()

    @classmethod
    @abstractmethod
    def password_is_valid(cls, password: str) -> bool:
        """Whether a password has the form that the device family uses."""

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
