"""Checksums of battery protocols, a few lines each."""


def complement16(data: bytes) -> int:
    """Return the two's complement of the sum of `data`, in 16 bits."""
    return -sum(data) & 0xFFFF


def sum8(data: bytes) -> int:
    """Return the sum of `data`, in 8 bits."""
    return sum(data) & 0xFF
