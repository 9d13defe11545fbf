"""The contract between a simulated device and whatever carries its bytes: a line, a radio, a fault panel."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the device cut it from the bytes it received."""

    register: int
    write: bool
    data: bytes
    intact: bool = True
    """Its checksum was right."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes for the wire and how long the device thinks first, in s."""

    data: bytes
    delay: float = 0.0
    pause: float = 0.0
    """Silence on the wire between the bytes before and these, in s."""


class Device(Protocol):
    """A device that only speaks when asked; `now` is any monotonic clock in s."""

    def cut(self, data: bytes, now: float) -> list[Request]:
        """Take received bytes and return the requests they complete."""

    def answer(self, request: Request, now: float) -> list[Reply]:
        """Do what a request asks, and say so or not."""

    def refusal(self, request: Request, status: int) -> bytes:
        """The error reply with this status to a request that never reached the device."""

    def relabelled(self, reply: bytes, register: int) -> bytes:
        """A reply as if another register had been asked for."""

    def tick(self, now: float) -> None:
        """Let time pass up to now."""

    def disconnected(self, now: float) -> None:
        """The wire was unplugged."""
