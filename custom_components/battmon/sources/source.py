"""A source is anything that can be read as a battery."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from ..model.identity import Fingerprint
from ..model.memory import BatteryMemory
from ..model.packs.switching import SwitchStates
from ..model.reading import Reading
from ..model.switching import SwitchMemory, Wanted
from ..protocols.protocol import Outcome
from ..transports.wire import Record, Spoken, new_record

__all__ = ["KeepSwitches", "Source", "Spoken"]

type KeepSwitches = Callable[[SwitchMemory], Awaitable[None]]
"""Saves what must be remembered about commands, before returning."""


class Source(ABC):
    """Yields readings of one battery, and obeys commands where it can."""

    fingerprint: Fingerprint | None = None
    """Who the battery is; `None` before it was first met."""
    switches: frozenset[str] = frozenset()
    """What may be commanded: names of the fields of `Wanted`."""

    address: str | None = None
    """Bluetooth address, where that is how the battery is reached."""
    is_instant: bool = False
    """Whether reading takes no time and reaches nobody: it is set up where nothing can be read yet, too."""

    def __init__(self) -> None:
        self.record: Record = new_record()
        """The last exchanges, for diagnostics."""

    @abstractmethod
    async def read(self) -> Reading:
        """Take one reading; raises `BattMonError`."""

    @abstractmethod
    async def command(self, wanted: Wanted, *, force: bool) -> Outcome:
        """Command the battery and read back; raises `BattMonError`."""

    @abstractmethod
    async def close(self) -> None:
        """Finish commands, leave the device as it should be, free the wire."""

    @property
    def retry_at(self) -> float:
        """When connecting is tried again at the earliest, on the event loop's clock."""
        return 0.0

    async def rest(self, *, afresh: bool = False) -> None:
        """Let go of the wire until the next read. What is known of the battery stays known.

        `afresh`: but not its settings, for somebody else may change them meanwhile.
        """

    @property
    def poll(self) -> float | None:
        """Seconds between the samples that it is made of, where those do not come from our own reads."""
        return None

    def listen(self, news: Callable[[], None]) -> None:
        """Call `news` whenever there is something new to read, until this is closed."""

    def watch(self, lost: Callable[[], None]) -> None:
        """Call `lost` whenever a connection ends by itself, until this is closed."""

    def switch_states(self, name: str) -> SwitchStates | None:
        """Return how a switch stands at the members; `None` of a battery that has none to command."""
        return None

    def remember(self, memory: BatteryMemory) -> BatteryMemory:
        """Return a memory with what this has to know after a restart."""
        return memory

    def signal_strength(self) -> int | None:
        """Return how strong the battery is received, in dBm, if that is known."""
        return None

    def retry_now(self) -> None:
        """Try to connect at the next read, whatever the back-off says."""
