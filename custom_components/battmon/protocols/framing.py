"""Find, check and cut frames out of a byte stream that may hold anything."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the frames of a protocol look: start byte, one length byte, fixed overhead, a check."""

    start: bytes
    length_at: int
    """Where the byte stands that counts the payload's bytes."""
    overhead: int
    """Bytes of a frame that are not payload."""
    valid: Callable[[bytes], bool]
    """Whether a cut of the right length is a frame: end byte, checksum."""

    def cutter(self) -> Cutter:
        """Return a fresh cutter for one stream."""
        return Cutter(self)


class Cutter:
    """Cuts one stream into valid frames, at any fragmentation, and resynchronises after noise.

    A false start byte with a false length cannot withhold a good frame behind it: every
    start byte is a candidate, and the first whole, valid frame wins.
    """

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take in the next bytes of the stream and return the frames that they complete."""
        framing, buffer = self._framing, self._buffer + data
        frames: list[bytes] = []
        keep_from = -1
        at = buffer.find(framing.start)
        while at >= 0:
            length = self._length(buffer, at)
            if len(buffer) - at < length:
                keep_from = at if keep_from < 0 else keep_from
            elif framing.valid(frame := buffer[at : at + length]):
                frames.append(frame)
                keep_from = -1
                at = buffer.find(framing.start, at + length)
                continue
            at = buffer.find(framing.start, at + 1)
        self._buffer = buffer[keep_from:] if keep_from >= 0 else b""
        return frames

    def _length(self, buffer: bytes, at: int) -> int:
        """Return the bytes that the candidate at `at` claims, at least up to its length byte."""
        framing = self._framing
        length_at = at + framing.length_at
        if length_at >= len(buffer):
            return framing.overhead
        return framing.overhead + buffer[length_at]
