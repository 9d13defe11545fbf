"""AD7091R5: a converter of 12 bits with four channels, behind voltage dividers and current sensors.

Source: ArduPilot's AP_BattMonitor_AD7091R5 and Analog Devices' data sheet; reference 3.3 V. It has no id.
Once it was told, every plain read returns all four channels, each result with its channel's number: where
a number comes twice, it has lost its place or its power, and is told again.
"""

from typing import ClassVar, override

from ..model.errors import BadFrame, OtherDevice
from ..model.reading import Identity, Reading
from .bus import BusSettings, Misfit, Unfit
from .conversation import BusTransfer, Conversation, Wait
from .power_monitor import CALIBRATION, PowerMonitor

CHANNELS = 4
RESULTS = BusTransfer(write=b"", read=2 * CHANNELS)
REFERENCE = 3.3
"""V."""
FULL_SCALE = 4096
LARGEST_COUNT = FULL_SCALE - 1


class Ad7091r5(PowerMonitor):
    """One battery on it: a channel for its voltage, one for its current, or both."""

    key: ClassVar = "ad7091r5"
    name: ClassVar = "AD7091R5"
    addresses: ClassVar = (0x2F, *range(0x20, 0x2F))
    takes: ClassVar = CALIBRATION | {"channel", "current_channel"}
    maker: ClassVar = "Analog Devices"
    setting_up = (
        BusTransfer(write=bytes.fromhex("020600")),  # command mode, and reset
        BusTransfer(write=bytes.fromhex("020400010f00")),  # all channels, and the pointer to the results
        Wait(0.001),
    )

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        channels = (settings.channel, settings.current_channel)
        if channels == (None, None):
            text = f"{self.name}: neither the channel of the voltage nor that of the current is named"
            raise Unfit(Misfit.NO_CHANNEL, text)
        for channel in channels:
            if channel is not None and not 1 <= channel <= CHANNELS:
                text = f"{self.name} has the channels 1 to {CHANNELS}, not {channel}"
                raise Unfit(Misfit.CHANNEL, text, most=str(CHANNELS), channel=str(channel))
        if settings.channel == settings.current_channel:
            raise Unfit(Misfit.SAME_CHANNEL, "voltage and current cannot be on the same channel")

    @override
    def identify(self) -> Conversation[Identity]:
        """Read it. The first bit of every result is 0: what says otherwise is another chip."""
        frame = yield RESULTS
        if any(byte & 0x80 for byte in frame[::2]) and frame.strip(b"\xff"):
            raise OtherDevice(
                f"no {self.name} answers at 0x{self.settings.address:02x}: it says {frame.hex()}"
            )
        return Identity(manufacturer=self.maker, model=self.name)

    @override
    def poll(self) -> Conversation[Reading]:
        counts = _counts((yield RESULTS))
        if counts is None:
            yield from self._set_up()
            frame = yield RESULTS
            counts = _counts(frame)
            if counts is None:
                raise BadFrame(f"{self.name} sends no result of every channel: {frame.hex()}")
        told = self.settings
        voltage, current = _volts(counts, told.channel), _volts(counts, told.current_channel)
        if current == 0 < told.current_offset:
            current = None  # a sensor that says nothing: with no current it says its offset
        return self._reading(voltage, current)


def _counts(frame: bytes) -> dict[int, int] | None:
    """Return the result of every channel, numbered from 1; `None` if one comes twice."""
    words = [int.from_bytes(frame[at : at + 2], "big") for at in range(0, len(frame), 2)]
    counts = {1 + (word >> 13 & 0x3): word & LARGEST_COUNT for word in words if not word & 0x8000}
    return counts if len(counts) == CHANNELS == len(words) else None


def _volts(counts: dict[int, int], channel: int | None) -> float | None:
    if channel is None or counts[channel] == LARGEST_COUNT:
        return None
    return counts[channel] * REFERENCE / FULL_SCALE
