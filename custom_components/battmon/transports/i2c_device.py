"""One I2C adapter as Linux shows it: transfers, their check bytes, and the kernel's errors in words."""

import errno
from contextlib import suppress

from smbus2 import SMBus, i2c_msg
from smbus2.smbus2 import I2cFunc

from ..model.errors import (
    AddressTaken,
    BadFrame,
    BattMonError,
    BusBlocked,
    LinkDown,
    NotABus,
    NotAcknowledged,
    NotPermitted,
    NotThere,
)
from ..protocols.checksums import crc8_smbus
from ..protocols.conversation import BusTransfer

LONGEST_BLOCK = 32
"""Bytes, by SMBus 2.0."""
ERRORS: dict[int, tuple[type[BattMonError], str]] = {
    errno.ENXIO: (NotAcknowledged, "no device answers at {address}"),
    errno.EREMOTEIO: (NotAcknowledged, "no device answers at {address}"),
    errno.ETIMEDOUT: (BusBlocked, "the bus timed out: a device holds its clock"),
    errno.EAGAIN: (BusBlocked, "another master took the bus"),
    errno.EIO: (NotAcknowledged, "the transfer failed"),
    errno.EBADMSG: (BadFrame, "the check byte is wrong"),
    errno.EPROTO: (BadFrame, "the device broke the protocol"),
    errno.EBUSY: (AddressTaken, "{address} is in use by a kernel driver"),
    errno.EACCES: (NotPermitted, "no permission to open {path}"),
    errno.EPERM: (NotPermitted, "no permission to open {path}"),
    errno.ENOENT: (NotThere, "there is no {path}"),
    errno.ENODEV: (NotThere, "{path} is gone"),
    errno.EBADF: (LinkDown, "{path} is gone"),
    errno.ENOTTY: (NotABus, "{path} is no I2C bus"),
    errno.EOPNOTSUPP: (NotABus, "the adapter {path} cannot do this kind of transfer"),
}
"""What the kernel says, as of its documentation of I2C fault codes."""


class I2cDevice:
    """Opened at the first transfer, and again after it was gone. Used from one thread."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._bus: SMBus | None = None

    def transfer(self, address: int, transfer: BusTransfer) -> bytes:
        """Carry out one transfer; raises `LinkDown`, `NoReply` or `BadFrame`."""
        try:
            return _checked(address, transfer, self._raw(address, transfer))
        except OSError as error:
            raise self._in_words(error, address) from error

    def close(self) -> None:
        """Close the adapter."""
        bus, self._bus = self._bus, None
        if bus is not None:
            with suppress(OSError):
                bus.close()

    def _raw(self, address: int, transfer: BusTransfer) -> bytes:
        bus = self._open()
        # Combined transfers do not ask whose the address is. Never forced: a driver may be busy with it.
        bus._set_address(address, force=False)  # type: ignore[attr-defined]  # noqa: SLF001
        messages = []
        if transfer.write:
            messages.append(i2c_msg.write(address, _written(address, transfer)))
        size = _bytes_to_read(transfer)
        if size:
            messages.append(i2c_msg.read(address, size))
        bus.i2c_rdwr(*messages)
        return bytes(messages[-1]) if size else b""

    def _open(self) -> SMBus:
        if self._bus is None:
            self._bus = SMBus()
            try:
                self._bus.open(self.path)
            except OSError as error:
                self.close()
                if error.errno == errno.ENXIO:  # of a transfer it means that nobody answers
                    raise NotThere(f"{self.path} is gone") from error
                raise
            if not self._bus.funcs & I2cFunc.I2C:
                self.close()
                raise NotABus(f"the adapter {self.path} cannot do plain I2C transfers")
        return self._bus

    def _in_words(self, error: OSError, address: int) -> BattMonError:
        kind, text = ERRORS.get(error.errno or 0, (LinkDown, str(error)))
        if issubclass(kind, LinkDown) and kind is not AddressTaken:
            self.close()  # also what was opened and turned out to be something else
        return kind(text.format(path=self.path, address=f"0x{address:02x}"))


def _written(address: int, transfer: BusTransfer) -> bytes:
    """Return what is sent: a write alone ends with its own check byte."""
    if transfer.pec and not transfer.read:
        return transfer.write + bytes((crc8_smbus(bytes((address << 1,)) + transfer.write),))
    return transfer.write


def _bytes_to_read(transfer: BusTransfer) -> int:
    if not transfer.read:
        return 0
    return transfer.is_block + transfer.read + transfer.pec


def _checked(address: int, transfer: BusTransfer, raw: bytes) -> bytes:
    """Return the payload of what was read; `BadFrame` for a length that cannot be or a wrong check byte."""
    length = transfer.read
    if transfer.is_block:
        length = 1 + raw[0]
        if not 0 < raw[0] <= min(transfer.read, LONGEST_BLOCK):
            raise BadFrame(f"a block of {raw[0]} bytes, {transfer.read} at most were expected")
    if transfer.pec and length:
        head = bytes((address << 1,)) + transfer.write if transfer.write else b""
        if crc8_smbus(head + bytes((address << 1 | 1,)) + raw[:length]) != raw[length]:
            raise BadFrame("the check byte is wrong")
    return raw[transfer.is_block : length]
