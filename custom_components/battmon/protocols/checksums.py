"""Checksums of battery protocols, a few lines each."""


def complement16(data: bytes) -> int:
    """Return the two's complement of the sum of `data`, in 16 bits."""
    return -sum(data) & 0xFFFF


def sum8(data: bytes) -> int:
    """Return the sum of `data`, in 8 bits."""
    return sum(data) & 0xFF


def _crc8_of(byte: int) -> int:
    for _bit in range(8):
        byte = (byte << 1) ^ (0x07 if byte & 0x80 else 0)
    return byte & 0xFF


_CRC8 = bytes(map(_crc8_of, range(256)))


def crc8_smbus(data: bytes) -> int:
    """Return the packet error code of SMBus 2.0: polynomial 0x07, no start value, no reflection."""
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc
