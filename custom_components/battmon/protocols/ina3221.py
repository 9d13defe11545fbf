"""INA3221: three channels at one address, each with a shunt of its own.

Source: ArduPilot's AP_BattMonitor_INA3221 and Texas Instruments' data sheet. ArduPilot has the bits that
switch channels on the wrong way round; bit 14 is channel 1. Every entry reads its own channel, and all
tell the chip the same: all three channels, so that nobody has to know of the others.
"""

from typing import ClassVar

from .bus import BusSettings, Misfit, Unfit
from .conversation import BusTransfer, Wait
from .power_monitor import CALIBRATION, TEXAS_INSTRUMENTS, Mark, Quantity, ShuntMonitor

CHANNELS = (1, 2, 3)
CONFIG = 0x00
ALL_CHANNELS = 0x7727
"""Mean of 64 conversions of 1.1 ms each: new values every 0.42 s."""
SETTLE = 0.45
"""Seconds."""
SHUNT_STEP, BUS_STEP = 40e-6, 8e-3
"""V."""


class Ina3221(ShuntMonitor):
    """One of its channels, up to 26 V."""

    key: ClassVar = "ina3221"
    name: ClassVar = "INA3221"
    addresses: ClassVar = (0x40, 0x41, 0x42, 0x43)
    needs: ClassVar = frozenset({"shunt", "channel"})
    takes: ClassVar = CALIBRATION | {"max_current"}
    maker: ClassVar = TEXAS_INSTRUMENTS
    signs: ClassVar = (Mark(0xFE, 0x5449), Mark(0xFF, 0x3220))
    full_scale = 4095 * SHUNT_STEP
    setting_up = (BusTransfer(write=bytes((CONFIG, *ALL_CHANNELS.to_bytes(2, "big")))), Wait(SETTLE))
    marks = (Mark(CONFIG, ALL_CHANNELS),)

    def __init__(self, settings: BusSettings) -> None:
        super().__init__(settings)
        channel = settings.channel
        if channel not in CHANNELS:
            text = f"{self.name} has the channels 1 to 3, not {channel}"
            raise Unfit(Misfit.CHANNEL, text, most="3", channel=str(channel))
        self.current = Quantity(2 * channel - 1, SHUNT_STEP / self.shunt, shift=3)
        self.voltage = Quantity(2 * channel, BUS_STEP, shift=3)
