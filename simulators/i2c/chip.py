"""The contract between a simulated device on an I2C bus and the bus."""

from abc import ABC, abstractmethod


def crc8(data: bytes) -> int:
    """The check byte of SMBus 2.0, section 6.4: polynomial x8 + x2 + x + 1, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1) ^ 0x107 if crc & 0x80 else crc << 1
    return crc


class NotAcknowledged(Exception):
    """The device does not pull the line down: it is not there, busy, or does not take that byte."""


class Chip(ABC):
    """One device. It keeps its register pointer from one transaction to the next."""

    @abstractmethod
    def written(self, address: int, data: bytes) -> None:
        """Bytes were sent to it, up to a stop or a repeated start; raises `NotAcknowledged`."""

    @abstractmethod
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        """Return so many bytes; `sent` was written before without a stop. What it does not drive reads FF."""

    def power_cycled(self) -> None:
        """It lost its power for a moment."""
