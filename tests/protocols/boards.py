"""JBD boards with a character of their own."""

from typing import Any, override

from simulators.battery import FixedBattery
from simulators.device import Reply, Request
from simulators.jbd import FET_CONTROL, FET_LOCK, JbdDevice
from simulators.jbd_frames import NOT_NOW
from simulators.jbd_protection import Bit
from simulators.jbd_registers import registers_for

SWITCHES = (FET_LOCK, FET_CONTROL)


class FactoryModeBoard(JbdDevice):
    """Takes its switches' commands only in factory mode."""

    @override
    def answer(self, request: Request, now: float) -> list[Reply]:
        if request.register in SWITCHES and not self.in_factory_mode:
            return [Reply(self.refusal(request, NOT_NOW))]
        return super().answer(request, now)


class SlowBoard(JbdDevice):
    """Its MOSFETs follow a command only after a while."""

    lag = 1.5
    """Seconds."""
    due: tuple[float, int] | None = None
    heard_at = 0.0

    @override
    def receive(self, data: bytes, now: float) -> list[Reply]:
        self.heard_at = now
        if self.due is not None and now >= self.due[0]:
            super().set_lock(self.due[1])
            self.due = None
        return super().receive(data, now)

    @override
    def set_lock(self, lock: int) -> None:
        self.due = (self.heard_at + self.lag, lock)


def board(kind: type[JbdDevice] = JbdDevice, **options: Any) -> JbdDevice:
    """Return a board on a battery that gives 1.50 A and never changes."""
    battery = FixedBattery((3.310, 3.312, 3.309, 3.311), demand=-1.5, probes=(22.6, 22.5, 22.1))
    return kind(battery, registers=registers_for(4, 100.0), remaining_capacity=63.0, **options)


def newest(**options: Any) -> JbdDevice:
    """Return a board of the newest firmware, which knows only the newer register."""
    return board(supports_lock=False, supports_control=True, **options)


def protected(bit: Bit, **options: Any) -> JbdDevice:
    """Return a board with a protection tripped."""
    device = board(**options)
    device.protections.trip(bit)
    return device
