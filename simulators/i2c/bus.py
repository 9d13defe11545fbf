"""A bus: chips by their addresses, what is said on it, and what goes wrong with it."""

import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, RLock
from typing import override

from .chip import Chip, NotAcknowledged

KINDS: dict[str, int] = {
    "no_acknowledge": errno.EREMOTEIO,
    "timeout": errno.ETIMEDOUT,
    "lost_arbitration": errno.EAGAIN,
    "failed": errno.EIO,
    "busy": errno.EBUSY,
    "gone": errno.ENODEV,
}
"""Faults that the kernel reports, and how."""
SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "bad_pec": lambda data: data[:1] + bytes((data[1] ^ 0x5A,)) + data[2:],
    "all_ones": lambda data: b"\xff" * len(data),
    "all_zeros": lambda data: bytes(len(data)),
    "short_block": lambda data: bytes((max(data[0] - 1, 1),)) + data[1:],
    "empty_block": lambda data: b"\0" + data[1:],
    "long_block": lambda data: b"\x21" + data[1:],
}
"""Faults of what is read."""


@dataclass(frozen=True, slots=True)
class Message:
    """One direction of a transaction."""

    address: int
    written: bytes | None
    """`None` for a read."""
    size: int = 0
    """Of a read."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What went over the wire between a start and a stop."""

    time: float
    address: int
    written: bytes
    read: bytes

    @property
    def bytes_on_wire(self) -> int:
        """Address bytes included."""
        return len(self.written) + bool(self.written) + len(self.read) + bool(self.read)


@dataclass
class Fault:
    """An armed fault."""

    kind: str
    address: int | None = None
    """`None`: any."""
    register: int | None = None
    count: int | None = 1
    """How often it strikes; `None`: until it is cleared."""
    skip: int = 0
    """How many transactions that fit are let through first."""
    seconds: float = 0.0
    """How long a transfer hangs, or the clock is stretched."""
    struck: int = 0


class _Nobody(Chip):
    """At an address where nothing is."""

    @override
    def written(self, address: int, data: bytes) -> None:
        raise NotAcknowledged

    @override
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        raise NotAcknowledged


NOBODY = _Nobody()


@dataclass
class Bus:
    """One adapter. `now` is a monotonic clock in s."""

    chips: dict[int, Chip] = field(default_factory=dict)
    functions: int = 0x0EFF0001
    """Plain transfers, and all of SMBus but block reads: as the Raspberry Pi's adapter (bcm2835)."""
    taken: set[int] = field(default_factory=set)
    """Addresses that drivers of the kernel have."""
    bit_time: float = 0.0
    """Seconds; 1e-5 at 100 kHz. 0: bytes take no time."""
    present: bool = True
    log: list[Transaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = RLock()
        self._released = Event()

    def inject(self, kind: str, **settings: object) -> Fault:
        """Arm a fault: one of `KINDS` or `SPOILED`, `hang` or `stretch`."""
        if kind not in (*KINDS, *SPOILED, "hang", "stretch"):
            raise ValueError(f"no such fault: {kind}")
        fault = Fault(kind, **settings)  # type: ignore[arg-type]
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults back; what hangs goes on."""
        self._faults.clear()
        self._released.set()
        self._released = Event()

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """Carry a combined transfer out and return what each message read; raises `OSError` as the kernel."""
        with self._lock:
            if not self.present:
                raise OSError(errno.ENODEV, "no such device")
            address = messages[0].address
            sent = b"".join(message.written or b"" for message in messages)
            fault = self._strike(address, sent)
            replies = self._carry_out(messages, sent)
            if fault is not None and fault.kind in SPOILED:
                replies = [SPOILED[fault.kind](reply) if reply else reply for reply in replies]
            transaction = Transaction(time.monotonic(), address, sent, b"".join(replies))
            self.log.append(transaction)
        if self.bit_time:
            time.sleep(transaction.bytes_on_wire * 9 * self.bit_time)
        return replies

    def _carry_out(self, messages: Sequence[Message], sent: bytes) -> list[bytes]:
        address = messages[0].address
        chip = self.chips.get(address, NOBODY)
        try:
            return [self._carry(chip, message, sent) for message in messages]
        except NotAcknowledged:
            self.log.append(Transaction(time.monotonic(), address, sent, b""))
            raise OSError(errno.EREMOTEIO, "no acknowledge") from None

    @staticmethod
    def _carry(chip: Chip, message: Message, sent: bytes) -> bytes:
        if message.written is not None:
            chip.written(message.address, message.written)
            return b""
        return chip.read(message.address, message.size, sent)

    def _strike(self, address: int, sent: bytes) -> Fault | None:
        """Find the fault that strikes, and raise if it is one that the kernel reports."""
        register = sent[0] if sent else None
        for fault in self._faults:
            fits = fault.address in (None, address) and fault.register in (None, register)
            if not fits or (fault.count is not None and fault.struck >= fault.count):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.struck += 1
            if fault.kind in KINDS:
                raise OSError(KINDS[fault.kind], fault.kind)
            if fault.kind in ("hang", "stretch"):
                self._released.wait(fault.seconds)
            if fault.kind == "hang":
                raise OSError(errno.ETIMEDOUT, fault.kind)
            return fault
        return None
