"""Carries conversations to a simulated bus without the kernel."""

from typing import override

from custom_components.battmon.model.errors import BattMonError, LinkDown
from custom_components.battmon.protocols.conversation import BusTransfer, Clock, Request, Wait
from custom_components.battmon.transports.i2c_device import I2cDevice, _bytes_to_read, _written
from simulators.i2c.bus import Bus, Message

from .carrier import Carrier

ADDRESS = 0x0B
BYTE_TIME = 90e-6
"""Seconds for a byte and its acknowledgement at 100 kHz."""


class Direct(I2cDevice):
    """The transport's own checks and words, on a bus that needs no kernel."""

    def __init__(self, bus: Bus) -> None:
        super().__init__("bus")
        self.bus = bus

    @override
    def _raw(self, address: int, transfer: BusTransfer) -> bytes:
        messages = [Message(address, _written(address, transfer))] if transfer.write else []
        size = _bytes_to_read(transfer)
        messages += [Message(address, None, size)] if size else []
        replies = self.bus.transfer(messages)
        return replies[-1] if size else b""


class BusDriver(Carrier):
    """The wire to one address."""

    def __init__(self, bus: Bus, address: int = ADDRESS) -> None:
        super().__init__()
        self.bus = bus
        self.address = address
        self.transfers: list[BusTransfer] = []
        self._device = Direct(bus)

    @override
    def _perform(self, request: Request) -> bytes:
        if isinstance(request, Wait):
            self.now += request.seconds
            return b""
        if isinstance(request, Clock):
            return Clock.reply(self.now)
        assert isinstance(request, BusTransfer)
        self.transfers.append(request)
        for _attempt in range(request.retries):
            try:
                return self._transfer(request)
            except LinkDown:
                raise
            except BattMonError:
                continue
        return self._transfer(request)

    def _transfer(self, transfer: BusTransfer) -> bytes:
        self.now += BYTE_TIME * (3 + len(transfer.write) + transfer.read)
        return self._device.transfer(self.address, transfer)
