"""Find, check and cut frames out of a byte stream that may hold anything."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the frames of a protocol look: start, one length byte, fixed overhead, a check."""

    start: bytes
    """The bytes that every frame begins with."""
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
    """Cuts one stream into valid frames and resynchronises after noise.

    A false start with a false length cannot withhold a good frame behind it: every start is a
    candidate, and the valid frame that ends first wins. So the frames are the same however the
    stream is fragmented.
    """

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._buffer = b""

    def feed(self, data: bytes | bytearray) -> list[bytes]:
        """Take in the next bytes of the stream and return the frames that they complete."""
        buffer = self._buffer + data
        end = self._only_end(buffer)
        if end > len(buffer):
            self._buffer = buffer
            return []
        if end and end == len(buffer) and self._framing.valid(buffer):
            self._buffer = b""
            return [buffer]
        frames: list[bytes] = []
        while (cut := self._first_frame(buffer)) is not None:
            frames.append(buffer[cut])
            buffer = buffer[cut.stop :]
        self._buffer = self._unfinished(buffer)
        return frames

    def _only_end(self, buffer: bytes) -> int:
        """Return where the only start, at the very beginning, claims to end: nearly always so. Else 0."""
        framing = self._framing
        if not buffer.startswith(framing.start) or buffer.find(framing.start, 1) >= 0:
            return 0
        payload = buffer[framing.length_at] if framing.length_at < len(buffer) else 0
        return framing.overhead + payload

    def _first_frame(self, buffer: bytes) -> slice | None:
        """Return where the valid frame stands that ends first."""
        first: slice | None = None
        last = len(buffer)
        for cut in self._candidates(buffer):
            if cut.stop <= last and self._framing.valid(buffer[cut]):
                first, last = cut, cut.stop - 1
        return first

    def _unfinished(self, buffer: bytes) -> bytes:
        """Return the end of `buffer` that may become a frame, from the first such start on."""
        for cut in self._candidates(buffer):
            if cut.stop > len(buffer):
                return buffer[cut.start :]
        start = self._framing.start
        for length in range(len(start) - 1, 0, -1):
            if buffer.endswith(start[:length]):
                return start[:length]
        return b""

    def _candidates(self, buffer: bytes) -> Iterator[slice]:
        """Yield what each start in `buffer` claims, at least up to its length byte."""
        framing = self._framing
        at = buffer.find(framing.start)
        while at >= 0:
            length_at = at + framing.length_at
            payload = buffer[length_at] if length_at < len(buffer) else 0
            yield slice(at, at + framing.overhead + payload)
            at = buffer.find(framing.start, at + 1)
