"""Reading a smart battery: words and blocks, with and without check bytes.

Source: System Management Bus specification 2.0, sections 5.5 and 6.4. Some devices have no check
byte and leave the bus alone then, which reads as ones; so does a register that is not implemented.
"""

from collections.abc import Mapping
from functools import cache

from ..model.errors import BadFrame, NoReply
from .checksums import crc8_smbus
from .conversation import BusTransfer, Conversation

VOLTAGE = 0x09
SPECIFICATION_INFO = 0x1A
DETECTED_BY = (VOLTAGE, 0x0D, SPECIFICATION_INFO)
ONES = 0xFFFF
UNDRIVEN = b"\xff\xff\xff"
"""A word with its check byte that nobody says."""
ATTEMPTS = 3
TOLERATED = 2
"""Registers that may fail in a poll: more than that is the bus, not a register."""
LONGEST_TEXT = 32


@cache
def word_of(register: int, pec: bool) -> BusTransfer:
    """Return the transfer that reads a word."""
    return BusTransfer(write=bytes((register,)), read=2, pec=pec)


@cache
def bytes_of(register: int, size: int) -> BusTransfer:
    """Return the transfer that reads what comes, whatever it is."""
    return BusTransfer(write=bytes((register,)), read=size)


def is_checked(address: int, register: int, data: bytes) -> bool:
    """Whether the last byte of what was read from a register is the check byte of it all."""
    head = bytes((address << 1, register, address << 1 | 1))
    return crc8_smbus(head + data[:-1]) == data[-1]


def sends_check_bytes(address: int, heard: Mapping[int, bytes]) -> bool | None:
    """Whether a device does, by words with a further byte; `None` if the bus is too noisy to say."""
    right = [is_checked(address, register, data) for register, data in heard.items()]
    if all(right):
        return True
    if all(data[-1] == 0xFF for data in heard.values()):
        return False
    info = heard.get(SPECIFICATION_INFO)
    if not any(right) and info is not None and info[0] >> 4 in (1, 2):
        return False  # a version without check bytes, and what follows is anything
    return None


class Reader:
    """One device's words and blocks. A bad check byte is a failed read, never a reason to stop checking."""

    def __init__(self, address: int, pec: bool | None) -> None:
        self.address = address
        self.pec = bool(pec)
        self._is_known = pec is not None
        self._failed = 0
        self.saw_zeros = False
        """Whether something read zero that has no check byte: perhaps nothing is said any more."""

    def begin(self) -> None:
        """A poll begins: what failed in the last one is forgiven."""
        self._failed = 0
        self.saw_zeros = False

    def detect(self) -> Conversation[None]:
        """Find out whether check bytes are sent, unless that is known."""
        if self._is_known:
            return
        before: bool | None = None
        for _attempt in range(ATTEMPTS):
            heard = yield from self._heard()
            if not heard:
                raise NoReply("nothing but ones is read: nobody drives the bus")
            pec = sends_check_bytes(self.address, heard)
            if pec or (pec is False and before is False):  # noise has none either, but not twice
                self.pec = pec
                return
            before = pec
        raise BadFrame("check bytes are right at one time and wrong at another")

    def _heard(self) -> Conversation[dict[int, bytes]]:
        heard = {VOLTAGE: (yield bytes_of(VOLTAGE, 3))}
        for register in DETECTED_BY[1:]:
            try:
                heard[register] = yield bytes_of(register, 3)
            except NoReply:
                continue  # not implemented
        return {register: data for register, data in heard.items() if data != UNDRIVEN}

    def needed(self, register: int, *, pauses: bool = False) -> Conversation[int]:
        """Read a word. `pauses`: all ones are nothing strange there."""
        transfer = word_of(register, self.pec)
        word = _word((yield transfer))
        if not self.pec and (word == 0 or (word == ONES and not pauses)):
            word = _word((yield transfer))  # just as a bus that fails would read
            self.saw_zeros |= word == 0
        return word

    def alive(self, register: int) -> Conversation[int]:
        """Read a word of which all ones mean that nobody answers."""
        word = yield from self.needed(register)
        if word == ONES:
            raise NoReply("nothing but ones is read: nobody drives the bus")
        return word

    def word(self, register: int, *, pauses: bool = False) -> Conversation[int | None]:
        """Read a word; unknown if that fails. Raises what failed if much did."""
        try:
            return (yield from self.needed(register, pauses=pauses))
        except (NoReply, BadFrame) as error:
            self.fail(error)
            return None

    def fail(self, error: NoReply | BadFrame) -> None:
        """Count a register that cannot be read, and raise if there are too many."""
        self._failed += 1
        if self._failed > TOLERATED:
            raise error

    def look(self, register: int) -> Conversation[int | None]:
        """Read a word that may not be there; `None` if it is not, or cannot be read."""
        try:
            return (yield from self._look(register) if self.pec else self.needed(register))
        except NoReply:
            return None
        except BadFrame as error:
            self.fail(error)
            return None

    def _look(self, register: int) -> Conversation[int | None]:
        for _attempt in range(ATTEMPTS):
            data = yield bytes_of(register, 3)
            if is_checked(self.address, register, data):
                return _word(data)
        if data == UNDRIVEN:
            return None
        raise BadFrame("the check byte is wrong")

    def fact(self, register: int) -> Conversation[int | None]:
        """Look at a word that stays as it is. Without check bytes it counts if it is read twice."""
        word = yield from self.look(register)
        for _attempt in range(ATTEMPTS):
            if self.pec or word is None:
                return word
            before, word = word, (yield from self.look(register))
            if before == word:
                return word
        return None

    def text(self, register: int) -> Conversation[bytes | None]:
        """Read a string; `None` if it cannot be read, or is another one each time."""
        try:
            for _attempt in range(ATTEMPTS):
                text = yield from self._text(register)
                if self.pec or text == (yield from self._text(register)):
                    return text
        except NoReply, BadFrame:
            pass
        return None

    def _text(self, register: int) -> Conversation[bytes]:
        return (yield BusTransfer(write=bytes((register,)), read=LONGEST_TEXT, is_block=True, pec=self.pec))

    def block(self, register: int, size: int, *, pec: bool | None = None) -> Conversation[bytes]:
        """Read a block that has `size` bytes. `pec`: this one has a check byte though others have not."""
        transfer = BusTransfer(
            write=bytes((register,)), read=size, is_block=True, pec=self.pec if pec is None else pec
        )
        for _attempt in range(ATTEMPTS):
            data = yield transfer
            if len(data) == size:
                return data
        raise BadFrame(f"a block of {len(data)} bytes where {size} were expected")


def _word(data: bytes) -> int:
    return data[0] | data[1] << 8
