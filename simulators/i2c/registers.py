"""Chips that are registers: words and blocks behind a pointer byte."""

from collections.abc import Callable
from typing import override

from .chip import Chip, NotAcknowledged, crc8

type Value = bytes | Callable[[], bytes]


class RegisterChip(Chip):
    """Answers reads of its registers with what stands there, or with what a function says at that moment."""

    def __init__(self, *, pec: bool = False) -> None:
        self.registers: dict[int, Value] = {}
        """By number: the bytes as they go over the wire; of a block its length first."""
        self.pec = pec
        self.writes: list[bytes] = []
        """Everything that was written beyond a pointer."""
        self.pointer = 0
        self.absent: bytes | None = b"\xff\xff"
        """What a register says that is not there; `None`: it is not acknowledged."""

    @override
    def written(self, address: int, data: bytes) -> None:
        self.pointer = data[0]
        if len(data) > 1:
            self.writes.append(data)
            self.store(data[0], data[1:])
        elif self.absent is None and data[0] not in self.registers:
            raise NotAcknowledged

    def store(self, register: int, value: bytes) -> None:
        """Take what was written to a register."""
        self.registers[register] = value

    @override
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        data = self.value(self.pointer)
        if self.pec:
            head = bytes((address << 1,)) + sent if sent else b""
            data += bytes((crc8(head + bytes((address << 1 | 1,)) + data),))
        return (data + b"\xff" * size)[:size]

    def value(self, register: int) -> bytes:
        """Return what a register says."""
        value = self.registers.get(register, self.absent or b"")
        return value() if callable(value) else value
