"""Frames of the JBD protocol.

Source: vendor protocol V4 and V11 (2023-03-21), checked against captured frames (tests/vectors/jbd).
Request: `DD direction register length content checksum 77`, reply: `DD register status length content
checksum 77`. The checksum of a reply does not cover its register.
"""

import struct

from ..model.errors import Refusal
from .checksums import complement16
from .framing import Framing

READ, WRITE = 0xA5, 0x5A
"""Directions."""
REFUSALS = {
    0x80: Refusal.UNKNOWN_COMMAND,
    0x81: Refusal.NOT_ALLOWED,
    0x82: Refusal.CHECKSUM,
    0x83: Refusal.WRONG_PASSWORD,
}
"""What a status other than 0 means."""


def _is_frame(frame: bytes) -> bool:
    if frame[-1] != 0x77:
        return False
    if complement16(frame[2:-3]) == (frame[-3] << 8 | frame[-2]):
        return True
    # Some firmware sends its errors with a wrong checksum (captured: DD 00 81 00 00 00 77).
    return frame[3] == 0 and frame[2] in REFUSALS


FRAMING = Framing(start=b"\xdd", length_at=3, overhead=7, valid=_is_frame)


def request_frame(direction: int, register: int, content: bytes = b"") -> bytes:
    """Return the frame that reads or writes a register."""
    body = bytes((register, len(content))) + content
    return bytes((0xDD, direction)) + body + struct.pack(">H", complement16(body)) + b"\x77"
