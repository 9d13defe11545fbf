"""The fault panel of a radio link: what goes wrong between a central and a peripheral.

Beside it there is the panel between module and board (`Peripheral.faults`), which spoils single requests.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from ..arming import ArmedFault

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
class LinkFault(ArmedFault):
    """An armed fault; it could strike every event that its kind is about."""

    known: ClassVar[Collection[str]] = KINDS

    delay: float = 1.0
    """How much longer slow connecting takes, in s."""
    data: bytes = b"\x00\xff junk \xdd\x03\x00"
    """The junk."""
    error: str = REFUSED
    """With which connecting is refused."""

    def strikes(self, event: str, now: float) -> bool:
        """Whether it strikes this event; asking counts."""
        return KINDS[self.kind][0] == event and self.goes_off(now)


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
        fault = LinkFault.armed(kind, count, seconds, **settings)
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
