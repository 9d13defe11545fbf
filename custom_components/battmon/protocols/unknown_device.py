"""What a device that may be anything says in its registers, each asked for once."""

from typing import NamedTuple

from ..model.errors import BadFrame, NotAcknowledged
from .checksums import crc8_smbus
from .conversation import BusTransfer, Conversation

ONES = 0xFFFF
LONGEST_BLOCK = 32


class Recognised(NamedTuple):
    """What is at an address."""

    address: int
    kind: str | None = None
    """The key of a protocol; `None` if it is unknown."""
    name: str | None = None
    """Maker and model, or the kind of chip; `None` if it is unknown."""
    cells: int | None = None
    voltage: float | None = None
    """In V."""
    trouble: str = ""
    """Why it cannot be asked, in English."""

    @property
    def text(self) -> str:
        """What is told of it where nothing is translated: `INA228 at 0x40`."""
        facts = (
            f"{self.name or 'unknown device'} at 0x{self.address:02X}",
            f"{self.cells} cells" if self.cells else "",
            f"{self.voltage:.1f} V" if self.voltage else "",
            self.trouble,
        )
        return ", ".join(filter(None, facts))


def unknown(address: int, trouble: str = "") -> Recognised:
    """Return what is told of a device that is none of ours, or cannot be asked."""
    return Recognised(address, trouble=trouble)


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
