"""What a device that may be anything says in its registers, each asked for once."""

from typing import NamedTuple

from ..model.errors import BadFrame, NotAcknowledged
from .checksums import crc8_smbus
from .conversation import BusTransfer, Conversation

ONES = 0xFFFF
LONGEST_BLOCK = 32


class Recognised(NamedTuple):
    """What is at an address."""

    kind: str | None
    """The key of a protocol; `None` if it is unknown."""
    text: str
    """For people, in English."""


def there(name: str, address: int, *facts: str) -> str:
    """Return the words that tell of a device: `INA228 at 0x40`."""
    return ", ".join((f"{name} at 0x{address:02X}", *facts))


def unknown(address: int, *facts: str) -> Recognised:
    """Return what is told of a device that is none of ours, or cannot be asked."""
    return Recognised(None, there("unknown device", address, *facts))


class Registers:
    """The registers of the device at one address."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.pec = False
        """Whether what it says must end with a right check byte."""
        self._said: dict[BusTransfer, bytes | None] = {}

    @property
    def anybody(self) -> bool:
        """Whether anything was ever answered."""
        return any(said is not None for said in self._said.values())

    def read(self, transfer: BusTransfer) -> Conversation[bytes | None]:
        """Return what a transfer reads, `None` if nobody answers it."""
        if transfer not in self._said:
            try:
                self._said[transfer] = yield transfer
            except NotAcknowledged, BadFrame:
                self._said[transfer] = None
        return self._said[transfer]

    def detect(self, *registers: int) -> Conversation[None]:
        """Find out by some words whether there are check bytes: one may be right or wrong by chance."""
        right = []
        for register in registers:
            raw = yield from self._raw_word(register)
            if raw is not None and not raw.startswith(b"\xff\xff"):
                right.append(self._is_checked(register, raw))
        self.pec = 2 * sum(right) > len(right)

    def word(self, register: int) -> Conversation[int | None]:
        """Return a word, the low byte first. `None` for ones, and for a wrong check byte."""
        raw = yield from self._raw_word(register)
        if raw is None or (self.pec and not self._is_checked(register, raw)):
            return None
        value = int.from_bytes(raw[:2], "little")
        return None if value == ONES else value

    def block(self, register: int) -> Conversation[bytes | None]:
        """Return a block, `None` for a length that cannot be, or for a wrong check byte."""
        raw = yield from self.read(BusTransfer(write=bytes((register,)), read=1 + LONGEST_BLOCK + 1))
        if raw is None or not 0 < raw[0] <= LONGEST_BLOCK:
            return None
        whole = raw[: raw[0] + 2]
        return None if self.pec and not self._is_checked(register, whole) else whole[1:-1]

    def _raw_word(self, register: int) -> Conversation[bytes | None]:
        return self.read(BusTransfer(write=bytes((register,)), read=3))

    def _is_checked(self, register: int, raw: bytes) -> bool:
        head = bytes((self.address << 1, register, self.address << 1 | 1))
        return crc8_smbus(head + raw[:-1]) == raw[-1]
