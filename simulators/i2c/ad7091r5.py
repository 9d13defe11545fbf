"""AD7091R5: four voltages against a reference of 3.3 V. Written from wired.md 10."""

from collections.abc import Callable, Sequence
from typing import override

from .chip import Chip
from .sensed import clipped

REFERENCE = 3.3
RESULT, CHANNEL, CONFIG = 0, 1, 2
COMMAND_MODE, RESET = 0x0400, 0x0200


class Ad7091r5(Chip):
    """Once it is in command mode, a read goes round its channels, from wherever it is."""

    def __init__(self, pins: Sequence[Callable[[], float]]) -> None:
        """`pins` say their voltages, in V; what is beyond the reference reads as the reference."""
        self.pins = tuple(pins)
        self.next = 0
        """Position in its round at which the next read begins."""
        self.alert = False
        self.writes: list[bytes] = []
        self.power_cycled()

    @override
    def power_cycled(self) -> None:
        self.pointer = RESULT
        self.registers = {CHANNEL: 0x00, CONFIG: 0x00C0}

    @override
    def written(self, address: int, data: bytes) -> None:
        if len(data) > 1:
            self.writes.append(data)
        rest = data
        while rest:  # a pointer, then as many bytes as that register has, then perhaps another
            self.pointer, rest = rest[0], rest[1:]
            size = {CHANNEL: 1, CONFIG: 2}.get(self.pointer, 0)
            if rest and size:
                self._store(int.from_bytes(rest[:size], "big"))
                rest = rest[size:]

    def _store(self, value: int) -> None:
        if self.pointer == CONFIG and value & RESET:
            self.power_cycled()
            self.registers[CONFIG] = value & ~RESET
        else:
            self.registers[self.pointer] = value
        if self.pointer == CHANNEL:
            self.next = 0

    @override
    def read(self, address: int, size: int, sent: bytes) -> bytes:
        if self.pointer != RESULT:
            return (b"\0" * size)[:size]
        data = b"".join(self._result() for _ in range((size + 1) // 2))
        return data[:size]

    def _result(self) -> bytes:
        on = [number for number in range(4) if self.registers[CHANNEL] >> number & 1]
        number = on[self.next % len(on)] if on and self.registers[CONFIG] & COMMAND_MODE else 0
        self.next += 1
        count = clipped(self.pins[number]() / REFERENCE * 4096, 0, 4095)
        return (number << 13 | self.alert << 12 | count).to_bytes(2, "big")
