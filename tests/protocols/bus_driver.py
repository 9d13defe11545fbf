"""Carries conversations to a simulated bus as a wire would, without the kernel and without waiting."""

from typing import override

from custom_components.battmon.model.errors import BattMonError, LinkDown
from custom_components.battmon.protocols.conversation import BusTransfer, Clock, Conversation, Request, Wait
from custom_components.battmon.transports.i2c_device import I2cDevice, _bytes_to_read, _written
from simulators.i2c.bus import Bus, Message

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


class BusDriver:
    """The wire to one address. Time is only counted."""

    def __init__(self, bus: Bus, address: int = ADDRESS) -> None:
        self.bus = bus
        self.address = address
        self.now = 0.0
        self.transfers: list[BusTransfer] = []
        self._device = Direct(bus)

    def say[T](self, conversation: Conversation[T]) -> T:
        """Carry out a conversation and return what it learned."""
        try:
            request = next(conversation)
            while True:
                try:
                    reply = self._perform(request)
                except BattMonError as error:
                    request = conversation.throw(error)
                else:
                    request = conversation.send(reply)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def attempt[T](self, conversation: Conversation[T]) -> T | BattMonError:
        """Carry out a conversation; its error is as good an end as its result."""
        try:
            return self.say(conversation)
        except BattMonError as error:
            return error

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
