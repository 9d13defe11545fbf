"""The fault panel of a radio link: what goes wrong between a central and a peripheral.

Beside it there is the panel between module and board (`Peripheral.faults`), which spoils single requests.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

CONNECT, WRITE, LISTEN, NOTIFY, LOST = "connect", "write", "listen", "notify", "lost"

KINDS = {
    "refuse": (CONNECT, "connecting is refused"),
    "slow": (CONNECT, "connecting takes longer"),
    "hang": (CONNECT, "connecting never comes to an end"),
    "fail_write": (WRITE, "a write fails and does not reach the module"),
    "cut_at_write": (WRITE, "the link is lost right after a write has arrived"),
    "fail_listen": (LISTEN, "notifications cannot be switched on"),
    "cut_at_listen": (LISTEN, "the link is lost when notifications are switched on"),
    "lose": (NOTIFY, "a notification is lost"),
    "junk": (NOTIFY, "a notification of junk comes first"),
    "cut_at_notification": (NOTIFY, "the link is lost right after a notification"),
}
"""What each kind strikes, and what it does."""

REFUSED = "Error ESP_GATT_CONN_FAIL_ESTABLISH while connecting: Connection failed to establish"
"""As Home Assistant's Bluetooth proxies say it."""
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened on the link."""

    event: str
    time: float
    data: bytes = b""
    faults: tuple[str, ...] = ()
    """Kinds that struck it."""


@dataclass
class LinkFault:
    """An armed fault."""

    kind: str
    count: int | None = 1
    """How often it strikes; None is always."""
    seconds: float | None = None
    """How long it lasts from the first time that it could strike, whatever its count, in s."""
    skip: int = 0
    """How many pass before: with 2, it strikes at the third write or notification from now on."""
    delay: float = 1.0
    """How much longer slow connecting takes, in s."""
    data: bytes = b"\x00\xff junk \xdd\x03\x00"
    """The junk."""
    error: str = REFUSED
    """With which connecting is refused."""
    struck: int = 0
    _passed: int = 0
    _until: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no panel knows."""
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; known: {', '.join(sorted(KINDS))}")

    @property
    def spent(self) -> bool:
        """It has struck as often as it may."""
        return self.count is not None and self.struck >= self.count

    def strikes(self, event: str, now: float) -> bool:
        """Whether it strikes this event; asking counts."""
        if self.spent or KINDS[self.kind][0] != event:
            return False
        if self.seconds is not None:
            self._until = now + self.seconds if self._until is None else self._until
            if now > self._until:
                self.count = self.struck
                return False
        self._passed += 1
        if self._passed <= self.skip:
            return False
        self.struck += 1
        return True


class LinkFaults:
    """Armed faults, and the log of what happened."""

    def __init__(self) -> None:
        self.log: deque[Happened] = deque(maxlen=KEPT)
        """The newest events, oldest first."""
        self._faults: list[LinkFault] = []

    def inject(
        self, kind: str, count: int | None = 1, seconds: float | None = None, **settings: Any
    ) -> LinkFault:
        """Arm a fault; with `seconds` and the default count it strikes every time during them.

        The kinds are in `KINDS`, the settings are the further fields of `LinkFault`.
        """
        if seconds is not None and count == 1:
            count = None
        fault = LinkFault(kind, count, seconds, **settings)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm everything; the log stays."""
        self._faults.clear()

    def count(self, event: str) -> int:
        """Return how often something happened."""
        return sum(happened.event == event for happened in self.log)

    def happens(self, event: str, now: float, data: bytes = b"") -> dict[str, LinkFault]:
        """Note an event and return the faults that strike it, by kind."""
        struck = {fault.kind: fault for fault in self._faults if fault.strikes(event, now)}
        self._faults = [fault for fault in self._faults if not fault.spent]
        self.log.append(Happened(event, now, data, tuple(struck)))
        return struck
